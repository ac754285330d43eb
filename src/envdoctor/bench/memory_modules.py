"""Memory modules as the firmware states them (SMBIOS type 17), and what they carry together. Pure."""

from __future__ import annotations

import re

_CHANNEL = re.compile(r"(?:channel|chan|ch|dimm)[ _-]?([a-p])(?:[ _-]?\d*)?\b|^([a-p])\d$", re.IGNORECASE)
_SOCKET = re.compile(r"(?:cpu|proc|socket|node|p)[ _-]?(\d)", re.IGNORECASE)


def modules_gb_per_s(modules: object) -> float | str:
    """Megatransfers a second times bytes of each channel, in 10^9 bytes a second; why not, where it cannot be told.

    Args:
        modules: what the memory workload read: a list of `{"bits", "mt_per_s", "place", "bank"}`.
    """
    if not isinstance(modules, list) or not modules:
        return "speed and channels of the memory cannot be read (the firmware's tables are for root, and absent in many guests)"
    channels: dict[tuple[str, str], float] = {}
    for module in modules:
        bits, rate = module.get("bits"), module.get("mt_per_s")
        if not isinstance(bits, int) or not isinstance(rate, int) or not 8 <= bits <= 128 or not 100 <= rate <= 20000:
            return "the firmware does not state the speed of the memory modules"
        name = channel_of(f"{module.get('place', '')}", f"{module.get('bank', '')}")
        if name is None:
            return "the firmware does not state which channels the memory modules are on"
        channels[name] = rate * bits / 8 / 1000
    return sum(channels.values())


def channel_of(place: str, bank: str) -> tuple[str, str] | None:
    """Socket and letter of a module's channel, as boards call slots: `P0 CHANNEL A`, `CPU1_DIMM_B2`."""
    for text in (bank, place):
        found = _CHANNEL.search(text.replace("_", " ").replace("-", " "))
        if found:
            socket = _SOCKET.search(bank) or _SOCKET.search(place)
            return socket[1] if socket else "", (found[1] or found[2]).upper()
    return None
