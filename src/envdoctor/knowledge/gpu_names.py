"""How the same GPU is named in many ways: names reduced to what tells GPUs apart."""

from __future__ import annotations

import re
from functools import lru_cache

_NOISE = frozenset({
    "nvidia", "corporation", "amd", "ati", "radeon", "instinct", "tesla", "geforce", "graphics", "card", "gpu", "laptop",
    "mobile", "notebook", "max", "q", "maxq", "with", "design", "generation", "edition", "sxm", "pci", "pcie", "hbm", "nvl",
    "fhhl", "dgxs", "tm", "r", "nvgpu", "grid",
})  # fmt: skip
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_NUMBERED_NOISE = frozenset({"sxm", "hbm"})
_UNITS = frozenset({"g", "gi", "gb", "gib", "x", "a", "b", "c", "q"})
"""After a number: memory, lanes, and the profiles of virtual GPUs."""
_MIG = r"\bmig\b.*|(?<=\d)-\d+(?=-\d+[abcq]\b)"
"""What a name says of a part of a GPU: a MIG slice, also where it backs a virtual GPU (`GRID A100-3-20C`)."""

_GLUED = (
    r"(?:\b|(?<=geforce)|(?<=quadro)|(?<=nvidia))(?:(?:geforce|quadro|tesla|nvidia|radeon|rtx|gtx|rx|gt)(?=[a-z]{0,2}\d|[rg]tx)"
    r"|titan(?=x[pz]?\b|v\b|rtx|black\b))|(?<=\d\d\d)(?=(?:ti(?:super)?|super|xtx?|gre|ada)\b)|(?<=ti)(?=super\b)|(?<=90)(?=d\b)"
)
"""Where people leave the space out: `RTX4090`, `GTX1080Ti`, `6700XT`, `TitanXp`."""
_GLUED_STARTS = ("geforce", "quadro", "tesla", "nvidia", "radeon", "rtx", "gtx", "rx", "gt", "titan")
_GLUED_ENDS = ("ti", "super", "xt", "gre", "ada", "90d")


def _words(name: str) -> list[str]:
    return "".join(sign if sign in _LETTERS else " " for sign in name).split()


@lru_cache(maxsize=1024)
def gpu_key(name: str) -> str:
    """What tells a GPU apart: `rtx 4090` for `NVIDIA GeForce RTX 4090 Laptop GPU`, `a100` for `NVIDIA A100-SXM4-80GB`.

    Form factor, memory size, vendor and brand words go; a laptop's chip may differ from the desktop's, its compute
    capability does not. `quadro` stays: a Quadro RTX 6000 is no RTX 6000 Ada.
    """
    whole = name.lower()
    if "mig" in whole or "-" in whole:
        whole = re.sub(_MIG, "", whole)  # of a virtual GPU, `A100-10C`, the profile is noise
    if _may_be_glued(whole):
        whole = re.sub(_GLUED, lambda glued: f"{glued[0]} ", whole)
    return " ".join(word for word in _words(whole) if not _is_noise(word))


def _may_be_glued(name: str) -> bool:
    """False where no part of a name is one that `_GLUED` parts from others: most of those that drivers state."""
    words = name.replace("-", " ").split()
    if not all(map(str.isalnum, words)) or any(part in name for part in _GLUED_ENDS):
        return True
    return any(word.startswith(brand) and word != brand for word in words for brand in _GLUED_STARTS)


def _is_noise(word: str) -> bool:
    if word in _NOISE:
        return True
    ending = word.lstrip("0123456789")
    kind = word.removesuffix("e") if word.startswith("hbm") else word
    return (ending != word and ending in _UNITS) or (kind[-1:].isdecimal() and kind[:-1] in _NUMBERED_NOISE) or kind == "hbm"


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
