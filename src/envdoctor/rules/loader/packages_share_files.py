"""The rule packages-share-files."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import PythonEnvironment, known, need
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.libraries import EnvironmentFault
from envdoctor.rules.asking import environment
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import parse_line
from envdoctor.rules.wording import listed


@rule(Severity.WARNING)
def packages_share_files(case: Case) -> Iterator[Finding]:
    """Two installed packages own the same files, so that one has overwritten the other.

    What it checks
        The lists of files of packages that are known to install the same modules: the four OpenCV packages, TensorFlow and
        its variants, Triton's, faiss', Pillow's. NVIDIA's CUDA packages are a matter of cuda-libs-conflict.

    Why it matters
        What is there is a mixture in the order of installs. Uninstalling one of them deletes files of the other.

    How to fix
        Remove both, then install the one that is wanted.

    References
        https://pypi.org/project/opencv-python/
        https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    here = environment(case)
    for fault in need(here.faults):
        if fault.kind == "shared-files" and not fault.packages[0].startswith("nvidia-"):
            yield _found(here, fault)


def _found(here: PythonEnvironment, fault: EnvironmentFault) -> Finding:
    names = listed(fault.packages)
    shared = f"{fault.count} files, among them {listed(fault.paths[:2])}" if fault.count else "the same modules"
    present = f" The files there now are those of {fault.present}." if fault.present else ""
    return Finding(
        title=f"{names} overwrite each other",
        detail=f"Both install {shared}.{present} One of them is wanted; uninstalling either breaks the other.",
        evidence=tuple(evidence(f"packages[{name}].version", known_version(here, name), fault.source) for name in fault.packages),
        fixes=(_keep(here, fault),),
        confidence=Confidence.CERTAIN if fault.count else Confidence.LIKELY,
    )


def _keep(here: PythonEnvironment, fault: EnvironmentFault) -> Fix:
    """Remove all and install one again: the one that others require, else the one whose files are there."""
    required = [name for name in fault.packages if is_required(here, name)]
    kept = required[0] if required else fault.present or fault.packages[0]
    return Fix(
        f"Keep {kept} only",
        safe=True,
        remove=fault.packages,
        packages=(f"{kept}=={known_version(here, kept)}",),
        text="Removing one deletes files of both, so the kept one is installed again.",
    )


def is_required(here: PythonEnvironment, name: str) -> bool:
    """Whether an installed package requires another one."""
    for package in known(here.packages, ()):
        for line in known(package.requires, ()):
            parsed = parse_line(line) if name in line.lower() else None
            if parsed is not None and parsed[0] == name:
                return True
    return False


def known_version(here: PythonEnvironment, name: str) -> str:
    """The version of an installed package as text."""
    package = known(here.package(name), None)
    return str(package.version) if package is not None else "unknown"
