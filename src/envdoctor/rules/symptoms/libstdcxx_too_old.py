"""The rule libstdcxx-too-old."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def libstdcxx_too_old(case: Case) -> Iterator[Finding]:
    """The libstdc++ that the loader takes is older than a compiled package needs.

    What it checks
        Loader errors that name a missing GLIBCXX or CXXABI version.

    Why it matters
        A package that was compiled with a newer gcc does not load; conda environments and systems carry copies of
        different age.

    How to fix
        Let the newer copy be loaded: update libstdcxx-ng in conda, or remove the older copy from the environment.

    References
        https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html
    """
    return only_messages(case)
