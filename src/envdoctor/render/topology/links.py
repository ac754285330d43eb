"""The matrix of links: between GPUs, and from GPUs to network adapters, with a legend of the words in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import Facts, Interconnect
from envdoctor.render.layout import BLANK, Line, Piece, cell_width, plain

Table = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Title, names of the rows and of the columns."""

MOST_DEVICES = 24
_LEGEND = (
    (r"XGMI", "AMD's link between GPUs"), (r"PIX", "over one PCIe bridge"), (r"PXB", "over several PCIe bridges"),
    (r"PHB", "over the processor's host bridge"), (r"NODE", "over host bridges of one NUMA node"),
    (r"SYS", "between NUMA nodes"), (r"PCIE", "over PCI Express, no more is told"), (r"\?", "not known"),
)  # fmt: skip
_STYLES = ((r"NV\d+|XGMI", "good"), (r"PIX|PXB", "info"), (r"SYS", "dim"))


def paths_of(facts: Facts) -> dict[frozenset[str], str]:
    """The way between each two devices."""
    interconnect = facts.interconnect
    if not isinstance(interconnect, Interconnect) or not isinstance(interconnect.links, tuple):
        return {}
    return {frozenset((link.first, link.second)): link.path for link in interconnect.links}


def tables(paths: dict[frozenset[str], str]) -> list[Table]:
    """GPUs with GPUs, and GPUs with adapters, as far as ways are known."""
    names = {name for pair in paths for name in pair}
    gpus = sorted((name for name in names if re.fullmatch(r"gpu\d+", name)), key=_numbered)
    linked = {name for pair in paths if any(gpu in pair for gpu in gpus) for name in pair}
    adapters = sorted((name for name in linked if name not in gpus and not _is_disk(name)), key=_numbered)
    found: list[Table] = []
    if len(gpus) > 1:
        found.append(("GPUs among each other", tuple(gpus), tuple(gpus)))
    if gpus and adapters:
        found.append(("GPUs and network adapters", tuple(gpus), tuple(adapters)))
    return found


def _numbered(name: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _is_disk(name: str) -> bool:
    return re.match(r"nvme\d|sd[a-z]|vd[a-z]|xvd|hd[a-z]|mmcblk", name) is not None


def cell(paths: dict[frozenset[str], str], row: str, column: str) -> str:
    """The way between two devices: `-` for the same, `?` where it is not known."""
    return "-" if row == column else paths.get(frozenset((row, column)), "?")


def legend(paths: dict[frozenset[str], str], found: list[Table]) -> list[tuple[str, str]]:
    """The words in the tables and what they mean, those that occur."""
    words = {cell(paths, row, column) for _title, rows, columns in found for row in rows for column in columns}
    counts = sorted((word for word in words if re.fullmatch(r"NV\d{1,3}", word)), key=lambda word: int(word[2:]))
    told = [(word, f"over {word[2:]} NVLink{'s' if word != 'NV1' else ''}") for word in counts]
    return told + [(pattern.strip("\\"), text) for pattern, text in _LEGEND if pattern.strip("\\") in words]


def links_lines(facts: Facts, width: int) -> Iterator[Line]:
    """The tables, in parts where the terminal is too narrow; a sum where there are too many devices."""
    paths = paths_of(facts)
    found = tables(paths)
    for title, rows, columns in found:
        yield BLANK
        yield plain(title, "strong")
        if len(rows) > MOST_DEVICES or len(columns) > MOST_DEVICES:
            yield plain(total_words(paths, rows, columns), indent=2)
        else:
            yield from _table(paths, rows, columns, width)
    told = legend(paths, found)
    if told:
        yield BLANK
    for word, meaning in told:
        yield Line(((meaning, "dim"),), lead=(f"  {word:<6}", _style(word)))


def total_words(paths: dict[frozenset[str], str], rows: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """How many pairs there are of each way, for tables that would be a page."""
    counts: dict[str, int] = {}
    for pair in {frozenset((row, column)) for row in rows for column in columns if row != column}:
        way = paths.get(pair, "?")
        counts[way] = counts.get(way, 0) + 1
    return ", ".join(f"{way}: {count} pairs" for way, count in sorted(counts.items()))


def _table(paths: dict[frozenset[str], str], rows: tuple[str, ...], columns: tuple[str, ...], width: int) -> Iterator[Line]:
    first = max(map(cell_width, rows)) + 2
    wide = max(max(map(cell_width, columns)), max(len(cell(paths, row, column)) for row in rows for column in columns)) + 2
    at_once = max((width - 2 - first) // wide, 1)
    for start in range(0, len(columns), at_once):
        part = columns[start : start + at_once]
        yield Line((("  " + " " * first, ""), ("".join(_padded(name, wide) for name in part).rstrip(), "dim")), whole=True)
        for row in rows:
            ways = [cell(paths, row, column) for column in part]
            cells: list[Piece] = [(_padded(way, wide), _style(way)) for way in ways[:-1]] + [(ways[-1], _style(ways[-1]))]
            yield Line((("  " + _padded(row, first), ""), *cells), whole=True)


def _padded(text: str, columns: int) -> str:
    return text + " " * max(columns - cell_width(text), 0)


def _style(way: str) -> str:
    return next((style for pattern, style in _STYLES if re.fullmatch(pattern, way)), "")
