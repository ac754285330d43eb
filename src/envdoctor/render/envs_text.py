"""The environments on a machine, as a table and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Finding
from envdoctor.model.record import record
from envdoctor.model.software import PythonEnvironment
from envdoctor.render.facts_document import as_data
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import counted

SCHEMA = "envdoctor.envs/1"
_ALWAYS_SHOWN = frozenset({"cuda", "rocm", "cpu", "xpu", "metal", "tpu"})


@record
class Row:
    """An environment, and what is wrong with it."""

    prefix: str
    found_by: str
    is_active: bool
    environment: PythonEnvironment | Unknown
    findings: tuple[Finding, ...] = ()


def envs_lines(rows: tuple[Row, ...], left_out: int) -> Iterator[Line]:
    """A block of lines for each environment: place, kind and Python, frameworks, health."""
    if not rows:
        yield plain("No Python environment was found.")
        return
    for row in rows:
        yield Line(((row.prefix, "strong"), (f"  {_described(row)}", "dim")), lead=("* " if row.is_active else "  ", "strong"))
        if not isinstance(row.environment, Unknown):
            yield plain(_frameworks(row.environment), indent=4)
        yield _health(row)
    yield BLANK
    yield plain(f"{counted(len(rows), 'environment')}; * is the one that envdoctor check looks at.", "dim")
    if left_out:
        yield plain(f"{left_out} more were found and not looked into.", "dim")
    yield plain("More about one: envdoctor check --python FOLDER", "dim")


def envs_document(rows: tuple[Row, ...], left_out: int) -> dict[str, Any]:
    """The same as data."""
    return {"schema": SCHEMA, "environments": [_row_document(row) for row in rows], "left_out": left_out}


def _row_document(row: Row) -> dict[str, Any]:
    document: dict[str, Any] = {"prefix": row.prefix, "found_by": row.found_by, "active": row.is_active}
    if isinstance(row.environment, Unknown):
        return {**document, "unknown": row.environment.reason}
    packages, frameworks = row.environment.packages, row.environment.frameworks
    interpreter = row.environment.interpreter
    return {
        **document,
        "kind": as_data(row.environment.kind),
        "python": as_data(interpreter if isinstance(interpreter, Unknown) else interpreter.version),
        "packages": as_data(packages if isinstance(packages, Unknown) else len(packages)),
        "frameworks": as_data(frameworks) if isinstance(frameworks, Unknown) else [
            {
                "name": one.name, "version": as_data(one.version), "flavour": as_data(one.flavour),
                "cuda": as_data(one.cuda_version),
            }
            for one in frameworks
        ],
        "findings": [
            {"rule": one.rule, "severity": as_data(one.severity), "title": one.title} for one in row.findings
        ],
    }  # fmt: skip


def _described(row: Row) -> str:
    if isinstance(row.environment, Unknown):
        return row.found_by
    interpreter, packages = row.environment.interpreter, row.environment.packages
    version = "Python of unknown version" if isinstance(interpreter, Unknown) else f"Python {_shown(interpreter.version)}"
    count = "" if isinstance(packages, Unknown) else f", {counted(len(packages), 'package')}"
    kind = _shown(row.environment.kind)
    return f"{kind}, {version}{count}" + (f" ({row.found_by})" if row.found_by != kind else "")


def _frameworks(environment: PythonEnvironment) -> str:
    if isinstance(environment.frameworks, Unknown):
        return f"frameworks unknown: {environment.frameworks.reason}"
    named = [
        f"{one.name} {_shown(one.version)}" + (f" ({one.flavour})" if one.flavour in _ALWAYS_SHOWN else "")
        for one in environment.frameworks
    ]
    return ", ".join(named) or "no framework"


def _health(row: Row) -> Line:
    if isinstance(row.environment, Unknown):
        return Line(((f"cannot be read: {row.environment.reason}", "warning"),), indent=4)
    if not row.findings:
        return Line((("healthy", "good"),), indent=4)
    rules = dict.fromkeys(finding.rule for finding in row.findings)
    worst = "error" if any(one.severity and one.severity.value == "error" for one in row.findings) else "warning"
    return Line(((", ".join(rules), worst),), indent=4)


def _shown(value: object) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value)
