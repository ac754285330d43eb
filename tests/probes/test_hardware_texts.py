"""Texts that people paste of other hardware: lscpu, system_profiler, sysctl, sycl-ls, virt-what, numactl, lstopo."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Unknown
from envdoctor.probes.cpu_topology import parse_list
from envdoctor.probes.lscpu import parse_lscpu
from envdoctor.probes.mac_text import parse_metal, parse_sysctl, parse_system_profiler
from envdoctor.probes.numa import format_list
from envdoctor.probes.numa_text import parse_lstopo, parse_numactl
from envdoctor.probes.sycl_devices import parse_sycl_devices, parse_xpu_smi
from envdoctor.probes.virt_what import VirtWhat, parse_virt_what

GIB = 1 << 30
PIECES = st.text(alphabet='CPU(s): 0-9,MmodelNaey{}[]"fieldata|GB\n\t x=#node', max_size=300)


@settings(max_examples=120, deadline=None)
@given(st.one_of(PIECES, st.text(max_size=200)))
def test_any_text_is_read_without_failure(text: str) -> None:
    for begun in (text, "CPU(s): 4\nModel name: x\n" + text, "Chipset Model: x\n" + text, '{"lscpu": [' + text):
        parse_lscpu(begun)
        parse_system_profiler(begun)
        parse_sysctl("machdep.cpu.brand_string: x\n" + begun)
        parse_sycl_devices(begun)
        parse_xpu_smi(begun)
        parse_numactl(begun)
        parse_lstopo(begun)
        parse_metal(begun)
        parse_virt_what(begun)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 600), max_size=80))
def test_lists_of_processors_come_back(numbers: set[int]) -> None:
    assert parse_list(format_list(sorted(numbers))) == sorted(numbers)


@pytest.mark.parametrize(
    ("fields", "sockets", "cores", "threads"),
    [
        ({"Socket(s)": "2", "Core(s) per socket": "4", "CPU(s)": "16", "On-line CPU(s) list": "0-15"}, 2, 8, 16),
        ({"Socket(s)": "-", "Cluster(s)": "2", "Core(s) per cluster": "4", "CPU(s)": "8"}, None, 8, 8),
        ({"CPU socket(s)": "2", "Core(s) per socket": "4", "CPU(s)": "8"}, 2, 8, 8),
        ({"Socket(s)": "1", "Core(s) per socket": "4", "CPU(s)": "8", "On-line CPU(s) list": "0-3"}, 1, 4, 4),
    ],
)
def test_lscpu_of_several_versions(fields: dict[str, str], sockets: int | None, cores: int, threads: int) -> None:
    said = {"Architecture": "aarch64", **fields}
    order = sorted(said, key=lambda name: name.startswith(("Socket", "Cluster", "CPU socket")))
    text = "\n".join(f"  {name}: {said[name]}" for name in order)
    document = json.dumps({"lscpu": [{"field": "Architecture:", "data": "aarch64", "children": [
        {"field": f"{name}:", "data": said[name]} for name in order if name != "Architecture"]}]})  # fmt: skip
    for form in (text, document):
        found = parse_lscpu(form)
        assert found is not None
        assert found.machine == "aarch64"
        assert (found.cpu.cores, found.cpu.threads) == (cores, threads)
        assert found.cpu.sockets == sockets if sockets is not None else isinstance(found.cpu.sockets, Unknown)


def test_what_is_not_lscpu_s() -> None:
    assert parse_lscpu("hello\nName: x\n") is None
    assert parse_lscpu("") is None


def _said(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in re.findall(r"^([A-Z][^:\n]+?):[ \t]+(\S.*?)\s*$", text, re.MULTILINE):
        found.setdefault(name, value)
    return found


def test_every_recorded_lscpu(shared_folder: Path) -> None:
    """Against the recording's own words, read here in another way."""
    hardware = shared_folder / "hardware"
    paths = [*sorted((hardware / "cpu-lscpu").iterdir()), *sorted((hardware / "cpu-tree").glob("*.lscpu-output.txt"))]
    assert len(paths) >= 80
    for path in paths:
        text = path.read_text(encoding="utf-8")
        found, said = parse_lscpu(text), _said(text)
        assert found is not None, path.name
        assert found.machine == said.get("Architecture"), path.name
        assert found.cpu.threads == len(parse_list(said["On-line CPU(s) list"])), path.name
        assert found.cpu.model == (said.get("Model name") if said.get("Model name") != "-" else said.get("Machine type")), (
            path.name
        )
        if "NUMA node(s)" in said:
            assert found.cpu.numa_nodes == int(said["NUMA node(s)"]), path.name
            assert isinstance(found.cpu.nodes, tuple), path.name
            assert {node.number: node.cpus for node in found.cpu.nodes if node.cpus} == {
                int(name[9:].partition(" ")[0]): format_list(parse_list(value))
                for name, value in said.items() if re.match(r"NUMA node\d", name)
            }, path.name  # fmt: skip
        if "Socket(s)" in said and text.count("Core(s) per socket") == 1 and int(said["CPU(s)"]) > 2:
            assert found.cpu.sockets == int(said["Socket(s)"]), path.name
            assert found.cpu.cores == int(said["Core(s) per socket"]) * int(said["Socket(s)"]), path.name
        flags = said.get("Flags", "").split()
        assert flags == [] or found.cpu.features == frozenset(flags), path.name


VIRTUAL = {
    "issue-intel-xeon-processor-icelake.txt": "kvm", "azure-xeon-8573c-amx.txt": "hyperv",
    "issue-power10-architected-altivec-supported.txt": "powervm", "nvidia-grace-neoverse-v2.txt": None,
}  # fmt: skip


def test_hypervisors_that_lscpu_names(shared_folder: Path) -> None:
    for name, kind in VIRTUAL.items():
        found = parse_lscpu((shared_folder / "hardware" / "cpu-lscpu" / name).read_text())
        assert found is not None
        assert found.virtual_machine == kind, name


MACS: dict[str, tuple[object, ...]] = {
    "facter-system_profile_sp_hardware_data_type.txt": ("MacBookPro11,4", None, 16 * GIB, "Intel Core i7", 4, []),
    "facter-system_profile_sp_software_data_type.txt": (None, "10.15.2", None, None, None, []),
    "facter-system_profiler.txt": ("MacBookPro11,4", "10.15.2", 16 * GIB, "Intel Core i7", 4, []),
    "system_profiler-10.4-powerpc.txt": ("PowerMac11,2", "10.4.11", 2 * GIB, "PowerPC G5 (1.1)", None,
                                         [("nvidia", "GeForce 6600", 256 << 20)]),
    "system_profiler-10.6.5-dual-monitor.txt": (None, None, None, None, None, [("amd", "ATI Radeon HD 5770", GIB)]),
    "system_profiler-10.6.6-intel.txt": ("MacBook2,1", "10.6.6", GIB, "Intel Core 2 Duo", 2, [("intel", "GMA 950", 64 << 20)]),
    "system_profiler-11.0-apple-M1.txt": ("MacBookAir10,1", "11.2.3", 16 * GIB, "Apple M1", 8, [("apple", "Apple M1", 16 * GIB)]),
    "system_profiler-mojave-dual-video-cards.txt": (
        None, None, None, None, None, [("intel", "Intel HD Graphics 530", None), ("amd", "AMD Radeon Pro 450", 2 * GIB)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MACS)
def test_recorded_system_profiler(name: str, shared_folder: Path) -> None:
    found = parse_system_profiler((shared_folder / "hardware" / "macos" / name).read_text(encoding="utf-8", errors="replace"))
    model, version, memory, processor, cores, gpus = MACS[name]
    assert (found.model, found.version, found.memory_bytes) == (model, version, memory)
    assert (found.cpu.model if found.cpu else None) == processor
    assert cores is None or (found.cpu is not None and found.cpu.cores == cores)
    assert [(gpu.vendor, gpu.name, gpu.memory_total_bytes) for gpu in found.gpus] == gpus


SYSCTLS = {
    "jc-sysctl-a-10.14.6.txt": ("Intel(R) Core(TM) i5-8279U CPU @ 2.40GHz", 4, 8, 3),
    "sysctl-11.0-apple-M1.txt": ("Apple M1", 8, 8, None),
    "sysctl-10.6-macmini.txt": ("Intel(R) Core(TM)2 Duo CPU P7550 @ 2.26GHz", 2, 2, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", SYSCTLS)
def test_recorded_sysctl(name: str, shared_folder: Path) -> None:
    found = parse_sysctl((shared_folder / "hardware" / "macos" / name).read_text(encoding="utf-8", errors="replace"))
    assert found is not None
    assert (found.model, found.cores, found.threads, found.x86_64_level) == SYSCTLS[name]


METALS = {
    "10009-metal-1": ["AMD Radeon VII", "AMD Radeon Pro 570"], "11083-metal-2": ["Apple M4"], "12588-metal-4": ["Apple M4"],
    "14670-metal-5": ["Apple M4 Max"], "6112-metal-7": ["Apple M2 Ultra"], "6189-metal-8": ["Apple M1"],
}  # fmt: skip


@pytest.mark.parametrize("name", METALS)
def test_recorded_metal(name: str, shared_folder: Path) -> None:
    found = parse_metal((shared_folder / "hardware" / "macos" / f"issue-llama.cpp-{name}.txt").read_text(errors="replace"))
    assert [gpu.name for gpu in found] == METALS[name]
    assert {gpu.vendor for gpu in found} == {"amd" if "AMD" in METALS[name][0] else "apple"}


SYCL = {
    "10421-sycl-1": ["Intel Arc A770 Graphics"], "11044-sycl-2": ["Intel Iris Xe Graphics"],
    "14689-sycl-4": ["Intel UHD Graphics"],
    "5400-sycl-5": ["Intel(R) Arc(TM) A770 Graphics"] * 2,
    "8294-sycl-7": ["Intel Arc A770 Graphics", "Intel Arc A770 Graphics", "Intel UHD Graphics 770"],
}  # fmt: skip


@pytest.mark.parametrize("name", SYCL)
def test_recorded_sycl_devices(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "intel-gpu" / f"issue-llama.cpp-{name}.txt").read_text(errors="replace")
    assert [device.name for device in parse_sycl_devices(text)] == SYCL[name]


def test_xpu_smi() -> None:
    text = json.dumps({"device_list": [{"device_id": 0, "device_name": "Intel(R) Data Center GPU Max 1100",
                                        "pci_bdf_address": "0000:29:00.0"}]})  # fmt: skip
    assert [(one.name, one.pci_address) for one in parse_xpu_smi(text)] == [("Intel(R) Data Center GPU Max 1100", "0000:29:00.0")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", VirtWhat(None, None, None)),
        ("kvm\n", VirtWhat("kvm", None, None)),
        ("xen\nxen-dom0\n", VirtWhat(None, None, None)),
        ("hyperv\nazure\n", VirtWhat("hyperv", None, "azure")),
        ("lxc\nkvm\naws\n", VirtWhat("kvm", "lxc", "aws")),
        ("ibm_systemz\nibm_systemz-zvm\n", VirtWhat("zvm", None, None)),
        ("lkvm\n", VirtWhat("kvm", None, None)),
        ("ldoms\nldoms-control\nldoms-io\nldoms-root\n", VirtWhat(None, None, None)),
        ("rhev\nredhat\nkvm\n", VirtWhat("kvm", None, None)),
        ("virtualpc\n", VirtWhat("virtualpc", None, None)),
        ("not a word of it", None),
    ],
)
def test_virt_what(text: str, expected: VirtWhat | None) -> None:
    assert parse_virt_what(text) == expected


def test_recorded_virt_what(shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "containers" / "facter-virt-what-content.txt").read_text()
    assert parse_virt_what(text) == VirtWhat("xen", None, "aws")


def test_recorded_numactl_and_lstopo(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "topology"
    nodes = parse_numactl((folder / "grace-hopper-numactl-H.txt").read_text())
    assert [node.number for node in nodes] == list(range(9))
    assert (nodes[0].cpus, nodes[0].memory_total_bytes, nodes[1].cpus) == ("0-71", 490029 << 20, "")
    assert nodes[0].distances == (10, *[80] * 8)
    drawn = parse_lstopo((folder / "grace-hopper-lstopo.txt").read_text())
    assert [(node.number, node.cpus, node.memory_total_bytes) for node in drawn] == [(0, "0-71", 479 * GIB)]
