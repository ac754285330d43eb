"""Mach-O (macOS): machine, needed libraries, run paths and the oldest macOS, also of files built for several machines.

Layout: Apple, <mach-o/loader.h> and <mach-o/fat.h>.
"""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.record import replace
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, Malformed

_THIN = {b"\xcf\xfa\xed\xfe": "<", b"\xce\xfa\xed\xfe": "<", b"\xfe\xed\xfa\xcf": ">", b"\xfe\xed\xfa\xce": ">"}
_FAT = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
"""Magic to the size of an entry."""
MAGICS = frozenset(_THIN) | frozenset(_FAT)
_MACHINES = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 18: "ppc", 0x01000012: "ppc64"}
_PARTS_LIMIT = 16
"""Java class files share the magic of fat files; they would have more than 40 parts."""
_COMMANDS_LIMIT, _COMMANDS_LIMIT_BYTES = 4096, 1 << 20
_ID = 0xD
_NEEDED = frozenset({0xC, 0x80000018, 0x8000001F, 0x80000023})
"""Load, load weakly, load and export, load upward."""
_RUN_PATH, _OLDEST_MACOS, _BUILD = 0x8000001C, 0x24, 0x32
_MACOS = 1


def read_macho(window: Window) -> Binary:
    """What a Mach-O file says of itself; of a fat one the machines are joined by `+`, and the first part tells the rest.

    Raises:
        Malformed: it is damaged, or a Java class.
    """
    magic = window.take(0, 4)
    if magic in _THIN:
        return _read_part(window, 0, window.size)
    (count,) = window.unpack(">I", 4)
    if not 0 < count <= _PARTS_LIMIT:
        raise Malformed(window.path, f"no Mach-O file: {count} parts")
    layout = ">IIII" if _FAT[magic] == 20 else ">IIQQ"
    rows = [window.unpack(layout, 8 + number * _FAT[magic]) for number in range(count)]
    first = _read_part(window, rows[0][2], rows[0][3])
    return replace(first, machine="+".join(_machine(row[0]) for row in rows))


def _read_part(window: Window, start: int, size: int) -> Binary:
    order = _THIN.get(window.take(start, 4))
    if order is None:
        raise Malformed(window.path, "damaged: a part that is no Mach-O file")
    machine, kind, count, length = window.unpack(order + "I4xIII", start + 4)
    header = 32 if window.take(start, 4) in {b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf"} else 28
    if count > _COMMANDS_LIMIT or length > min(_COMMANDS_LIMIT_BYTES, size):
        raise Malformed(window.path, f"damaged: {count} load commands in {length} bytes")
    found = Binary(format="mach-o", machine=_machine(machine))
    return _with_commands(found, window.take(start + header, length), count, order, window.path) if kind else found


def _with_commands(found: Binary, table: bytes, count: int, order: str, path: str) -> Binary:
    """The same with what the load commands say."""
    byte_order = "little" if order == "<" else "big"
    needed: list[str] = []
    run_paths: list[str] = []
    soname, oldest, place = None, None, 0

    def number(at: int) -> int:
        return int.from_bytes(table[at : at + 4], byte_order)  # type: ignore[arg-type]

    for _command in range(count):
        kind, size = number(place), number(place + 4)
        if size < 8 or place + size > len(table):
            raise Malformed(path, f"damaged: a load command of {size} bytes")
        if kind in _NEEDED or kind in {_ID, _RUN_PATH}:
            text = table[place + min(number(place + 8), size) : place + size].partition(b"\0")[0].decode("utf-8", "replace")
            if kind == _ID:
                soname = text
            else:
                (run_paths if kind == _RUN_PATH else needed).append(text)
        elif kind == _OLDEST_MACOS:
            oldest = _version(number(place + 8))
        elif kind == _BUILD and number(place + 8) == _MACOS:
            oldest = _version(number(place + 12))
        place += size
    return replace(found, needed=tuple(needed), run_paths=tuple(run_paths), soname=soname, minimum_os=oldest)


def _version(packed: int) -> Version:
    """`0x000B0300` is 11.3."""
    return Version(f"{packed >> 16}.{packed >> 8 & 0xFF}")


def _machine(number: int) -> str:
    return _MACHINES.get(number, f"machine {number:#x}")
