"""Access Control Services of PCI bridges, which send traffic between two devices up to the processor: by `lspci -vvv`."""

from __future__ import annotations

import re

from envdoctor.model.unknown import Unknown
from envdoctor.system.port import SourceError, System

_LIMIT_S = 8.0
_DEVICE = re.compile(r"^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) (.*)$")
_REDIRECTING = re.compile(r"\b(?:ReqRedir|CmpltRedir)\+")


def probe_acs_bridges(system: System) -> tuple[str, ...] | Unknown:
    """The bridges that redirect; Unknown where this user may not see it."""
    try:
        output = system.run(("lspci", "-vvv"), _LIMIT_S)
    except SourceError as error:
        return Unknown(str(error))
    if output.status != 0:
        return Unknown(f"lspci ended with status {output.status}")
    return parse_acs(output.stdout)


def parse_acs(text: str) -> tuple[str, ...] | Unknown:
    """The addresses of the bridges whose ACSCtl redirects requests or completions, in `lspci -vvv`.

    Unknown where lspci was not asked for capabilities, or not allowed to read those of bridges.
    """
    if "Capabilities:" not in text:
        return Unknown("lspci was not asked for capabilities")
    found, address, is_bridge, hidden = [], "", False, False
    for line in text.splitlines():
        device = _DEVICE.match(line)
        if device:
            address = device[1] if device[1].count(":") == 2 else f"0000:{device[1]}"
            is_bridge = "bridge" in device[2].lower()
        elif is_bridge and "Capabilities: <access denied>" in line:
            hidden = True
        elif is_bridge and line.lstrip().startswith("ACSCtl:") and _REDIRECTING.search(line):
            found.append(address)
    return Unknown("lspci may not read capabilities as this user") if hidden and not found else tuple(found)
