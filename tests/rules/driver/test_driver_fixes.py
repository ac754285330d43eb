"""The driver that a fix installs serves the GPUs that are there: its branch and its kernel module, in the system's own words."""

from __future__ import annotations

import pytest

from envdoctor.engine import diagnose
from envdoctor.model.findings import Fix
from envdoctor.rules import load_rules
from tests.rules.facts import gpu, gpu_machine, linux, torch_environment
from tests.rules.judging import knowledge

RULES = load_rules(for_profile=False)
V100, K80 = gpu("Tesla V100-SXM2-16GB", (7, 0)), gpu("Tesla K80", (3, 7))
RTX_5090, A100 = gpu("NVIDIA GeForce RTX 5090", (12, 0)), gpu()
UBUNTU = linux()
DEBIAN = linux(id="debian", id_like=(), version="12", name="Debian GNU/Linux 12")
ROCKY = linux(id="rocky", id_like=("rhel", "centos", "fedora"), version="9.4", name="Rocky Linux 9.4")
RHEL_10 = linux(id="rhel", id_like=("fedora",), version="10.0", name="Red Hat Enterprise Linux 10.0")
FEDORA = linux(id="fedora", id_like=(), version="42", name="Fedora Linux 42")
LEAP = linux(id="opensuse-leap", id_like=("suse",), version="15.6", name="openSUSE Leap 15.6")
ARCH = linux(id="arch", id_like=(), version=None, name="Arch Linux")


def driver_fixes(card, version, os) -> list[Fix]:
    facts = gpu_machine(torch_environment("2.9.1+cu128"), gpus=(card,), driver_version=version, cuda=None, os=os)
    found = diagnose(facts, None, knowledge(), RULES).findings
    rules = {"no-driver", "driver-too-old", "driver-drops-gpu"}
    every = [fix for finding in found if finding.rule in rules for fix in finding.fixes]
    return [fix for fix in every if "NVIDIA driver" in fix.title and not fix.packages]


@pytest.mark.parametrize(
    ("card", "version", "os", "title", "commands"),
    [
        # Volta: the last branch is 580, and the open module does not serve it.
        (V100, None, UBUNTU, "Install NVIDIA driver 580", ["sudo apt install nvidia-driver-580"]),
        (V100, "595.45.04", UBUNTU, "Install NVIDIA driver 580", ["sudo apt install nvidia-driver-580"]),
        (V100, "450.80.02", UBUNTU, "Install NVIDIA driver 580", ["sudo apt install nvidia-driver-580"]),
        (
            V100, None, DEBIAN, "Install NVIDIA driver 580",
            ["sudo apt install nvidia-driver-pinning-580", "sudo apt install cuda-drivers"],
        ),
        (
            V100, "595.45.04", ROCKY, "Install NVIDIA driver 580",
            ["sudo dnf module enable nvidia-driver:580-dkms", "sudo dnf install cuda-drivers"],
        ),
        (
            V100, "595.45.04", RHEL_10, "Install NVIDIA driver 580",
            ["sudo dnf versionlock add *nvidia*580*", "sudo dnf install cuda-drivers"],
        ),
        (
            V100, None, FEDORA, "Install NVIDIA driver 580",
            ["sudo dnf versionlock add *nvidia*580*", "sudo dnf install cuda-drivers"],
        ),
        (V100, None, LEAP, "Install NVIDIA driver 580", []),
        (V100, None, ARCH, "Install NVIDIA driver 580", []),
        (K80, None, UBUNTU, "Install NVIDIA driver 470", ["sudo apt install nvidia-driver-470"]),
        (K80, None, DEBIAN, "Install NVIDIA driver 470", []),
        # Blackwell: only the open module, and a driver that knows it; a branch that is still to be had.
        (RTX_5090, "550.163.01", UBUNTU, "Install NVIDIA driver 570 or newer", ["sudo apt install nvidia-driver-580-open"]),
        (RTX_5090, None, DEBIAN, "Install the NVIDIA driver", ["sudo apt install nvidia-open"]),
        (A100, None, DEBIAN, "Install the NVIDIA driver", ["sudo apt install nvidia-driver"]),
        (A100, "450.80.02", UBUNTU, "Install NVIDIA driver 525 or newer", ["sudo apt install nvidia-driver-580-open"]),
        (A100, "450.80.02", ARCH, "Install NVIDIA driver 525 or newer", ["sudo pacman -S nvidia-open"]),
    ],
)  # fmt: skip
def test_the_driver_that_is_proposed_serves_the_gpu(card, version, os, title, commands) -> None:
    fixes = driver_fixes(card, version, os)
    assert {fix.title for fix in fixes} == {title}
    assert {tuple(" ".join(argv) for argv in fix.commands) for fix in fixes} == {tuple(commands)}


def test_no_driver_is_proposed_that_drops_the_gpu() -> None:
    """CUDA 12 needs a driver 525, and 470 is the last for Kepler: no driver is the cure."""
    assert driver_fixes(K80, "450.80.02", UBUNTU) == []
