"""Base images, the Python of distributions, and which system packages carry a driver."""

from __future__ import annotations

import re
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.recipe import BaseImage
from envdoctor.model.unknown import Unknown

_HOSTS = ("docker.io/library/", "docker.io/", "library/", "public.ecr.aws/docker/library/")


def base_image(knowledge: Knowledge, name: str, line: int) -> BaseImage:
    """What an image of that name brings, as far as its name tells."""
    if name == "scratch":
        return BaseImage(name, line, distribution=None, version=Unknown("scratch holds nothing"), cuda=None)
    plain = name.partition("@")[0]
    for host in _HOSTS:
        plain = plain.removeprefix(host)
    repository, _colon, tag = plain.partition(":")
    for row in _table(knowledge)["rows"]:
        match = re.match(row["tag"], tag or "latest") if _is_called(row["name"], repository) else None
        if match is not None:
            return _described(knowledge, name, line, row, match.groupdict())
    return BaseImage(name, line)


def _is_called(name: str, repository: str) -> bool:
    """Whether a row is about a repository; `quay.io/jupyter/*` is about all of one organization."""
    return repository.startswith(name[:-1]) if name.endswith("/*") else repository == name


def system_python(knowledge: Knowledge, distribution: str, version: str) -> tuple[str, bool] | None:
    """The release line of a distribution's python3, and whether pip refuses to change it; None where that is not known."""
    for row in _table(knowledge)["system_python"]:
        if row["distribution"] == distribution and version.split(".")[: len(row["version"].split("."))] == row["version"].split(
            "."
        ):
            return row["python"], row["managed"]
    return None


def carries_driver(knowledge: Knowledge, package: str) -> str | None:
    """`driver` for a system package that is an NVIDIA driver, `both` for one that brings toolkit and driver; None for others."""
    table = _table(knowledge)
    if any(re.match(pattern, package) for pattern in table["driver_packages"]):
        return "driver"
    return "both" if any(re.match(pattern, package) for pattern in table["driver_with_toolkit"]) else None


def needs_cuda_libraries(knowledge: Knowledge, package: str) -> dict[str, Any] | None:
    """The row of a GPU build that brings no CUDA libraries of its own; None for others."""
    return next((row for row in _table(knowledge)["needs_cuda_libraries"] if row["package"] == package), None)


def _table(knowledge: Knowledge) -> dict[str, Any]:
    table: dict[str, Any] = knowledge.tables["parent_images"]
    return table


def _described(knowledge: Knowledge, name: str, line: int, row: dict[str, Any], said: dict[str, str | None]) -> BaseImage:
    table = _table(knowledge)
    distribution = row.get("distribution") or said.get("distribution") or ""
    distribution = table["aliases"].get(distribution, distribution)
    codename = said.get("codename")
    version = said.get("version") or table["codenames"].get(distribution, {}).get(codename or "")
    unsaid = Unknown(f"the tag of {name} does not say which {distribution} it is")
    cuda: Version | Unknown | None = Version(said["cuda"] or "") if said.get("cuda") else None
    if row.get("own_python") and row.get("parts") == "devel" and cuda is None:
        cuda = Unknown(f"the tag of {name} does not say its CUDA")
    if said.get("gpu"):
        cuda = Unknown(f"the tag of {name} does not say its CUDA")
    python: str | Unknown | None = said.get("python")
    if row.get("own_python") or row["name"] == "tensorflow/tensorflow":
        python = Unknown(f"the tag of {name} does not say its Python")
    brings = tuple(f"{framework}=={said[framework]}" for framework in ("torch", "tensorflow") if said.get(framework))
    return BaseImage(name, line, distribution, version or unsaid, python, cuda, said.get("parts") or row.get("parts", ""), brings)
