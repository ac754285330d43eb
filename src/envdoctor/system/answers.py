"""Answers as JSON: how a recording writes down what a system said, and reads it back.

Every question has a kind (the name of the port's method) and a key within it; every answer of a kind has one
shape. A text of several lines is a list of its lines, so that a person can review it. An error is
`{"error": "missing", "reason": ...}`.
"""

from __future__ import annotations

from typing import Any

from packaging.version import InvalidVersion, Version

from envdoctor.model.accelerators import NvmlFailure
from envdoctor.model.record import fields
from envdoctor.system.port import (
    Binary,
    CacheEntry,
    Denied,
    GpuCode,
    Malformed,
    Missing,
    Output,
    SourceError,
    Status,
    TimedOut,
    Unsupported,
    Usage,
)

KINDS = (
    "read", "headers", "list", "link", "resolve", "stat", "usage", "run", "env", "host", "nvml", "binary", "gpu_code",
    "missing_symbols", "numpy_major", "loader_cache",
)  # fmt: skip
_ERRORS: dict[str, type[SourceError]] = {
    "missing": Missing,
    "denied": Denied,
    "timed-out": TimedOut,
    "unsupported": Unsupported,
    "malformed": Malformed,
}
_TEXTS = frozenset({"read", "headers"})
_RECORDS: dict[str, type[Any]] = {"stat": Status, "usage": Usage, "binary": Binary, "gpu_code": GpuCode}


def command_key(argv: tuple[str, ...]) -> str:
    """One text for a command, different for different commands."""
    import shlex

    return shlex.join(argv)


def nvml_key(query: str, device: int | None) -> str:
    """One text for an NVML question: `name 0`, or `driver_version` for the driver."""
    return query if device is None else f"{query} {device}"


def gpu_code_key(path: str, whole: bool) -> str:
    """One text for a question about GPU code: the path; `PATH *` where all of it was asked for."""
    return f"{path} *" if whole else path


def symbols_key(path: str, providers: tuple[str, ...]) -> str:
    """One text for a question about missing symbols: the paths, split by `:`."""
    return ":".join((path, *providers))


def encode_answer(kind: str, answer: Any) -> Any:
    """An answer as JSON."""
    if kind in _TEXTS:
        return _encode_text(answer)
    if kind == "run":
        return {"status": answer.status, "stdout": _encode_text(answer.stdout), "stderr": _encode_text(answer.stderr)}
    if kind == "loader_cache":
        return [[entry.path, entry.machine] for entry in answer]
    if kind in _RECORDS:
        return {name: _encode_field(getattr(answer, name)) for name in fields(answer)}
    return _encode_field(answer)


def encode_error(error: SourceError) -> dict[str, str]:
    """An error as JSON."""
    name = next(name for name, kind in _ERRORS.items() if isinstance(error, kind))
    document = {"error": name, "reason": error.reason}
    if error.failure is not None:
        document["failure"] = error.failure.value
    return document


def decode_answer(kind: str, key: str, document: Any) -> Any:
    """The answer that JSON stands for.

    Raises:
        SourceError: the recorded error, or Malformed where the JSON is no answer of this kind.
    """
    if isinstance(document, dict) and "error" in document:
        raise _decode_error(key, document)
    try:
        return _decode(kind, document)
    except (TypeError, ValueError, KeyError, AttributeError, InvalidVersion) as error:
        raise Malformed(key, f"the recording's answer to {kind} cannot be understood: {error}") from error


def _decode(kind: str, document: Any) -> Any:
    if kind in _TEXTS:
        return _decode_text(document)
    if kind == "run":
        return Output(int(document["status"]), _decode_text(document["stdout"]), _decode_text(document["stderr"]))
    if kind == "binary":
        return _decode_binary(document)
    if kind == "gpu_code":
        return _decode_gpu_code(document)
    if kind == "missing_symbols":
        return tuple(_text(name) for name in _sequence(document))
    if kind == "numpy_major":
        return None if document is None else int(document)
    if kind == "loader_cache":
        return tuple(CacheEntry(*map(_text, _sequence(entry))) for entry in _sequence(document))
    if kind == "stat":
        return Status(str(document["kind"]), int(document["size_bytes"]), int(document["mode"]), str(document["device"]))
    if kind == "usage":
        return Usage(int(document["total_bytes"]), int(document["free_bytes"]))
    if kind == "list":
        return [_text(name) for name in _sequence(document)]
    if kind in {"link", "resolve"}:
        return _text(document)
    if kind == "env":
        return None if document is None else _text(document)
    return document


def _decode_error(key: str, document: dict[str, Any]) -> SourceError:
    kind, reason = _ERRORS.get(str(document["error"])), str(document.get("reason", ""))
    if kind is None:
        return Malformed(key, f"the recording knows an error {document['error']!r} that does not exist")
    failures = {failure.value: failure for failure in NvmlFailure}
    return kind(key, reason, failures.get(str(document.get("failure"))))


def _encode_text(text: str) -> str | list[str]:
    return text.split("\n") if "\n" in text else text


def _decode_text(document: Any) -> str:
    return document if isinstance(document, str) else "\n".join(_text(line) for line in _sequence(document))


def _text(document: Any) -> str:
    if not isinstance(document, str):
        raise TypeError(f"expected text, found {type(document).__name__}")
    return document


def _sequence(document: Any) -> list[Any]:
    if not isinstance(document, list):
        raise TypeError(f"expected a list, found {type(document).__name__}")
    return document


def _encode_field(value: Any) -> Any:
    if isinstance(value, Version):
        return str(value)
    return [_encode_field(part) for part in value] if isinstance(value, tuple) else value


_VERSIONS = ("glibc_floor", "glibcxx_floor", "cxxabi_floor", "minimum_os", "glibcxx_defined", "cxxabi_defined", "glibc_defined")


def _decode_binary(document: Any) -> Binary:
    values = {name: document[name] for name in fields(Binary) if name in document}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(_text(part) for part in value)
        elif name in _VERSIONS and value is not None:
            values[name] = Version(_text(value))
    return Binary(**values)


def _decode_gpu_code(document: Any) -> GpuCode:
    values = {name: document[name] for name in fields(GpuCode) if name in document}
    counts = _sequence(values.get("counts", []))
    return GpuCode(**{**values, "counts": tuple((_text(name), int(count)) for name, count in counts)})
