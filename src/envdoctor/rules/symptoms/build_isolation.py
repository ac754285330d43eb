"""The rule build-isolation."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def build_isolation(case: Case) -> Iterator[Finding]:
    """A package's build cannot see the torch that is installed.

    What it checks
        A build that stops because torch, or another package that its setup imports, is not there, while pip builds it
        in an environment of its own.

    Why it matters
        pip makes an empty environment for each build and puts only what the package declares into it. flash-attn and
        many other extensions import torch in their setup without declaring it.

    How to fix
        Install torch and the build tools first, then build with `--no-build-isolation`.

    References
        https://pip.pypa.io/en/stable/reference/build-system/
    """
    return only_messages(case)
