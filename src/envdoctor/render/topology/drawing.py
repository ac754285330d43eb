"""Draws boxes with rows in them, as wide as the terminal: pieces of text with styles, never wider than asked."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.render.layout import Line, Piece, cell_width
from envdoctor.render.topology.devices import Device
from envdoctor.render.topology.picture import Box, gathered

LEAST_COLUMNS = 20
MOST_COLUMNS = 100
_ROLES = {"gpu": "good", "nic": "info", "disk": "command"}


def draw_box(box: Box, width: int) -> Iterator[Line]:
    """A box: its title in the upper edge, processors and memory, then a row for each device."""
    inner = width - 4
    title = cut(box.title, inner - 1)
    yield _whole((("┌─ ", "dim"), (title, "strong"), (" " + "─" * (width - 5 - cell_width(title)) + "┐", "dim")))
    about = ", ".join(filter(None, (box.processors, box.memory)))
    for text in _wrapped(about, inner):
        yield _row(((text, ""),), inner)
    devices = gathered(box.devices)
    column = min(max((cell_width(device.name) for device in devices), default=0), max(inner // 3, 6))
    for place, device in enumerate(devices):
        yield from _device(device, _bracket(devices, place), column, inner)
    yield _whole((("└" + "─" * (width - 2) + "┘", "dim"),))


def _device(device: Device, bracket: str, column: int, inner: int) -> Iterator[Line]:
    """One row, or two where the link does not fit beside the rest."""
    name = cut(device.name, column)
    start: tuple[Piece, ...] = (
        (bracket + " ", "dim"), (name, _ROLES[device.kind]), (" " * (column - cell_width(name) + 2), "")
    )  # fmt: skip
    room = inner - 2 - column - 2
    link = (device.link, "warning" if device.is_slow else "dim")
    apart = room - cell_width(device.words) - cell_width(device.link)
    if device.link and apart >= 2:
        yield _row((*start, (device.words, ""), (" " * apart, ""), link), inner)
        return
    below = {"┌": "│", "├": "│"}.get(bracket, " ")
    yield _row((*start, (cut(device.words, room), "")), inner)
    if device.link:
        yield _row(((below + " ", "dim"), (" " * (column + 2), ""), (cut(device.link, room), link[1])), inner)


def _bracket(devices: list[Device], place: int) -> str:
    """What joins neighbours under one switch."""
    own = devices[place].switch
    before = bool(own) and place > 0 and devices[place - 1].switch == own
    after = bool(own) and place + 1 < len(devices) and devices[place + 1].switch == own
    return "├" if before and after else "└" if before else "┌" if after else "─"


def _row(pieces: tuple[Piece, ...], inner: int) -> Line:
    used = sum(cell_width(text) for text, _style in pieces)
    return _whole((("│ ", "dim"), *pieces, (" " * max(inner - used, 0) + " │", "dim")))


def _whole(pieces: tuple[Piece, ...]) -> Line:
    return Line(pieces, whole=True)


def cut(text: str, room: int) -> str:
    """A text in so many columns, with a mark where something was left out."""
    if cell_width(text) <= room:
        return text
    kept = ""
    for mark in text:
        if cell_width(kept + mark) > room - 2:
            break
        kept += mark
    return (kept.rstrip() + "..")[: max(room, 0)]


def _wrapped(text: str, room: int) -> Iterator[str]:
    """Broken after commas and spaces, so that long lists of processors stay readable."""
    row = ""
    for part in text.replace(",", ", ").replace(",  ", ", ").split(" "):
        if row and cell_width(row) + 1 + cell_width(part) > room:
            yield cut(row, room)
            row = part
        else:
            row = f"{row} {part}".strip()
    if row:
        yield cut(row, room)
