"""What a line of a report states, before it is decided which of several statements counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envdoctor.model.record import record

MEASURED = 3
"""A program printed it: collect_env, nvidia-smi, pip."""
FILLED_IN = 2
"""A person wrote it under a label."""
MENTIONED = 1
"""It stands in prose or in a command."""
HINTED = 0
"""It follows from something else: a path, the name of a file."""


@record
class Stated:
    """One statement."""

    topic: str
    """What it is about: `torch`, `driver`, `gpu`, `os`, ...; see `reports/labels.py`."""
    value: str
    line: int
    """Number of the line, from 1."""
    weight: int = MEASURED
    form: str = ""
    """What kind of text it stands in: `collect_env`, `pip list`, ..."""

    @property
    def source(self) -> str:
        """Where it stands, for evidence."""
        return f"the report, line {self.line}" + (f" ({self.form})" if self.form else "")


def about(stated: Iterable[Stated], *topics: str) -> Iterator[Stated]:
    """The statements about some topics: those that weigh most first, of equals the later ones first."""
    chosen = [one for one in stated if one.topic in topics]
    return iter(sorted(chosen, key=lambda one: (-one.weight, -one.line)))
