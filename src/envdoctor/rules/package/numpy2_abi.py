"""The rule numpy2-abi."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.numpy2 import Numpy2Floor, numpy2_floors
from envdoctor.model.facts import Package, need
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import environment, package
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import unmet_requirements
from envdoctor.rules.wording import shown, titled


@rule(Severity.ERROR)
def numpy2_abi(case: Case) -> Iterator[Finding]:
    """NumPy 2 is installed beside a package that was compiled for NumPy 1.

    What it checks
        With NumPy 2: packages whose metadata excludes it, and releases of well-known packages that came before NumPy 2.

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
    told: set[str] = set()
    for floor in numpy2_floors(case.knowledge, str(need(need(case.facts.os).system))):
        there = need(found.package(floor.package))
        if there is not None and need(there.version) < floor.first:
            told.add(there.name)
            yield _from_table(numpy, there, floor)
    for unmet in unmet_requirements(case.facts, found, on={"numpy"}):
        if unmet.demander.name not in told:
            proof = evidence(f"packages[{unmet.demander.name}].requires", f"numpy{unmet.specifier}", unmet.demander.source)
            yield _found(numpy, unmet.demander, f"requires numpy{unmet.specifier}", proof, Fix(
                "Install a NumPy that it accepts", safe=True, packages=(f"numpy{unmet.specifier}",)
            ), Confidence.CERTAIN)  # fmt: skip


def _from_table(numpy: Package, there: Package, floor: Numpy2Floor) -> Finding:
    proof = evidence(f"packages[{there.name}].version", there.version, there.source)
    fix = Fix("Install NumPy 1", safe=True, packages=("numpy<2",), text=f"Or {there.name} {floor.first} or newer.")
    why = f"was compiled for NumPy 1; the first release for NumPy 2 is {floor.first} ({floor.source})"
    return _found(numpy, there, why, proof, fix, Confidence.CERTAIN if floor.certain else Confidence.LIKELY)


def _found(numpy: Package, there: Package, why: str, proof: Evidence, fix: Fix, confidence: Confidence) -> Finding:
    return Finding(
        title=f"{titled(there)} does not run with NumPy {shown(numpy.version)}",
        detail=f"{titled(there)} {why}. NumPy {shown(numpy.version)} is installed; importing or using it fails.",
        evidence=(evidence("packages[numpy].version", numpy.version, numpy.source), proof),
        fixes=(fix,),
        confidence=confidence,
    )
