"""Why each package has its version: who asks for what, and what excluded every newer release that is on offer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envdoctor.install.planner.moving import parse_need
from envdoctor.install.planner.wheels import Fitting
from envdoctor.model.offers import OfferedFile
from envdoctor.model.plan import Derivation, Download, Exclusion, Plan
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

SHOWN = 6
"""Of the newer releases of a package: the newest ones; the rest is counted."""
Pages = Mapping[str, "tuple[OfferedFile, ...] | Unknown"]
Needs = list[tuple[str, SpecifierSet]]
"""Who asks for a package, and in which versions."""


@record
class Grounds:
    """What a derivation rests on."""

    fits: Fitting
    pages: Pages
    bounds: Mapping[str, SpecifierSet] = {}
    """Of constraints files."""
    prereleases: bool = False
    ruled_out: tuple[tuple[str, Exclusion], ...] = ()
    """Too young for `--prefer stable`."""
    keeps: bool = False
    """Whether what was there stays wherever it does."""


def derive_all(plan: Plan, grounds: Grounds) -> tuple[Derivation, ...]:
    """A derivation for every package of a plan, those that were asked for first."""
    if isinstance(plan.downloads, Unknown):
        return plan.derivations
    chosen = {derivation.name: derivation for derivation in plan.derivations}
    asked = [line for step in plan.steps for line in step.requirements]
    derived = [_derive(one, plan.downloads, asked, grounds, chosen.get(one.name)) for one in plan.downloads]
    return tuple(sorted(derived, key=lambda one: (one.name not in chosen, not any(_names(line) == one.name for line in asked))))


def _derive(
    download: Download, downloads: tuple[Download, ...], asked: list[str], grounds: Grounds, known: Derivation | None
) -> Derivation:
    needs = list(_needs_of(download.name, downloads))
    lines = [f"asked for: {line}" for line in asked if _names(line) == download.name]
    because = (*(known.because if known else ()), *lines, *(f"{who} asks for {spec or 'any version'}" for who, spec in needs))
    excluded = known.excluded if known and known.excluded else tuple(_excluded(download, needs, asked, grounds))
    return Derivation(download.name, download.version, tuple(dict.fromkeys(because)), excluded)


def _excluded(download: Download, needs: Needs, asked: list[str], grounds: Grounds) -> Iterator[Exclusion]:
    page = grounds.pages.get(download.name, ())
    if isinstance(page, Unknown):
        yield Exclusion("newer releases", f"what there is could not be asked: {page.reason}")
        return
    try:
        version = Version(download.version)
    except InvalidVersion:
        return
    newer: dict[Version, list[OfferedFile]] = {}
    for file in page:
        if file.version > version and file.version.public != version.public:
            newer.setdefault(file.version, []).append(file)
    ordered = sorted(newer, reverse=True)
    for one in ordered[:SHOWN]:
        yield Exclusion(str(one), why_not(download.name, one, newer[one], needs, asked, grounds))
    if len(ordered) > SHOWN:
        yield Exclusion(f"{len(ordered) - SHOWN} more", "older than these, newer than what was chosen")


def why_not(
    name: str,
    version: Version,
    files: list[OfferedFile],
    needs: Needs,
    asked: list[str],
    grounds: Grounds,
) -> str:
    """What excludes a release: the first that does of what can be seen."""
    young = next((one.because for package, one in grounds.ruled_out if package == name and one.what == str(version)), None)
    if young is not None:
        return young
    if all(file.yanked for file in files):
        return "it was withdrawn (yanked)"
    if version.is_prerelease and not grounds.prereleases:
        return "it is a pre-release (--pre takes those)"
    python = grounds.fits.python
    if not any(_allows(file.requires_python, python) for file in files):
        return f"it needs Python {files[0].requires_python}, and this is {python}"
    if not any(grounds.fits.accepts(file) for file in files):
        return f"it has no wheel for Python {python.major}.{python.minor} on this platform"
    for line in asked:
        requirement = parse_need(line) if _names(line) == name else None
        if requirement is not None and not requirement.specifier.contains(version, prereleases=True):
            return f"what is asked for is {line}"
    for who, spec in needs:
        if not spec.contains(version, prereleases=True):
            return f"{who} asks for {spec}"
    bound = grounds.bounds.get(name)
    if bound is not None and not bound.contains(version, prereleases=True):
        return f"a constraints file asks for {bound}"
    if grounds.keeps:
        return "what is there serves (--prefer minimal-change)"
    return "no requirement seen here excludes it; the package manager did not take it, for what it needs in turn"


def _needs_of(name: str, downloads: tuple[Download, ...]) -> Iterator[tuple[str, SpecifierSet]]:
    """Who of the resolved packages asks for a package, and in which versions."""
    for other in downloads:
        for line in () if isinstance(other.needs, Unknown) else other.needs:
            requirement = parse_need(line)
            if requirement is not None and canonicalize_name(requirement.name) == name:
                yield f"{other.name} {other.version}", requirement.specifier


def _names(line: str) -> str:
    requirement = parse_need(line)
    return canonicalize_name(requirement.name) if requirement is not None else ""


def _allows(requires_python: str | None, python: Version) -> bool:
    try:
        return not requires_python or SpecifierSet(requires_python).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True
