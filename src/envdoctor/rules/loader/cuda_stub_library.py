"""The rule cuda-stub-library."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import on_linux, variables_of
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.WARNING, explains=("framework-cannot-use-gpu",))
def cuda_stub_library(case: Case) -> Iterator[Finding]:
    """The toolkit's stub of the driver library is on LD_LIBRARY_PATH.

    What it checks
        Folders named `stubs` of a CUDA toolkit on LD_LIBRARY_PATH.

    Why it matters
        The stub exists to link programs where no driver is installed. Where it is found under the name libcuda.so.1 in the
        place of the driver's library, CUDA fails with error 34 (cudaErrorStubLibrary), and nvidia-smi works all the same.

    How to fix
        Take the folder out of LD_LIBRARY_PATH; for linking, LIBRARY_PATH or -L is the place for it.

    References
        https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html
    """
    on_linux(case)
    path = variables_of(case).get("LD_LIBRARY_PATH", "")
    if not path:
        raise skip("LD_LIBRARY_PATH is not set")
    for folder in path.split(":"):
        if folder.rstrip("/").endswith("/stubs"):
            yield Finding(
                title=f"{folder} on LD_LIBRARY_PATH holds stubs of the driver's libraries",
                detail=f"{folder} is searched before the folder of the driver. Programs that load libcuda from it fail with "
                "error 34 (the driver is a stub library).",
                evidence=(evidence("variables[LD_LIBRARY_PATH]", folder, "environment"),),
                fixes=(
                    Fix(
                        f"Remove {folder} from LD_LIBRARY_PATH",
                        text="To link against it, put it into LIBRARY_PATH instead.",
                        variable=("LD_LIBRARY_PATH", folder),
                    ),
                ),
                confidence=Confidence.LIKELY,
            )
