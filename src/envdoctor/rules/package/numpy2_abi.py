"""The rule numpy2-abi."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.numpy2 import Numpy2Floor, numpy2_floors
from envdoctor.model.facts import Package, need
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.libraries import NumpyModule
from envdoctor.model.record import record
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import environment, package
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import Unmet, refuses_numpy2, unmet_requirements
from envdoctor.rules.wording import listed, shown, titled


@record
class _Refusal:
    """A package that does not take NumPy 2."""

    package: Package
    why: str
    proof: Evidence
    accepts: str
    """The range of NumPy that it takes."""
    newer: str = ""
    """From which release on it takes NumPy 2."""
    certain: bool = True


@rule(Severity.ERROR)
def numpy2_abi(case: Case) -> Iterator[Finding]:
    """NumPy 2 is installed beside a package that was compiled for NumPy 1.

    What it checks
        With NumPy 2: compiled modules that were built against the headers of NumPy 1, packages whose metadata excludes NumPy
        2, and releases of well-known packages that came before it.

    Why it matters
        Their compiled code fails: "A module that was compiled using NumPy 1.x cannot be run in NumPy 2", "numpy.dtype size
        changed", "Numpy is not available", `_ARRAY_API not found`.

    How to fix
        Install NumPy below 2, or a release of the package that was built for NumPy 2.

    References
        https://numpy.org/doc/stable/numpy_2_0_migration_guide.html
        https://numpy.org/doc/stable/dev/depending_on_numpy.html
    """
    numpy = package(case, "numpy")
    if need(numpy.version).major < 2:
        return
    found = environment(case)
    wrong: dict[str, _Refusal] = {}
    for floor in numpy2_floors(case.knowledge, str(need(need(case.facts.os).system))):
        there = need(found.package(floor.package))
        if there is not None and need(there.version) < floor.first:
            wrong[there.name] = _by_table(there, floor)
    for module in found.numpy_modules:  # the files have the last word on what they were compiled for
        there = need(found.package(module.package))
        if there is not None and module.major < 2:
            wrong[there.name] = _by_module(there, module, wrong.get(there.name))
        else:
            wrong.pop(module.package, None)
    doubt: Undecided | None = None
    try:
        for unmet in unmet_requirements(case.facts, found, on={"numpy"}):
            if refuses_numpy2(unmet.specifier):
                wrong.setdefault(unmet.demander.name, _by_metadata(unmet))
    except Undecided as undecided:
        doubt = undecided
    accepted = ",".join(dict.fromkeys(clause for one in wrong.values() for clause in one.accepts.split(",")))
    for sure in (True, False):
        some = [one for one in wrong.values() if one.certain is sure]
        if some:
            yield _found(numpy, some, accepted)
    if doubt is not None:
        raise doubt


def _by_table(there: Package, floor: Numpy2Floor) -> _Refusal:
    proof = evidence(f"packages[{there.name}].version", there.version, there.source)
    why = f"was compiled for NumPy 1; the first release for NumPy 2 is {floor.first} ({floor.source})"
    return _Refusal(there, why, proof, "<2", f"{there.name} {floor.first}", floor.certain)


def _by_module(there: Package, module: NumpyModule, known: _Refusal | None) -> _Refusal:
    proof = evidence(f"environment.numpy_modules[{there.name}]", f"built against NumPy {module.major}", module.path)
    why = f"was compiled for NumPy {module.major} ({module.path.rpartition('/')[2]})"
    return _Refusal(there, why, proof, "<2", known.newer if known else "")


def _by_metadata(unmet: Unmet) -> _Refusal:
    there = unmet.demander
    proof = evidence(f"packages[{there.name}].requires", f"numpy{unmet.specifier}", there.source)
    return _Refusal(there, f"requires numpy{unmet.specifier}", proof, unmet.specifier, certain=False)


def _found(numpy: Package, wrong: list[_Refusal], accepted: str) -> Finding:
    """What files or tables of files say is certain; a range in metadata may be more careful than the code inside."""
    sure = wrong[0].certain
    newer = [one.newer for one in wrong if one.newer]
    return Finding(
        title=f"{listed(titled(one.package) for one in wrong)} {'does' if len(wrong) == 1 else 'do'} not run with "
        f"NumPy {shown(numpy.version)}",
        detail=f"{'; '.join(f'{titled(one.package)} {one.why}' for one in wrong)}. NumPy {shown(numpy.version)} is installed; "
        + ("importing or using it fails." if sure else "importing or using it may fail."),
        evidence=(evidence("packages[numpy].version", numpy.version, numpy.source), *(one.proof for one in wrong)),
        fixes=(
            Fix(
                "Install a NumPy that they accept" if len(wrong) > 1 else "Install a NumPy that it accepts",
                safe=True,
                packages=(f"numpy{accepted}",),
                text=f"Or {listed(newer)} or newer." if newer else "",
            ),
        ),
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        about=tuple(one.package.name for one in wrong),
    )
