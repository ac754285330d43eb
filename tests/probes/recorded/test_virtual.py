"""Every recorded container and virtual machine: what virt-what's trees, Docker's files and single files show of themselves.

The trees hold files only. What virt-what itself learns from the processor or from dmidecode is not in them: there the facts say
that it cannot be told, never that nothing is there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.model.facts import Container, Unknown
from envdoctor.probes.container import kind_by_cgroup, probe_container
from envdoctor.probes.operating_system import probe_operating_system
from envdoctor.probes.virt_what import VirtWhat, parse_virt_what
from envdoctor.probes.virtual_machine import UNKNOWN_KIND
from envdoctor.reports.reading import read_report
from tests.machines import Machine, load_tree

CANNOT_TELL = "cannot tell"
SOME = UNKNOWN_KIND
"""The processor's flags have `hypervisor`, and nothing says whose."""
TREES: dict[str, tuple[str | None, str | None, str]] = {
    "virt-what-alibaba-cloud-x86": (SOME, CANNOT_TELL, " hypervisor"),
    "virt-what-aws-baremetal-x86": (CANNOT_TELL, CANNOT_TELL, "E5-2686 v4"),
    "virt-what-aws-kvm-arm": (CANNOT_TELL, CANNOT_TELL, "0xd08"),
    "virt-what-aws-xen-x86": (SOME, CANNOT_TELL, " hypervisor"),
    "virt-what-baremetal": (CANNOT_TELL, CANNOT_TELL, "M 620"),
    "virt-what-bhyve": (CANNOT_TELL, CANNOT_TELL, ""),
    "virt-what-docker": (CANNOT_TELL, "docker", "/docker/2c26b46b68ffc68ff99b453c1d304134"),
    "virt-what-esx-arm": ("vmware", CANNOT_TELL, "vmware"),
    "virt-what-illumos-lx": ("illumos-lx", CANNOT_TELL, "BrandZ virtual linux"),
    "virt-what-kvm": ("kvm", CANNOT_TELL, "QEMU Virtual CPU"),
    "virt-what-ldoms": ("ldoms", CANNOT_TELL, ""),
    "virt-what-linux-vserver": (CANNOT_TELL, "vserver", "VxID:"),
    "virt-what-lkvm-arm": ("kvm", CANNOT_TELL, "linux,dummy-virt"),
    "virt-what-lx86": ("powervm", CANNOT_TELL, "PowerVM Lx86"),
    "virt-what-lxc": (CANNOT_TELL, CANNOT_TELL, "Xeon(TM) CPU 3.80GHz"),
    "virt-what-nutanix-ahv": (SOME, CANNOT_TELL, " hypervisor"),
    "virt-what-parallels-desktop": (SOME, CANNOT_TELL, " hypervisor"),
    "virt-what-ppc64-baremetal": (None, CANNOT_TELL, "PowerNV 8247-22L"),
    "virt-what-ppc64-lpar-dedicated": ("powervm", CANNOT_TELL, "platform\t: pSeries"),
    "virt-what-ppc64-lpar-shared": ("powervm", CANNOT_TELL, "platform    : pSeries"),
    "virt-what-qemu-smbios-kvm": (CANNOT_TELL, CANNOT_TELL, "0x50"),
    "virt-what-qemu-smbios": (CANNOT_TELL, CANNOT_TELL, "0x50"),
    "virt-what-qemu": ("kvm", CANNOT_TELL, "QEMU Virtual CPU"),
    "virt-what-rhel5-xen-dom0": (None, CANNOT_TELL, "control_d"),
    "virt-what-rhel5-xen-domU-hvm-ia64": ("xen", CANNOT_TELL, "IA-64"),
    "virt-what-rhel5-xen-domU-hvm": (CANNOT_TELL, CANNOT_TELL, "T7600"),
    "virt-what-rhev": (SOME, CANNOT_TELL, " hypervisor"),
    "virt-what-vmm": (SOME, CANNOT_TELL, " hypervisor"),
    "virt-what-zvm": ("zvm", CANNOT_TELL, "z/VM"),
}  # fmt: skip
"""Virtual machine, container, and words of the recording."""
ENGINES: dict[str, str] = {
    "pcp-containers-docker-1.10.3-root-004": "e137109040f53c67031325695ae541a3bf383c7b015af0fd718a412cc0f32da1",
    "pcp-containers-docker-1.12.6-root-006": "a02d125b564534172bd172c340b45511010cd7805cbd4d715d81e1491474e01c",
    "pcp-containers-docker-1.2.0-root-002": "781d21edbb014736f7fb4e1412ee55c5564c91ce0647be4879a7c547e6ebc1af",
    "pcp-containers-docker-1.3.2-root-001": "252b56e79da57371dd0fe0fd1069418b761a06c42304d5c74b873f3fb9386d5f",
    "pcp-containers-docker-1.5.0-root-003": "c2a1bd412ad4206ced8107b9faa1f9b244bd873dcced6f909dbf72682662b7d9",
    "pcp-containers-docker-titan-root-007": "containers.slice/9420592e-e762-4856-ab83-0262e6b1ac7e",
    "pcp-containers-lxc-1.0.6-root-001": "var/lib/lxc/myvm",
}
"""What an engine on a host keeps about its containers: it makes the host none."""
SINGLE: dict[str, str | None] = {
    "facter-cgroup_file.txt": None, "facter-docker_cgroup.txt": "docker", "facter-lxc_cgroup.txt": "lxc",
    "facter-proc_environ_podman.txt": "podman", "glpi-proc-1-environ.txt": "lxc", "facter-proc_self_status.txt": "openvz",
}  # fmt: skip
NOT_OURS = ("docker-info.json", "docker-inspect-many.json", "docker-inspect.json")
"""What Docker tells of its containers from outside: read as a pasted text, of which nothing is a fact of this machine."""
FILES = {
    *(f"containers/{name}.tree.json" for name in (*TREES, *ENGINES)),
    *(f"containers/{name}" for name in (*SINGLE, *NOT_OURS, "facter-virt-what-content.txt")),
}


@pytest.mark.parametrize("name", TREES)
def test_trees_of_virt_what(name: str, shared_folder: Path) -> None:
    path = shared_folder / "hardware" / "containers" / f"{name}.tree.json"
    machine = load_tree(path)
    virtual, container, words = TREES[name]
    texts = [*(text for text in machine.files.values() if isinstance(text, str)), *machine.files]
    assert any(words in text for text in texts)
    found = probe_operating_system(machine).virtual_machine
    assert (CANNOT_TELL if isinstance(found, Unknown) else found) == virtual
    inside = probe_container(machine)
    kind = inside.runtime if isinstance(inside, Container) else CANNOT_TELL if isinstance(inside, Unknown) else None
    assert kind == container


@pytest.mark.parametrize("name", ENGINES)
def test_what_an_engine_keeps_does_not_make_its_host_a_container(name: str, shared_folder: Path) -> None:
    machine = load_tree(shared_folder / "hardware" / "containers" / f"{name}.tree.json")
    assert any(ENGINES[name] in path for path in machine.files)
    assert isinstance(probe_container(machine), Unknown)
    machine.files["/proc/self/cgroup"] = "0::/user.slice/user-1000.slice/session-3.scope\n"
    machine.names |= {"/proc": {"self"}, "/proc/self": {"cgroup"}}
    machine.names["/"].add("proc")
    assert probe_container(machine) is None


@pytest.mark.parametrize("name", SINGLE)
def test_single_files(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "containers" / name).read_text(encoding="utf-8")
    place = "cgroup" if "cgroup" in name else "status" if "status" in name else "environ"
    files = {"/proc/version": "Linux version 6.1.0", "/proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"}
    found = probe_container(Machine({**files, f"/proc/{1 if place == 'environ' else 'self'}/{place}": text}))
    assert (found.runtime if isinstance(found, Container) else found) == SINGLE[name]
    if place == "cgroup":
        assert kind_by_cgroup(text) == SINGLE[name]


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_docker_tells_of_others(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "containers" / name).read_text(encoding="utf-8")
    facts, _lines = read_report(text, name)
    assert isinstance(facts.gpus, Unknown)
    assert isinstance(facts.cpu, Unknown)
    assert not isinstance(facts.container, Container)


def test_the_recorded_output_of_virt_what(shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "containers" / "facter-virt-what-content.txt").read_text(encoding="utf-8")
    assert text.split() == ["xen", "xen-hvm", "aws"] or set(text.split()) >= {"xen", "aws"}
    assert parse_virt_what(text) == VirtWhat("xen", None, "aws")
