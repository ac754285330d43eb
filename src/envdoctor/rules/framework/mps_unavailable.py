"""The rule mps-unavailable."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import framework
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import titled


@rule(Severity.ERROR)
def mps_unavailable(case: Case) -> Iterator[Finding]:
    """Torch's GPU backend for Macs (MPS) does not work on this macOS.

    What it checks
        On Apple silicon: the macOS version that MPS of the installed torch release needs. The wheel may install on older ones.

    Why it matters
        torch.backends.mps.is_available() is False, and everything runs on the processor.

    How to fix
        Update macOS, or install the last torch release whose MPS works on this one.

    References
        https://docs.pytorch.org/docs/stable/notes/mps.html
        https://github.com/pytorch/pytorch/pull/159912
    """
    os = need(case.facts.os)
    if need(os.system) != "macos":
        raise skip("this is about macOS")
    torch = framework(case, "torch")
    if need(os.machine) != "arm64":
        raise skip("Intel Macs have no MPS to speak of")
    from envdoctor.knowledge.torch import mps_floor

    floor = need(mps_floor(case.knowledge, need(torch.version)))
    if floor is None:
        raise skip("this torch is older than MPS")
    here = _parse(need(os.version))
    if here >= floor.macos:
        return
    if floor.unsure_from is not None and here >= floor.unsure_from:
        raise Undecided(f"sources disagree whether MPS of {titled(torch)} works on macOS {here} ({floor.source})")
    yield Finding(
        title=f"MPS of {titled(torch)} needs macOS {floor.macos}, and this is {here}",
        detail=f"macOS is {here}; {floor.macos} or newer is wanted ({floor.source}). torch runs on the processor only.",
        evidence=(
            evidence("os.version", here, os.source),
            evidence("frameworks[torch].version", torch.version, torch.source),
        ),
        fixes=(
            _older_torch(case, here),
            Fix(f"Or update macOS to {floor.macos} or newer", text="System Settings, Software Update."),
        ),
    )


def _parse(text: str | None) -> Version:
    try:
        return Version(text or "")
    except InvalidVersion:
        raise Undecided(f"the macOS version {text!r} cannot be read") from None


def _older_torch(case: Case, macos: Version) -> Fix:
    """The newest torch whose MPS works here, and that has a wheel for this Python and macOS."""
    from envdoctor.knowledge.choosing import newest_first
    from envdoctor.knowledge.frameworks import releases
    from envdoctor.rules.building import companion_lines
    from envdoctor.rules.places import place_of, refused_by_wheel

    place = place_of(case)
    for one in newest_first(releases(case.knowledge, "torch", "macos-arm64")):
        if place is not None and refused_by_wheel(place, one) is None and _works(case, one.version, macos):
            lines = (one.requirement, *companion_lines(case, one))
            return Fix(f"Install torch {one.version}, the last whose MPS works here", safe=True, packages=lines)
    return Fix(
        "Make an environment with an older Python",
        text=f"No torch whose MPS works on macOS {macos} has a wheel for this Python: envdoctor install PROFILE --env DIR "
        "--python X.Y",
    )


def _works(case: Case, torch: Version, macos: Version) -> bool:
    """Whether the MPS of a release is known to work on a macOS."""
    from envdoctor.knowledge.torch import MpsFloor, mps_floor

    floor = mps_floor(case.knowledge, torch)
    return isinstance(floor, MpsFloor) and floor.macos <= macos
