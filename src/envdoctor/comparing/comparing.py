"""Two looks → what changed, what matters most first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envdoctor.comparing.flattening import Flat, flatten, is_unknown
from envdoctor.comparing.ranking import is_following, is_restless, rank
from envdoctor.model.difference import Change, Difference
from envdoctor.model.findings import Finding, Report


def compare(
    before: Report, after: Report, documents: tuple[Mapping[str, Any], Mapping[str, Any]], everything: bool = False
) -> Difference:
    """What differs between two looks.

    Args:
        before: the earlier one, judged.
        after: the later one.
        documents: the facts of both, as `facts_document` makes them.
        everything: also what changes by itself all the time, and what only follows from another change.
    """
    old, new = _by_meaning(before.findings), _by_meaning(after.findings)
    cited = {item.fact for finding in (*before.findings, *after.findings) for item in finding.evidence}
    return Difference(
        before.subject,
        after.subject,
        tuple(finding for key, finding in new.items() if key not in old),
        tuple(finding for key, finding in old.items() if key not in new),
        tuple(finding for key, finding in new.items() if key in old),
        changes_between(flatten(documents[0]), flatten(documents[1]), cited, everything),
    )


def changes_between(before: Flat, after: Flat, cited: Iterable[str] = (), everything: bool = False) -> tuple[Change, ...]:
    """The facts that differ, those that findings rest on first.

    Args:
        before: the earlier facts by name.
        after: the later ones.
        cited: names of facts that a finding rests on.
        everything: also restless facts and those that follow from others.
    """
    cited = set(cited)
    found = [
        change for change in _changes(before, after) if everything or not (is_restless(change.fact) or is_following(change.fact))
    ]
    return tuple(sorted(found, key=lambda change: (change.fact not in cited, rank(change.fact), *_reading_order(change.fact))))


def _reading_order(fact: str) -> tuple[str, bool, str]:
    """Facts of one thing side by side, its version first."""
    thing, _dot, field = fact.rpartition(".")
    return (thing or fact, field != "version", field)


def _changes(before: Flat, after: Flat) -> Iterator[Change]:
    came, went = _wholes(after, before), _wholes(before, after)
    for name in sorted(came):
        yield Change(name, "added", None, _essence(name, after))
    for name in sorted(went):
        yield Change(name, "removed", _essence(name, before), None)
    for name in sorted(before.keys() | after.keys()):
        if name in came or name in went or _is_inside(name, came | went):
            continue
        old, new = before.get(name), after.get(name)
        if old != new and not _says_nothing(old, new):
            yield Change(name, _kind(name, before, after), old, new)


def _wholes(here: Flat, there: Flat) -> set[str]:
    """What is in one look as a whole, and not in the other: members of lists, and records such as the driver."""
    members = {name for name in here.keys() - there.keys() if here[name] is True and name.endswith("]")}
    absent = {name for name, value in there.items() if value is None and name not in here}
    return members | {name for name in absent if any(fact.startswith(f"{name}.") for fact in here)}


def _says_nothing(old: object, new: object) -> bool:
    """Whether only our looking differs: what could not be told before or cannot now, where the other look found nothing."""
    return (is_unknown(old) and (is_unknown(new) or new is None)) or (is_unknown(new) and old is None)


def _kind(name: str, before: Flat, after: Flat) -> str:
    if is_unknown(after.get(name)):
        return "lost"
    if is_unknown(before.get(name)):
        return "learned"
    return "added" if before.get(name) is None else "removed" if after.get(name) is None else "changed"


def _is_inside(name: str, members: set[str]) -> bool:
    """Whether a fact is part of a member that came or went as a whole."""
    return any(name.startswith(f"{member}.") for member in members)


def _essence(name: str, flat: Flat) -> object:
    """What a whole member is told by: its version, else its name, else that it is there."""
    for field in ("version", "name", "path"):
        value = flat.get(f"{name}.{field}")
        if isinstance(value, str) and f"[{value}]" not in name:
            return value
    return True


def _by_meaning(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    """Findings by rule and by what they are about, so that a changed number is no other finding."""
    return {(finding.rule, re.sub(r"[\d.]+", "#", finding.title)): finding for finding in findings}
