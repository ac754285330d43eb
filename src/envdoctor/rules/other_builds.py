"""The fix that installs another build of a framework; what chooses it is imported only where something is wrong."""

from __future__ import annotations

from envdoctor.model.facts import Framework
from envdoctor.model.findings import Case, Fix


def other_build(case: Case, framework: Framework, flavour: str = "cuda") -> Fix | None:
    """Install a build of that framework that runs here, on every GPU; None where none is known.

    A build of the installed release comes before newer releases.
    """
    from envdoctor.rules.building import find_other_build

    return find_other_build(case, framework, flavour)
