"""Whether a driver is new enough for a framework's CUDA; shared by driver-too-old and framework-cannot-use-gpu."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.cuda import DriverFloor, driver_floor
from envdoctor.model.facts import Framework, NvidiaDriver, Unknown, need
from envdoctor.model.findings import Case
from envdoctor.model.unknown import Undecided


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


def _unless_compat(case: Case, floor: DriverFloor) -> DriverFloor:
    """The floor, unless a cuda-compat library may stand in for the driver.

    Raises:
        Undecided: LD_LIBRARY_PATH names a folder of a cuda-compat package.
    """
    variables = case.facts.variables
    path = "" if isinstance(variables, Unknown) else variables.get("LD_LIBRARY_PATH", "")
    folder = next((part for part in path.split(":") if part.rstrip("/").endswith("compat")), None)
    if folder is not None:
        raise Undecided(f"{folder} on LD_LIBRARY_PATH may replace the driver's CUDA; whether it does was not looked at")
    return floor
