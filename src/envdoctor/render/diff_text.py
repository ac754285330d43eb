"""A difference for people: what broke, what was cured, and then the facts, what matters most first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envdoctor.model.difference import Change, Difference
from envdoctor.model.findings import Finding
from envdoctor.render.finding_text import brief, headline
from envdoctor.render.layout import BLANK, Line, Piece, plain
from envdoctor.render.words import size

_MARKS = {"changed": "~ ", "added": "+ ", "removed": "- ", "lost": "? ", "learned": "~ "}
_SHOWN = 40
"""Changes of facts that are shown before the rest is only counted."""


def diff_lines(difference: Difference, *, everything: bool = False, windows: bool = False) -> Iterator[Line]:
    """The whole difference before it is broken to a width.

    Args:
        difference: what to show.
        everything: every change, however many.
        windows: whether commands are for Windows.
    """
    yield plain(f"envdoctor diff: {difference.before.name} → {difference.after.name}", "strong")
    yield from _findings("Wrong now, and was not before", difference.new, windows)
    if difference.gone:
        yield BLANK
        yield plain("Was wrong before, and is not now", "strong")
        yield from (headline(finding) for finding in difference.gone)
    yield BLANK
    yield from _facts(difference.changes, everything)
    if difference.remaining:
        yield BLANK
        rules = ", ".join(dict.fromkeys(finding.rule for finding in difference.remaining))
        yield plain(f"Wrong in both: {rules}")


def shown(fact: str, value: object) -> str:
    """A value of a fact in a few words."""
    if isinstance(value, Mapping):
        return f"could not be told ({value.get('unknown')})"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and fact.endswith("_bytes"):
        return size(value)
    if isinstance(value, list):
        return " ".join(".".join(map(str, part)) if isinstance(part, list) else str(part) for part in value) or "none"
    return str(value)


def told(change: Change) -> str:
    """One change of a fact in a line, without its mark."""
    return "".join(text for text, _style in pieces(change))


def pieces(change: Change) -> tuple[Piece, ...]:
    """The same in pieces: the fact's name, and what it was and is."""
    name = (change.fact, "name")
    before, after = (shown(change.fact, change.before), "value"), (shown(change.fact, change.after), "value")
    if change.kind == "added" and change.before is None:
        return (name,) if change.after is True else (name, (" ", ""), after)
    if change.kind == "removed" and change.after is None:
        return (name,) if change.before is True else (name, (" ", ""), before)
    if isinstance(change.before, list) and isinstance(change.after, list):
        return (name, (": ", ""), (_list_change(change.before, change.after), "value"))
    return (name, (": ", ""), before, (" → ", ""), after)


def _findings(title: str, findings: tuple[Finding, ...], windows: bool) -> Iterator[Line]:
    if not findings:
        return
    yield BLANK
    yield plain(title, "strong")
    for finding in findings:
        yield from brief(finding, windows, with_fix=True)


def _facts(changes: tuple[Change, ...], everything: bool) -> Iterator[Line]:
    if not changes:
        yield plain("No fact that lasts has changed.")
        return
    yield plain("What changed, what matters most first", "strong")
    for change in changes if everything else changes[:_SHOWN]:
        yield Line(pieces(change), lead=(_MARKS[change.kind], "dim"), indent=2)
    if len(changes) > _SHOWN and not everything:
        yield plain(f"and {len(changes) - _SHOWN} more; all of them: -v", indent=2)


def _list_change(before: list[object], after: list[object]) -> str:
    came = [shown("", [item]) for item in after if item not in before]
    went = [shown("", [item]) for item in before if item not in after]
    parts = [f"{word} {' '.join(items)}" for word, items in (("now also", came), ("no longer", went)) if items]
    return ", ".join(parts) or "in another order"
