"""The rule broken-package-metadata."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Package, Unknown
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import packages
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.WARNING)
def broken_package_metadata(case: Case) -> Iterator[Finding]:
    """An installed package's metadata is damaged: an install or removal was interrupted.

    What it checks
        Folders that an interrupted pip leaves behind (`~name`), packages without a readable version, two metadata folders
        for one package.

    Why it matters
        pip and programs then see a wrong version, or none; upgrades leave old files beside new ones.

    How to fix
        Remove the leftover folder, then install the package again.

    References
        https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    for package in packages(case):
        if why := _fault_of(package):
            yield _found(package, why)


def _fault_of(package: Package) -> str:
    if package.fault:
        return package.fault
    return f"its version is unknown ({package.version.reason})" if isinstance(package.version, Unknown) else ""


def _found(package: Package, why: str) -> Finding:
    name = package.name.lstrip("~-")
    return Finding(
        title=f"The metadata of {name} is damaged",
        detail=f"{package.path or name}: {why}. One complete metadata folder is wanted; pip cannot tell what is installed.",
        evidence=(evidence(f"packages[{package.name}]", why, package.source or package.path),),
        fixes=(
            Fix(
                f"Install {name} again",
                safe=False,
                commands=(("python", "-m", "pip", "install", "--force-reinstall", "--no-deps", name),),
                text=f"Delete leftover folders first ({package.path})." if package.path else "",
            ),
        ),
    )
