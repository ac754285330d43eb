"""Parses what amd-smi prints (ROCm 5.7 and later): JSON, CSV and text of list, static, metric, partition, topology, version."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from envdoctor.model.facts import DeviceLink
from envdoctor.probes.amd_reading import AmdReading, Said, first_said, gpu_of

_DRIVERS = ("driver.version", "driver.driver_version", "driver_version", "amdgpu_version")
_ROCM = re.compile(r"ROCm version: ?(\d+(?:\.\d+){1,3})")
_MODULE = re.compile(r"amdgpu version: ?(\d+(?:\.\d+){1,3}[\w.-]*)")
_GROUPS = re.compile(r"missing the following required groups: ?([\w, ]+?)\.")
_HEAD = re.compile(r"^GPU: ?(\d{1,4})\s*$")
_LINE = re.compile(r"^(\s+)([A-Za-z][\w /()-]*?):(?: (.*))?$")
_TABLE = re.compile(r"^GPU(?:_ID)?\s{2,}(.+?)\s*$")
_ROW = re.compile(r"^\s*(\d{1,4})(?:\s{2,}(.*?))?\s*$")
_BOX_FIRST = re.compile(r"^\|\s*([0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7])\s+(\S.*?)\s*\|")
_BOX_SECOND = re.compile(r"^\|\s*(\d{1,4})\s([^|]*)\|.*?(\d{1,9})/(\d{1,9} [MG]B)\s*\|")
_TYPE = re.compile(r"LINK TYPE TABLE:?\s*$")


def parse_amd_smi(text: str) -> AmdReading:
    """All that a text says, whichever form it has; a text of another kind says nothing."""
    found = _by_json(text)
    if found is None:
        found = dict(_by_csv(text)) or dict(_by_box(text)) or _by_text(text)
    banner = _ROCM.search(text), _MODULE.search(text)
    rocm = banner[0][1] if banner[0] else next((said["rocm_version"] for said in found.values() if "rocm_version" in said), None)
    drivers = (first_said(said, _DRIVERS) for said in found.values())
    gpus = tuple(gpu_of(said, index, "amd-smi") for index, said in sorted(found.items()) if index >= 0)
    groups = _GROUPS.search(text)
    return AmdReading(
        gpus=gpus,
        links=tuple(_links(found)) or tuple(_table_links(text)),
        driver_version=banner[1][1] if banner[1] else next(filter(None, drivers), None),
        rocm_version=rocm,
        missing_groups=tuple(re.split(r"[, ]+", groups[1].strip())) if groups else (),
    )


def _by_json(text: str) -> Mapping[int, Said] | None:
    """By the GPU's number; what concerns none of them under -1. None where it is no JSON."""
    start = min((place for place in (text.find("["), text.find("{")) if place >= 0), default=-1)
    try:
        document, _end = json.JSONDecoder().raw_decode(text[start:]) if start >= 0 else (None, 0)
    except (ValueError, RecursionError):
        return None
    items = document.get("gpu_data", [document]) if isinstance(document, dict) else document
    if not isinstance(items, list):
        return None
    found: dict[int, Said] = {}
    for item in items[:4096]:
        if isinstance(item, dict):
            stated = item.get("gpu", item.get("gpu_id"))
            index = stated if isinstance(stated, int) else -1
            found[index] = {**found.get(index, {}), **dict(_flat(item, ""))}
    return found or None


def _flat(value: Any, name: str, depth: int = 8) -> Iterator[tuple[str, str]]:
    """`a.b` to its text; `{"value": 16, "unit": "GT/s"}` is `16 GT/s`."""
    if isinstance(value, dict) and set(value) == {"value", "unit"}:
        yield name, f"{value['value']} {value['unit']}"
    elif isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}".strip(".").lower(), depth - 1)
    elif isinstance(value, list) and depth:
        for place, inner in enumerate(value[:4096]):
            yield from _flat(inner, f"{name}.{place}", depth - 1)
    elif isinstance(value, str | int | float):
        yield name, str(value)


def _by_csv(text: str) -> Iterator[tuple[int, Said]]:
    """A table with names in its first line, the first being `gpu`."""
    lines = text.strip().splitlines()
    start = next((place for place, line in enumerate(lines) if re.match(r"gpu(_id)?,", line, re.I)), None)
    if start is None:
        return
    try:
        for row in csv.DictReader(lines[start:]):
            index = next(iter(row.values()), "")
            if isinstance(index, str) and index.isdecimal() and len(index) < 5:
                yield int(index), {str(key).lower(): value for key, value in row.items() if isinstance(value, str)}
    except csv.Error:
        return


def _by_text(text: str) -> Mapping[int, Said]:
    """Indented lines under `GPU: 0`, and tables that begin with a column of GPUs."""
    found: dict[int, dict[str, str]] = {}
    index, path, columns = -1, [(-1, "")], []  # type: int, list[tuple[int, str]], list[tuple[int, str]]
    for line in text.splitlines():
        head, field, table, row = (pattern.match(line) for pattern in (_HEAD, _LINE, _TABLE, _ROW))
        if head:
            index, path, columns = int(head[1]), [(-1, "")], []
        elif table:
            columns = [(match.start(), match[0].lower()) for match in re.finditer(r"\S+(?: \S+)*", line)]
        elif field and index >= 0 and not columns:
            depth = len(field[1])
            path = [step for step in path if step[0] < depth]
            name = ".".join(filter(None, [*(step[1] for step in path), field[2].lower()]))
            path.append((depth, field[2].lower()))
            if field[3] is not None:
                found.setdefault(index, {})[name] = field[3].strip()
        elif row and columns:
            found.setdefault(int(row[1]), {}).update(_cells(line, columns))
        elif columns and line.strip():
            columns = []
    return found


def _by_box(text: str) -> Iterator[tuple[int, Said]]:
    """The box that amd-smi prints without a command since ROCm 7: two rows for each GPU."""
    above = None
    for line in text.splitlines():
        first, second = _BOX_FIRST.match(line), _BOX_SECOND.match(line)
        if first:
            above = first
        elif second and above:
            said = {"bdf": above[1].lower(), "market_name": above[2], "compute_partition": second[2]}
            yield int(second[1]), {**said, "memory_partition": second[2], "used_vram": second[3], "total_vram": second[4]}
            above = None


def _cells(line: str, columns: list[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    """The cells of a row: by number where each column has one, else by where the columns begin."""
    words = re.split(r"\s{2,}", line.strip())
    if len(words) == len(columns):
        yield from ((name, word) for (_start, name), word in zip(columns, words, strict=True))
        return
    for place, (start, name) in enumerate(columns):
        end = columns[place + 1][0] if place + 1 < len(columns) else None
        yield name, line[start:end].strip()


def _links(found: Mapping[int, Said]) -> Iterator[DeviceLink]:
    """`links.N.link_type` of topology in JSON, each pair once."""
    for index, said in found.items():
        for name, other in said.items():
            match = re.fullmatch(r"links\.(\d+)\.gpu", name)
            kind = said.get(f"links.{match[1]}.link_type", "").upper() if match else ""
            if kind in {"XGMI", "PCIE"} and other.isdecimal() and index < int(other):
                yield DeviceLink(f"gpu{index}", f"gpu{int(other)}", kind)


def _table_links(text: str) -> Iterator[DeviceLink]:
    """The table of link types: addresses above and before the rows."""
    lines = text.splitlines()
    start = next((place for place, line in enumerate(lines) if _TYPE.search(line)), None)
    if start is None:
        return
    columns = re.findall(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", lines[start + 1]) if start + 1 < len(lines) else []
    for row, line in enumerate(lines[start + 2 : start + 2 + len(columns)]):
        for column, kind in enumerate(line.split()[1:]):
            if row < column < len(columns) and kind in {"XGMI", "PCIE"}:
                yield DeviceLink(f"gpu{row}", f"gpu{column}", kind)
