"""The rule mixed-pip-conda."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envdoctor.model.facts import Package, Unknown, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.record import derived
from envdoctor.rules.asking import environment, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import shown

TWICE = "two metadata folders"
"""What a package's fault says where two lie side by side."""


@rule(Severity.WARNING)
def mixed_pip_conda(case: Case) -> Iterator[Finding]:
    """A package is installed twice in this environment, once by conda and once by pip.

    What it checks
        In a conda environment: packages that both conda and another installer own.

    Why it matters
        The two write into the same folder. Which version is imported depends on the order of installs, and the next conda
        update breaks the one that pip brought.

    How to fix
        Keep one of the two: remove the pip copy and reinstall with conda, or the other way round.

    References
        https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#using-pip-in-an-environment
    """
    installed, found = packages(case), environment(case)
    installers = derived(found, "installers", lambda: {one.installer for one in installed if isinstance(one.installer, str)})
    if found.kind != "conda" and "conda" not in installers:
        raise skip("this is not a conda environment")
    owners: dict[str, list[Package]] = {}
    for package in installed:
        owners.setdefault(package.name, []).append(package)
    for name, copies in owners.items():
        if is_mixed(copies):
            yield _found(found.prefix, name, copies)


def is_mixed(copies: Iterable[Package]) -> bool:
    """Whether conda and another installer both own a package."""
    installers = {package.installer for package in copies if isinstance(package.installer, str)}
    return "conda" in installers and len(installers) > 1


def _spec(copies: list[Package]) -> str:
    """The package as conda has it: in the version that its record says, so that nothing else has to move."""
    own = next(copy for copy in copies if copy.installer == "conda")
    return own.name if isinstance(own.version, Unknown) else f"{own.name}={own.version}"


def _found(prefix: str, name: str, copies: list[Package]) -> Finding:
    uninstall = ("python", "-m", "pip", "uninstall", "--yes", name)
    twice = any(TWICE in (copy.fault or "") for copy in copies)
    versions = ", ".join(f"{shown(copy.version)} by {copy.installer}" for copy in copies)
    return Finding(
        title=f"{name} is installed by conda and by pip",
        detail=f"{name}: {versions}. One copy is wanted; which one is imported is chance.",
        evidence=tuple(evidence(f"packages[{name}].installer", copy.installer, copy.path or copy.source) for copy in copies),
        fixes=(
            Fix(
                "Keep conda's copy",
                commands=(
                    *((uninstall, uninstall) if twice else (uninstall,)),
                    ("conda", "install", "--yes", "--prefix", prefix, "--force-reinstall", _spec(copies)),
                ),
                text="pip removes one metadata folder at a time, and there are two." if twice else "",
            ),
        ),
    )
