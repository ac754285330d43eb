"""The rule package-files-missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import known, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.libraries import EnvironmentFault
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import environment
from envdoctor.rules.declaring import evidence, rule

_SPARED = r"(^|/)(tests?|docs?|examples?|man|man\d)/|\.(md|rst|txt|pyi|h|hpp|cuh|pc|cmake)$"


@rule(Severity.ERROR)
def package_files_missing(case: Case) -> Iterator[Finding]:
    """Files of an installed package are gone.

    What it checks
        Packages of which only the metadata is left. With --deep: every file that a package's RECORD lists, and packages
        without a RECORD. Where only tests, manuals or headers are gone it is a warning.

    Why it matters
        pip takes the package for installed and does not install it again, while importing it fails or gives an empty module.

    How to fix
        Install the package again: with --force-reinstall where files are gone, and with --ignore-installed where the RECORD is,
        since pip refuses to remove what it has no list of.

    References
        https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    faults = need(environment(case).faults)
    if not need(environment(case).packages):
        raise skip("no packages are installed")
    for fault in faults:
        if fault.kind == "missing-files":
            gone = "a part of it is" if fault.count == 1 else f"{fault.count} of its files are"
            yield _found(case, fault, f"{gone} not there: {', '.join(fault.paths[:3])}")
        elif fault.kind == "missing-record":
            yield _found(case, fault, "its list of files (RECORD) is not there, so that it cannot be removed cleanly")
    for fault in faults:
        if fault.kind == "unread-record":
            raise Undecided(f"{fault.packages[0]}: {fault.paths[0]}")


def _found(case: Case, fault: EnvironmentFault, what: str) -> Finding:
    name = fault.packages[0]
    package = known(environment(case).package(name), None)
    version = f"=={package.version}" if package is not None and known(package.version, None) is not None else ""
    option = "--ignore-installed" if fault.kind == "missing-record" else "--force-reinstall"
    return Finding(
        title=f"{name} is installed only in part",
        detail=f"The metadata of {name} says that it is installed; {what}.",
        evidence=(evidence(f"environment.faults[{name}]", ", ".join(fault.paths), fault.source),),
        fixes=(
            Fix(
                f"Install {name} again",
                commands=(("python", "-m", "pip", "install", option, "--no-deps", f"{name}{version}"),),
            ),
        ),
        severity=Severity.ERROR if _may_break(fault) else Severity.WARNING,
    )


def _may_break(fault: EnvironmentFault) -> bool:
    """Whether files are gone that importing the package may need; people leave tests and manuals out to save room."""
    if fault.kind != "missing-files":
        return False
    return fault.count > len(fault.paths) or not all(re.search(_SPARED, path) for path in fault.paths)
