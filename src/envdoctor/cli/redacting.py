"""`--redact`: how much of a report stays out of what is passed on.

Secrets never get into facts. What is left are names of people and machines, which recordings rename too, and folders, whose
names say what somebody works on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envdoctor.model.findings import Report

LEVELS = ("secrets", "people", "paths")
"""Each leaves out what the ones before it do."""
_PATH = re.compile(r"(?<![\w.:/\\<>~])(?P<root>/|[A-Za-z]:(?:\\\\|\\|/))(?P<rest>[\w.@+~\-]+(?:(?:/|\\\\|\\)[\w.@+~\-]+)*)")
_OF_THE_SYSTEM = frozenset(
    {
        "usr",
        "lib",
        "lib64",
        "bin",
        "sbin",
        "etc",
        "proc",
        "sys",
        "dev",
        "boot",
        "run",
        "var",
        "tmp",
        "Windows",
        "Program",
        "System",
        "Library",
    }
)
_KEPT_PARTS = 2


def redacted_report(report: Report, level: str) -> Report:
    """The report without what the level leaves out, in every text of its findings and facts.

    Args:
        report: what is to be rendered.
        level: one of LEVELS.
    """
    if level == "secrets":
        return report
    from envdoctor.model.record import replace
    from envdoctor.system.redact import Redactor

    redactor = Redactor(homes=_stated("HOME", "USERPROFILE"), hosts=_stated("HOSTNAME", "COMPUTERNAME"))
    prefix = _prefix(report) if level == "paths" else None

    def cut(text: str) -> str:
        if prefix is not None:
            text = re.sub(re.escape(prefix) + r"(?![\w.-])", "<environment>", text)
        return redactor.text(_PATH.sub(_shortened, text) if level == "paths" else text)

    return replace(
        report,
        subject=_mapped(report.subject, cut),
        findings=_mapped(report.findings, cut),
        outcomes=tuple(
            replace(outcome, findings=_mapped(outcome.findings, cut), reason=cut(outcome.reason)) for outcome in report.outcomes
        ),
        facts=_mapped(report.facts, cut),
    )


def _mapped(value: Any, cut: Callable[[str], str]) -> Any:
    """A value with every text in it cut; enumerations and versions stay what they are."""
    from envdoctor.model.record import fields

    if isinstance(value, str):
        return value if isinstance(value, Enum) else cut(value)
    if isinstance(value, tuple):
        return tuple(_mapped(item, cut) for item in value)
    if isinstance(value, Mapping):
        return {key: _mapped(item, cut) for key, item in value.items()}
    names = fields(value)
    return type(value)(**{name: _mapped(getattr(value, name), cut) for name in names}) if names else value


def _shortened(match: re.Match[str]) -> str:
    """A path of the system as it is; of any other the last parts."""
    parts = re.split(r"[/\\]+", match["rest"])
    if parts[0] in _OF_THE_SYSTEM or len(parts) < _KEPT_PARTS:
        return match[0]
    return "…/" + "/".join(parts[-_KEPT_PARTS:])


def _prefix(report: Report) -> str | None:
    prefix = getattr(report.facts.environment, "prefix", None)
    return prefix if isinstance(prefix, str) and len(prefix) > 1 else None


def _stated(*names: str) -> tuple[str, ...]:
    return tuple(value for name in names if (value := os.environ.get(name)))
