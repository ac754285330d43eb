"""The rule python-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Interpreter, Package, Unknown, need
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import interpreter, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.listed_wheels import listed_wheels, python_name
from envdoctor.rules.requirements import meets
from envdoctor.rules.wheel_tags import pythons, short, tags_of
from envdoctor.rules.wording import listed, shown


@rule(Severity.ERROR, explains=("dependency-conflict", "profile-python-unmet"))
def python_unsupported(case: Case) -> Iterator[Finding]:
    """An installed package was not made for this environment's Python.

    What it checks
        The CPython release in the tags of installed wheels, and the Python that their metadata requires, against the
        interpreter of the environment. Where a framework's tags are not known (a pasted report), the Pythons that the
        package index has wheels of that release for.

    Why it matters
        Compiled modules are tied to one Python release: with another one the import fails ("No module named
        'torch._C'"). It happens when a base Python was upgraded under an environment, or folders were copied.

    How to fix
        Make a new environment with a Python that the packages support.

    References
        https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
        https://docs.python.org/3/library/venv.html
    """
    installed = packages(case)
    python = interpreter(case)
    version = need(python.version)
    wrong = [package for package in installed if (made := pythons(tags_of(package))) and short(version) not in made]
    if wrong and need(python.implementation) == "cpython":
        made_for = listed(dict.fromkeys(one for package in wrong for one in pythons(tags_of(package))))
        proofs = [evidence(f"packages[{one.name}].tags", one.tags, one.source) for one in wrong[:8]]
        yield _found(python, wrong, proofs, f"Python {made_for}")
    named = {package.name for package in wrong}
    ranges: dict[str, list[Package]] = {}
    name = python_name(python) if python.implementation == "cpython" else None
    for package in installed:
        if package.name in named:
            continue
        offered = listed_wheels(case, package) if name is not None else None
        if offered is None or not offered.wheels or name is None:
            if asked := _unmet_range(version, package):
                ranges.setdefault(asked, []).append(package)
        elif not offered.fits(name):
            proof = evidence(f"packages[{package.name}].pythons", offered.pythons, offered.source)
            yield _found(python, [package], [proof], f"Python {listed(offered.pythons, 'or')}", Confidence.LIKELY)
    for asked, packages_of_range in ranges.items():
        proofs = [evidence(f"packages[{one.name}].requires_python", asked, one.source) for one in packages_of_range[:8]]
        yield _found(python, packages_of_range, proofs, f"Python {asked}")


def _unmet_range(version: Version, package: Package) -> str:
    """The Pythons that a package requires, where this one is none of them; empty where it is, or nothing is required."""
    asked = package.requires_python
    if asked is None or isinstance(asked, Unknown):
        return ""
    try:
        return "" if meets(version, asked) else asked
    except Undecided:  # an unreadable range is the package's own fault, not this environment's
        return ""


def _found(
    python: Interpreter, wrong: list[Package], proofs: list[Evidence], wanted: str, confidence: Confidence = Confidence.CERTAIN
) -> Finding:
    names = [package.name for package in wrong]
    return Finding(
        title=f"{listed(names[:4])}{' and others' if len(names) > 4 else ''} cannot run on Python {shown(python.version)}",
        detail=f"This environment has Python {shown(python.version)}; {wanted} is wanted by {len(names)} installed package(s). "
        "Importing them fails.",
        evidence=(evidence("environment.interpreter.version", python.version, python.source), *proofs),
        fixes=(
            Fix(
                f"Make a new environment with {wanted}",
                text="envdoctor install PROFILE --env DIR --python X.Y, or install the packages again for this Python.",
            ),
        ),
        confidence=confidence,
    )
