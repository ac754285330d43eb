"""InfiniBand and RoCE ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.model.facts import Unknown
from envdoctor.probes.rdma import parse_ibstat, parse_rate, probe_rdma_ports
from envdoctor.system.port import Denied
from tests.machines import Machine, load_tree

IBSTAT = {
    "ibstat-a100-failed.txt": (8, {"ACTIVE"}, {200.0}, []),
    "ibstat-h100-all-active.txt": (12, {"ACTIVE"}, {400.0, 100.0}, []),
    "ibstat-some-down.txt": (12, {"ACTIVE", "DOWN"}, {400.0, 100.0, 40.0}, ["mlx5_2", "mlx5_7", "mlx5_8"]),
    "ibstatus-a100.txt": (9, {"ACTIVE"}, {200.0, 40.0}, []),
}


def test_recorded_ibstat(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "rdma"
    assert {path.name for path in folder.glob("*.txt")} == set(IBSTAT)
    for name, (count, states, rates, down) in IBSTAT.items():
        text = (folder / name).read_text(encoding="utf-8")
        ports = parse_ibstat(text)
        assert len(ports) == count == text.count("State:" if "ibstat-" in name else "phys state:"), name
        assert {port.state for port in ports} == states, name
        assert {port.rate_gbit_per_s for port in ports} == rates, name
        assert [port.device for port in ports if port.state != "ACTIVE"] == down, name
    first = parse_ibstat((folder / "ibstat-some-down.txt").read_text(encoding="utf-8"))[1]
    assert (first.device, first.hardware, first.firmware, first.link_layer) == ("mlx5_1", "MT4125", "22.38.1002", "Ethernet")
    assert first.physical_state == "LinkUp"


def test_recorded_sysfs_of_an_h100_node(shared_folder: Path) -> None:
    machine = load_tree(shared_folder / "hardware" / "rdma" / "sys-class-infiniband-h100.tree.json", "/sys/class/infiniband")
    ports = probe_rdma_ports(machine)
    assert isinstance(ports, tuple)
    assert [port.device for port in ports] == [f"mlx5_{name}" for name in (0, 1, 4, 5, 6, 7, 8, 9, "bond_0")]
    first, second = ports[:2]
    assert (first.state, first.physical_state, first.rate_gbit_per_s, first.link_layer) == (
        "ACTIVE",
        "LinkUp",
        400.0,
        "InfiniBand",
    )
    assert (first.firmware, first.hardware, first.board, first.link_downed) == ("28.41.1000", "MT4129", "MT_0000000838", 0)
    assert second.link_downed == 255


def test_recorded_sysfs_of_older_adapters(shared_folder: Path) -> None:
    ports = probe_rdma_ports(load_tree(shared_folder / "hardware" / "rdma" / "procfs-infiniband.tree.json"))
    assert isinstance(ports, tuple)
    assert [(port.device, port.port, port.rate_gbit_per_s) for port in ports] == [
        ("hfi1_0", 1, 100.0), ("mlx4_0", 1, 40.0), ("mlx4_0", 2, 40.0),
    ]  # fmt: skip
    assert ports[0].link_layer is None


def test_the_pci_device_of_an_adapter() -> None:
    machine = Machine(
        {
            "/sys/class/infiniband/mlx5_0/ports/1/state": "1: DOWN\n",
            "/sys/class/infiniband/mlx5_0/ports/1/phys_state": "3: Disabled\n",
        },
        links={"/sys/class/infiniband/mlx5_0/device": "../../../0000:18:00.0"},
    )  # fmt: skip
    (port,) = probe_rdma_ports(machine)  # type: ignore[misc]
    assert (port.pci_address, port.state, port.physical_state, port.rate_gbit_per_s) == ("0000:18:00.0", "DOWN", "Disabled", None)


def test_no_adapter_and_a_folder_that_may_not_be_seen() -> None:
    assert probe_rdma_ports(Machine({})) == ()
    hidden = Machine({"/sys/class/infiniband": Denied("/sys/class/infiniband", "no")})
    assert isinstance(probe_rdma_ports(hidden), Unknown)


@pytest.mark.parametrize(("text", "rate"), [("400 Gb/sec (4X NDR)", 400.0), ("2.5 Gb/sec (1X SDR)", 2.5), ("fast", None)])
def test_rates(text: str, rate: float | None) -> None:
    found = parse_rate(text)
    assert (None if isinstance(found, Unknown) else found) == rate
