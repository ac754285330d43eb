"""What came of an install → text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.model.conda import FAMILY
from envdoctor.model.findings import Severity, Verdict
from envdoctor.model.plan import Plan
from envdoctor.render.shell import command_line
from envdoctor.render.words import counted

if TYPE_CHECKING:
    from envdoctor.install.apply import Applied
    from envdoctor.install.changes import Changes

_LISTED = 12


def render_applied(plan: Plan, applied: Applied, check: tuple[str, ...], windows: bool = False, *, verbose: bool = False) -> str:
    """What changed, what was proved, what the diagnosis says, and how to use it. `check` is the command that says it all."""
    lines = [f"{plan.profile} is installed in {plan.environment}", *change_lines(applied.changes, verbose)]
    for proof in applied.proofs:
        device = f" on {proof.device}" if proof.device else ""
        lines.append(f"  works: {proof.name}{device} ({proof.detail})")
    return "\n".join([*lines, *_diagnosis(applied, check), *_use(plan, windows)]) + "\n"


def change_lines(changes: Changes, verbose: bool) -> list[str]:
    """The packages that were added, changed and removed."""
    told = [
        ("added", [f"{name} {version}" for name, version in changes.added]),
        ("changed", [f"{name} {before} to {after}" for name, before, after in changes.changed]),
        ("removed", [f"{name} {version}" for name, version in changes.removed]),
    ]
    if not any(names for _, names in told):
        return ["  nothing changed: it was all there"]
    return [f"  {word} {counted(len(names), 'package')}: {_some(names, verbose)}" for word, names in told if names]


def _some(names: list[str], verbose: bool) -> str:
    shown = names if verbose else names[:_LISTED]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _diagnosis(applied: Applied, check: tuple[str, ...]) -> list[str]:
    report = applied.report
    by_severity = {severity: sum(1 for finding in report.findings if finding.severity is severity) for severity in Severity}
    undecided = report.count(Verdict.UNKNOWN)
    parts = [counted(number, severity.value) for severity, number in by_severity.items() if number]
    parts += [f"{counted(undecided, 'rule')} undecided"] if undecided else []
    return [f"  checked: {', '.join(parts) or 'nothing is wrong'}; for all of it: {command_line(check)}"]


def _use(plan: Plan, windows: bool) -> list[str]:
    if not plan.creates_environment:
        return []
    if plan.backend in FAMILY:
        here = f"{plan.environment}\\python.exe" if windows else f"{plan.environment}/bin/python"
        words = (here,) if plan.backend == "rattler" else (plan.backend, "activate", plan.environment)
        return ["Use it: " + command_line(words)]
    if windows:
        return [f"Use it: {plan.environment}\\Scripts\\activate"]
    return ["Use it: " + command_line(("source", f"{plan.environment}/bin/activate"))]
