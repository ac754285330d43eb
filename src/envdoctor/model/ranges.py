"""Ranges of versions that cost nothing until they are asked something hard.

Importing `packaging.specifiers` takes a third of the time that `envdoctor check` may take. Nearly every question put to a
range is whether a final release lies between two numbers; that is answered here, and `packaging` has all the rest.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["VersionRange", "lies_between", "range_text"]

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet as VersionRange
    from packaging.version import Version
else:

    class VersionRange:
        """A `packaging.specifiers.SpecifierSet` that is made when it is needed; to type checkers it is one."""

        __slots__ = ("_made", "_text")

        def __init__(self, text: str = "") -> None:
            self._text, self._made = text, None

        def contains(self, version: Version, prereleases: bool | None = None) -> bool:
            """Whether a version lies in the range."""
            answer = lies_between(version, self._text)
            return self._whole.contains(version, prereleases=prereleases) if answer is None else answer

        def __contains__(self, version: Version) -> bool:
            return self.contains(version)

        def __len__(self) -> int:
            return sum(1 for clause in self._text.split(",") if clause.strip())

        def __iter__(self) -> Any:
            return iter(self._whole)

        def __str__(self) -> str:
            return str(self._whole) if self._text else ""

        def __repr__(self) -> str:
            return f"<VersionRange({self._text!r})>"

        def __eq__(self, other: object) -> bool:
            if isinstance(other, VersionRange):
                return self._text == other._text or self._whole == other._whole
            return self._whole == other

        def __hash__(self) -> int:
            return hash(self._whole)

        def __reduce__(self) -> Any:
            return VersionRange, (self._text,)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._whole, name)

        @property
        def _whole(self) -> Any:
            if self._made is None:
                from packaging.specifiers import SpecifierSet

                self._made = SpecifierSet(self._text)
            return self._made


_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?\s*")
_HOLDS = {
    ">=": tuple.__ge__, "<=": tuple.__le__, "==": tuple.__eq__, "!=": tuple.__ne__, "<": tuple.__lt__, ">": tuple.__gt__,
}  # fmt: skip


def lies_between(version: Version | str, text: str) -> bool | None:
    """Whether a final or post release lies in a range of plain numbers; None where it takes the whole of PEP 440 to tell."""
    if isinstance(version, str) or version.is_prerelease or version.epoch:
        return None
    inside = True
    for clause in text.split(",") if text.strip() else ():
        found = _CLAUSE.fullmatch(clause)
        if found is None or (found[3] and found[1] not in {"==", "!="}):
            return None
        inside = inside and _holds(version, found[1], tuple(map(int, found[2].split("."))), wild=bool(found[3]))
    return inside


def _holds(version: Version, operator: str, bound: tuple[int, ...], *, wild: bool) -> bool:
    """Compare numbers as if the shorter ended in zeros; `.*` compares only as many as it has.

    A post release comes after its release, is not it, and is not what `>` of its release asks for (PEP 440).
    """
    width = len(bound) if wild else max(len(bound), len(version.release))
    here, there = (version.release + (0,) * width)[:width], (bound + (0,) * width)[:width]
    if version.is_postrelease and not wild and here == there:
        return operator in {">=", "!="}
    return _HOLDS[operator](here, there)


_ORDER = (">=", ">", "~=", "===", "==", "!=", "<", "<=")


def range_text(wanted: VersionRange) -> str:
    """A range as people write it, from its lower end to its upper: `>=12,<13`; `any version` for one that asks nothing."""
    clauses = sorted(wanted, key=lambda clause: (_ORDER.index(clause.operator), clause.version)) if len(wanted) else []
    return ",".join(map(str, clauses)) or "any version"
