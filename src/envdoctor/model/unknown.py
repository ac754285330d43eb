"""Unknown: a question that was asked and could not be answered, always with the reason."""

from __future__ import annotations

from typing import TypeVar

from envdoctor.model.record import record

T = TypeVar("T")


@record
class Unknown:
    """A fact that could not be found out. Never the same as None, which means "looked, not there"."""

    reason: str

    def __bool__(self) -> bool:
        """Refuse to be taken for true or false: a condition on an Unknown is always a mistake.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"an unknown fact was used as a condition: {self.reason}")


class Undecided(Exception):
    """Ends a rule as UNKNOWN; carries the reason that the missing fact gave."""

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.args[0])


class Skipped(Exception):
    """Ends a rule as SKIP: it does not apply here; carries why."""

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.args[0])


def need(value: T | Unknown) -> T:
    """The value of a fact, or the end of the rule as UNKNOWN.

    Raises:
        Undecided: the fact is Unknown.
    """
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    return value


def skip(reason: str) -> Skipped:
    """What to raise where a rule does not apply, with the reason a person reads."""
    return Skipped(reason)


def known(value: T | Unknown | None, otherwise: T) -> T:
    """The value where it is known and there, else `otherwise`: for display and ordering only, never for a verdict."""
    return otherwise if value is None or isinstance(value, Unknown) else value


SUPPOSED = "is supposed: the report does not say"
"""Ends the source of a fact that was not stated and follows from what is most common; findings on it are not certain."""
