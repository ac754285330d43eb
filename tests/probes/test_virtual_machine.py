"""Virtual machines."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Unknown
from envdoctor.probes.virtual_machine import CLOCKS, UNKNOWN_KIND, probe_virtual_machine
from tests.machines import Machine

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
        ("Red Hat", "HVM domU", BARE_FLAGS, "xen"),
        ("Red Hat", "RHEV Hypervisor", FLAGS, "kvm"),
        ("Nutanix", "AHV", FLAGS, "nutanix"),
        ("Xen", "HVM domU", FLAGS, "xen"),
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


POWER = "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2300.000000MHz\n"


@pytest.mark.parametrize(
    ("end", "files", "kind"),
    [
        ("platform\t: PowerNV\nmodel\t\t: 8335-GTH\nmachine\t\t: PowerNV 8335-GTH\n", {}, None),
        ("platform\t: pSeries\nmodel\t\t: IBM,9009-42A\nmachine\t\t: CHRP IBM,9009-42A\n", {}, "powervm"),
        (
            "platform\t: pSeries\nmachine\t\t: CHRP IBM pSeries (emulated by qemu)\n",
            {"/proc/ppc64/lparcfg": "lparcfg 1.9"},
            "kvm",
        ),
    ],
)
def test_power_says_it_after_its_last_processor(end: str, files: dict[str, str], kind: str | None) -> None:
    """The first processor's lines alone are what is asked for at first."""
    assert probe_virtual_machine(Machine({"/proc/cpuinfo": f"{POWER}\n{end}", **files}), POWER) == kind


@pytest.mark.parametrize(
    ("line", "kind"), [("0020\t80eebeef\t12", "virtualbox"), ("0078\t15ad0405\t0", "vmware"), ("0010\t80861237\t0", None)]
)
def test_by_devices_that_no_real_machine_has(line: str, kind: str | None) -> None:
    machine = Machine({"/proc/bus/pci/devices": f"0000\t80861237\t0\n{line}\n"})
    assert probe_virtual_machine(machine, FLAGS) == (kind or UNKNOWN_KIND)
    assert kind is None or probe_virtual_machine(machine, BARE_FLAGS) == kind


def test_the_innermost_level_of_a_mainframe() -> None:
    text = "LPAR Number:          22\nVM00 Control Program: KVM/Linux       \nVM01 Control Program: z/VM    6.4.0   \n"
    assert probe_virtual_machine(Machine({"/proc/sysinfo": text}), "vendor_id       : IBM/S390\n") == "kvm"


def test_qemu_on_arm_without_dmi() -> None:
    machine = Machine({"/proc/device-tree/fw-cfg@9020000/compatible": "qemu,fw-cfg-mmio\n"})
    assert probe_virtual_machine(machine, "processor\t: 0\nFeatures\t: fp asimd\n") == "kvm"
