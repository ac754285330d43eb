"""What `envdoctor knowledge update` found, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from envdoctor.model.unknown import Unknown
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import counted, listed

if TYPE_CHECKING:
    from envdoctor.knowledge.generating import Generated, Updated

SCHEMA = "envdoctor.knowledge-updated/1"


def update_document(updated: Updated) -> dict[str, Any]:
    """The document; `problem` is null for a package that the index told of soundly."""
    return {
        "schema": SCHEMA,
        "checked": updated.checked,
        "index": updated.index,
        "written": updated.written,
        "packages": [_package_document(name, found) for name, found in updated.packages.items()],
        "requirements": {"of": [f"{name}=={version}" for name, version in updated.requirements], "left": updated.left},
    }


def _package_document(name: str, found: Generated | Unknown) -> dict[str, Any]:
    if isinstance(found, Unknown):
        return {"name": name, "newer": [], "changed": [], "yanked": [], "problem": found.reason}
    return {
        "name": name,
        "newer": list(found.newer),
        "changed": list(found.changed),
        "yanked": list(found.yanked),
        "problem": _problem(found),
    }


def update_lines(updated: Updated) -> Iterator[Line]:
    """What is newer, package by package; then what gave no answer, and where it was noted."""
    column = max(map(len, updated.packages), default=0) + 2
    asked = [found for found in updated.packages.values() if not isinstance(found, Unknown)]
    yield plain(f"Asked {updated.index} about {counted(len(updated.packages), 'package')}", "strong")
    yield BLANK
    for name, found in updated.packages.items():
        for text, style in _told(found):
            yield Line(((text, style),), lead=(name.ljust(column), ""), indent=2)
    if not any(found.newer or found.changed or found.yanked for found in asked) and asked:
        yield plain("Nothing is newer than the tables.", indent=2)
    if updated.requirements:
        yield plain(f"Learnt what these ask for: {', '.join(map('=='.join, updated.requirements))}", indent=2)
    if updated.left:
        yield plain(f"Releases whose requirements are left for another update: {updated.left}", "warning", indent=2)
    yield BLANK
    yield plain(f"Written to {updated.written}" if updated.written else "Nothing was written: no package could be asked about.")


def _told(found: Generated | Unknown) -> Iterator[tuple[str, str]]:
    if isinstance(found, Unknown):
        yield f"could not be asked about: {found.reason}", "warning"
        return
    if found.newer:
        yield f"newer: {', '.join(found.newer)}", ""
    if found.changed:
        yield f"other wheels than in the tables: {', '.join(found.changed)}", ""
    if found.yanked:
        yield f"taken back: {', '.join(found.yanked)}", ""
    problem = _problem(found)
    if problem:
        yield problem, "warning"


def _problem(found: Generated) -> str | None:
    """An index that does not have what the table has is not the whole index."""
    return f"the index does not have {listed(found.lost)}; the table keeps its rows" if found.lost else None
