"""RECORD files: what a distribution installed, and what of it is shared, replaced or gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envdoctor.model.libraries import part_of_cuda
from envdoctor.model.record import record
from envdoctor.model.software import Package
from envdoctor.probes.asking import names_or_none
from envdoctor.probes.places import joined, name_of, parent_of, status_of
from envdoctor.system.port import System

SHARING = (
    ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "intel-tensorflow", "tensorflow-macos",
     "tensorflow-rocm", "tensorflow-directml", "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu"),
    ("keras", "keras-nightly"),
    ("pillow", "pillow-simd"),
    ("triton", "pytorch-triton", "pytorch-triton-rocm", "triton-windows"),
    ("faiss-cpu", "faiss-gpu", "faiss-gpu-cu11", "faiss-gpu-cu12"),
    ("paddlepaddle", "paddlepaddle-gpu", "paddlepaddle-dcu"),
    ("pycrypto", "pycryptodome"),
    ("decord", "eva-decord"),
    ("tensorboard", "tb-nightly"),
    ("xgboost", "xgboost-cpu"),
)  # fmt: skip
"""Distributions that install the same modules; ONNX Runtime's have a rule of their own."""


@record
class RecordLine:
    """A file that a distribution installed."""

    path: str
    size_bytes: int | None
    """None where its RECORD does not say."""


def parse_record(text: str, metadata: str) -> dict[str, RecordLine]:
    """The files in a RECORD by path, without the metadata folder, compiled files, and what lies outside site-packages."""
    found = {}
    for line in text.splitlines():
        path, size = _columns(line)
        if path and not path.startswith((f"{metadata}/", "/", "..")) and not path.endswith(".pyc"):
            found[path] = RecordLine(path, int(size) if size.isdigit() and len(size) < 16 else None)
    return found


def _columns(line: str) -> tuple[str, str]:
    """Path and size of a row; a path with a comma stands in quotes."""
    if line.startswith('"'):
        path, _, rest = line[1:].partition('",')
        return path.replace('""', '"'), rest.rpartition(",")[2]
    path, _, rest = line.partition(",")
    return path, rest.rpartition(",")[2]


def sharing_families(packages: tuple[Package, ...]) -> Iterator[tuple[Package, Package]]:
    """Pairs of installed distributions that are known to install the same files."""
    installed = {package.name: package for package in reversed(packages)}
    for names in SHARING:
        there = [installed[name] for name in names if name in installed]
        yield from ((there[0], other) for other in there[1:])
    parts: dict[str, list[Package]] = {}
    for package in installed.values():
        part = part_of_cuda(package.name)
        if part is not None:
            parts.setdefault(part, []).append(package)
    for there in parts.values():
        ordered = sorted(there, key=lambda package: package.name)
        yield from ((ordered[0], other) for other in ordered[1:])


def shared_lines(one: Mapping[str, RecordLine], other: Mapping[str, RecordLine]) -> tuple[str, ...]:
    """Paths that both own: libraries first, then those whose sizes differ; empty files are shared by design (namespaces)."""
    shared = [path for path, line in one.items() if path in other and line.size_bytes != 0]
    return tuple(sorted(shared, key=lambda path: (".so" not in path, one[path].size_bytes == other[path].size_bytes, path)))


def present_owner(
    system: System,
    site: str,
    first: tuple[str, Mapping[str, RecordLine]],
    second: tuple[str, Mapping[str, RecordLine]],
    shared: tuple[str, ...],
) -> str:
    """Whose files are there: the one whose sizes are those on disk, in all of the first shared files that differ."""
    votes = set()
    for path in shared[:8]:
        sizes = {name: lines[path].size_bytes for name, lines in (first, second)}
        status = status_of(system, f"{site}/{path}") if len(set(sizes.values())) > 1 else None
        if status is not None:
            votes |= {next((name for name, size in sizes.items() if size == status.size_bytes), "")}
    return votes.pop() if len(votes) == 1 else ""


def missing_files(system: System, site: str, lines: Mapping[str, RecordLine]) -> tuple[str, ...]:
    """Paths of files that are not there, folder by folder."""
    names: dict[str, frozenset[str]] = {}
    gone = []
    for path in lines:
        full = joined(site, path)
        folder = parent_of(full)
        if folder not in names:
            names[folder] = frozenset(names_or_none(system, folder))
        if name_of(full) not in names[folder]:
            gone.append(full)
    return tuple(gone)


def top_levels(lines: Mapping[str, RecordLine]) -> tuple[str, ...]:
    """The first components of the paths."""
    return tuple(dict.fromkeys(path.partition("/")[0] for path in lines))
