"""Differences: what changed between two looks at machines."""

from __future__ import annotations

from envdoctor.model.facts import Subject
from envdoctor.model.findings import Finding
from envdoctor.model.record import record


@record
class Change:
    """One fact that differs."""

    fact: str
    """Its name, as evidence writes it: `driver.version`, `packages[numpy].version`."""
    kind: str
    """`changed`, `added`, `removed`, `lost` (it could be told, and cannot now), `learned` (the other way round)."""
    before: object
    """Plain data; None for nothing."""
    after: object


@record
class Difference:
    """All that differs."""

    before: Subject
    after: Subject
    new: tuple[Finding, ...]
    """Findings that only the later look has."""
    gone: tuple[Finding, ...]
    """Findings that only the earlier look had."""
    remaining: tuple[Finding, ...]
    """Findings that both have."""
    changes: tuple[Change, ...]
    """Facts, what matters most first."""
