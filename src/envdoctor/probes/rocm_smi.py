"""Parses what rocm-smi prints, of ROCm 3 to 7: JSON, CSV, the lines of `-a`, the short table, and the matrix of links."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping

from envdoctor.model.facts import DeviceLink
from envdoctor.probes.amd_reading import AmdReading, Said, gpu_of

_FIELD = re.compile(r"^GPU\[(\d{1,4})\]\s*: ?(?:GPU\[\d+\]\s*: )?(.+?):\s+(\S.*?)\s*$")
_DRIVER = re.compile(r"^\s*Driver version: ?\s*(\S+)", re.MULTILINE)
_PAIR = re.compile(r"\(topology\) link type between drm devices (\d+) and (\d+)", re.IGNORECASE)
_KINDS = re.compile(r"^=+ Link Type between two GPUs =+\s*$")
_MATRIX_ROW = re.compile(r"^GPU(\d{1,4})\s+(.+?)\s*$")
_SHORT_HEAD = re.compile(r"^(?:GPU|Device)\s.*(?:Temp|Perf).*(?:GPU%)\s*$")
_SHORT_ROW = re.compile(r"^(\d{1,4})\s+(.*\d+%\s+\d+%|.*%.*)\s*$")
_PARTITIONS = re.compile(r"\b(NPS[1248]),? +([SDTQC]PX)\b|\b([SDTQC]PX),? +(NPS[1248])\b")
_SHORT_NAME = re.compile(r"^\s{4,}(\S.*?)\s*$")


def parse_rocm_smi(text: str) -> AmdReading:
    """All that a text says, whichever form it has; a text of another kind says nothing."""
    found, system = _by_json(text) or (_by_csv(text) or _by_lines(text), {})
    driver = system.get("driver version") or _stated_driver(text)
    return AmdReading(
        gpus=tuple(gpu_of(said, index, "rocm-smi") for index, said in sorted(found.items())),
        links=tuple(_json_links(system)) or tuple(_matrix_links(text)),
        driver_version=driver,
        numa_nodes=tuple(_nodes(found)),
    )


def _stated_driver(text: str) -> str | None:
    match = _DRIVER.search(text)
    return match[1] if match else None


def _by_json(text: str) -> tuple[Mapping[int, Said], Said] | None:
    """The cards by number and what concerns the whole system; None where it is no JSON of rocm-smi's."""
    start = text.find("{")
    try:
        document, _end = json.JSONDecoder().raw_decode(text[start:]) if start >= 0 else (None, 0)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    cards = {int(key[4:]): _lower(value) for key, value in document.items()
             if re.fullmatch(r"card\d{1,4}", key) and isinstance(value, dict)}  # fmt: skip
    system = document.get("system")
    return (cards, _lower(system) if isinstance(system, dict) else {}) if cards or system else None


def _lower(values: dict[str, object]) -> Said:
    return {key.lower(): str(value) for key, value in values.items() if isinstance(value, str | int | float)}


def _by_csv(text: str) -> dict[int, Said]:
    lines = text.strip().splitlines()
    start = next((place for place, line in enumerate(lines) if line.startswith("device,")), None)
    found: dict[int, Said] = {}
    try:
        for row in csv.DictReader(lines[start:] if start is not None else []):
            match = re.fullmatch(r"card(\d{1,4})", row.get("device") or "")
            if match:
                found[int(match[1])] = {str(key).lower(): value for key, value in row.items() if isinstance(value, str)}
    except csv.Error:
        return {}
    return found


def _by_lines(text: str) -> Mapping[int, Said]:
    """`GPU[0] : Card series: ...`, else the rows of the short table."""
    found: dict[int, dict[str, str]] = {}
    for line in text.splitlines():
        match = _FIELD.match(line)
        if match:
            found.setdefault(int(match[1]), {}).setdefault(match[2].strip().lower(), match[3])
    return found or dict(_short(text))


def _short(text: str) -> Iterator[tuple[int, Said]]:
    """The table that rocm-smi prints without options: ids, partitions, and in some versions names on lines of their own."""
    inside, latest = False, None  # type: bool, tuple[int, dict[str, str]] | None
    for line in text.splitlines():
        row, name = _SHORT_ROW.match(line), _SHORT_NAME.match(line)
        if _SHORT_HEAD.match(line):
            inside = True
        elif inside and row:
            if latest:
                yield latest
            latest = int(row[1]), _short_said(row[2])
        elif latest and name and "card series" not in latest[1]:
            latest[1]["card series"] = name[1]
        elif latest and line.startswith("="):
            break
    if latest:
        yield latest


def _short_said(row: str) -> dict[str, str]:
    identity = re.search(r"0x[0-9a-fA-F]{4}", row)
    partitions = _PARTITIONS.search(row)
    said = {"device id": identity[0]} if identity else {}
    if partitions:
        said["memory partition"] = partitions[1] or partitions[4]
        said["compute partition"] = partitions[2] or partitions[3]
    return said


def _json_links(system: Said) -> Iterator[DeviceLink]:
    for key, kind in system.items():
        match = _PAIR.fullmatch(key)
        if match and kind.upper() in {"XGMI", "PCIE"}:
            yield DeviceLink(f"gpu{int(match[1])}", f"gpu{int(match[2])}", kind.upper())


def _matrix_links(text: str) -> Iterator[DeviceLink]:
    """The matrix of `rocm-smi --showtopo`."""
    inside = False
    for line in text.splitlines():
        row = _MATRIX_ROW.match(line)
        if _KINDS.match(line):
            inside = True
        elif inside and row:
            for column, kind in enumerate(row[2].split()):
                if int(row[1]) < column and kind in {"XGMI", "PCIE"}:
                    yield DeviceLink(f"gpu{int(row[1])}", f"gpu{column}", kind)
        elif inside and line.startswith("="):
            return


def _nodes(found: Mapping[int, Said]) -> Iterator[tuple[int, int]]:
    for index, said in sorted(found.items()):
        node = said.get("(topology) numa node", "")
        if node.isdecimal():
            yield index, int(node)
