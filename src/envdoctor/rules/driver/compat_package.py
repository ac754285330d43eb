"""The way out of too old a driver on data center GPUs: a cuda-compat package."""

from __future__ import annotations

from envdoctor.knowledge.drivers import ForwardCompatibility, driver_branch, forward_compatibility
from envdoctor.model.facts import Framework, NvidiaDriver, Unknown
from envdoctor.model.findings import Case, Fix
from envdoctor.rules.driver_floor import class_of, driver_system


def compat_fix(case: Case, framework: Framework, driver: NvidiaDriver) -> Fix | None:
    """Install cuda-compat for the framework's CUDA, where every GPU and the driver's branch allow it."""
    if isinstance(driver.version, Unknown) or framework.cuda_version is None or isinstance(framework.cuda_version, Unknown):
        return None
    system = driver_system(case)
    branch = driver_branch(case.knowledge, driver.version, system)
    if isinstance(branch, Unknown):
        return None
    found = [
        forward_compatibility(case.knowledge, framework.cuda_version, branch.number, class_of(case, gpu), system)
        for gpu in case.facts.gpus_of("nvidia")
    ]
    packages = [one for one in found if isinstance(one, ForwardCompatibility) and one.certain]
    if not packages or len(packages) < len(found):
        return None
    name = packages[0].package
    folder = f"/usr/local/cuda-{name.removeprefix('cuda-compat-').replace('-', '.')}/compat"
    return Fix(
        f"Or keep the driver and install {name}",
        text=f"Data center GPUs allow it: install {name} from NVIDIA's repository and set LD_LIBRARY_PATH={folder} "
        f"({packages[0].source}).",
    )
