"""What files say of themselves, as data: `envdoctor.inspect/1`."""

from __future__ import annotations

from typing import Any

from envdoctor.model.binaries import GpuCode, Inspection, Library
from envdoctor.model.record import fields
from envdoctor.model.software import Package
from envdoctor.model.unknown import Unknown
from envdoctor.render.facts_document import as_data

SCHEMA = "envdoctor.inspect/1"
_OF_PACKAGE = ("name", "version", "requires_python", "tags", "requires")
_OF_ENVIRONMENT = ("interpreter", "compiled_needs", "torch_extensions")
_OF_FRAMEWORK = (
    "name", "version", "flavour", "cuda_version", "cudnn_version", "rocm_version", "gpu_code", "gpu_code_source",
    "gpu_code_is_sample",
)  # fmt: skip


def inspection_document(inspections: list[Inspection], problems: dict[str, str]) -> dict[str, Any]:
    """Every file, those that could not be read with the reason."""
    files = [_file(one) for one in inspections]
    return {"schema": SCHEMA, "files": files + [{"path": path, "error": reason} for path, reason in problems.items()]}


def _file(one: Inspection) -> dict[str, Any]:
    """A library in one object; of a wheel or environment what it is, its frameworks and its libraries."""
    if one.kind == "library":
        return {"path": one.path, "kind": one.kind, **_library(one.libraries[0])}
    found: dict[str, Any] = {"path": one.path, "kind": one.kind}
    if isinstance(one.package, Package):
        found |= {name: as_data(getattr(one.package, name)) for name in _OF_PACKAGE}
    elif isinstance(one.package, Unknown):
        found["package"] = as_data(one.package)
    if isinstance(one.frameworks, Unknown):
        found["frameworks"] = as_data(one.frameworks)
    else:
        found["frameworks"] = [{name: as_data(getattr(item, name)) for name in _OF_FRAMEWORK} for item in one.frameworks]
    if one.environment is not None:
        found |= {name: as_data(getattr(one.environment, name)) for name in _OF_ENVIRONMENT}
    found["libraries"] = [{"path": library.path, **_library(library)} for library in one.libraries]
    return found


def _library(library: Library) -> dict[str, Any]:
    binary, code = library.binary, library.gpu_code
    said = (
        {"binary": as_data(binary)}
        if isinstance(binary, Unknown)
        else {name: as_data(getattr(binary, name)) for name in fields(binary)}
    )
    return {"size_bytes": as_data(library.size_bytes), **said, "gpu_code": _code(code)}


def _code(code: GpuCode | Unknown) -> Any:
    """The architectures with how often each was met, and how much was looked at."""
    if isinstance(code, Unknown):
        return as_data(code)
    rest = {name: as_data(getattr(code, name)) for name in fields(code) if name != "counts"}
    return {"architectures": dict(code.counts), **rest}
