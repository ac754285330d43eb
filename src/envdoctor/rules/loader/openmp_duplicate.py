"""The rule openmp-duplicate."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.libraries import OpenMpRuntime
from envdoctor.rules.asking import environment
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed

_CHECKING = ("llvm", "intel")
"""Runtimes that stop the program when they meet a second copy of themselves; they are one code."""


@rule(Severity.WARNING)
def openmp_duplicate(case: Case) -> Iterator[Finding]:
    """An environment holds several copies of the LLVM or Intel OpenMP runtime.

    What it checks
        Files of libomp and libiomp5 that packages bring along, and conda's own. Several libgomp are usual and harmless: the
        wheels of torch, scikit-learn and NumPy each carry a renamed one.

    Why it matters
        Once a process loads two of them it ends with "OMP: Error #15: Initializing libiomp5, but found libomp already
        initialized", or threads wait for each other.

    How to fix
        Take the packages from one source, all from conda or all from pip, so that they share one runtime.
        KMP_DUPLICATE_LIB_OK=TRUE silences the check, at the risk of wrong results.

    References
        https://github.com/joblib/threadpoolctl/blob/master/multiple_openmp.md
        https://scikit-learn.org/stable/faq.html
    """
    runtimes = need(environment(case).openmp)
    if not runtimes:
        raise skip("no OpenMP runtime is in the environment")
    copies = [one for one in runtimes if one.family in _CHECKING]
    if len(copies) > 1:
        yield _found(copies)


def _found(copies: list[OpenMpRuntime]) -> Finding:
    owners = tuple(dict.fromkeys(one.owner for one in copies if one.owner))
    return Finding(
        title=f"{len(copies)} copies of the LLVM or Intel OpenMP runtime are in this environment",
        detail=f"{listed(one.path for one in copies)}. A program that loads two of them stops with OMP: Error #15.",
        evidence=tuple(evidence("environment.openmp", one.path, one.owner or one.path) for one in copies),
        fixes=(
            Fix(
                "Take the packages that bring them from one source",
                text=f"Install {listed(owners) or 'them'} all with conda or all with pip, in a new environment.",
            ),
        ),
        confidence=Confidence.LIKELY,
    )
