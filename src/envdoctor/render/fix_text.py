"""A repair, before and after → text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from envdoctor.model.findings import Report, Severity, Verdict
from envdoctor.model.plan import Plan
from envdoctor.render.applied_text import change_lines
from envdoctor.render.plan_text import shell_line, size_lines, wrapped
from envdoctor.render.shell import command_line
from envdoctor.render.words import counted

if TYPE_CHECKING:
    from envdoctor.install.fixing import Repair, Repaired
    from envdoctor.install.planner.fixing import LeftAlone, Remedy


def render_repair(repair: Repair, width: int = 80, *, verbose: bool = False) -> str:
    """What would be cured and how, and what would not be touched."""
    lines = [f"{repair.plan.environment}: {counted(len(repair.remedies), 'cause')} to cure", ""]
    for number, remedy in enumerate(repair.remedies, 1):
        lines += wrapped(f"  {number}. ", f"{remedy.finding} [{remedy.rule}]", width)
        lines += wrapped("     ", f"{remedy.title}.", width)
    lines += ["", *_steps(repair.plan, width, verbose)]
    for remedy in repair.waiting:
        text = f"{remedy.finding} [{remedy.rule}]: looked at again afterwards, because it changes the same packages"
        lines += wrapped("Then: ", text, width)
    return "\n".join([*lines, *_left(repair.left, width)]).rstrip() + "\n"


def render_nothing(repair: Repair, report: Report, width: int = 80) -> str:
    """Nothing can be repaired: it is sound, or the rest is for a person."""
    where = repair.plan.environment or "this environment"
    if not repair.left:
        undecided = report.count(Verdict.UNKNOWN)
        rest = f"; {counted(undecided, 'rule')} undecided" if undecided else ""
        return f"{where}: nothing is to be repaired{rest}.\n"
    return "\n".join([f"{where}: there is nothing here that envdoctor can repair.", *_left(repair.left, width)]) + "\n"


def render_repaired(repaired: Repaired, check: tuple[str, ...], width: int = 80, *, verbose: bool = False) -> str:
    """What is cured, what was changed for it, what remains, and what was not touched."""
    plan = repaired.rounds[0].plan
    rounds = len(repaired.rounds)
    errors = sum(1 for finding in repaired.report.findings if finding.severity is Severity.ERROR)
    done = f"{plan.environment} is repaired{' in part' if errors else ''}"
    lines = [done + (f", in {rounds} rounds" if rounds > 1 else "")]
    for remedy in repaired.cured:
        lines += wrapped("  cured: ", f"{remedy.finding} [{remedy.rule}]", width)
    lines += change_lines(repaired.changes, verbose) if _has_changes(repaired) else []
    lines += _shell(repaired.cured)
    for proof in repaired.proofs:
        device = f" on {proof.device}" if proof.device else ""
        word = "works" if proof.passed else "does not work, as before"
        lines += wrapped(f"  {word}: ", f"{proof.name}{device} ({proof.detail})", width)
    said = counted(errors, "error") if errors else "no errors"
    lines.append(f"  checked: {said}; for all of it: {command_line(check)}")
    return "\n".join([*lines, *_left(repaired.remaining, width, "Remains")]) + "\n"


def _has_changes(repaired: Repaired) -> bool:
    changes = repaired.changes
    return bool(changes.added or changes.removed or changes.changed)


def _steps(plan: Plan, width: int, verbose: bool) -> list[str]:
    lines = ["Steps"]
    for number, step in enumerate(plan.steps, 1):
        lines += wrapped(f"  {number}. ", f"{step.title}: {step.why}" if step.why else step.title, width)
        named = step.pins if step.pins is not None else step.requirements
        lines += wrapped("     ", " ".join(named), width) if named else []
        lines += (
            [f"     $ {shell_line(command)}" for command in step.commands]
            if verbose or step.action == "conda" or step.manager
            else []
        )
    for move in plan.moves:
        lines += wrapped("  changes: ", f"{move.name} {move.before} to {move.after}", width)
    lines += size_lines(plan, verbose) if any(step.pins for step in plan.steps) else []
    return [*lines, ""]


def _shell(cured: Iterable[Remedy]) -> list[str]:
    lines = []
    for remedy in cured:
        if remedy.variable is not None:
            name, value = remedy.variable
            lines.append(f"  in shells that are open already: {f'export {name}={value}' if value else f'unset {name}'}")
    return lines


def _left(left: Iterable[LeftAlone], width: int, heading: str = "Not touched") -> list[str]:
    lines = []
    for one in left:
        lines += wrapped("  - ", f"{one.finding} [{one.rule}]", width)
        lines += wrapped("    ", f"{one.reason[:1].upper()}{one.reason[1:]}.", width)
        lines += [f"    $ {one.shell}"] if one.shell else []
        if one.fix is not None:
            lines += wrapped("    ", f"{one.fix.title}." if not one.fix.text else f"{one.fix.title}. {one.fix.text}", width)
            lines += [f"    $ {command_line(argv)}" for argv in one.fix.commands]
    return ["", heading, *lines] if lines else []
