"""Whether a driver is new enough for a framework's CUDA; shared by driver-too-old and framework-cannot-use-gpu."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.cuda import DriverFloor, driver_floor
from envdoctor.knowledge.drivers import driver_branch, forward_compatibility
from envdoctor.knowledge.gpus import find_gpus
from envdoctor.model.facts import CompatLibrary, Framework, Gpu, NvidiaDriver, Unknown, known, need
from envdoctor.model.findings import Case
from envdoctor.model.unknown import Undecided

_IMAGES = frozenset({"image", "rootfs"})
"""NVIDIA's container toolkit puts /usr/local/cuda/compat of a container before the driver's library where it is newer
(https://github.com/NVIDIA/nvidia-container-toolkit/pull/906)."""


def driver_system(case: Case) -> str:
    """Whose driver numbers count: those of Windows in WSL, whose driver is that of Windows."""
    os = need(case.facts.os)
    return "windows" if isinstance(os.wsl, int) else need(os.system)


def too_old_for(case: Case, framework: Framework, driver: NvidiaDriver) -> DriverFloor | None:
    """The floor that a driver is below, for a framework's CUDA; None where the driver is new enough.

    The CUDA version that the driver itself reports comes first: one of the same major version, or a newer one, is enough.

    Raises:
        Undecided: the framework's CUDA or the driver is unknown, or sources disagree about the floor.
    """
    cuda = need(framework.cuda_version)
    if cuda is None:
        return None
    reported = None if "driver" in case.facts.targeted else driver.cuda_version
    if isinstance(reported, Version) and (reported.release[:2] >= cuda.release[:2] or _shares_major(reported, cuda)):
        return None
    floor = need(driver_floor(case.knowledge, cuda, driver_system(case)))
    if isinstance(driver.version, Unknown) and isinstance(reported, Version):
        return _unless_compat(case, floor)
    return None if need(floor.admits(need(driver.version))) else _unless_compat(case, floor)


def _shares_major(reported: Version, cuda: Version) -> bool:
    """Whether minor-version compatibility holds: it exists from CUDA 11 on, and 11.0's driver is below the floor of 11.x."""
    return reported.major == cuda.major >= 11 and reported.release[:2] != (11, 0)


def _unless_compat(case: Case, floor: DriverFloor) -> DriverFloor | None:
    """The floor, unless a cuda-compat library stands in for the driver.

    Raises:
        Undecided: there is one, and whether it may stand in cannot be told.
    """
    doubt = _unlooked(case)
    for library in known(case.facts.compat_libraries, ()):
        if not (library.is_on_library_path or (library.is_default and case.facts.subject.kind in _IMAGES)):
            continue
        if floor.admits(library.version) is not True:
            continue
        allowed = allows_compat(case, library)
        if allowed is True:
            return None
        doubt = allowed if isinstance(allowed, Unknown) else doubt
    if doubt is not None:
        raise Undecided(doubt.reason)
    return floor


def _unlooked(case: Case) -> Unknown | None:
    """A folder of such a package where nobody looked into it: on the LD_LIBRARY_PATH of a text, say."""
    if not isinstance(case.facts.compat_libraries, Unknown):
        return None
    path = known(case.facts.variables, {}).get("LD_LIBRARY_PATH", "")
    folder = next((part for part in path.split(":") if part.rstrip("/").endswith("compat")), None)
    if folder is None:
        return None
    return Unknown(f"{folder} on LD_LIBRARY_PATH may replace the driver's CUDA; whether it does was not looked at")


def allows_compat(case: Case, library: CompatLibrary) -> bool | Unknown:
    """Whether driver and every GPU let a cuda-compat library stand in, by NVIDIA's table; an older one never does."""
    driver = case.facts.driver
    if not isinstance(driver, NvidiaDriver) or isinstance(driver.version, Unknown):
        return Unknown(f"whether {library.folder} may stand in for the driver depends on the driver, which is not known")
    here, there = (driver_branch(case.knowledge, one, "linux") for one in (driver.version, library.version))
    if isinstance(here, Unknown) or isinstance(there, Unknown):
        return here if isinstance(here, Unknown) else there if isinstance(there, Unknown) else False
    doubt: Unknown | None = None
    for gpu in case.facts.gpus_of("nvidia"):
        found = forward_compatibility(case.knowledge, there.cuda, here.number, class_of(case, gpu))
        if found is None:
            return False
        if isinstance(found, Unknown) or not found.certain:
            doubt = found if isinstance(found, Unknown) else Unknown(f"only some boards of the class of {gpu.name} allow it")
    return True if doubt is None else Unknown(f"{library.folder} holds the CUDA of driver {library.version}: {doubt.reason}")


def class_of(case: Case, gpu: Gpu) -> str | None:
    """The class of a GPU by its name, where all models of that name share one."""
    models = find_gpus(case.knowledge, gpu.name) if isinstance(gpu.name, str) else ()
    classes = {model.gpu_class for model in models}
    return classes.pop() if len(classes) == 1 else None
