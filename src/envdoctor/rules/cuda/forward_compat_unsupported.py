"""The rule forward-compat-unsupported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import Version

from envdoctor.knowledge.drivers import driver_branch, is_compat_refused
from envdoctor.knowledge.gpus import find_gpus
from envdoctor.model.facts import CompatLibrary, Gpu, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver, nvidia_gpus, on_linux, variables_of
from envdoctor.rules.declaring import evidence, rule

FAILS = "CUDA fails with error 803 or 804 until the folder is gone."
MAY_FAIL = "CUDA may fail with error 803 or 804 until the folder is gone."
_FOLDER = r"cuda-(\d+\.\d+)/compat/?$"


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def forward_compat_unsupported(case: Case) -> Iterator[Finding]:
    """A cuda-compat library comes first on this system, and driver or GPU do not allow it.

    What it checks
        Folders of cuda-compat packages on LD_LIBRARY_PATH that hold such a library (in a text: by their names) against
        NVIDIA's table: on newer drivers an older compat library must not be loaded, and GeForce GPUs allow none but the
        driver's own version.

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
    folders = [(part, found[1]) for part in path.split(":") if "/compat" in part and (found := re.search(_FOLDER, part))]
    if not folders:
        raise skip("no folder of a cuda-compat package is on LD_LIBRARY_PATH")
    gpus = nvidia_gpus(case)
    driver = nvidia_driver(case)
    version = need(driver.version)
    branch = need(driver_branch(case.knowledge, version, "linux")).number
    for folder, cuda in folders:
        library = _library(case, folder)
        if library is None or (isinstance(library, CompatLibrary) and library.version == version):
            continue
        sure = not isinstance(library, Unknown)
        if consumer := _are_consumer(case, gpus):
            why = f"a GeForce GPU ({gpus[0].name}) allows no cuda-compat library"
            yield _found(folder, why, str(version), driver.source, sure and consumer is Confidence.CERTAIN)
        elif need(is_compat_refused(case.knowledge, Version(cuda), branch)):
            yield _found(folder, f"driver {version} is newer than it", str(version), driver.source, sure)


def _library(case: Case, folder: str) -> CompatLibrary | Unknown | None:
    """The library in a folder; None where there is none, Unknown where nobody looked."""
    libraries = case.facts.compat_libraries
    if isinstance(libraries, Unknown):
        return libraries
    return next((one for one in libraries if one.folder == folder.rstrip("/")), None)


def _are_consumer(case: Case, gpus: tuple[Gpu, ...]) -> Confidence | None:
    """How sure it is that all GPUs are of the consumer class; None where they are not, or nothing is known of them."""
    models = [model for gpu in gpus if isinstance(gpu.name, str) for model in find_gpus(case.knowledge, gpu.name)]
    if {model.gpu_class for model in models} != {"consumer"}:
        return None
    return Confidence.CERTAIN if all(model.certain for model in models) else Confidence.LIKELY


def _found(folder: str, why: str, driver: str, source: str, sure: bool) -> Finding:
    return Finding(
        title=f"The cuda-compat library in {folder} must not be loaded here",
        detail=f"{folder} is on LD_LIBRARY_PATH, and {why}. {FAILS if sure else MAY_FAIL}",
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
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
    )
