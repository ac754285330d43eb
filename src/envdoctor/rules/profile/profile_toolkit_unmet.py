"""The rule profile-toolkit-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import CudaToolkit, Unknown, known, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.ranges import range_text
from envdoctor.model.unknown import Undecided
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked_range, contains, unmet
from envdoctor.rules.wording import listed

CURE = Fix(
    "Install a CUDA toolkit in the range",
    text="From NVIDIA's repository for your distribution (the package cuda-toolkit-12-8, for one), or in a conda environment "
    "(cuda-toolkit). Then point CUDA_HOME at it.",
)


@rule(Severity.ERROR, for_profile=True)
def profile_toolkit_unmet(case: Case) -> Iterator[Finding]:
    """No CUDA toolkit with nvcc is on the machine in a version that the profile asks for.

    What it checks
        The CUDA toolkits that hold nvcc against the profile's `toolkit`; one that fits is enough, on PATH or not.

    Why it matters
        Extensions and kernels are compiled with it. Frameworks themselves bring their own CUDA and need none.

    How to fix
        Install a toolkit of that version; several may stand side by side, and CUDA_HOME says which one is used.

    References
        https://docs.nvidia.com/cuda/cuda-installation-guide-linux/
    """
    wanted = asked_range(case, "toolkit")
    toolkits = need(case.facts.toolkits)
    if any(_fits(toolkit) and contains(wanted, need(toolkit.version)) for toolkit in toolkits if not _is_unsure(toolkit)):
        return
    if any(_is_unsure(toolkit) for toolkit in toolkits):
        raise Undecided("of a CUDA toolkit it is not known which version it is, or whether it holds nvcc")
    found = listed(f"{known(toolkit.version, '?')}{'' if _fits(toolkit) else ' without nvcc'}" for toolkit in toolkits)
    proof = tuple(evidence("toolkits[].version", toolkit.version, toolkit.source or toolkit.path) for toolkit in toolkits)
    yield unmet(
        case, "a CUDA toolkit", range_text(wanted), f"toolkit {found}" if found else "no toolkit with nvcc",
        "Nothing can be compiled for the GPU.", proof or (evidence("toolkits", "none", "CUDA_HOME, PATH, /usr/local"),), (CURE,),
    )  # fmt: skip


def _fits(toolkit: CudaToolkit) -> bool:
    return toolkit.has_nvcc is True


def _is_unsure(toolkit: CudaToolkit) -> bool:
    return isinstance(toolkit.version, Unknown) or isinstance(toolkit.has_nvcc, Unknown)
