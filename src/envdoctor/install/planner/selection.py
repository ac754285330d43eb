"""What a selection of packages depends on, and what it is."""

from __future__ import annotations

from envdoctor.install.planner.options import Options
from envdoctor.install.planner.preferring import preference
from envdoctor.install.planner.wheels import Fitting, Platform
from envdoctor.knowledge.choosing import Hardware, hardware_of
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import platform_name
from envdoctor.model.facts import Facts
from envdoctor.model.offers import OfferedPython, Offers
from envdoctor.model.plan import Choice, Derivation
from envdoctor.model.profile import Profile
from envdoctor.model.record import record, replace


@record
class Selection:
    """What to install."""

    lines: tuple[str, ...]
    """From the configured places."""
    pytorch_lines: tuple[str, ...] = ()
    """From the PyTorch index."""
    variant: str | None = None
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    exact: bool = True
    """Whether every framework comes in the build that was asked for."""
    derivations: tuple[Derivation, ...] = ()
    """Of what was chosen here, where they were asked for; the rest is the package manager's choice."""


@record
class Question:
    """All that a selection depends on."""

    facts: Facts
    profile: Profile
    knowledge: Knowledge
    offers: Offers
    python: OfferedPython
    platform: Platform
    fits: Fitting
    options: Options = Options()

    @property
    def prefer(self) -> str:
        """What decides between versions that fit."""
        return preference(self.options, self.facts)

    @property
    def hardware(self) -> Hardware:
        """What builds must run on; with `--force` any hardware will do."""
        found = hardware_of(self.facts)
        return Hardware(found.system) if self.options.force else found

    @property
    def platform_name(self) -> str:
        """As the tables name it."""
        return platform_name(self.platform.system, self.platform.machine, self.platform.libc)


def extend(
    selection: Selection, *, line: str | None = None, pytorch_line: str | None = None, note: str | None = None,
    choice: Choice | None = None, derivation: Derivation | None = None,
) -> Selection:  # fmt: skip
    """The selection with something more."""
    return replace(
        selection,
        lines=(*selection.lines, *([line] if line else [])),
        pytorch_lines=(*selection.pytorch_lines, *([pytorch_line] if pytorch_line else [])),
        choices=(*selection.choices, *([choice] if choice else [])),
        notes=(*selection.notes, *([note] if note else [])),
        derivations=(*selection.derivations, *([derivation] if derivation else [])),
    )
