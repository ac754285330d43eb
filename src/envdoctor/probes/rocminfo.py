"""Parses what rocminfo prints: the agents that ROCm's runtime sees."""

from __future__ import annotations

import re

from envdoctor.probes.amd_reading import AmdReading, gpu_of

_ESCAPE = re.compile(r"\x1b?\[\d{1,2}m")
_AGENT = re.compile(r"^\*+\s*\nAgent \d+\s*\n\*+\s*$", re.MULTILINE)
_FIELD = re.compile(r"^  (\w[\w .()]*?):\s+(\S.*?)\s*$", re.MULTILINE)
_POOL = re.compile(r"Segment:\s+GLOBAL;[^\n]*COARSE GRAINED[^\n]*\n\s*Size:\s+(\d{1,15})\(")
_GROUP = re.compile(r"is not member of \"?(\w+)\"? group")


def parse_rocminfo(text: str) -> AmdReading:
    """The GPUs; a text of another kind says nothing."""
    text = _ESCAPE.sub("", text)
    agents = _AGENT.split(text)[1:]
    gpus = tuple(gpu for gpu in map(_gpu, agents) if gpu is not None)
    return AmdReading(
        gpus=tuple(gpu_of(said, index, "rocminfo") for index, said in enumerate(gpus)),
        missing_groups=tuple(dict.fromkeys(_GROUP.findall(text))),
    )


def _gpu(block: str) -> dict[str, str] | None:
    """What an agent says of itself, in the words that readings know; None where it is a processor."""
    said: dict[str, str] = {}
    for key, value in _FIELD.findall(block):
        said.setdefault(key.lower(), value)
    if said.get("device type") != "GPU":
        return None
    said["gfx version"] = said.get("name", "")
    chip = re.search(r"\((0x[0-9a-f]{1,4})\)", said.get("chip id", ""))
    if chip:
        said["device id"] = f"0x{int(chip[1], 16):04x}"
    place = said.get("bdfid", "")
    if place.isdecimal() and len(place) < 8:
        number, domain = int(place), said.get("domain", "0")
        said["bdf"] = (
            f"{int(domain) if domain.isdecimal() else 0:04x}:{number >> 8 & 0xFF:02x}:{number >> 3 & 31:02x}.{number & 7}"
        )
    pool = _POOL.search(block)
    if pool:
        said["vram total memory (b)"] = str(int(pool[1]) << 10)
    if said.get("uuid", "").endswith("-XX"):
        del said["uuid"]
    return said
