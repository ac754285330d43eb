"""The rule nvcc-torch-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import CudaToolkit, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import framework
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import titled


@rule(Severity.INFO)
def nvcc_torch_mismatch(case: Case) -> Iterator[Finding]:
    """The default CUDA toolkit is of another major version than torch's CUDA.

    What it checks
        The toolkit that CUDA_HOME or PATH leads to against the CUDA that torch was built with, by major version.

    Why it matters
        Running torch is not touched: wheels bring their own CUDA. Only building extensions from source fails, with "The
        detected CUDA version mismatches the version that was used to compile PyTorch".

    How to fix
        To build extensions, point CUDA_HOME to a toolkit of torch's major version, or install one.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
    """
    torch = framework(case, "torch")
    cuda = need(torch.cuda_version)
    if cuda is None:
        raise skip("torch was not built for CUDA")
    toolkit = _default(need(case.facts.toolkits))
    if toolkit is None:
        raise skip("no toolkit is the default")
    version = need(toolkit.version)
    if version.major == cuda.major:
        return
    yield Finding(
        title=f"nvcc is CUDA {version.major}.{version.minor}, torch was built with {cuda}",
        detail=f"{toolkit.path or 'The toolkit'} is CUDA {version}; {cuda.major}.x is wanted to build extensions for "
        f"{titled(torch)}. Running torch is not affected.",
        evidence=(
            evidence("toolkits[default].version", version, toolkit.source),
            evidence("frameworks[torch].cuda_version", cuda, torch.source),
        ),
        fixes=(_use_other(need(case.facts.toolkits), cuda.major),),
    )


def _default(toolkits: tuple[CudaToolkit, ...]) -> CudaToolkit | None:
    return next((toolkit for toolkit in toolkits if toolkit.is_default and toolkit.has_nvcc is not False), None)


def _use_other(toolkits: tuple[CudaToolkit, ...], major: int) -> Fix:
    """Point CUDA_HOME to a toolkit of that major version if there is one, else install one."""
    for toolkit in toolkits:
        if not isinstance(toolkit.version, Unknown) and toolkit.version.major == major:
            return Fix(f"Build with {toolkit.path}", text=f"export CUDA_HOME={toolkit.path} before building an extension")
    return Fix(f"Install a CUDA {major} toolkit to build extensions", text="https://developer.nvidia.com/cuda-toolkit-archive")
