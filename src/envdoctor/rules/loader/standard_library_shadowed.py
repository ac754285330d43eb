"""The rule standard-library-shadowed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import known, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.libraries import EnvironmentFault
from envdoctor.rules.asking import environment
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed


@rule(Severity.WARNING)
def standard_library_shadowed(case: Case) -> Iterator[Finding]:
    """A module has the name of one of the standard library's.

    What it checks
        Modules in site-packages and in the folders of PYTHONPATH against the names in this interpreter's standard library.

    Why it matters
        Folders on PYTHONPATH come before the standard library: every `import random` in every program then gets the wrong
        module. In site-packages the module is dead until a program puts that folder first; old backports (enum34, typing,
        dataclasses, pathlib) break installers and packagers in this way.

    How to fix
        Rename the module, or uninstall the backport: this Python has it built in.

    References
        https://docs.python.org/3/library/sys_path_init.html
    """
    sites = need(environment(case).site_packages)
    paths = known(case.facts.variables, {}).get("PYTHONPATH", "").replace(";", ":").split(":")
    ahead = {path.rstrip("/") for path in paths if path}
    for fault in need(environment(case).faults):
        if fault.kind == "shadows-standard-library":
            yield _found(fault, is_ahead=fault.source in ahead or fault.source not in sites)


def _found(fault: EnvironmentFault, *, is_ahead: bool) -> Finding:
    names = listed(path.rpartition("/")[2] for path in fault.paths)
    where = "comes before the standard library" if is_ahead else "comes after the standard library, so that it is not used"
    return Finding(
        title=f"{names} in {fault.source} {'takes' if fault.count == 1 else 'take'} the name of a standard module",
        detail=f"{listed(fault.paths)}: the folder {where}. {_consequence(is_ahead=is_ahead)}",
        evidence=tuple(evidence("environment.faults", path, fault.source) for path in fault.paths),
        fixes=(Fix("Rename or remove it", text="Uninstall the package if it is a backport; rename the file if it is yours."),),
        severity=Severity.WARNING if is_ahead else Severity.INFO,
    )


def _consequence(*, is_ahead: bool) -> str:
    if is_ahead:
        return "Every program that imports the standard module gets this one."
    return "Programs that put this folder first get it, and so do some installers and packagers."
