"""Base images for environments: a Python one where wheels bring CUDA, one with CUDA where they do not."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from envdoctor.knowledge.cuda import driver_floor
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class Image:
    """An image to start from."""

    reference: str
    """`python:3.12.12-slim-bookworm`."""
    why: str
    source: str
    glibc: Version
    system_python: bool = False
    """Whether Python is the distribution's, and still to be installed."""


def python_image(knowledge: Knowledge, python: Version) -> Image | Unknown:
    """The slim image of a Python: of that very patch release where there is one, else of its line."""
    table = _table(knowledge)["python"]
    line = f"{python.major}.{python.minor}"
    first = table["first_patch"].get(line)
    if first is None:
        return Unknown(f"no image of Python {line} on {table['flavour']} is known")
    tag = str(python) if len(python.release) > 2 and python.micro >= first and not python.is_prerelease else line
    reference = f"{table['repository']}:{tag}-{table['flavour']}"
    return Image(reference, "the wheels bring all libraries that they need", table["source"], Version(table["glibc"]))


def cuda_image(
    knowledge: Knowledge, cuda: VersionRange, driver: Version | None, python: Version, kind: str, cudnn: bool
) -> Image | Unknown:
    """The newest image with CUDA of a range whose driver floor a driver meets, and whose distribution has that Python.

    `kind` is `base`, `runtime` or `devel`; a driver of None asks for none.
    """
    table = _table(knowledge)["cuda"]
    line = f"{python.major}.{python.minor}"
    pythons = {row["ubuntu"]: row for row in _table(knowledge)["ubuntu_python"]["rows"]}
    for row in sorted(table["rows"], key=lambda row: Version(row["cuda"]), reverse=True):
        version = Version(row["cuda"])
        floor = driver_floor(knowledge, version, "linux")
        if version not in cuda or isinstance(floor, Unknown) or (driver is not None and floor.admits(driver) is not True):
            continue
        ubuntu = next((one for one in row["ubuntu"] if pythons[one]["python"] == line), None)
        if ubuntu is None:
            continue
        parts = [row["tag"], *([row["cudnn"]] if cudnn else []), kind, f"ubuntu{ubuntu}"]
        why = f"CUDA {row['cuda']} runs from driver {floor.version} on ({floor.source})"
        return Image(f"{table['repository']}:{'-'.join(parts)}", why, table["source"], Version(pythons[ubuntu]["glibc"]), True)
    known = ", ".join(f"{row['python']} (Ubuntu {row['ubuntu']})" for row in pythons.values())
    return Unknown(f"no image with CUDA {cuda or 'of any version'} has Python {line}; such images have Python {known}")


def _table(knowledge: Knowledge) -> dict[str, Any]:
    table: dict[str, Any] = knowledge.tables["images"]
    return table
