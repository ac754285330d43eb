"""Shows a repair, before and after, in the form that was asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from envdoctor.cli.output import write_text
from envdoctor.cli.showing import show_layout
from envdoctor.cli.speaking import spoken_layout
from envdoctor.errors import EXIT_FINDING, EXIT_OK
from envdoctor.model.findings import Report, Severity
from envdoctor.model.record import replace

if TYPE_CHECKING:
    from envdoctor.install.fixing import Repair, Repaired
    from envdoctor.install.planner.fixing import LeftAlone
    from envdoctor.model.facts import Facts


def show_repair(repair: Repair, said: dict[str, Any], facts: Facts) -> str:
    """Show what is to be done; the same as text. JSON is written only where this is all there is."""
    from envdoctor.render.fix_json import repair_document
    from envdoctor.render.fix_text import render_repair

    repair = replace(repair, left=_with_commands(repair.left, facts))
    text = spoken_layout(partial(render_repair, repair, verbose=said["verbose"]), _width(said))
    if said["format"] != "json":
        write_text(text + "\n", said["output"] if said["dry_run"] else None)
    elif said["dry_run"]:
        _show_document(repair_document(repair), said)
    return text


def show_nothing(repair: Repair, report: Report, said: dict[str, Any]) -> int:
    """Say that nothing is to be repaired, or can be; the exit status."""
    from envdoctor.render.fix_json import nothing_document
    from envdoctor.render.fix_text import render_nothing

    repair = replace(repair, left=_with_commands(repair.left, report.facts))
    if said["format"] == "json":
        _show_document(nothing_document(repair, report), said)
    else:
        show_layout(partial(render_nothing, repair, report), said["output"])
    return EXIT_FINDING if any(finding.severity is Severity.ERROR for finding in report.findings) else EXIT_OK


def show_repaired(repaired: Repaired, said: dict[str, Any], check: tuple[str, ...]) -> None:
    """Show what came of it."""
    from envdoctor.render.fix_json import repaired_document
    from envdoctor.render.fix_text import render_repaired

    repaired = replace(repaired, remaining=_with_commands(repaired.remaining, repaired.report.facts))
    if said["format"] == "json":
        _show_document(repaired_document(repaired), said)
    else:
        show_layout(partial(render_repaired, repaired, check, verbose=said["verbose"]), said["output"])


def _with_commands(left: tuple[LeftAlone, ...], facts: Facts) -> tuple[LeftAlone, ...]:
    """With the commands that a person may copy."""
    from envdoctor.cli.cures import filled_fix

    return tuple(one if one.fix is None else replace(one, fix=filled_fix(one.fix, facts)) for one in left)


def _show_document(document: dict[str, Any], said: dict[str, Any]) -> None:
    from envdoctor.cli.showing import show_document

    show_document(document, said["output"])


def _width(said: dict[str, Any]) -> int:
    from envdoctor.cli.terminal import terminal_for

    return terminal_for(said["output"]).width
