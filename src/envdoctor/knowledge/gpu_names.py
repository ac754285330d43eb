"""How the same GPU is named in many ways: names reduced to what tells GPUs apart."""

from __future__ import annotations

import re
from functools import lru_cache

_NOISE = (
    r"nvidia|corporation|amd|ati|radeon|instinct|tesla|geforce|graphics|card|gpu|laptop|notebook|mobile|max|q|maxq|with|design"
    r"|generation|edition|sxm\d?|pcie?|hbm\d?e?|nvl|fhhl|dgxs|tm|r|\d+gi?b?|\d+x|nvgpu|grid|\d+[abcq]"
)
_MIG = r"\bmig\b.*|(?<=\d)-\d+(?=-\d+[abcq]\b)"
"""What a name says of a part of a GPU: a MIG slice, also where it backs a virtual GPU (`GRID A100-3-20C`)."""

_GLUED = (
    r"(?:\b|(?<=geforce)|(?<=quadro)|(?<=nvidia))(?:(?:geforce|quadro|tesla|nvidia|radeon|rtx|gtx|rx|gt)(?=[a-z]{0,2}\d|[rg]tx)"
    r"|titan(?=x[pz]?\b|v\b|rtx|black\b))|(?<=\d\d\d)(?=(?:ti(?:super)?|super|xtx?|gre|ada)\b)|(?<=ti)(?=super\b)|(?<=90)(?=d\b)"
)
"""Where people leave the space out: `RTX4090`, `GTX1080Ti`, `6700XT`, `TitanXp`."""


def _words(name: str) -> list[str]:
    return re.sub(r"[^a-z0-9]+", " ", name).split()


@lru_cache(maxsize=1024)
def gpu_key(name: str) -> str:
    """What tells a GPU apart: `rtx 4090` for `NVIDIA GeForce RTX 4090 Laptop GPU`, `a100` for `NVIDIA A100-SXM4-80GB`.

    Form factor, memory size, vendor and brand words go; a laptop's chip may differ from the desktop's, its compute
    capability does not. `quadro` stays: a Quadro RTX 6000 is no RTX 6000 Ada.
    """
    whole = re.sub(_MIG, "", name.lower())  # of a virtual GPU, `A100-10C`, the profile is noise
    words = _words(re.sub(_GLUED, lambda glued: f"{glued[0]} ", whole))
    return " ".join(word for word in words if not _noise().fullmatch(word))


@lru_cache(maxsize=1)
def _noise() -> re.Pattern[str]:
    """Compiled when a GPU is looked up: most machines that are looked at have none."""
    return re.compile(_NOISE)


def memory_in_name(name: str) -> int | None:
    """The memory in GB that a name states: 80 in `A100-SXM4-80GB`, and of a MIG slice (`... MIG 1g.10gb`) its own 10."""
    found = re.findall(r"(?i)(\d+)\s*gi?b\b", name)
    return int(found[-1]) if found else None


def is_slice(name: str) -> bool:
    """Whether a name is that of a MIG slice."""
    return re.search(r"\bmig\b", name.lower()) is not None


def is_laptop(name: str) -> bool:
    """Whether a name is that of a laptop's GPU; of cards for workstations, Max-Q are those that draw less."""
    words = set(_words(name.lower()))
    return bool(words & {"laptop", "notebook", "mobile"}) or ("max" in words and "workstation" not in words)


def brand_class(name: str) -> str | None:
    """The class that a brand stands for: `consumer`, `workstation`, `datacenter`, `embedded`; None where none is named."""
    words = set(_words(name.lower()))
    for gpu_class, brands in _BRANDS.items():
        if words & brands:
            return gpu_class
    return None


_BRANDS = {
    "embedded": {"jetson", "tegra", "orin", "xavier", "thor"},
    "workstation": {"quadro", "nvs"},
    "datacenter": {"tesla", "grid"},
    "consumer": {"geforce", "gtx", "titan", "gt"},
}
