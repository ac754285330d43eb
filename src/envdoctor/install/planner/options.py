"""What the command line asks of a plan."""

from __future__ import annotations

from envdoctor.model.profile import Profile
from envdoctor.model.record import record


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
