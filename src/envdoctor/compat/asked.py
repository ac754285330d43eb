"""Requirements as a command line states them: `torch==2.9.1+cu128`, `jax[cuda12]`, `numpy<2`."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from envdoctor.errors import BadInput
from envdoctor.model.record import record

TEXT_LIMIT = 300
COUNT_LIMIT = 50


@record
class Asked:
    """What is asked of one package."""

    name: str
    """Normalized."""
    extras: tuple[str, ...] = ()
    specifier: str = ""
    text: str = ""
    """As it was written."""

    @property
    def pinned(self) -> Version | None:
        """The one version that is asked for, with its local part; None for a range."""
        clauses = [clause for clause in SpecifierSet(self.specifier) if clause.operator in {"==", "==="}]
        plain = [clause.version for clause in clauses if not clause.version.endswith(".*")]
        return Version(plain[0]) if plain else None

    def admits(self, version: Version) -> bool:
        """Whether a release satisfies the range; a local part in the range names a build and is left aside."""
        clauses = ",".join(str(clause).partition("+")[0] for clause in SpecifierSet(self.specifier))
        return SpecifierSet(clauses).contains(Version(version.public), prereleases=True)

    @property
    def wants_prereleases(self) -> bool:
        """Whether the range itself names a pre-release, which pip then takes."""
        return bool(SpecifierSet(self.specifier).prereleases)


def parse_asked(texts: Iterable[str]) -> tuple[Asked, ...]:
    """The packages that requirement lines ask for; several lines about one package become one.

    Raises:
        BadInput: a line cannot be read, names a file or URL, or has a condition.
    """
    every = [_parse_line(text) for text in texts]
    if not every:
        raise BadInput(
            'compat: nothing to judge; write envdoctor compat "torch==2.9.1" --target "gpu=NVIDIA A100,driver=550.54.15"'
        )
    if len(every) > COUNT_LIMIT:
        raise BadInput(f"compat: more than {COUNT_LIMIT} requirements; judge the frameworks and what is built on them only")
    merged: dict[str, Asked] = {}
    for one in every:
        merged[one.name] = _joined(merged[one.name], one) if one.name in merged else one
    return tuple(merged.values())


def _parse_line(text: str) -> Asked:
    shown = text.strip() if len(text) <= TEXT_LIMIT else text[:40] + "…"
    if len(text) > TEXT_LIMIT:
        raise BadInput(f"compat: {shown!r}: longer than {TEXT_LIMIT} characters; write a requirement such as torch==2.9.1")
    try:
        found = Requirement(text.strip())
        asked = Asked(
            canonicalize_name(found.name), tuple(sorted(map(canonicalize_name, found.extras))), str(found.specifier), shown
        )
        asked.admits(asked.pinned or Version("0"))
    except (InvalidRequirement, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it cannot be read"
        raise BadInput(f"compat: {shown!r}: {reason}; write a requirement such as torch==2.9.1") from None
    if found.url is not None:
        raise BadInput(f"compat: {shown!r}: names a file or address; write name==version")
    if found.marker is not None:
        raise BadInput(f"compat: {shown!r}: has a condition; --target says what the machine is, so leave out what follows `;`")
    return asked


def _joined(first: Asked, second: Asked) -> Asked:
    """Two lines about one package as one."""
    specifier = ",".join(part for part in (first.specifier, second.specifier) if part)
    extras = tuple(dict.fromkeys((*first.extras, *second.extras)))
    return Asked(first.name, extras, specifier, f"{first.text} {second.text}")
