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
    """The torch releases before the first whose MPS asks for a newer macOS."""
    rows = case.knowledge.tables["torch"]["mps"]["rows"]
    first = next((row["from"] for row in rows if Version(row["macos"]) > macos), None)
    return Fix("Install the last torch whose MPS works here", safe=True, packages=(f"torch<{first}" if first else "torch",))
