"""The work of `diff`: find both sides, judge them, compare, show."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.facts import Subject
from envdoctor.model.record import replace

if TYPE_CHECKING:
    from envdoctor.model.difference import Difference

_LAST = re.compile(r"last(~(?P<back>\d{1,3}))?")
LIVE = "live"


def find_difference(sides: list[str], deep: bool, everything: bool) -> Difference:
    """Look at both sides and compare them.

    Args:
        sides: as `diff` takes them, none to two.
        deep: look longer at what is live.
        everything: also what changes all the time.

    Raises:
        BadInput: a side cannot be found or read.
    """
    from envdoctor.cli.looking import look
    from envdoctor.comparing.comparing import compare
    from envdoctor.engine import diagnose
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.render.facts_document import facts_document
    from envdoctor.rules import load_rules

    if len(sides) > 2:
        raise BadInput(f"diff compares two, and here are {len(sides)}: {' '.join(sides)}")
    first, second = (*sides, *("last", LIVE)[len(sides) :]) if len(sides) != 1 else (sides[0], LIVE)
    knowledge, rules = load_knowledge(), load_rules()
    subjects = [{**subject_of(side), "deep": deep} for side in (first, second)]
    reports = [diagnose(look(said, knowledge), None, knowledge, rules) for said in subjects]
    documents = (facts_document(reports[0].facts), facts_document(reports[1].facts))
    difference = compare(reports[0], reports[1], documents, everything)
    return replace(difference, before=_named(first, difference.before), after=_named(second, difference.after))


def subject_of(side: str) -> dict[str, Any]:
    """What a side names, as the options of `check` would name it.

    Raises:
        BadInput: nothing by that name.
    """
    if side == LIVE:
        return {}
    match = _LAST.fullmatch(side)
    if match:
        return {"recording": _kept(int(match["back"] or 0))}
    if os.path.isdir(side):
        return {"python": side}
    if os.path.isfile(side):
        return {"recording": side}
    raise BadInput(f"{side}: no recording and no environment; write one with: envdoctor record -o {side or 'machine.json'}")


def _named(side: str, subject: Subject) -> Subject:
    """A kept recording goes by its time; nobody knows its path."""
    if not _LAST.fullmatch(side):
        return subject
    from envdoctor.system.history import time_of

    return Subject(subject.kind, f"{side} ({time_of(os.path.basename(subject.name))})")


def show_difference(difference: Difference, said: dict[str, Any]) -> None:
    """Write it in the format that was asked for.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.output import write_text
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.render.diff_document import diff_document, render_diff_markdown
    from envdoctor.render.diff_text import diff_lines

    if said["format"] == "json":
        show_document(diff_document(difference), said["output"])
    elif said["format"] == "markdown":
        from envdoctor.cli.speaking import spoken_document

        write_text(spoken_document(render_diff_markdown(difference), "markdown"), said["output"])
    else:
        show_lines(diff_lines(difference, everything=said["verbose"], windows=os.name == "nt"), said["output"])


def has_failed(difference: Difference, fail_on: str) -> bool:
    """Whether something as bad as that is wrong now and was not before."""
    order = ("error", "warning", "info")
    if fail_on == "never":
        return False
    counted = order[: order.index(fail_on) + 1]
    return any((finding.severity.value if finding.severity else "error") in counted for finding in difference.new)


def _kept(back: int) -> str:
    from envdoctor.system.history import history_folder, is_on, list_kept

    folder = history_folder()
    kept = list_kept(folder)
    if back < len(kept):
        return kept[back].path
    if not kept and not is_on(folder):
        raise BadInput("nothing was kept of earlier checks; keep recordings from now on with: envdoctor history on")
    raise BadInput(f"only {len(kept)} earlier checks were kept; see: envdoctor history")
