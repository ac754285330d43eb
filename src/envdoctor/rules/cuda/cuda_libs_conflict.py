"""The rule cuda-libs-conflict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import Package, PythonEnvironment, Unknown, known, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.libraries import EnvironmentFault, part_of_cuda
from envdoctor.model.record import derived
from envdoctor.rules.asking import environment, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.loaded import foreign_findings
from envdoctor.rules.requirements import parse_line
from envdoctor.rules.stated_cuda import named_builds, other_toolkit
from envdoctor.rules.wording import listed, pinned, titled

OTHER_BUILD = "The name or version tells the CUDA: cupy-cuda12x, mxnet-cu112, paddlepaddle-gpu 2.6.2.post117."
_SAME_NAMES = frozenset({"cudnn", "nccl", "cusparselt", "nvshmem", "curand", "cusolver", "cufile"})
"""Components whose library has the same file name for several CUDA majors, so that two packages overwrite each other."""


@rule(Severity.ERROR)
def cuda_libs_conflict(case: Case) -> Iterator[Finding]:
    """The same CUDA library is installed for two versions of CUDA, one over the other.

    What it checks
        nvidia wheels of one component for more than one CUDA (-cu11, -cu12, -cu13, or without an ending) whose libraries
        have the same names in the same folder: by their lists of files, and of nvidia-cudnn, nvidia-nccl, nvidia-cusparselt,
        nvidia-nvshmem, nvidia-curand, nvidia-cusolver and nvidia-cufile without looking. Others carry the CUDA version in
        their file names and may stand side by side. And the files: CUDA libraries on LD_LIBRARY_PATH or in the system that
        the loader takes in the place of the wheels' own. In a report: whether the CUDA that it states is the one that a
        package loads from the system and has in its name (cupy-cuda12x, mxnet-cu112).

    Why it matters
        Whichever was installed last is loaded by every framework; uninstalling the other one deletes the files of both:
        "libcudnn.so.9: cannot open shared object file", cuDNN and NCCL errors at the first call.

    How to fix
        Keep one CUDA in an environment: remove the packages of the other, then install the kept ones again. Where both are
        required, install what requires one of them in a build for the other (jax[cuda13] for jax[cuda12], say).

    References
        https://pypi.org/project/nvidia-cudnn-cu12/
        https://pypi.org/project/nvidia-nccl-cu12/
    """
    libraries = environment(case).libraries
    yield from foreign_findings(libraries, is_cudnn=False)
    installed = packages(case)
    yield from _stated(case, installed)
    found = derived(environment(case), "shared wheels", lambda: _by_component(installed))
    if not found and libraries == ():
        raise skip("no nvidia wheels are installed")
    for component, copies in found.items():
        if len(copies) > 1 and _collide(environment(case), component, copies):
            yield _found(case, component, copies)
    need(libraries)


def _stated(case: Case, installed: tuple[Package, ...]) -> Iterator[Finding]:
    """Packages that load another CUDA from the system than the one that a text states."""
    for package, cuda in named_builds(installed):
        toolkit = other_toolkit(case, cuda)
        if toolkit is not None:
            yield Finding(
                title=f"{package.name} was built for CUDA {cuda}, and CUDA {toolkit.version} is there",
                detail=f"{titled(package)} loads the libraries of CUDA {cuda} from the system; the text states CUDA "
                f"{toolkit.version} only.",
                evidence=(
                    evidence(f"packages[{package.name}].version", package.version, package.source),
                    evidence("toolkits[0].version", toolkit.version, toolkit.source),
                ),
                fixes=(Fix("Install the build for the CUDA that is there, or that CUDA", text=OTHER_BUILD),),
                confidence=Confidence.POSSIBLE,
                severity=Severity.WARNING,
            )


def _by_component(installed: tuple[Package, ...]) -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = {}
    for package in installed:
        part = part_of_cuda(package.name)
        if part is not None:
            found.setdefault(part, []).append(package)
    return found


def _collide(environment: PythonEnvironment, component: str, copies: list[Package]) -> bool:
    """Whether the libraries of the copies have the same names: their lists of files say so, else what is known of them."""
    shared = _shared(environment, copies)
    if shared is None:
        return component in _SAME_NAMES and all(_is_marked(copy.name) for copy in copies)
    return any(".so" in path or path.endswith(".dll") for path in shared.paths)


def _is_marked(name: str) -> bool:
    """Whether a package's name tells its CUDA; those for CUDA 13 that do not lie in a folder of their own."""
    return re.search(r"-cu\d\d$", name) is not None


def _found(case: Case, component: str, copies: list[Package]) -> Finding:
    here = environment(case)
    demanders = {copy.name: _demanders(here, copy.name) for copy in copies}
    left_over = [copy for copy in copies if not demanders[copy.name]]
    kept = [copy for copy in copies if copy not in left_over] or copies[-1:]
    shared = _shared(here, copies)
    is_wrong = shared is not None and shared.present in {copy.name for copy in left_over}
    there = f" The files that are there now are those of {shared.present}." if shared is not None and shared.present else ""
    wants = listed(f"{name} for {listed(who)}" for name, who in demanders.items() if who)
    return Finding(
        title=f"{listed(copy.name for copy in copies)} overwrite each other",
        detail=f"{listed(f'{titled(copy)}' for copy in copies)} put the same files into "
        f"nvidia/{component.replace('-', '_')}; one is wanted"
        + (f" ({wants})" if wants else "")
        + "."
        + (there or " Which one is loaded is chance."),
        evidence=tuple(evidence(f"packages[{copy.name}].version", copy.version, copy.source) for copy in copies),
        fixes=(
            _keep(kept[0], [copy for copy in copies if copy is not kept[0]])
            if len(kept) == 1
            else _choose(case, demanders, kept),
        ),
        confidence=Confidence.LIKELY if left_over and shared is None else Confidence.CERTAIN,
        severity=Severity.WARNING if left_over and not is_wrong else Severity.ERROR,
    )


def _shared(environment: PythonEnvironment, copies: list[Package]) -> EnvironmentFault | None:
    """What the lists of files say of the copies; None where they say nothing."""
    names = {copy.name for copy in copies}
    faults = known(environment.faults, ())
    return next((one for one in faults if one.kind == "shared-files" and one.count and names >= set(one.packages)), None)


def _demanders(environment: PythonEnvironment, name: str) -> list[str]:
    """Installed packages that require a package."""
    found = []
    for package in () if isinstance(environment.packages, Unknown) else environment.packages:
        lines = () if isinstance(package.requires, Unknown) else package.requires
        if any(name in line and (parsed := parse_line(line)) is not None and parsed[0] == name for line in lines):
            found.append(package.name)
    return found


def _keep(kept: Package, others: list[Package]) -> Fix:
    return Fix(
        f"Keep {kept.name} only",
        safe=True,
        remove=tuple(copy.name for copy in (*others, kept)),
        packages=(pinned(kept),),
        text="The kept one must be installed again, because removing the other deletes shared files.",
    )


def _choose(case: Case, demanders: dict[str, list[str]], kept: list[Package]) -> Fix:
    """Other builds of what requires one of the two, where there are such."""
    from envdoctor.rules.one_cuda import one_cuda

    found = one_cuda(case, kept)
    if found is not None:
        return found
    names = listed(who for whos in demanders.values() for who in whos)
    return Fix(
        "Build the environment on one CUDA",
        text=f"Install builds of {names} for the same CUDA, or give each its own environment.",
    )
