"""The rule dependency-conflict."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from envdoctor.model.facts import PythonEnvironment
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import environment, packages
from envdoctor.rules.curing import fix_range
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.framework.jax_plugin_mismatch import PLUGINS
from envdoctor.rules.package.torch_companion_mismatch import COMPANIONS
from envdoctor.rules.requirements import Unmet, combined_range, refuses_numpy2, unmet_requirements
from envdoctor.rules.tabled_requirements import is_sure, unmet_by_tables
from envdoctor.rules.wording import listed, shown, titled

FRAMEWORKS = frozenset(
    {"torch", "tensorflow", "jax", "jaxlib", "keras", "transformers", "onnxruntime", "onnxruntime-gpu", "vllm"}
)

DISTRIBUTIONS_OWN = "/usr/lib/python3/dist-packages/"
"""Where Debian and Ubuntu put their own packages, and leave out on purpose what a part of a package alone would need."""
JAX_PARTS = frozenset({"jaxlib", *PLUGINS})


@rule(Severity.WARNING)
def dependency_conflict(case: Case) -> Iterator[Finding]:
    """An installed package requires a version of another one that is not installed.

    What it checks
        Every requirement in the metadata of installed packages, with its conditions evaluated for this interpreter, as
        `pip check` does; also what a release is known to need and does not state (MXNet and NumPy). What has a rule of its
        own (torch's companions, cuDNN, protobuf, NumPy 2) is left to that.

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
    wrong: dict[str, list[Unmet]] = {}
    missing: dict[str, list[Unmet]] = {}
    doubt: Undecided | None = None
    try:
        for requirement in chain(unmet_by_tables(case, found), unmet_requirements(case.facts, found)):
            if requirement.installed is None and requirement.demander.path.startswith(DISTRIBUTIONS_OWN):
                continue
            if requirement.installed is None:
                missing.setdefault(requirement.demander.name, []).append(requirement)
            elif not _has_own_rule(requirement):
                wrong.setdefault(requirement.name, []).append(requirement)
    except Undecided as undecided:
        doubt = undecided
    yield from (_wrong(case, found, name, requirements) for name, requirements in wrong.items())
    yield from (_missing(found, requirements) for requirements in missing.values())
    if doubt is not None:
        raise doubt


def _has_own_rule(unmet: Unmet) -> bool:
    """Whether torch-companion-mismatch, jax-plugin-mismatch, cudnn-mismatch, protobuf-conflict or numpy2-abi speak of it."""
    if unmet.name == "torch":
        return unmet.demander.name in COMPANIONS
    if unmet.name == "triton":
        return unmet.demander.name == "torch"
    if unmet.name in JAX_PARTS:
        return unmet.demander.name == "jax"
    if unmet.name == "numpy":
        return unmet.installed is not None and unmet.installed.major >= 2 and not unmet.source and refuses_numpy2(unmet.specifier)
    return unmet.name == "protobuf" or unmet.name.startswith("nvidia-cudnn-")


def _wrong(case: Case, environment: PythonEnvironment, name: str, unmet: list[Unmet]) -> Finding:
    """One package, of a version that others do not accept."""
    installed = shown(unmet[0].installed)
    wants = listed(f"{titled(one.demander)} requires {name}{one.specifier}" for one in unmet)
    return Finding(
        title=f"{name} {installed} is installed, which does not fit {listed(dict.fromkeys(one.demander.name for one in unmet))}",
        detail=f"{wants}; {name} {installed} is installed. What requires it may fail on import or later.",
        evidence=(evidence(f"packages[{name}].version", installed, "package metadata"), *map(_proof, unmet)),
        fixes=(fix_range(environment, name, unmet),),
        severity=_severity(unmet),
        confidence=Confidence.CERTAIN if any(is_sure(case, one) for one in unmet) else Confidence.LIKELY,
    )


def _missing(environment: PythonEnvironment, unmet: list[Unmet]) -> Finding:
    """One package, whose requirements are not installed."""
    demander = unmet[0].demander
    names = list(dict.fromkeys(one.name for one in unmet))
    ranges = {one.name: combined_range(environment, one.name) or one.specifier for one in unmet}
    return Finding(
        title=f"{demander.name} needs {listed(names)}, which {'is' if len(names) == 1 else 'are'} not installed",
        detail=f"{titled(demander)} requires {listed(f'{one.name}{one.specifier}' for one in unmet)}; "
        "nothing of that is installed. It may fail on import or later.",
        evidence=tuple(map(_proof, unmet)),
        fixes=(Fix(f"Install what {demander.name} needs", safe=True, packages=tuple(f"{name}{ranges[name]}" for name in names)),),
        severity=_severity(unmet),
    )


def _proof(unmet: Unmet) -> Evidence:
    source = unmet.source or unmet.demander.source
    return evidence(f"packages[{unmet.demander.name}].requires", f"{unmet.name}{unmet.specifier}", source)


def _severity(unmet: list[Unmet]) -> Severity:
    """By tables alone, another CUDA library than torch pins is a warning: newer ones of a major version mostly serve it."""
    counting = (one for one in unmet if not (one.source and one.name.startswith("nvidia-")))
    return Severity.ERROR if any(one.demander.name in FRAMEWORKS for one in counting) else Severity.WARNING
