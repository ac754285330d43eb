"""Libraries made of stated parts: an ELF or PE file with given sections, fat binaries, offload bundles, wheels."""

from __future__ import annotations

import struct
import zlib

PTX, CUBIN, SEVERAL = 1, 2, 256
ARCHITECTURE_ONLY, FAMILY = 0x100000, 0x200000
WRAPPER_MAGIC = 0x466243B1


def piece(
    kind: int, architecture: int, flags: int = 0, payload: bytes = b"code", header: bytes = b"", packed: bool = True
) -> bytes:
    """A piece of GPU code with its header, which may be longer than 64 bytes."""
    payload += bytes(-len(payload) % 8)
    head = struct.pack(
        "<HHIQIIHHIIIQ", kind, 0x101, 64 + len(header), len(payload), len(payload) if packed else 0, 0, 0, 1, architecture, 0, 0,
        0x11 | flags,
    )  # fmt: skip
    return head + bytes(16) + header + payload


def listed(kind: int, architecture: int, flags: int, offset: int, size: int, options: bytes = b"") -> bytes:
    """An entry in the header of a piece that holds several."""
    head = struct.pack("<HHIQIIHHIIIQ", kind, 0x101, offset, size, 0, 0x40, 0, 1, architecture, 0, 0, 0x11 | flags)
    return head + bytes(16) + options


def several(*entries: bytes) -> bytes:
    """One piece that holds several, compressed together."""
    header = struct.pack("<II", len(entries), 8 + sum(map(len, entries))) + b"".join(entries)
    return piece(SEVERAL, 0, header=header)


def region(*pieces: bytes) -> bytes:
    """A region of a fat binary."""
    body = b"".join(pieces)
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(body)) + body


def wrappers(addresses: list[int]) -> bytes:
    """The table of regions."""
    return b"".join(struct.pack("<IIQQ", WRAPPER_MAGIC, 1, address, 0) for address in addresses)


def bundle(*targets: str, size: int = 64) -> bytes:
    """An offload bundle with so many bytes of code for each target."""
    triples = ["host-x86_64-unknown-linux-gnu-", *(f"hipv4-amdgcn-amd-amdhsa--{target}" for target in targets)]
    table = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", len(triples))
    place = 4096
    for triple in triples:
        length = 0 if triple.startswith("host") else size
        table += struct.pack("<QQQ", place, length, len(triple)) + triple.encode()
        place += length
    return table.ljust(4096, b"\0") + bytes(size * len(targets))


def packed_bundle(plain: bytes, version: int = 2, method: int = 0, data: bytes | None = None) -> bytes:
    """The same compressed."""
    data = zlib.compress(plain) if data is None else data
    if version == 1:
        return struct.pack("<4sHHIQ", b"CCOB", 1, method, len(plain), 0) + data
    layout = "<4sHHIIQ" if version == 2 else "<4sHHQQQ"
    return struct.pack(layout, b"CCOB", version, method, struct.calcsize(layout) + len(data), len(plain), 0) + data


def elf_with(sections: dict[str, bytes], machine: int = 62, base: int = 0x10000) -> bytes:
    """An ELF file with those sections, each at `base` above its place in the file."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*sections, ".shstrtab"))
    body, rows, place = b"", [bytes(64)], 64
    for name, data in (*sections.items(), (".shstrtab", names)):
        body += bytes(-(64 + len(body)) % 8)
        place = 64 + len(body)
        index = names.index(b"\0" + name.encode() + b"\0") + 1
        rows.append(struct.pack("<IIQQQQIIQQ", index, 1, 2, base + place, place, len(data), 0, 0, 8, 0))
        body += data
    body += bytes(-len(body) % 8)
    start = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = start + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, len(rows), len(rows) - 1)
    return header + body + b"".join(rows)


def place_in_elf(sections: dict[str, bytes], name: str, base: int = 0x10000) -> int:
    """The address that a section has in the file that `elf_with` makes."""
    place = 64
    for other, data in sections.items():
        place += -place % 8
        if other == name:
            return base + place
        place += len(data)
    raise KeyError(name)


def pe_with(sections: dict[str, bytes], imports: tuple[str, ...] = ()) -> bytes:
    """A PE file for x86-64 with those sections, and a table of imports in one more."""
    table, at = b"", 0x1000 * (len(sections) + 1)
    strings = 20 * (len(imports) + 1)
    texts = b""
    for name in imports:
        table += struct.pack("<IIIII", 0, 0, 0, at + strings + len(texts), 0)
        texts += name.encode() + b"\0"
    every = {**sections, ".idata": table + bytes(20) + texts}
    optional = struct.pack("<H22xQ", 0x20B, 0x180000000) + bytes(76) + struct.pack("<I", 16)
    optional += bytes(8) + struct.pack("<II", at if imports else 0, 20) + bytes(8 * 14)
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
    head += struct.pack("<HHIIIHH", 0x8664, len(every), 0, 0, 0, len(optional), 0) + optional
    rows, body, first = b"", b"", len(head) + 40 * len(every)
    for number, (name, data) in enumerate(every.items()):
        rows += struct.pack("<8sIIII16x", name.encode()[:8], len(data), 0x1000 * (number + 1), len(data), first + len(body))
        body += data
    return head + rows + body


def mach_o_with(*commands: bytes, machine: int = 0x0100000C) -> bytes:
    """A Mach-O file with those load commands."""
    return (
        b"\xcf\xfa\xed\xfe"
        + struct.pack("<IIIIIII", machine, 0, 6, len(commands), sum(map(len, commands)), 0, 0)
        + b"".join(commands)
    )


def load_command(kind: int, text: str = "", *numbers: int) -> bytes:
    """A load command with a text, or with numbers."""
    if numbers:
        return struct.pack(f"<II{len(numbers)}I", kind, 8 + 4 * len(numbers), *numbers)
    start = 12 if kind == 0x8000001C else 24
    data = text.encode() + b"\0"
    data += bytes(-len(data) % 8)
    return struct.pack("<III", kind, start + len(data), start).ljust(start, b"\0") + data
