"""Rules about what connects GPUs: NVLink, PCI Express, network adapters, processors."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import DevicePlace, Interconnect, KernelEvent, KernelLog, NvLink, RdmaPort, Unknown
from tests.rules.facts import GIB, UNKNOWN, cpu, driver, gpu, gpu_machine, linux, machine
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED

ACS, GPU_BRIDGE = "0000:80:01.0", "0000:17:01.0"


def links(up: int, down: int = 0, **changes: object) -> tuple[NvLink, ...]:
    made = [NvLink(index, index < up, 3, 25000, "switch", None, 0, 0, 0) for index in range(up + down)]
    if changes:
        first = made[0]
        made[0] = NvLink(**{**{name: getattr(first, name) for name in first.__match_args__}, **changes})  # type: ignore[attr-defined]
    return tuple(made)


def pair(first: object, second: object, name: str = "NVIDIA A100-SXM4-80GB"):
    return (gpu(name, nvlinks=first), gpu(name, index=1, uuid="GPU-2", nvlinks=second))


def port(device: str, state: object = "ACTIVE", rate: object = 400.0, layer: str = "InfiniBand") -> RdmaPort:
    return RdmaPort(
        device, 1, state, "LinkUp" if state == "ACTIVE" else "Disabled", rate, layer, "28.39", "MT4129", source="sysfs"
    )


def place(name: str, **changes: object) -> DevicePlace:
    base = {"kind": "gpu", "pci_address": "0000:3b:00.0", "numa_node": 0, "bridges": (GPU_BRIDGE,), "local_cpus": "0-15",
            "iommu_type": None, "root": "pci0000:17"}  # fmt: skip
    return DevicePlace(name=name, **{**base, **changes})


@pytest.mark.parametrize(
    ("gpus", "verdict", "words"),
    [
        (pair(links(12), links(11, 1)), FAIL, ["GPU 1 (NVIDIA A100-SXM4-80GB) has 11 of 12 NVLinks up", "Down: 11"]),
        (pair(links(4, 8), links(4, 8), "NVIDIA A100 80GB PCIe"), PASS, []),
        (pair(links(4, 8), links(3, 9), "NVIDIA A100 80GB PCIe"), FAIL, ["3 of 4"]),
        (pair(links(12), links(12)), PASS, []),
        (pair(links(0, 4), links(0, 4), "NVIDIA GeForce RTX 3090"), SKIP, ["no NVLink is connected"]),
        (pair(None, None), SKIP, ["no NVLinks"]),
        ((gpu(nvlinks=links(3, 9)),), SKIP, ["only one"]),
        (pair(UNKNOWN, links(12)), UNDECIDED, []),
    ],
)
def test_nvlink_down(gpus, verdict, words):
    expect("gpu.nvlink_down", gpu_machine(gpus=gpus), verdict, *words)


@pytest.mark.parametrize(
    ("gpus", "verdict", "words"),
    [
        (
            pair(links(12), links(12, recoveries=2, replays=9)),
            FAIL,
            ["lost and trained again", "link 0: 2 recoveries, 9 replays"],
        ),
        (pair(links(12), links(12, replays=9)), FAIL, ["sent packets again"]),
        (pair(links(12), links(12, crc_errors=9)), PASS, []),
        (pair(None, None), SKIP, []),
        (pair(links(1, recoveries=UNKNOWN, replays=UNKNOWN), links(1)), UNDECIDED, []),
    ],
)
def test_nvlink_errors(gpus, verdict, words):
    expect("gpu.nvlink_errors", gpu_machine(gpus=gpus), verdict, *words)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"pcie_generation": 1, "pcie_generation_max": 4, "performance_state": "P8", "throttle_reasons": ()}, PASS),
        ({"pcie_generation": 1, "pcie_generation_max": 4, "performance_state": "P0", "throttle_reasons": ("gpu_idle",)}, PASS),
        ({"pcie_generation": 1, "pcie_generation_max": 4, "performance_state": "P0", "throttle_reasons": ()}, FAIL),
        ({"pcie_generation": 3, "pcie_generation_max": 4, "performance_state": None, "utilization_percent": 99}, FAIL),
        ({"pcie_generation": 3, "pcie_generation_max": 4, "performance_state": None, "utilization_percent": 0}, PASS),
        ({"pcie_generation": 4, "pcie_generation_max": 4}, PASS),
        ({"pcie_generation": 1, "pcie_generation_max": 4, "throttle_reasons": UNKNOWN}, UNDECIDED),
        ({"pcie_generation": UNKNOWN, "pcie_generation_max": 4}, UNDECIDED),
        ({"pcie_generation": None, "pcie_generation_max": 4}, SKIP),
    ],
)
def test_pcie_generation_degraded(changes, verdict):
    expect("gpu.pcie_generation_degraded", gpu_machine(gpus=(gpu(**changes),)), verdict)


def test_the_link_in_a_virtual_machine_is_not_judged():
    card = gpu(pcie_generation=1, pcie_generation_max=4, performance_state="P0")
    expect("gpu.pcie_generation_degraded", gpu_machine(gpus=(card,), os=linux(virtual_machine="kvm")), SKIP, "virtual machine")


@pytest.mark.parametrize(
    ("count", "events", "verdict", "words"),
    [
        (4096, (), FAIL, ["4096 replays"]),
        (67, (), PASS, []),
        (3, (KernelEvent("aer", None, "0000:3b:00.0", "", "PCIe Bus Error: severity=Corrected", 5),), FAIL, ["5 errors"]),
        (3, (KernelEvent("aer", None, "0000:9b:00.0", "", "PCIe Bus Error: severity=Corrected", 5),), PASS, []),
        (None, (), SKIP, []),
        (UNKNOWN, (), UNDECIDED, []),
    ],
)
def test_pcie_replays(count, events, verdict, words):
    facts = gpu_machine(gpus=(gpu(pcie_replays=count),), kernel_log=KernelLog(events, "/dev/kmsg"))
    expect("gpu.pcie_replays", facts, verdict, *words)


@pytest.mark.parametrize(
    ("ports", "verdict", "words"),
    [
        ((port("mlx5_0"), port("mlx5_1"), port("mlx5_2", "DOWN")), FAIL, ["Port 1 of mlx5_2 (InfiniBand) is down", "Others"]),
        ((port("mlx5_0"), port("mlx5_1"), port("mlx5_2", rate=200.0)), FAIL, ["runs at 200 instead of 400 Gb/s"]),
        ((port("mlx5_0", "DOWN", layer="Ethernet"), port("mlx5_1")), FAIL, ["may be unused"]),
        ((port("mlx5_0"), port("mlx5_1", rate=100.0)), PASS, []),
        ((port("mlx5_0"), port("mlx5_1")), PASS, []),
        ((), SKIP, ["no InfiniBand"]),
        (UNKNOWN, UNDECIDED, []),
        ((port("mlx5_0", UNKNOWN),), UNDECIDED, []),
    ],
)
def test_infiniband_port_down(ports, verdict, words):
    expect("gpu.infiniband_port_down", gpu_machine(interconnect=Interconnect(rdma_ports=ports)), verdict, *words)


def test_a_port_that_may_be_unused_is_a_remark():
    facts = gpu_machine(interconnect=Interconnect(rdma_ports=(port("mlx5_0", "DOWN"),)))
    assert [finding.severity.value for finding in outcome("gpu.infiniband_port_down", facts).findings] == ["info"]


@pytest.mark.parametrize(
    ("ports", "loaded", "open_module", "kernel", "verdict", "words"),
    [
        ((port("mlx5_0"),), False, False, "6.8.0", FAIL, ["modprobe nvidia-peermem"]),
        ((port("mlx5_0"),), False, True, "5.4.0-91-generic", FAIL, []),
        ((port("mlx5_0"),), False, True, "6.8.0", PASS, []),
        ((port("mlx5_0"),), True, False, "6.8.0", PASS, []),
        ((port("mlx5_0", "DOWN"),), False, False, "6.8.0", SKIP, []),
        ((port("mlx5_0"),), UNKNOWN, False, "6.8.0", UNDECIDED, []),
        ((port("mlx5_0"),), False, UNKNOWN, "6.8.0", UNDECIDED, []),
    ],
)
def test_peermem_missing(ports, loaded, open_module, kernel, verdict, words):
    facts = machine(
        gpus=(gpu(),), driver=driver(open_kernel_module=open_module), os=linux(kernel=kernel),
        interconnect=Interconnect(rdma_ports=ports, peermem_loaded=loaded),
    )  # fmt: skip
    expect("gpu.peermem_missing", facts, verdict, *words)


@pytest.mark.parametrize(
    ("acs", "places", "verdict", "words"),
    [
        ((GPU_BRIDGE, ACS), (place("gpu0"),), FAIL, ["ACS is on for 1 PCI bridges", GPU_BRIDGE, "setpci", f"!{ACS}"]),
        ((ACS,), (place("gpu0"),), PASS, []),
        ((ACS,), (place("gpu0", bridges=UNKNOWN),), FAIL, [ACS]),
        ((), (), PASS, []),
        (UNKNOWN, (), UNDECIDED, []),
    ],
)
def test_acs_enabled(acs, places, verdict, words):
    facts = gpu_machine(gpus=pair(None, None), interconnect=Interconnect(acs_bridges=acs, places=places))
    expect("gpu.acs_enabled", facts, verdict, *words)


@pytest.mark.parametrize("rule", ["gpu.acs_enabled", "gpu.iommu_translates_gpus"])
def test_one_gpu_and_virtual_machines_are_not_judged(rule):
    known = Interconnect(acs_bridges=(ACS,), places=(place("gpu0", iommu_type="DMA"),))
    expect(rule, gpu_machine(interconnect=known), SKIP, "only one")
    expect(rule, gpu_machine(gpus=pair(None, None), interconnect=known, os=linux(virtual_machine="kvm")), SKIP, "virtual machine")


@pytest.mark.parametrize(
    ("kinds", "verdict", "words"),
    [
        (("DMA-FQ", "DMA-FQ"), FAIL, ["addresses of 2 GPUs", "iommu=pt"]),
        (("identity", "identity"), PASS, []),
        ((None, None), PASS, []),
        ((UNKNOWN, None), UNDECIDED, []),
    ],
)
def test_iommu_translates_gpus(kinds, verdict, words):
    places = tuple(place(f"gpu{number}", iommu_type=kind) for number, kind in enumerate(kinds))
    expect(
        "gpu.iommu_translates_gpus", gpu_machine(gpus=pair(None, None), interconnect=Interconnect(places=places)), verdict, *words
    )


@pytest.mark.parametrize(
    ("allowed", "places", "nodes", "verdict", "words"),
    [
        ("16-31", (place("gpu0"),), 2, FAIL, ["next to gpu0 (NUMA node 0)", "numactl --cpunodebind=0"]),
        ("8-31", (place("gpu0"),), 2, PASS, []),
        ("16-31", (place("mlx5_0", kind="nic"),), 2, PASS, []),
        ("16-31", (place("gpu0"),), 1, SKIP, ["one NUMA node"]),
        (UNKNOWN, (place("gpu0"),), 2, UNDECIDED, []),
        ("0", (place("gpu0", local_cpus=UNKNOWN),), 2, UNDECIDED, []),
    ],
)
def test_gpu_numa_far(allowed, places, nodes, verdict, words):
    facts = gpu_machine(cpu=cpu(numa_nodes=nodes), interconnect=Interconnect(places=places, allowed_cpus=allowed))
    expect("gpu.gpu_numa_far", facts, verdict, *words)


@pytest.mark.parametrize(
    ("window", "ports", "verdict"),
    [
        (GIB // 4, (port("mlx5_0"),), FAIL),
        (128 * GIB, (port("mlx5_0"),), PASS),
        (GIB // 4, (), SKIP),
        (None, (port("mlx5_0"),), SKIP),
        (UNKNOWN, (port("mlx5_0"),), UNDECIDED),
        (GIB // 4, UNKNOWN, UNDECIDED),
    ],
)
def test_bar1_too_small(window, ports, verdict):
    facts = gpu_machine(gpus=(gpu(bar1_total_bytes=window),), interconnect=Interconnect(rdma_ports=ports))
    expect("gpu.bar1_too_small", facts, verdict)


@pytest.mark.parametrize(
    ("variables", "gpus", "verdict", "words"),
    [
        ({"NCCL_P2P_DISABLE": "1"}, pair(links(12), links(12)), FAIL, ["NCCL_P2P_DISABLE=1 turns off the NVLinks", "unset"]),
        ({"NCCL_P2P_DISABLE": "1"}, pair(None, None), PASS, []),
        ({"NCCL_IB_DISABLE": "1"}, pair(None, None), FAIL, ["InfiniBand or RoCE"]),
        ({"NCCL_SOCKET_IFNAME": "lo"}, pair(None, None), FAIL, ["no other machine"]),
        ({"NCCL_SHM_DISABLE": "1"}, pair(None, None), FAIL, ["shared memory"]),
        ({"NCCL_DEBUG": "INFO"}, pair(None, None), PASS, []),
        ({}, pair(None, None), SKIP, ["no variable"]),
        (UNKNOWN, pair(None, None), UNDECIDED, []),
    ],
)
def test_nccl_variables_harmful(variables, gpus, verdict, words):
    facts = gpu_machine(gpus=gpus, variables=variables, interconnect=Interconnect(rdma_ports=(port("mlx5_0"),)))
    expect("gpu.nccl_variables_harmful", facts, verdict, *words)


RULES = (
    "gpu.infiniband_port_down", "gpu.peermem_missing", "gpu.acs_enabled", "gpu.iommu_translates_gpus", "gpu.gpu_numa_far",
    "gpu.bar1_too_small", "gpu.nvswitch_errors",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_said_without_a_gpu_or_of_what_was_not_seen(rule):
    expect(rule, machine(interconnect=Unknown("no sysfs")), SKIP, "no NVIDIA GPU")
    expect(rule, gpu_machine(interconnect=Unknown("no sysfs")), UNDECIDED, "no sysfs")
    expect(rule, gpu_machine(interconnect=Interconnect(), targeted=("gpus",)), SKIP, "--target")
