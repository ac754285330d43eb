"""The rule profile-figures-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.declaring import rule
from envdoctor.rules.profile._asked import asked, nothing_asked
from envdoctor.rules.wording import listed


@rule(Severity.ERROR, for_profile=True)
def profile_figures_unmet(case: Case) -> Iterator[Finding]:
    """The profile asks for figures that must be measured.

    What it checks
        Nothing by itself: how fast a disk reads or a GPU multiplies (`disk.read_mb_per_s`, `gpu.bf16_tflops`, ...) is not to be
        seen by looking. Where the profile asks for such figures, this rule says that they are undecided; it never passes.

    Why it matters
        A check that stayed silent would look as if the machine were fast enough.

    How to fix
        `envdoctor bench PROFILE` measures what the profile asks for, within a minute, and judges it.

    References
        https://www.cs.virginia.edu/stream/ref.html
    """
    figures = asked(case).figures
    if not figures:
        raise nothing_asked(case, "speed of the hardware")
    wanted = listed([f"{key} {bounds}" for key, bounds in figures])
    raise Undecided(f"{wanted}: measured by `envdoctor bench {asked(case).word}`")
    yield
