"""Which profiles a machine can hold, as a table and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from envdoctor.model.plan import Plan, Refusal
from envdoctor.model.profile import Profile
from envdoctor.model.unknown import Unknown
from envdoctor.render.words import counted, size

Pairs = list[tuple[Profile, "Plan | Refusal"]]


def table_lines(pairs: Pairs, width: int) -> Iterator[str]:
    """A line for each that fits, with what it comes to; the reasons for the others."""
    column = max((len(profile.name) for profile, _outcome in pairs), default=0) + 2
    fitting = [(profile, outcome) for profile, outcome in pairs if isinstance(outcome, Plan)]
    yield f"{counted(len(fitting), 'profile')} of {len(pairs)} can be installed here."
    for profile, outcome in pairs:
        mark = "✓" if isinstance(outcome, Plan) else "✗"
        words = summary(outcome) if isinstance(outcome, Plan) else "; ".join(outcome.reasons)
        wrapped = textwrap.wrap(words, max(width - column - 2, 30), break_long_words=False, break_on_hyphens=False) or [""]
        yield f"{mark} {profile.name:<{column}}{wrapped[0]}".rstrip()
        yield from (" " * (column + 2) + line for line in wrapped[1:])


def summary(plan: Plan) -> str:
    """What a plan comes to, in a line."""
    chosen = [f"{choice.what} {choice.value}" for choice in plan.choices if choice.what not in {"backend", "from", "python"}]
    parts = [f"Python {plan.python}" if plan.python else "", *chosen, f"by {plan.backend}"]
    if not isinstance(plan.download_bytes, Unknown):
        parts.append(f"{size(plan.download_bytes)} to fetch")
    return ", ".join(part for part in parts if part)


def tried_document(pairs: Pairs) -> list[dict[str, Any]]:
    """The same as data."""
    return [_entry(profile, outcome) for profile, outcome in pairs]


def _entry(profile: Profile, outcome: Plan | Refusal) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": profile.name, "path": profile.path, "installable": isinstance(outcome, Plan)}
    if isinstance(outcome, Refusal):
        return {**entry, "reasons": list(outcome.reasons), "instead": list(outcome.instead)}
    choices = [{"what": choice.what, "value": choice.value, "reason": choice.reason} for choice in outcome.choices]
    fetched = outcome.download_bytes
    return {
        **entry,
        "python": outcome.python,
        "backend": outcome.backend,
        "choices": choices,
        "notes": list(outcome.notes),
        "download_bytes": {"unknown": fetched.reason} if isinstance(fetched, Unknown) else fetched,
    }
