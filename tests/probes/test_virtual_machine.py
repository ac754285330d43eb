"""Virtual machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.model.facts import Unknown
from envdoctor.probes.operating_system import probe_operating_system
from envdoctor.probes.virtual_machine import CLOCKS, UNKNOWN_KIND, probe_virtual_machine
from tests.machines import Machine, load_tree

FLAGS = "flags\t\t: fpu sse sse2 hypervisor\n"
BARE_FLAGS = "flags\t\t: fpu sse sse2 vmx\n"


def _dmi(vendor: str, product: str) -> dict[str, str]:
    return {"/sys/class/dmi/id/sys_vendor": vendor + "\n", "/sys/class/dmi/id/product_name": product + "\n"}


@pytest.mark.parametrize(
    ("vendor", "product", "cpuinfo", "kind"),
    [
        ("Amazon EC2", "p4d.24xlarge", FLAGS, "amazon"),
        ("Amazon EC2", "p4d.metal", BARE_FLAGS, None),
        ("Google", "Google Compute Engine", FLAGS, "google"),
        ("Microsoft Corporation", "Virtual Machine", FLAGS, "hyperv"),
        ("Microsoft Corporation", "Surface Laptop", BARE_FLAGS, None),
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", FLAGS, "kvm"),
        ("VMware, Inc.", "VMware7,1", FLAGS, "vmware"),
        ("innotek GmbH", "VirtualBox", FLAGS, "virtualbox"),
        ("Oracle Corporation", "SUN FIRE X4170 M2 SERVER", BARE_FLAGS, None),
        ("Dell Inc.", "PowerEdge XE9680", BARE_FLAGS, None),
        ("Dell Inc.", "PowerEdge XE9680", FLAGS, UNKNOWN_KIND),
    ],
)
def test_by_dmi(vendor: str, product: str, cpuinfo: str, kind: str | None) -> None:
    assert probe_virtual_machine(Machine(_dmi(vendor, product)), cpuinfo) == kind


def test_without_dmi_nothing_says_bare_metal() -> None:
    assert probe_virtual_machine(Machine({}), FLAGS) == UNKNOWN_KIND
    assert isinstance(probe_virtual_machine(Machine({}), BARE_FLAGS), Unknown)
    assert isinstance(probe_virtual_machine(Machine({}), None), Unknown)


@pytest.mark.parametrize(
    ("clocks", "kind"), [("kvm-clock tsc acpi_pm", "kvm"), ("hyperv_clocksource_tsc_page", "hyperv"), ("tsc", UNKNOWN_KIND)]
)
def test_by_the_clocks_that_are_offered(clocks: str, kind: str) -> None:
    assert probe_virtual_machine(Machine({CLOCKS: clocks + "\n"}), FLAGS) == kind


def test_xen_guest_and_owner() -> None:
    assert probe_virtual_machine(Machine({"/sys/hypervisor/type": "xen\n"}), None) == "xen"
    owner = Machine({"/sys/hypervisor/type": "xen\n", "/proc/xen/capabilities": "control_d\n", **_dmi("Dell", "R740")})
    assert probe_virtual_machine(owner, BARE_FLAGS) is None


RECORDED = {
    "virt-what-kvm": "kvm", "virt-what-qemu": "kvm", "virt-what-esx-arm": "vmware", "virt-what-lkvm-arm": "kvm",
    "virt-what-lx86": "powervm", "virt-what-ppc64-lpar-shared": "powervm", "virt-what-rhel5-xen-domU-hvm-ia64": "xen",
    "virt-what-aws-xen-x86": UNKNOWN_KIND, "virt-what-parallels-desktop": UNKNOWN_KIND, "virt-what-rhev": UNKNOWN_KIND,
}  # fmt: skip


def test_recorded_machines(shared_folder: Path) -> None:
    for name, kind in RECORDED.items():
        machine = load_tree(shared_folder / "hardware" / "containers" / f"{name}.tree.json")
        assert probe_operating_system(machine).virtual_machine == kind, name


def test_recorded_bare_metal_is_never_called_virtual(shared_folder: Path) -> None:
    for name in ("virt-what-baremetal", "virt-what-aws-baremetal-x86", "virt-what-rhel5-xen-dom0", "virt-what-ppc64-baremetal"):
        machine = load_tree(shared_folder / "hardware" / "containers" / f"{name}.tree.json")
        assert not isinstance(probe_operating_system(machine).virtual_machine, str), name
