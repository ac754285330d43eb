"""What facts show of NVSwitch fabrics and of MIG."""

from __future__ import annotations

import pytest

from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.facts import FabricManager, Facts, Gpu, Interconnect, MigInstance, Subject
from tests.rules.facts import UNKNOWN, container, driver, gpu, gpu_machine, linux, machine
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome, text_of
from tests.rules.judging import UNKNOWN as UNDECIDED

FABRIC, MIG = "gpu.fabric_manager", "gpu.mig_misconfig"


def h100(state: object = "completed", status: object = "success", count: int = 8) -> tuple[Gpu, ...]:
    return tuple(
        gpu("NVIDIA H100 80GB HBM3", (9, 0), index=index, fabric_state=state, fabric_status=status) for index in range(count)
    )


def a100() -> tuple[Gpu, ...]:
    return tuple(gpu(index=index, fabric_state="not_supported") for index in range(8))


def manager(version: str = "550.54.15", running: object = True) -> FabricManager:
    return FabricManager(DriverVersion(version), running, "/usr/bin/nv-fabricmanager")


def hgx(gpus: tuple[Gpu, ...], service: object, switches: object = 4, **changes: object) -> Facts:
    return gpu_machine(
        gpus=gpus, driver=driver("550.54.15"), interconnect=Interconnect(nvswitches=switches, fabric_manager=service), **changes
    )


FABRICS = [
    ("all is well", hgx(h100(), manager()), PASS, ()),
    ("stopped", hgx(h100("not_started"), manager(running=False)), FAIL,
     ("GPU 0, 1, 2, 3, 4, 5, 6 and 7", "is not running", "sudo systemctl enable --now nvidia-fabricmanager")),
    ("not installed", hgx(h100("in_progress"), None), FAIL,
     ("no fabric manager is installed", "sudo apt install nvidia-fabricmanager-550=550.54.15*", "enable --now")),
    ("another version", hgx(h100("in_progress"), manager("550.90.07", False)), FAIL,
     ("fabric manager is 550.90.07 and the driver 550.54.15", "nvidia-fabricmanager-550=550.54.15*")),
    ("Red Hat", hgx(h100("in_progress"), None, os=linux(id="rhel", id_like=("fedora",))), FAIL,
     ("sudo dnf install nvidia-fabric*manager-550.54.15",)),
    ("SUSE", hgx(h100("in_progress"), None, os=linux(id="sles", id_like=("suse",))), FAIL,
     ("sudo zypper install cuda-drivers-fabricmanager-550",)),
    ("a distribution that the table does not know", hgx(h100("in_progress"), None, os=linux(id="gentoo", id_like=())), FAIL,
     ("Install the fabric manager 550.54.15", "!apt", "!dnf")),
    ("joining failed", hgx(h100("completed", "insufficient resources"), manager()), FAIL, ("insufficient resources",)),
    ("A100 whose service runs", hgx(a100(), manager()), PASS, ()),
    ("A100 whose service is down", hgx(a100(), manager(running=False)), FAIL, ("4 NVSwitches", "enable --now")),
    ("A100 without a service", hgx(a100(), None), FAIL, ("no fabric manager is installed",)),
    ("A100 whose service does not tell", hgx(a100(), manager(running=UNKNOWN)), UNDECIDED, ()),
    ("A100 in a container", hgx(a100(), None, container=container()), UNDECIDED, ("host of this container",)),
    ("H100 in a container", hgx(h100("in_progress"), None, container=container()), FAIL, ("on the host", "!sudo apt")),
    ("no switch", hgx(a100(), None, 0), SKIP, ("there is no NVSwitch",)),
    ("switches not looked for", hgx(a100(), None, UNKNOWN), SKIP, ("no GPU here belongs",)),
    ("nothing known", gpu_machine(), UNDECIDED, ()),
    ("a text that does not say", gpu_machine(subject=Subject("report", "a text")), SKIP, ("says nothing",)),
    ("no GPU", machine(), SKIP, ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "verdict", "words"), FABRICS, ids=[row[0] for row in FABRICS])
def test_fabric(name: str, facts: Facts, verdict: object, words: tuple[str, ...]) -> None:
    expect(FABRIC, facts, verdict, *words)


def test_a_gpu_that_is_joining_is_no_certain_fault() -> None:
    """For a minute after the start of a machine all is as it should be and the fabric is not there yet."""
    (finding,) = outcome(FABRIC, hgx(h100("in_progress"), manager())).findings
    assert finding.confidence.value == "likely"
    assert "Joining takes a minute or two" in text_of(finding)
    (finding,) = outcome(FABRIC, hgx(h100("in_progress"), None)).findings
    assert finding.confidence.value == "certain"


def on(*instances: MigInstance, **changes: object) -> Facts:
    return gpu_machine(gpus=(gpu(mig_enabled=True, mig_instances=instances),), **changes)


MIGS = [
    ("an instance", on(MigInstance(1, 0, "1g.10gb")), PASS, ()),
    ("none", on(), FAIL, ("No GPU instance was made", "sudo nvidia-smi mig -i 0 -cgi 0 -C", "-mig 0")),
    ("half made", on(MigInstance(1, None), MigInstance(2, None)), FAIL,
     ("2 GPU instance(s) hold no compute instance", "sudo nvidia-smi mig -i 0 -cci")),
    ("one of two usable", on(MigInstance(1, None), MigInstance(2, 0)), FAIL, ("holds no compute instance",)),
    ("in a container", on(container=container()), FAIL, ("start the container", "!sudo")),
    ("not asked", gpu_machine(gpus=(gpu(mig_enabled=True),)), UNDECIDED, ()),
    ("mode unknown", gpu_machine(gpus=(gpu(mig_enabled=UNKNOWN),)), UNDECIDED, ()),
    ("a text that does not say", gpu_machine(gpus=(gpu(mig_enabled=UNKNOWN),), subject=Subject("report", "a text")), SKIP, ()),
    ("off", gpu_machine(gpus=(gpu(mig_enabled=False, mig_instances=None),)), SKIP, ("no GPU is in MIG mode",)),
    ("no GPU", machine(), SKIP, ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "verdict", "words"), MIGS, ids=[row[0] for row in MIGS])
def test_mig(name: str, facts: Facts, verdict: object, words: tuple[str, ...]) -> None:
    expect(MIG, facts, verdict, *words)
