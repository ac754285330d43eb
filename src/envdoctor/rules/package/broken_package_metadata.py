"""The rule broken-package-metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import Package, Unknown
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.record import derived
from envdoctor.rules.asking import environment, packages
from envdoctor.rules.curing import deletion
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.package.mixed_pip_conda import TWICE, is_mixed
from envdoctor.rules.requirements import normalized
from envdoctor.rules.wording import listed


@rule(Severity.WARNING)
def broken_package_metadata(case: Case) -> Iterator[Finding]:
    """An installed package's metadata is damaged: an install or removal was interrupted.

    What it checks
        Folders that an interrupted pip leaves behind (`~name`), packages without a readable version, two metadata folders
        for one package (one by conda and one by pip are a matter of mixed-pip-conda).

    Why it matters
        pip and programs then see a wrong version, or none; upgrades leave old files beside new ones.

    How to fix
        Remove the leftover folder, then install the package again.

    References
        https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    found = packages(case)
    windows = not isinstance(case.facts.os, Unknown) and case.facts.os.system == "windows"
    faulty = derived(environment(case), "faulty", lambda: [(one, why) for one in found if (why := _fault_of(one))])
    for package, why in faulty:
        if TWICE in why and is_mixed(one for one in found if one.name == package.name):
            continue  # mixed-pip-conda speaks of that
        folder = package.path.rstrip("/").rpartition("/")[2]
        if folder.startswith("~"):
            yield _leftover(package, folder, found, windows)
        else:
            yield _damaged(package, folder, why, windows)


def _fault_of(package: Package) -> str:
    if package.fault:
        return package.fault
    return f"its version is unknown ({package.version.reason})" if isinstance(package.version, Unknown) else ""


def _leftover(package: Package, folder: str, installed: tuple[Package, ...], windows: bool) -> Finding:
    """Pip put `~` in the place of the first letter, which is all that is lost of the name."""
    rest = normalized(folder[1:].partition("-")[0])
    whole = [one.name for one in installed if one.name[1:] == rest and not _fault_of(one)]
    again = "" if whole else f" Then install the package again: its name is one letter and {rest!r}."
    return Finding(
        title=f"{folder} was left behind by an interrupted install",
        detail=f"{package.path} is what pip renamed in order to remove it, and did not come to remove. "
        + (f"{listed(whole)} is installed beside it." if whole else "The package itself may be gone, or half there."),
        evidence=(evidence(f"packages[{package.name}]", package.fault, package.source or package.path),),
        fixes=(Fix("Delete it", commands=(deletion(package.path, windows),), text=f"pip warns of it at every run.{again}"),),
        about=tuple(whole),
    )


def _damaged(package: Package, folder: str, why: str, windows: bool) -> Finding:
    stated = re.fullmatch(r".+?-(\d[^-]*)\.(?:dist|egg)-info", folder)
    line = f"{package.name}=={stated[1]}" if stated else package.name
    twice = TWICE in why
    text = "Uninstall it until pip says that it is not installed, then install it once." if twice else ""
    return Finding(
        title=f"The metadata of {package.name} is damaged",
        detail=f"{package.path or package.name}: {why}. One complete metadata folder is wanted; "
        "pip cannot tell what is installed.",
        evidence=(evidence(f"packages[{package.name}]", why, package.source or package.path),),
        fixes=(
            Fix(
                f"Install {package.name} again",
                packages=(line,),
                remove=(package.name,) if twice else (),
                commands=() if twice or not package.path else (deletion(package.path, windows),),
                text=text,
            ),
        ),
        about=(package.name,),
    )
