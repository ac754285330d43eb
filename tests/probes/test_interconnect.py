"""What connects devices: places in sysfs, ways between them, NVSwitches, the fabric manager, modules, ACS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.facts import Gpu, GpuPeer, Interconnect, Unknown
from envdoctor.probes.accelerators import probe_hardware, probe_log
from envdoctor.probes.device_places import parse_path, path_between
from envdoctor.probes.fabric_manager import PROGRAM, probe_fabric_manager
from envdoctor.probes.interconnect import probe_interconnect
from envdoctor.probes.pci import DEVICES, probe_pci
from envdoctor.probes.pci_access import parse_acs
from envdoctor.system.port import Missing, Output
from tests.machines import Machine

SYSFS = {
    "0000:18:00.0": ("pci0000:16/0000:16:01.0/0000:17:00.0/0000:17:01.0", "10DE:2330", "30200", 0),
    "0000:19:00.0": ("pci0000:16/0000:16:01.0/0000:17:00.0/0000:17:02.0", "15B3:1021", "20700", 0),
    "0000:3a:00.0": ("pci0000:16/0000:16:03.0", "10DE:2330", "30200", 0),
    "0000:5d:00.0": ("pci0000:5a/0000:5a:01.0", "15B3:1021", "20700", 0),
    "0000:9b:00.0": ("pci0000:98/0000:98:01.0", "10DE:2330", "30200", 1),
    "0000:84:00.0": ("pci0000:80/0000:80:01.0", "10DE:22A3", "68000", 1),
}
"""Address to the way from the host bridge, PCI id, class and NUMA node: two GPUs and adapters under two sockets."""


def _machine(commands: Any = None, **more: str) -> Machine:
    files, links = {"/proc/version": "Linux version 6.8.0", "/proc/self/status": "Name:\tx\nCpus_allowed_list:\t0-31\n"}, {}
    for address, (way, identity, code, node) in SYSFS.items():
        folder = f"{DEVICES}/{address}"
        target = f"/sys/devices/{way}/{address}"
        links[folder] = f"../../../devices/{way}/{address}"
        links[f"{target}/iommu_group"] = "../../../kernel/iommu_groups/7"
        files |= {
            f"{target}/uevent": f"DRIVER=nvidia\nPCI_CLASS={code}\nPCI_ID={identity}\n",
            f"{target}/numa_node": f"{node}\n", f"{target}/local_cpulist": f"{node * 32}-{node * 32 + 31}\n",
            f"{target}/current_link_speed": "2.5 GT/s PCIe\n", f"{target}/max_link_speed": "32.0 GT/s PCIe\n",
            f"{target}/current_link_width": "16\n", f"{target}/max_link_width": "16\n",
        }  # fmt: skip
        above = way.split("/")[-1]
        links[f"{DEVICES}/{above}"] = f"../../../devices/{way}"
        files |= {f"/sys/devices/{way}/max_link_speed": "16.0 GT/s PCIe\n", f"/sys/devices/{way}/max_link_width": "8\n"}
    files |= {
        "/sys/kernel/iommu_groups/7/type": "DMA-FQ\n", "/sys/module/nvidia_peermem/refcnt": "0\n",
        "/sys/class/infiniband/mlx5_0/ports/1/state": "4: ACTIVE\n",
        "/sys/class/infiniband/mlx5_1/ports/1/state": "4: ACTIVE\n", **more,
    }  # fmt: skip
    links |= {
        "/sys/class/infiniband/mlx5_0/device": "../../../0000:19:00.0",
        "/sys/class/infiniband/mlx5_1/device": "../../../0000:5d:00.0",
    }  # fmt: skip
    return Machine(files, links=links, commands=commands or {})


def _gpus() -> tuple[Gpu, ...]:
    addresses = ("00000000:18:00.0", "00000000:3A:00.0", "00000000:9b:00.0")
    return tuple(
        Gpu("nvidia", index, "NVIDIA H100", pci_address=address, peers=tuple(
            GpuPeer(other, "NODE", 18 if 0 in (index, other) else 0) for other in range(3) if other != index
        ))
        for index, address in enumerate(addresses)
    )  # fmt: skip


def _probed(machine: Machine, *, deep: bool = False) -> Interconnect:
    found = probe_interconnect(machine, _gpus(), probe_pci(machine), deep=deep)
    assert isinstance(found, Interconnect)
    return found


def test_places_and_ways() -> None:
    found = _probed(_machine())
    assert isinstance(found.places, tuple)
    assert isinstance(found.links, tuple)
    assert [place.name for place in found.places] == ["gpu0", "gpu1", "gpu2", "mlx5_0", "mlx5_1"]
    first = found.places[0]
    assert (first.root, first.numa_node, first.iommu_type, first.local_cpus) == ("pci0000:16", 0, "DMA-FQ", "0-31")
    assert first.bridges == ("0000:16:01.0", "0000:17:00.0", "0000:17:01.0")
    assert (first.link_generation, first.link_generation_max, first.link_width_lanes) == (1, 5, 16)
    assert (first.slot_generation_max, first.slot_width_max_lanes) == (4, 8)
    ways = {(link.first, link.second): link.path for link in found.links}
    assert ways == {
        ("gpu0", "gpu1"): "NV18", ("gpu0", "gpu2"): "NV18", ("gpu1", "gpu2"): "SYS", ("gpu0", "mlx5_0"): "PIX",
        ("gpu0", "mlx5_1"): "NODE", ("gpu1", "mlx5_0"): "PHB", ("gpu1", "mlx5_1"): "NODE", ("gpu2", "mlx5_0"): "SYS",
        ("gpu2", "mlx5_1"): "SYS", ("mlx5_0", "mlx5_1"): "NODE",
    }  # fmt: skip
    assert (found.nvswitches, found.peermem_loaded, found.gdrcopy_loaded, found.allowed_cpus) == (1, True, False, "0-31")
    assert isinstance(found.acs_bridges, Unknown)
    assert found.fabric_manager is None


def test_several_bridges_between_two_devices() -> None:
    one, other = _probed(_machine()).places[0], _probed(_machine()).places[3]  # type: ignore[index]
    from envdoctor.model.record import replace

    far = replace(other, bridges=("0000:16:01.0", "0000:17:00.0", "0000:1c:00.0", "0000:1d:00.0"))
    assert path_between(one, other) == "PIX"
    assert path_between(one, far) == "PXB"
    assert path_between(one, replace(far, bridges=Unknown("hidden"))) is None
    assert path_between(one, replace(far, root="pci0000:99", numa_node=Unknown("hidden"))) is None


def test_no_path_in_sysfs() -> None:
    root, bridges = parse_path(None)
    assert isinstance(root, Unknown)
    assert isinstance(bridges, Unknown)
    assert parse_path("../../../devices/pci0000:00/0000:00:02.0") == ("pci0000:00", ())


@pytest.mark.parametrize(
    ("files", "active", "expected"),
    [
        ({"/run/nvidia-fabricmanager/nv-fabricmanager.pid": "77\n", "/proc/77/comm": "nv-fabricmanage\n"}, "", True),
        ({"/run/nvidia-fabricmanager/nv-fabricmanager.pid": "77\n", "/proc/77/comm": "bash\n"}, "", False),
        ({}, "active", True),
        ({}, "failed", False),
        ({"/proc/9/comm": "nv-fabricmanage\n"}, "", True),
        ({}, "", None),
    ],
)
def test_the_fabric_manager(files: dict[str, str], active: str, expected: bool | None) -> None:
    version = Output(0, "Fabric Manager version is : 535.104.05\n", "")
    commands = {f"{PROGRAM} --version": version, "systemctl is-active nvidia-fabricmanager": Output(3, active + "\n", "")}
    found = probe_fabric_manager(Machine({PROGRAM: "", **files}, commands=commands))
    assert found is not None
    assert not isinstance(found, Unknown)
    assert (str(found.version), None if isinstance(found.is_running, Unknown) else found.is_running) == ("535.104.05", expected)


def test_a_fabric_manager_that_is_not_there_or_not_needed() -> None:
    assert probe_fabric_manager(Machine({})) is None
    idle = probe_fabric_manager(Machine({PROGRAM: ""}, commands={}), needed=False)
    assert idle is not None
    assert not isinstance(idle, Unknown)
    assert isinstance(idle.is_running, Unknown)


def test_acs_with_deep_only() -> None:
    text = "16:01.0 PCI bridge: Intel\n\tCapabilities: [100]\n\t\tACSCtl:\tSrcValid+ ReqRedir+ CmpltRedir+\n"
    machine = _machine({"lspci -vvv": Output(0, text, "")})
    assert _probed(machine, deep=True).acs_bridges == ("0000:16:01.0",)
    failing = _machine({"lspci -vvv": Missing("lspci", "not found")})
    assert isinstance(_probed(failing, deep=True).acs_bridges, Unknown)


def test_recorded_lspci(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "pci"
    expected = {
        "lspci-vvv-8xh100-spr.txt": ("0000:82:00.0", "0000:82:01.0", "0000:82:02.0", "0000:82:03.0"),
        "glpi-nvidia-1.txt": (),
    }
    for path in sorted(folder.glob("*.txt")):
        found = parse_acs(path.read_text(encoding="utf-8"))
        if path.name in expected:
            assert found == expected[path.name], path.name
        else:
            assert isinstance(found, Unknown) or found == (), path.name
    assert isinstance(parse_acs((folder / "lspci-gb200.txt").read_text(encoding="utf-8")), Unknown)


def test_capabilities_that_may_not_be_read() -> None:
    text = "16:01.0 PCI bridge: Intel\n\tCapabilities: <access denied>\n"
    assert isinstance(parse_acs(text), Unknown)


def test_a_recorded_training_node(shared_folder: Path) -> None:
    """A dump of sysfs of a node with A100s: GPUs by the bus alone, and its InfiniBand adapters."""
    dump = json.loads((shared_folder / "hardware" / "topology" / "gcm-learn_good.json").read_text(encoding="utf-8"))
    files = {path: text for path, text in dump.items() if path.startswith("/") and isinstance(text, str)}
    machine = Machine(files)
    devices = probe_pci(machine)
    assert isinstance(devices, tuple)
    named = {path.split("/")[5] for path in files if path.startswith(f"{DEVICES}/")}
    assert {device.address for device in devices} <= named


@pytest.mark.parametrize("deep", [False, True])
def test_all_hardware_of_a_machine_without_nvml(deep: bool) -> None:
    machine = _machine()
    driver, gpus, _, interconnect, *_ = probe_hardware(machine, deep=deep)
    log = probe_log(machine, deep=deep)
    assert driver is None or isinstance(driver, Unknown)
    assert isinstance(gpus, tuple)
    assert len(gpus) == 3
    assert isinstance(interconnect, Interconnect)
    assert isinstance(log, Unknown)


def test_a_machine_without_cards_is_looked_at_with_deep_only() -> None:
    bare = Machine(
        {"/sys/bus/pci/devices/0000:00:01.0/uevent": "PCI_CLASS=60000\nPCI_ID=8086:1237\n", "/proc/version": "Linux version 6"}
    )
    assert isinstance(probe_hardware(bare)[3], Unknown)
    assert isinstance(probe_hardware(bare, deep=True)[3], Interconnect)
    log = probe_log(bare)
    assert isinstance(log, Unknown)
    assert "--deep" in log.reason
