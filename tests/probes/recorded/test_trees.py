"""Every recorded tree of a machine's files: processor, sockets, NUMA nodes, memory, virtual machine, as its own words have them.

Sockets, cores and threads are those that lscpu printed for the trees of util-linux and lstopo for those of hwloc.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from envdoctor.model.facts import Cpu, Facts, Limits, Memory, Subject, Unknown
from envdoctor.probes.amd_gpus import probe_amd_gpus
from envdoctor.probes.cgroups import Group, cpu_limit_cores, memory_limit_bytes
from envdoctor.probes.collecting import collect_facts
from envdoctor.probes.pci import DEVICES, probe_pci
from envdoctor.probes.virtual_machine import UNKNOWN_KIND
from tests.machines import load_tree

NOT_TOLD = "not told"
I7 = "Intel(R) Core(TM) i7-4810MQ CPU @ 2.80GHz"


class Row(NamedTuple):
    """What a tree says."""

    model: str | None
    counts: tuple[Any, Any, Any] | None
    """Sockets, cores, threads; None where no file counts processors."""
    nodes: list[int]
    memory_kib: int | None = None
    virtual: str | None = NOT_TOLD
    level: int | str | None = None
    """Of x86-64."""


TREES: dict[str, Row] = {
    "cpu-tree/lscpu-arm-A510-A710-A715-X3": Row("Cortex-A510", (3, 8, 8), []),
    "cpu-tree/lscpu-loongarch-loongson_3a5000_hv": Row("Loongson-3A5000-HV", (1, 4, 4), [0]),
    "cpu-tree/lscpu-ppc-qemu": Row("740/750", (1, 1, 1), []),
    "cpu-tree/lscpu-ppc64-POWER7-64cpu": Row("POWER7 (architected), altivec supported", (16, 16, 64), [0, 1], None, "powervm"),
    "cpu-tree/lscpu-rv64-linux": Row("sifive,u74-mc", (1, 1, 2), []),
    "cpu-tree/lscpu-rv64-milkvpioneer": Row(None, (1, 64, 64), [0, 1, 2, 3]),
    "cpu-tree/lscpu-s390-kvm": Row("2817", (3, 3, 3), [], None, "kvm"),
    "cpu-tree/lscpu-s390-lpar-drawer": Row("2964", (2, 8, 8), [0], None, "lpar"),
    "cpu-tree/lscpu-s390-nested-virt": Row("2964", (2, 2, 2), [0], None, "kvm"),
    "cpu-tree/lscpu-s390-zvm": Row("2817", (4, 4, 4), [], None, "zvm"),
    "cpu-tree/lscpu-sparc64": Row("TI UltraSparc II (BlackBird)", (6, 6, 6), []),
    "cpu-tree/lscpu-vbox-win": Row("Intel(R) Core(TM) i5-3317U CPU @ 1.70GHz", (1, 2, 2), [0], None, "virtualbox", 1),
    "cpu-tree/lscpu-x86_64-64cpu-linux6.2": Row(
        "11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", (1, 4, 8), [0], None, NOT_TOLD, 4
    ),
    "cpu-tree/lscpu-x86_64-64cpu": Row("Intel(R) Xeon(R) CPU X7550 @ 2.00GHz", (4, 32, 64), [0, 2, 3], None, NOT_TOLD, 2),
    "cpu-tree/lscpu-x86_64-epyc_7451": Row("AMD EPYC 7451 24-Core Processor", (2, 48, 96), [*range(8)], None, NOT_TOLD, 3),
    "topology/ghw-linux-amd64-8581cf3a529e5d8b97ea876eade2f60d": Row(
        "Intel(R) Xeon(R) CPU L5640 @ 2.27GHz", (2, 12, 24), [0, 1], 65921280, NOT_TOLD, 2
    ),
    "topology/ghw-linux-amd64-accel-nvidia": Row(
        "Intel(R) Xeon(R) CPU E5-2695 v4 @ 2.10GHz", (1, 8, 8), [0], 30601816, UNKNOWN_KIND, 3
    ),
    "topology/ghw-linux-amd64-offlineCPUs": Row("Intel Xeon Processor (Skylake, IBRS)", (2, 2, 2), [0], 7881912, UNKNOWN_KIND, 4),
    "topology/hwloc-256ppc-8n8s4t": Row(
        "POWER7 (architected), altivec supported", (64, 64, 256), [0, 1, 4, 5, 8, 9, 12, 13], 514318208, "powervm"
    ),
    "topology/hwloc-32amd64-4s2n4c-cgroup2": Row("AMD Opteron(tm) Processor 6134", (4, 32, 32), [*range(8)], 132295672, None, 1),
    "topology/hwloc-32em64t-2n8c+1mic": Row("Intel(R) Xeon(R) CPU E5-2680 0 @ 2.70GHz", (2, 16, 16), [0, 1], 32836008, None, 2),
    "topology/hwloc-48amd64-4d2n6c-sparse": Row(
        "AMD Engineering Sample", (4, 48, 48), [0, 1, 2, 33, 34, 45, 72, 73], 99202688, None, 1
    ),
    "topology/hwloc-allowed-test1.fsroot": Row(NOT_TOLD, None, []),
    "topology/hwloc-fakeheteromemtiers": Row(
        "QEMU Virtual CPU version 2.5+", (1, 6, 6), [0, 1, 2, 4, 6, 8, 9], 6254296, "kvm", 1
    ),
    "topology/hwloc-nvidiagpunumanodes": Row(
        "POWER9, altivec supported", (2, 8, 32), [0, 8, 250, 251, 252, 253, 254, 255], 358162944, None
    ),
    "topology/hwloc-offline-cpu0-node0": Row("Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz", (2, 17, 17), [1], 131737080, None, 3),
    "meminfo/pcp-meminfo-root-001": Row(I7, (1, 4, 8), [0], 16022140, NOT_TOLD, 3),
    "meminfo/pcp-meminfo-root-002": Row("Intel(R) Xeon(R) CPU E5-2690 0 @ 2.90GHz", (2, 16, 32), [0, 1], 131831052, NOT_TOLD, 2),
    "meminfo/pcp-meminfo-root-004": Row("Intel Core Processor (Haswell, no TSX)", (4, 4, 4), [], 4020980, UNKNOWN_KIND, 3),
    "meminfo/pcp-meminfo-root-005": Row(I7, (1, 4, 8), [0], 16050940, NOT_TOLD, 3),
    "meminfo/pcp-meminfo-root-007": Row(I7, (8, 8, 8), [0, 1], 8141728, UNKNOWN_KIND, 3),
    "meminfo/pcp-sysfs-hugepages-001": Row(NOT_TOLD, None, []),
    "meminfo/pcp-sysfs-hugepages-003": Row(NOT_TOLD, None, []),
    "meminfo/pcp-sysfs-numa-001": Row(NOT_TOLD, (4, 8, 8), [0, 1, 2, 3], None, NOT_TOLD, NOT_TOLD),
    "proc/procfs-proc": Row("Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz", (1, 4, 8), [], 15666184, NOT_TOLD, 3),
    "proc/procfs-sys-fs-cgroup-node-cpu": Row(NOT_TOLD, (1, 2, 2), [1, 2], None, None, NOT_TOLD),
}
LIMITS: dict[str, tuple[int, str, str]] = {
    "cgroup/pcp-cgroups-root-001": (1, "cgroup/memory/libvirt/lxc/memory.limit_in_bytes", "9223372036854775807"),
    "cgroup/pcp-cgroups-root-002": (1, "sys/fs/cgroup/memory/memory.limit_in_bytes", "18446744073709551615"),
    "cgroup/pcp-cgroups-root-004": (2, "sys/fs/cgroup/init.scope/memory.max", "max"),
    "cgroup/telegraf-v1-cpu": (1, "cpu.cfs_quota_us", "-1"),
    "cgroup/telegraf-v1-memory": (1, "group_1/group_1_1/memory.limit_in_bytes", "223372036854771712"),
    "cgroup/telegraf-v2": (2, "memory.max", "103079215104"),
}
"""Version of the cgroups, a file that limits, and its words; the largest numbers stand for no limit."""
AMD = {
    "amd-sysfs/procfs-drm-card0": ("0000:09:00.0", "1002:687f", 8573157376, 1490378752),
    "amd-sysfs/glances-amd-drm": ("0000:03:00.0", "1002:73df", 2147483648, 79949824),
}
"""Address and id (of Glances' card, whose tree lacks them, made up), memory and how much of it is used."""
FILES = {f"{name}.tree.json" for name in (*TREES, *LIMITS, *AMD)}


def _told(value: Any) -> Any:
    return NOT_TOLD if isinstance(value, Unknown) else value


def _facts(folder: Path, name: str) -> tuple[Facts, dict[str, str]]:
    path = folder / "hardware" / f"{name}.tree.json"
    facts = collect_facts(load_tree(path), Subject("recording", name), whole=True)
    return facts, json.loads(path.read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("name", TREES)
def test_processor(name: str, shared_folder: Path) -> None:
    facts, files = _facts(shared_folder, name)
    row = TREES[name]
    words = " ".join(files.get("proc/cpuinfo", "").split())
    if row.counts is None:
        assert isinstance(facts.cpu, Unknown)
        return
    assert isinstance(facts.cpu, Cpu)
    assert _told(facts.cpu.model) == row.model
    assert row.model in (None, NOT_TOLD) or row.model.startswith("Cortex") or row.model in words
    assert tuple(map(_told, (facts.cpu.sockets, facts.cpu.cores, facts.cpu.threads))) == row.counts
    assert _told(facts.cpu.x86_64_level) == row.level
    assert _told(facts.os.virtual_machine if not isinstance(facts.os, Unknown) else facts.os) == row.virtual
    nodes = facts.cpu.nodes if isinstance(facts.cpu.nodes, tuple) else ()
    assert [node.number for node in nodes] == row.nodes
    listed = {int(found[1]) for found in (re.match(r"sys/devices/system/node/node(\d+)/", path) for path in files) if found}
    assert listed == set(row.nodes)


@pytest.mark.parametrize("name", TREES)
def test_memory(name: str, shared_folder: Path) -> None:
    facts, files = _facts(shared_folder, name)
    size = TREES[name].memory_kib
    if size is None:
        assert isinstance(facts.memory, Unknown)
        assert "proc/meminfo" not in files
        return
    assert isinstance(facts.memory, Memory)
    assert re.search(rf"^MemTotal:\s+{size} kB$", files["proc/meminfo"], re.MULTILINE)
    assert facts.memory.total_bytes == size << 10


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str, shared_folder: Path) -> None:
    machine = load_tree(shared_folder / "hardware" / f"{name}.tree.json")
    version, path, words = LIMITS[name]
    assert machine.read(f"/{path}").strip() == words
    group = Group(version, ("/" + path.rpartition("/")[0],))
    if "cpu" in path:
        assert cpu_limit_cores(machine, group) is None
        return
    assert memory_limit_bytes(machine, group) == (int(words) if "telegraf" in name else None)
    if name.endswith("telegraf-v2"):
        assert cpu_limit_cores(machine, group) == 48.0  # cpu.max: 4800000 100000
    found = collect_facts(machine, Subject("recording", name)).limits
    assert isinstance(found, (Unknown, Limits))


@pytest.mark.parametrize("name", AMD)
def test_amd_cards(name: str, shared_folder: Path) -> None:
    machine = load_tree(shared_folder / "hardware" / f"{name}.tree.json")
    address, identity, total, used = AMD[name]
    machine.links[f"{DEVICES}/{address}"] = "../../../class/drm/card0/device"  # as every machine has it beside the bus
    machine.names |= {"/sys/bus": {"pci"}, "/sys/bus/pci": {"devices"}, DEVICES: {address}}
    machine.names["/sys"].add("bus")
    device = "/sys/class/drm/card0/device"
    if f"{device}/uevent" not in machine.files:
        machine.files[f"{device}/uevent"] = "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:73DF\n"
        machine.names[device].add("uevent")
    (gpu,) = probe_amd_gpus(machine, probe_pci(machine))  # type: ignore[misc]
    assert (gpu.pci_address, gpu.pci_id, gpu.memory_total_bytes, gpu.memory_used_bytes) == (address, identity, total, used)
    assert machine.read(f"{device}/mem_info_vram_total").strip() == str(total)
    assert gpu.kernel_driver == "amdgpu"
