"""The rule profile-retired."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked


@rule(Severity.INFO)
def profile_retired(case: Case) -> Iterator[Finding]:
    """The profile is for old work only.

    What it checks
        Whether the profile carries a `retired` reason.

    Why it matters
        Its framework gets no more releases: no fixes, no newer Pythons, no newer GPUs.

    How to fix
        Start new work with another profile; keep this one to run, read or move what exists.

    References
        https://attic.apache.org/projects/mxnet.html
    """
    profile = asked(case)
    if profile.retired is None:
        raise skip(f"{profile.name} is for new work too")
    yield Finding(
        title=f"{profile.name} is for old work only",
        detail=profile.retired,
        evidence=(evidence("profile.retired", profile.retired, profile.path),),
        fixes=(Fix("Take another profile for new work", commands=(("envdoctor", "profiles", "list"),)),),
    )
