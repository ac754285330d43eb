"""The rule fabric-manager."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.knowledge.driver_packages import fabric_manager_install
from envdoctor.model.facts import FabricManager, Gpu, Interconnect, NvidiaDriver, OperatingSystem, Unknown, known, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed, shown

IN_FABRIC = ("not_started", "in_progress", "completed")
START = ("sudo", "systemctl", "enable", "--now", "nvidia-fabricmanager")
SERVICE = Fix(
    "Start the fabric manager",
    commands=(START, ("systemctl", "status", "nvidia-fabricmanager")),
    text="Where it does not stay up, its status and /var/log/fabricmanager.log say why. Joining takes a minute or two.",
)
ON_THE_HOST = Fix(
    "Start the fabric manager on the host",
    text="A container uses the fabric of its host: `sudo systemctl enable --now nvidia-fabricmanager` there.",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "cuda-init-failed"))
def fabric_manager(case: Case) -> Iterator[Finding]:
    """The fabric manager of an NVSwitch machine is not running, or of another version than the driver.

    What it checks
        On machines with NVSwitches: whether each GPU has joined the fabric, by its own word; whether the fabric manager is
        installed and runs, and whether its version is the driver's. In a text: CUDA's error 802 ("system not yet
        initialized") and the words of the service.

    Why it matters
        On machines with NVSwitch (DGX, HGX) CUDA does not start until the fabric manager has configured the switches,
        although nvidia-smi works.

    How to fix
        Install the fabric manager of the driver's own version, enable and start its service.

    References
        https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/index.html
    """
    of_this_machine(case, "gpus")
    gpus = nvidia_gpus(case)
    switches = _switches(case)
    joined = [gpu for gpu in gpus if gpu.fabric_state in IN_FABRIC]
    if not joined and switches == 0:
        raise skip("there is no NVSwitch")
    if not joined and isinstance(switches, Unknown):
        if all(gpu.fabric_state is None or gpu.fabric_state == "not_supported" for gpu in gpus):
            raise skip("no GPU here belongs to an NVSwitch fabric")
        if case.facts.subject.kind == "report":
            raise skip("the text says nothing of NVSwitches")
        raise Undecided(switches.reason)
    waiting = [gpu for gpu in joined if gpu.fabric_state != "completed"]
    failed = [gpu for gpu in joined if gpu.fabric_state == "completed" and _has_failed(gpu)]
    if waiting or failed:
        yield _not_joined(case, waiting or failed)
    elif not joined:
        yield from _judge_service(case)


def _switches(case: Case) -> int | Unknown:
    found = case.facts.interconnect
    return found if isinstance(found, Unknown) else found.nvswitches


def _service(case: Case) -> FabricManager | Unknown | None:
    found = case.facts.interconnect
    return found.fabric_manager if isinstance(found, Interconnect) else found


def _has_failed(gpu: Gpu) -> bool:
    return isinstance(gpu.fabric_status, str) and gpu.fabric_status not in ("success", "n/a")


def _not_joined(case: Case, gpus: list[Gpu]) -> Finding:
    """What GPUs say themselves, which counts in a container too; one that is about to join looks the same for a minute."""
    said = sorted({f"{gpu.fabric_state}, {gpu.fabric_status}" if _has_failed(gpu) else str(gpu.fabric_state) for gpu in gpus})
    why = _fault_of_service(case)
    return Finding(
        title=f"GPU {listed(gpu.index for gpu in gpus)} has not joined the NVSwitch fabric" + (f": {why}" if why else ""),
        detail=f"The GPU states {listed(said)}; completed is wanted. CUDA does not start (error 802), although nvidia-smi works.",
        evidence=(
            *(evidence(f"gpus[{gpu.index}].fabric_state", gpu.fabric_state, gpu.source or "NVML") for gpu in gpus),
            *_proofs_of_service(case),
        ),
        fixes=_fixes(case),
        confidence=Confidence.CERTAIN if why else Confidence.LIKELY,
    )


def _judge_service(case: Case) -> Iterator[Finding]:
    """GPUs before Hopper do not state whether they have joined: the service decides; a container does not see the host's."""
    if case.facts.container is not None:
        raise Undecided("the fabric manager runs on the host of this container, and these GPUs do not state their fabric")
    need(_service(case))
    why = _fault_of_service(case)
    if not why:
        found = _service(case)
        need(found.is_running if isinstance(found, FabricManager) else None)
        return
    yield Finding(
        title=f"The fabric of this NVSwitch machine is not set up: {why}",
        detail=f"There are {shown(_switches(case))} NVSwitches, and {why}; a running one of the driver's version is wanted. "
        "CUDA does not start (error 802), although nvidia-smi works.",
        evidence=(evidence("interconnect.nvswitches", _switches(case), "PCI bus"), *_proofs_of_service(case)),
        fixes=_fixes(case),
    )


def _fault_of_service(case: Case) -> str:
    """What is wrong with the fabric manager; empty where nothing is, or where it cannot be told."""
    found = _service(case)
    if isinstance(found, Unknown) or case.facts.container is not None:
        return ""
    if found is None:
        return "no fabric manager is installed"
    driver = _driver_version(case)
    if isinstance(found.version, Version) and driver is not None and found.version != driver:
        return f"the fabric manager is {found.version} and the driver {driver}"
    return "the fabric manager is not running" if found.is_running is False else ""


def _driver_version(case: Case) -> Version | None:
    driver = case.facts.driver
    return driver.version if isinstance(driver, NvidiaDriver) and isinstance(driver.version, Version) else None


def _proofs_of_service(case: Case) -> tuple[Evidence, ...]:
    found = _service(case)
    if isinstance(found, Unknown) or case.facts.container is not None:
        return ()
    if found is None:
        return (evidence("interconnect.fabric_manager", "none", "files of the service"),)
    running = "not known" if isinstance(found.is_running, Unknown) else "running" if found.is_running else "not running"
    return (evidence("interconnect.fabric_manager", f"{shown(found.version)}, {running}", found.source),)


def _fixes(case: Case) -> tuple[Fix, ...]:
    """The package of the driver's own version where none, or another, is there; then its service."""
    if case.facts.container is not None and not isinstance(case.facts.container, Unknown):
        return (ON_THE_HOST,)
    found, driver, os = _service(case), _driver_version(case), case.facts.os
    fits = isinstance(found, FabricManager) and (not isinstance(found.version, Version) or found.version == driver)
    if fits or isinstance(found, Unknown):
        return (SERVICE,)
    ids = (*((os.id,) if isinstance(os.id, str) else ()), *os.id_like) if isinstance(os, OperatingSystem) else ()
    commands = () if driver is None else fabric_manager_install(case.knowledge, ids, driver)
    wanted = "of the driver's own version" if driver is None else str(driver)
    name = known(os.name, "this system") if isinstance(os, OperatingSystem) else "this system"
    text = f"On {name}, from NVIDIA's repository or the distribution's. It refuses to start beside a driver of another version."
    return (Fix(f"Install the fabric manager {wanted}, and start it", commands=(*commands, START), text=text),)
