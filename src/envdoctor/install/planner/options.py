"""What the command line asks of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.specifiers import SpecifierSet

from envdoctor.model.profile import Profile
from envdoctor.model.record import record

PREFERENCES = ("auto", "newest", "stable", "minimal-change")
"""What `--prefer` takes."""


@record
class Options:
    """Choices of the person; the rest is the planner's."""

    environment: str = ""
    """Absolute path of the environment to make or change."""
    backend: str = "auto"
    python: str | None = None
    """`3.12`, or the path of an interpreter."""
    force: bool = False
    """Plan what this machine cannot run as well."""
    targeted: bool = False
    """The hardware is that of `--target`, not this machine's."""
    siblings: tuple[Profile, ...] = ()
    """Profiles of the same framework, which advice may name if they fit."""
    prefer: str = "auto"
    """What decides between versions that fit: see `preferring`."""
    bounds: Mapping[str, SpecifierSet] = {}
    """What constraints files ask of versions, by package."""
    prereleases: bool = False
    nightly: bool = False
    """Builds of the night, from where a framework offers them."""
    offline: bool = False
    explain: bool = False
    """Say of every package what excluded the newer candidates."""
    today: str = ""
    """The date, as `2026-11-22`: what is young depends on it."""
    locked: bool = False
    """The packages come from a lock: only Python and package manager are chosen."""
