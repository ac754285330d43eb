"""The rule profile-os-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import OperatingSystem, known, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.ranges import range_text
from envdoctor.model.unknown import Undecided
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, contains, nothing_asked, parse_version, unmet
from envdoctor.rules.wording import listed

NAMES = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
INSTEAD = Fix("Use a system that the profile is made for", text="`envdoctor profiles list` shows the profiles for other systems.")


@rule(Severity.ERROR, for_profile=True)
def profile_os_unmet(case: Case) -> Iterator[Finding]:
    """The operating system is not one that the profile is made for.

    What it checks
        System, distribution and version against the profile's `os`. A distribution also counts through the one that it
        descends from (ID_LIKE in /etc/os-release); inside WSL the system is Linux.

    Why it matters
        The packages of a profile exist for some systems only: no TensorFlow with CUDA for Windows, no CUDA for macOS.

    How to fix
        Take the profile that is made for this system, or the system that the profile is made for (on Windows often WSL2).

    References
        https://www.freedesktop.org/software/systemd/man/latest/os-release.html
    """
    profile = asked(case)
    if not (profile.systems or profile.distributions or len(profile.os_version)):
        raise nothing_asked(case, "operating system")
    os = need(case.facts.os)
    system = need(os.system)
    name = known(os.name, NAMES.get(system, system))
    proof = (evidence("os", f"{name} ({system})", os.source),)
    if profile.systems and system not in profile.systems:
        wanted = listed((NAMES[one] for one in profile.systems), "or")
        yield unmet(case, "the system", wanted, name, "Its packages are not made for this one.", proof, (INSTEAD,))
        return
    if profile.distributions and not _descends(os, profile.distributions):
        wanted = listed(profile.distributions, "or")
        yield unmet(case, "the distribution", wanted, name, "It was put together for another one.", proof, (INSTEAD,))
    if len(profile.os_version):
        version = need(os.version)
        if version is None:
            raise Undecided(f"{name} has no version")
        if not contains(profile.os_version, parse_version(version, "the version of the system")):
            wanted = range_text(profile.os_version)
            yield unmet(
                case, f"{NAMES.get(system, system)} version", wanted, version, "Its packages need that.", proof, (INSTEAD,)
            )


def _descends(os: OperatingSystem, wanted: tuple[str, ...]) -> bool:
    own = need(os.id)
    return own in wanted or any(parent in wanted for parent in os.id_like)
