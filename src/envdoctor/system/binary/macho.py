"""Mach-O (macOS): the machines of a library, also of one built for several.

Layout: Apple, <mach-o/loader.h> and <mach-o/fat.h>.
"""

from __future__ import annotations

from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, Malformed

_THIN = {b"\xcf\xfa\xed\xfe": "<", b"\xce\xfa\xed\xfe": "<", b"\xfe\xed\xfa\xcf": ">", b"\xfe\xed\xfa\xce": ">"}
_FAT = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
"""Magic to the size of an entry."""
MAGICS = frozenset(_THIN) | frozenset(_FAT)
_MACHINES = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 18: "ppc", 0x01000012: "ppc64"}
_PARTS_LIMIT = 16
"""Java class files share the magic of fat files; they would have more than 40 parts."""


def read_macho(window: Window) -> Binary:
    """What a Mach-O file says of itself; the machines of a fat one are joined by `+`.

    Raises:
        Malformed: it is damaged, or a Java class.
    """
    magic = window.take(0, 4)
    if magic in _THIN:
        (machine,) = window.unpack(_THIN[magic] + "I", 4)
        return Binary(format="mach-o", machine=_machine(machine))
    (count,) = window.unpack(">I", 4)
    if not 0 < count <= _PARTS_LIMIT:
        raise Malformed(window.path, f"no Mach-O file: {count} parts")
    machines = [window.unpack(">I", 8 + number * _FAT[magic])[0] for number in range(count)]
    return Binary(format="mach-o", machine="+".join(_machine(machine) for machine in machines))


def _machine(number: int) -> str:
    return _MACHINES.get(number, f"machine {number:#x}")
