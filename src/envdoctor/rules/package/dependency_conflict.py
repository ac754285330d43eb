"""The rule dependency-conflict."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import PythonEnvironment
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import environment, packages
from envdoctor.rules.curing import fix_range
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.package.torch_companion_mismatch import COMPANIONS
from envdoctor.rules.requirements import Unmet, unmet_requirements
from envdoctor.rules.wording import listed, titled

FRAMEWORKS = frozenset(
    {"torch", "tensorflow", "jax", "jaxlib", "keras", "transformers", "onnxruntime", "onnxruntime-gpu", "vllm"}
)


@rule(Severity.WARNING)
def dependency_conflict(case: Case) -> Iterator[Finding]:
    """An installed package requires a version of another one that is not installed.

    What it checks
        Every requirement in the metadata of installed packages, with its conditions evaluated for this interpreter, as
        `pip check` does. What has a rule of its own (torch's companions, cuDNN, protobuf, NumPy 2) is left to that.

    Why it matters
        The package was not made for what is there. It may fail on import, or later and strangely.

    How to fix
        Install a version of the required package that all of them accept; where there is none, upgrade the one that demands it.

    References
        https://pip.pypa.io/en/stable/cli/pip_check/
        https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    """
    packages(case)
    found = environment(case)
    unmet: dict[str, list[Unmet]] = {}
    doubt: Undecided | None = None
    try:
        for requirement in unmet_requirements(case.facts, found):
            if not _has_own_rule(requirement):
                unmet.setdefault(requirement.name, []).append(requirement)
    except Undecided as undecided:
        doubt = undecided
    for name, requirements in unmet.items():
        yield _found(found, name, requirements)
    if doubt is not None:
        raise doubt


def _has_own_rule(unmet: Unmet) -> bool:
    """Whether torch-companion-mismatch, cudnn-mismatch, protobuf-conflict or numpy2-abi speak of it."""
    if unmet.installed is None:
        return False
    if unmet.name == "torch":
        return unmet.demander.name in COMPANIONS
    if unmet.name == "triton":
        return unmet.demander.name == "torch"
    if unmet.name == "numpy":
        return unmet.installed.major >= 2
    return unmet.name == "protobuf" or unmet.name.startswith("nvidia-cudnn-")


def _found(environment: PythonEnvironment, name: str, unmet: list[Unmet]) -> Finding:
    installed = unmet[0].installed
    wants = listed(f"{titled(one.demander)} requires {name}{one.specifier}" for one in unmet)
    serious = any(one.demander.name in FRAMEWORKS for one in unmet)
    state = f"{name} {installed} is installed" if installed else f"{name} is not installed"
    return Finding(
        title=f"{state}, which does not fit {listed(dict.fromkeys(one.demander.name for one in unmet))}"
        if installed
        else f"{listed(dict.fromkeys(one.demander.name for one in unmet))} needs {name}, which is not installed",
        detail=f"{wants}; {state}. What requires it may fail on import or later.",
        evidence=(
            evidence(f"packages[{name}].version", installed or "none", "package metadata"),
            *(
                evidence(f"packages[{one.demander.name}].requires", f"{name}{one.specifier}", one.demander.source)
                for one in unmet
            ),
        ),
        fixes=(fix_range(environment, name, unmet),),
        severity=Severity.ERROR if serious else Severity.WARNING,
    )
