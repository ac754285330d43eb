"""What the rules of this folder share: the profile, ranges for people, and a finding that says asked and found side by side."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import PythonEnvironment, skip
from envdoctor.model.findings import Case, Evidence, Finding, Fix
from envdoctor.model.profile import Profile
from envdoctor.model.ranges import VersionRange
from envdoctor.model.unknown import Undecided

TOLERANCE = 1 / 12
"""Memory is sold in round figures of which kernel, firmware or ECC keep a part: a T4 of 16 GB reports 14.8 GiB."""


def asked(case: Case) -> Profile:
    """The profile.

    Raises:
        Skipped: none was named.
    """
    if case.profile is None:
        raise skip("no profile was named")
    return case.profile


def asked_range(case: Case, demand: str) -> VersionRange:
    """The range that the profile asks for, by the name of its field.

    Raises:
        Skipped: it asks for none.
    """
    wanted: VersionRange = getattr(asked(case), demand)
    if not len(wanted):
        raise nothing_asked(case, demand.replace("_", " "))
    return wanted


def nothing_asked(case: Case, demand: str) -> Exception:
    """How a rule ends whose demand the profile does not make."""
    return skip(f"{asked(case).name} asks nothing of the {demand}")


def contains(wanted: VersionRange, version: Version) -> bool:
    """Whether a version lies in a range; pre-releases count, as they do for what is there."""
    return wanted.contains(version, prereleases=True)


def parse_version(text: str, what: str) -> Version:
    """A version that a system states as text.

    Raises:
        Undecided: it is no version.
    """
    try:
        return Version(text)
    except InvalidVersion:
        raise Undecided(f"{what} is {text!r}, which cannot be compared with a range") from None


def unmet(
    case: Case,
    what: str,
    wanted: str,
    found: str,
    follows: str,
    proof: tuple[Evidence, ...],
    fixes: tuple[Fix, ...],
    about: tuple[str, ...] = (),
) -> Finding:
    """A demand that is not met: asked and found side by side, what follows, and the next step."""
    demand = f"{what} {wanted}".strip()
    return Finding(
        title=f"{asked(case).name} asks for {demand}; here is {found}",
        detail=f"Asked: {demand}. Found: {found}. {follows}",
        evidence=proof,
        fixes=fixes,
        about=about,
    )


def install_profile(case: Case, why: str = "") -> Fix:
    """Let envdoctor plan and install what the profile asks for, into this environment or a new one."""
    profile = asked(case)
    environment = case.facts.environment
    here = ("--env", environment.prefix) if isinstance(environment, PythonEnvironment) and not why else ()
    return Fix(
        title=f"Install what {profile.name} asks for" if here else f"Install {profile.name} into a new environment",
        safe=bool(here),
        commands=(("envdoctor", "install", profile.word, *(here or ("--env", f"./{profile.name}"))),),
        text=why,
    )
