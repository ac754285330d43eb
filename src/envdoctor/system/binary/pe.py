"""PE (Windows): the machine of a DLL or program.

Layout: Microsoft, "PE Format" (https://learn.microsoft.com/windows/win32/debug/pe-format).
"""

from __future__ import annotations

from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, Malformed

_MACHINES = {0x14C: "i686", 0x8664: "AMD64", 0xAA64: "ARM64", 0x1C4: "ARM"}


def read_pe(window: Window) -> Binary:
    """What a PE file says of itself.

    Raises:
        Malformed: it is damaged, or a program for DOS.
    """
    (offset,) = window.unpack("<I", 0x3C)
    signature, machine = window.unpack("<4sH", offset)
    if signature != b"PE\0\0":
        raise Malformed(window.path, "no PE signature")
    return Binary(format="pe", machine=_MACHINES.get(machine, f"machine {machine:#x}"))
