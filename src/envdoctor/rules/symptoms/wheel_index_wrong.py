"""The rule wheel-index-wrong."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def wheel_index_wrong(case: Case) -> Iterator[Finding]:
    """The package index that was given has no such wheel.

    What it checks
        pip's words when it finds nothing on PyTorch's own index, or is not pointed to it for a build with a suffix
        (`+cu118`).

    Why it matters
        Nothing is installed, or another build than the one that was meant.

    How to fix
        Use an index that exists for that release.

    References
        https://pytorch.org/get-started/previous-versions/
    """
    return only_messages(case)
