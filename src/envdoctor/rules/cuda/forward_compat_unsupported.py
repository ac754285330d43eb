"""The rule forward-compat-unsupported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import Version

from envdoctor.knowledge.drivers import driver_branch, is_compat_refused
from envdoctor.knowledge.gpus import find_gpus
from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver, nvidia_gpus, on_linux, variables_of
from envdoctor.rules.declaring import evidence, rule

_FOLDER = re.compile(r"cuda-(\d+\.\d+)/compat/?$")


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def forward_compat_unsupported(case: Case) -> Iterator[Finding]:
    """A cuda-compat library comes first on this system, and driver or GPU do not allow it.

    What it checks
        Folders of cuda-compat packages on LD_LIBRARY_PATH against NVIDIA's table: on newer drivers an older compat library
        must not be loaded, and GeForce GPUs allow none.

    Why it matters
        CUDA fails with error 803 (system has unsupported display driver / cuda driver combination) or 804 (forward
        compatibility was attempted on non supported HW).

    How to fix
        Remove the folder from LD_LIBRARY_PATH; a newer driver runs older CUDA by itself.

    References
        https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html
    """
    on_linux(case)
    path = variables_of(case).get("LD_LIBRARY_PATH", "")
    folders = [(part, found[1]) for part in path.split(":") if (found := _FOLDER.search(part))]
    if not folders:
        raise skip("no folder of a cuda-compat package is on LD_LIBRARY_PATH")
    gpus = nvidia_gpus(case)
    driver = nvidia_driver(case)
    branch = need(driver_branch(case.knowledge, need(driver.version), "linux")).number
    for folder, cuda in folders:
        if _are_consumer(case, gpus):
            yield _found(
                folder, f"a GeForce GPU ({gpus[0].name}) allows no cuda-compat library", str(driver.version), driver.source
            )
        elif need(is_compat_refused(case.knowledge, Version(cuda), branch)):
            yield _found(folder, f"driver {driver.version} is newer than it", str(driver.version), driver.source)


def _are_consumer(case: Case, gpus: tuple[Gpu, ...]) -> bool:
    """Whether all GPUs are known to be of the consumer class."""
    classes = {
        model.gpu_class for gpu in gpus for model in (find_gpus(case.knowledge, gpu.name) if isinstance(gpu.name, str) else ())
    }
    return classes == {"consumer"}


def _found(folder: str, why: str, driver: str, source: str) -> Finding:
    return Finding(
        title=f"The cuda-compat library in {folder} must not be loaded here",
        detail=f"{folder} is on LD_LIBRARY_PATH, and {why}. CUDA fails with error 803 or 804 until the folder is gone.",
        evidence=(
            evidence("variables[LD_LIBRARY_PATH]", folder, "environment"),
            evidence("driver.version", driver, source),
        ),
        fixes=(
            Fix(
                f"Remove {folder} from LD_LIBRARY_PATH",
                text="Look in shell start-up files, the job script or the image's ENV; the driver itself runs older CUDA.",
                variable=("LD_LIBRARY_PATH", folder),
            ),
        ),
    )
