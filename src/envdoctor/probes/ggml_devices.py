"""The GPUs that llama.cpp and other users of ggml list as they start, on CUDA, ROCm, MUSA and Vulkan."""

from __future__ import annotations

import re
from typing import Any

from envdoctor.model.facts import Gpu
from envdoctor.model.record import fields
from envdoctor.model.unknown import Unknown

_UNSAID = Unknown("ggml does not say")
_HEAD = re.compile(r"ggml_(?:cuda_init|init_cublas): found (\d{1,3}) (CUDA|ROCm|MUSA) devices")
_DEVICE = re.compile(r"^\s*Device (?P<index>\d{1,3}): (?P<name>[^,\n]{2,80}?), (?P<rest>[^\n]*)$", re.M)
_VULKAN = re.compile(r"^\W*ggml_vulkan: (?:Using )?(?P<index>\d{1,3}) ?[=:] (?P<name>[^|(\n]{2,80}?) \([^|\n]{2,80}\) ?\|", re.M)
_BUILT_IN = "llvmpipe"
"""A processor that plays a GPU."""


def parse_ggml_devices(text: str) -> tuple[Gpu, ...]:
    """The devices of the first listing, those of CUDA or ROCm before those of Vulkan."""
    head = _HEAD.search(text)
    if head is None:
        return _vulkan(text)
    found: dict[int, Gpu] = {}
    for match in _DEVICE.finditer(text, head.end()):
        index = int(match["index"])
        if index in found or len(found) == int(head[1]):
            break
        found[index] = _gpu(index, match["name"], match["rest"], head[2])
    return tuple(found.values())


def _gpu(index: int, name: str, rest: str, platform: str) -> Gpu:
    """ROCm's own numbers ("compute capability 9.0") are not NVIDIA's and name no target."""
    capability = re.search(r"compute capability (\d{1,2})\.(\d)\b", rest)
    target = re.search(r"\bgfx[0-9a-f]{3,4}\b", rest)
    is_nvidia = platform == "CUDA"
    return _listed(
        {"CUDA": "nvidia", "ROCm": "amd"}.get(platform, "moore threads"),
        index,
        name.strip(),
        compute_capability=(int(capability[1]), int(capability[2])) if is_nvidia and capability else _UNSAID,
        gfx_target=None if is_nvidia else target[0] if target else _UNSAID,
    )


def _listed(vendor: str, index: int, name: str, **more: Any) -> Gpu:
    """A GPU of which nothing else is known."""
    facts: dict[str, Any] = dict.fromkeys(fields(Gpu), _UNSAID)
    return Gpu(**{**facts, "vendor": vendor, "index": index, "name": name, "source": "ggml", **more})


def _vulkan(text: str) -> tuple[Gpu, ...]:
    found: dict[int, Gpu] = {}
    for match in _VULKAN.finditer(text):
        name = match["name"].strip()
        vendor = _vendor(name)
        if vendor is not None and _BUILT_IN not in name:
            target = None if vendor == "nvidia" else _UNSAID
            found.setdefault(int(match["index"]), _listed(vendor, int(match["index"]), name, gfx_target=target))
    return tuple(found[index] for index in sorted(found))


def _vendor(name: str) -> str | None:
    words = (("nvidia", "nvidia|geforce|quadro|tesla"), ("amd", "amd|radeon"), ("intel", "intel"), ("apple", "apple"))
    return next((vendor for vendor, pattern in words if re.search(pattern, name, re.I)), None)
