"""The rule host-compiler-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.cuda import newest_host_compiler
from envdoctor.model.facts import Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import on_linux
from envdoctor.rules.curing import distribution_commands
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.WARNING)
def host_compiler_unsupported(case: Case) -> Iterator[Finding]:
    """Nvcc does not accept this version of gcc.

    What it checks
        The gcc on PATH against the newest one that the default CUDA toolkit accepts.

    Why it matters
        Building CUDA code, extensions included, stops with "unsupported GNU version". Installed wheels are not touched.

    How to fix
        Install an older gcc beside the default one and name it with NVCC_CCBIN or CUDAHOSTCXX, or use a newer toolkit.

    References
        https://docs.nvidia.com/cuda/cuda-installation-guide-linux/index.html#host-compiler-support-policy
    """
    on_linux(case)
    toolkit = next((one for one in need(case.facts.toolkits) if one.is_default and one.has_nvcc is True), None)
    if toolkit is None:
        raise skip("no nvcc is the default")
    gcc = need(case.facts.tool("gcc"))
    if gcc is None:
        raise skip("there is no gcc")
    version, cuda = need(gcc.version), need(toolkit.version)
    if version is None:
        raise skip("gcc does not state a version")
    accepted = need(newest_host_compiler(case.knowledge, cuda, "gcc"))
    if version.major <= accepted.newest.major:
        return
    unsure = accepted.unsure_to
    if unsure is not None and not isinstance(unsure, Unknown) and version.major <= unsure.major:
        raise Undecided(f"whether CUDA {cuda} accepts gcc {version.major} is not certain")
    newest = accepted.newest.major
    yield Finding(
        title=f"nvcc of CUDA {cuda} does not accept gcc {version}",
        detail=f"gcc is {version}; {newest} is the newest that CUDA {cuda} accepts ({accepted.source}). "
        "Building CUDA code stops; installed packages work.",
        evidence=(
            evidence("tools[gcc].version", version, gcc.source),
            evidence("toolkits[default].version", cuda, toolkit.source),
        ),
        fixes=(_other_gcc(case, newest),),
        confidence=Confidence.CERTAIN if accepted.certain else Confidence.LIKELY,
    )


def _other_gcc(case: Case, major: int) -> Fix:
    """The gcc that nvcc accepts, beside the default one."""
    found = distribution_commands(case, "gcc", str(major))
    if found is None:
        text = f"conda has it as gxx_linux-64={major}; then export NVCC_CCBIN with the path of its g++, and CXX too."
        return Fix(f"Build with gcc {major}", text=text)
    text = f"Then export NVCC_CCBIN={found.hint} CXX={found.hint} before the build."
    return Fix(f"Build with gcc {major}", commands=found.argvs, text=text)
