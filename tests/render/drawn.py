"""Machines for pictures: each as its probes would state it."""

from __future__ import annotations

from envdoctor.model.facts import (
    CloudInstance,
    Cpu,
    DeviceLink,
    DevicePlace,
    Facts,
    Gpu,
    Interconnect,
    Memory,
    NumaNode,
    RdmaPort,
    Subject,
    Unknown,
)

GIB = 1 << 30
UNSAID = Unknown("not asked")


def place(name: str, node: int | None, bridges: tuple[str, ...] = ("0000:00:01.0",), *, link: str = "5x16", of: str = "",
          root: str = "pci0000:00", **more: object) -> DevicePlace:  # fmt: skip
    """A device at a place; `5x16` is generation 5 with 16 lanes."""
    now, most = (tuple(int(part) for part in text.split("x")) for text in (link, of or link))
    kind = "gpu" if name.startswith("gpu") else "disk" if name.startswith(("nvme", "sd", "vd")) else "nic"
    return DevicePlace(name, kind, f"0000:{len(name):02x}:00.0", node, bridges, root, now[0], most[0], now[1], most[1], most[0],
                       most[1], **more)  # type: ignore[arg-type]  # fmt: skip


def cpu(model: str, sockets: int, cores: int, threads: int, nodes: tuple[NumaNode, ...] | Unknown) -> Cpu:
    count = len(nodes) if isinstance(nodes, tuple) else UNSAID
    return Cpu("x", model, sockets, cores, threads, numa_nodes=count, nodes=nodes)


def memory(total: int) -> Memory:
    return Memory(total, total)


def links(names: list[str], words: dict[tuple[str, str], str], otherwise: str) -> tuple[DeviceLink, ...]:
    return tuple(
        DeviceLink(one, other, words.get((one, other), otherwise)) for at, one in enumerate(names) for other in names[at + 1 :]
    )


def small() -> Facts:
    """A virtual machine with one node, a network adapter and a disk on no PCI bus."""
    nodes = (NumaNode(0, "0-1", 23 * GIB + GIB // 2, 0, (10,)),)
    places = (
        DevicePlace("eth0", "nic", None, speed_mbit_per_s=None),
        DevicePlace("vda", "disk", None, size_bytes=256 * GIB, model=None),
    )
    interconnect = Interconnect(places=places, links=(), rdma_ports=(), nvswitches=0)
    return Facts(Subject("live", "this machine"), cpu=cpu("AMD EPYC", 1, 2, 2, nodes), memory=memory(23 * GIB + GIB // 2),
                 gpus=(), devices=(), interconnect=interconnect)  # fmt: skip


def no_gpu() -> Facts:
    """A server of two sockets, without a GPU."""
    nodes = (NumaNode(0, "0-31,64-95", 256 * GIB, 0, (10, 21)), NumaNode(1, "32-63,96-127", 256 * GIB, 1, (21, 10)))
    places = (
        place("eno1", 0, link="3x8", speed_mbit_per_s=25000),
        place("sda", 1, link="3x4", of="3x8", size_bytes=3840 * 10**9, model="PERC H755 Front"),
    )
    return Facts(Subject("live", "server"), cpu=cpu("Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", 2, 64, 128, nodes),
                 memory=memory(512 * GIB), gpus=(), devices=(),
                 interconnect=Interconnect(places=places, links=(), rdma_ports=(), nvswitches=0))  # fmt: skip


def workstation() -> Facts:
    """Two sockets, four GPUs on PCI Express, one of them in a slot with eight lanes."""
    nodes = (NumaNode(0, "0-15,32-47", 128 * GIB, 0, (10, 32)), NumaNode(1, "16-31,48-63", 128 * GIB, 1, (32, 10)))
    gpus = tuple(Gpu("nvidia", index, "NVIDIA RTX A6000", memory_total_bytes=48 * GIB, pci_address=f"0000:{index}1:00.0")
                 for index in range(4))  # fmt: skip
    places = (
        place("gpu0", 0, link="1x16", of="4x16"), place("gpu1", 0, link="1x8", of="4x16", root="pci0000:20"),
        place("gpu2", 1, link="4x16", root="pci0000:80"), place("gpu3", 1, link="4x16", root="pci0000:a0"),
        place("enp5s0", 0, link="3x4", speed_mbit_per_s=10000), place("nvme0n1", 0, link="4x4", size_bytes=2 * 10**12,
                                                                      model="Samsung SSD 990 PRO 2TB"),
    )  # fmt: skip
    pairs = {("gpu0", "gpu1"): "NODE", ("gpu2", "gpu3"): "NODE", ("gpu0", "enp5s0"): "PHB", ("gpu1", "enp5s0"): "NODE"}
    ways = links([one.name for one in places[:5]], pairs, "SYS")
    return Facts(Subject("live", "workstation"), cpu=cpu("AMD EPYC 7282 16-Core Processor", 2, 32, 64, nodes),
                 memory=memory(256 * GIB), gpus=gpus, devices=(),
                 interconnect=Interconnect(places=places, links=ways, rdma_ports=(), nvswitches=0))  # fmt: skip


def h100() -> Facts:
    """Eight H100 behind NVSwitches, each with an adapter under its PCIe switch, rented."""
    nodes = (NumaNode(0, "0-47,96-143", 1024 * GIB, 0, (10, 21)), NumaNode(1, "48-95,144-191", 1024 * GIB, 1, (21, 10)))
    gpus = tuple(Gpu("nvidia", index, "NVIDIA H100 80GB HBM3", memory_total_bytes=80 * GIB) for index in range(8))
    places = [place(f"gpu{index}", index // 4, (f"0000:{index}0:01.0", f"0000:{index}1:00.0"), root=f"pci0000:{index}0")
              for index in range(8)]  # fmt: skip
    places += [place(f"mlx5_{index}", index // 4, (f"0000:{index}0:01.0", f"0000:{index}1:01.0"), root=f"pci0000:{index}0")
               for index in range(8)]  # fmt: skip
    places += [place("nvme0n1", 0, link="4x4", size_bytes=3840 * 10**9, model="Amazon EC2 NVMe Instance Storage")]
    names = [one.name for one in places[:16]]
    words = {(f"gpu{one}", f"gpu{other}"): "NV18" for one in range(8) for other in range(8)}
    words |= {(f"gpu{one}", f"mlx5_{other}"): "PIX" if one == other else "NODE" for one in range(8) for other in range(8)
              if one // 4 == other // 4}  # fmt: skip
    ports = tuple(RdmaPort(f"mlx5_{index}", 1, "DOWN" if index == 5 else "ACTIVE", "LinkUp", 400.0, "InfiniBand")
                  for index in range(8))  # fmt: skip
    return Facts(Subject("live", "node"), cpu=cpu("Intel(R) Xeon(R) Platinum 8488C", 2, 96, 192, nodes),
                 memory=memory(2048 * GIB), gpus=gpus, devices=(), cloud=CloudInstance("aws", "p5.48xlarge"),
                 interconnect=Interconnect(places=tuple(places), links=links(names, words, "SYS"), rdma_ports=ports,
                                           nvswitches=4))  # fmt: skip


def mi300x(partitions: int = 1) -> Facts:
    """Eight MI300X that reach each other over XGMI; with `partitions` each is as many."""
    nodes = (NumaNode(0, "0-95", 1160 * GIB, 0, (10, 32)), NumaNode(1, "96-191", 1160 * GIB, 1, (32, 10)))
    mode = "SPX" if partitions == 1 else "CPX"
    gpus = tuple(
        Gpu("amd", index, "AMD Instinct MI300X", pci_address=f"0000:{index // partitions}5:00.0", gfx_target="gfx942",
            memory_total_bytes=192 * GIB // partitions, compute_partition=mode, hive="c0ffee")
        for index in range(8 * partitions)
    )  # fmt: skip
    first = range(0, 8 * partitions, partitions)
    places = tuple(place(f"gpu{index}", index // partitions // 4, root=f"pci0000:{index}0") for index in first)
    return Facts(Subject("live", "mi300x"), cpu=cpu("AMD EPYC 9654 96-Core Processor", 2, 192, 192, nodes),
                 memory=memory(2320 * GIB), gpus=gpus, devices=(),
                 interconnect=Interconnect(places=places, links=links([one.name for one in places], {}, "XGMI"), rdma_ports=(),
                                           nvswitches=0))  # fmt: skip


def laptop() -> Facts:
    """A laptop with an Apple chip."""
    gpus = (Gpu("apple", 0, "Apple M3 Max", memory_total_bytes=64 * GIB, compute_units=40),)
    return Facts(Subject("live", "laptop"), cpu=cpu("Apple M3 Max", 1, 16, 16, UNSAID), memory=memory(64 * GIB), gpus=gpus,
                 devices=(), interconnect=Unknown("there is no PCI bus"))  # fmt: skip


MACHINES = {
    "small": small, "no-gpu": no_gpu, "workstation": workstation, "h100": h100, "mi300x": mi300x, "laptop": laptop,
    "mi300x-cpx": lambda: mi300x(8),
}  # fmt: skip
