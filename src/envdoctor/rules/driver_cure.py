"""Whether the NVIDIA driver must be cured before any build can run; shared by the rules that propose builds."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.drivers import driver_branch
from envdoctor.knowledge.gpus import Architecture, architecture
from envdoctor.model.facts import NvidiaDriver, OperatingSystem, Unknown
from envdoctor.model.findings import Case
from envdoctor.model.record import record
from envdoctor.rules.driver_floor import driver_system


@record
class DriverCure:
    """The drivers that serve every NVIDIA GPU here, where the one that is there does not."""

    first: int | None
    """The first branch that knows all GPUs; None where every branch in use does."""
    last: int | None
    """The last branch that serves all GPUs; None where the newest does."""

    @property
    def is_possible(self) -> bool:
        """Whether one driver can serve all GPUs."""
        return self.first is None or self.last is None or self.first <= self.last


def driver_cure(case: Case) -> DriverCure | None:
    """What driver must come first: none is there, it does not know a GPU, or it dropped one; None where nothing is to cure."""
    driver = case.facts.driver
    architectures = _architectures(case)
    if isinstance(driver, Unknown) or not architectures:
        return None
    cure = DriverCure(
        first=max((one.first_branch for one in architectures if one.first_branch is not None), default=None),
        last=min((one.last_branch for one in architectures if one.last_branch is not None), default=None),
    )
    if driver is None:
        return cure
    number = _branch_of(case, driver)
    if number is None:
        return None
    is_unknown_to_it = any(one.possible_branch is not None and number < one.possible_branch for one in architectures)
    return cure if is_unknown_to_it or (cure.last is not None and number > cure.last) else None


@record
class GpusAsk:
    """What the NVIDIA GPUs here ask of a driver."""

    first: int | None
    """The first branch that knows all of them; None where every branch in use does."""
    last: int | None
    """The last branch that serves all of them; None where the newest does."""
    open_module: bool
    """Whether the open kernel module serves all of them."""


def gpus_ask(case: Case) -> GpusAsk:
    """What the NVIDIA GPUs whose compute capability is known ask of a driver."""
    every = _architectures(case)
    return GpusAsk(
        max((one.first_branch for one in every if one.first_branch is not None), default=None),
        min((one.last_branch for one in every if one.last_branch is not None), default=None),
        all(one.modules != "proprietary" for one in every),
    )


def _architectures(case: Case) -> list[Architecture]:
    """Of the NVIDIA GPUs whose compute capability is known."""
    gpus = () if isinstance(case.facts.gpus, Unknown) else case.facts.gpus_of("nvidia")
    known = (architecture(case.knowledge, gpu.compute_capability) for gpu in gpus if isinstance(gpu.compute_capability, tuple))
    return [one for one in known if isinstance(one, Architecture)]


def _branch_of(case: Case, driver: NvidiaDriver) -> int | None:
    """The branch of a driver; None where version or system is not known."""
    os = case.facts.os
    if not isinstance(driver.version, Version) or not isinstance(os, OperatingSystem) or not isinstance(os.system, str):
        return None
    if isinstance(os.wsl, Unknown):
        return None
    branch = driver_branch(case.knowledge, driver.version, driver_system(case))
    return driver.version.major if isinstance(branch, Unknown) else branch.number
