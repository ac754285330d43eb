"""The rule python-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Interpreter, Package, Unknown, need
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.record import derived
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import environment, interpreter, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.listed_wheels import listed_wheels, python_name, untold_packages
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
    wrong, ranges = derived(environment(case), "of Pythons", lambda: _refusals(installed, version))
    if wrong and need(python.implementation) == "cpython":
        made_for = listed(dict.fromkeys(one for package in wrong for one in pythons(tags_of(package))))
        proofs = [evidence(f"packages[{one.name}].tags", one.tags, one.source) for one in wrong[:8]]
        yield _found(python, wrong, proofs, f"Python {made_for}")
    name = python_name(python) if python.implementation == "cpython" or isinstance(python.implementation, Unknown) else None
    listed_there: set[str] = set()
    for package in untold_packages(environment(case)) if name is not None else ():
        offered = listed_wheels(case, package)
        if offered is None or not offered.wheels or name is None:
            continue
        listed_there.add(package.name)
        if not offered.fits(name):
            proof = evidence(f"packages[{package.name}].pythons", offered.pythons, offered.source)
            sure = Confidence.POSSIBLE if isinstance(python.implementation, Unknown) else Confidence.LIKELY
            yield _found(python, [package], [proof], f"Python {listed(offered.pythons, 'or')}", sure)
    for asked, refusing in ranges.items():
        if left := [one for one in refusing if one.name not in listed_there]:
            proofs = [evidence(f"packages[{one.name}].requires_python", asked, one.source) for one in left[:8]]
            yield _found(python, left, proofs, f"Python {asked}", Confidence.LIKELY)


def _refusals(installed: tuple[Package, ...], version: Version) -> tuple[list[Package], dict[str, list[Package]]]:
    """The packages whose tags are for other Pythons, and of the others those that require another, by the range."""
    here = short(version)
    wrong = [one for one in installed if (tags := tags_of(one)) and (made := pythons(tags)) and here not in made]
    named = {package.name for package in wrong}
    asked = {one.requires_python for one in installed if isinstance(one.requires_python, str)}
    unmet = {range_ for range_ in asked if not _fits(version, range_)}
    ranges: dict[str, list[Package]] = {}
    for one in installed:
        if isinstance(one.requires_python, str) and one.requires_python in unmet and one.name not in named:
            ranges.setdefault(one.requires_python, []).append(one)
    return wrong, ranges


def _fits(version: Version, asked: str) -> bool:
    try:
        return meets(version, asked)
    except Undecided:  # an unreadable range is the package's own fault, not this environment's
        return True


def _found(
    python: Interpreter, wrong: list[Package], proofs: list[Evidence], wanted: str, confidence: Confidence = Confidence.CERTAIN
) -> Finding:
    names = [package.name for package in wrong]
    sure = confidence is Confidence.CERTAIN
    return Finding(
        title=f"{listed(names[:4])}{' and others' if len(names) > 4 else ''} cannot run on Python {shown(python.version)}",
        detail=f"This environment has Python {shown(python.version)}; {wanted} is wanted by {len(names)} installed package(s). "
        + ("Importing them fails." if sure else "Importing them may fail."),
        evidence=(evidence("environment.interpreter.version", python.version, python.source), *proofs),
        fixes=(
            Fix(
                f"Make a new environment with {wanted}",
                text="envdoctor install PROFILE --env DIR --python X.Y, or install the packages again for this Python.",
            ),
        ),
        confidence=confidence,
        severity=Severity.WARNING if confidence is Confidence.POSSIBLE else None,
    )
