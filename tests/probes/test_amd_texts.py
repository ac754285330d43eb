"""What amd-smi, rocm-smi and rocminfo print, of many versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Gpu, Unknown
from envdoctor.model.record import fields
from envdoctor.probes.amd_commands import ask_amd_tools, complete_gpus
from envdoctor.probes.amd_reading import AmdReading
from envdoctor.probes.amd_smi import parse_amd_smi
from envdoctor.probes.rocm_smi import parse_rocm_smi
from envdoctor.probes.rocminfo import parse_rocminfo
from envdoctor.system.port import Output
from tests.machines import Machine

GPU = {
    "gpu": 0,
    "asic": {"market_name": "AMD Instinct MI300X", "vendor_id": "0x1002", "device_id": "0x74a1", "num_compute_units": 304,
             "target_graphics_version": "gfx942"},
    "bus": {"bdf": "0000:05:00.0", "max_pcie_width": 16, "max_pcie_speed": {"value": 32, "unit": "GT/s"}},
    "driver": {"name": "amdgpu", "version": "6.12.12"},
    "vram": {"type": "HBM3", "size": {"value": 196592, "unit": "MB"}},
    "partition": {"compute_partition": "CPX", "memory_partition": "NPS4"},
}  # fmt: skip
STATIC_TEXT = """GPU: 0
    ASIC:
        MARKET_NAME: AMD Instinct MI300X
        DEVICE_ID: 0x74a1
        NUM_COMPUTE_UNITS: 304
        TARGET_GRAPHICS_VERSION: gfx942
    BUS:
        BDF: 0000:05:00.0
        MAX_PCIE_WIDTH: 16
        MAX_PCIE_SPEED: 32 GT/s
    DRIVER:
        NAME: amdgpu
        VERSION: 6.12.12
    VRAM:
        TYPE: HBM3
        SIZE: 196592 MB
    PARTITION:
        ACCELERATOR_PARTITION: CPX
        MEMORY_PARTITION: NPS4
"""
CSV = """gpu,market_name,vendor_id,device_id,num_compute_units,target_graphics_version,bdf,max_pcie_width,max_pcie_speed,\
driver_name,driver_version,type,size,accelerator_partition,memory_partition
0,AMD Instinct MI300X,0x1002,0x74a1,304,gfx942,0000:05:00.0,16,32,amdgpu,6.12.12,HBM3,196592,CPX,NPS4
"""


def _one(reading: AmdReading) -> Gpu:
    (gpu,) = reading.gpus
    return gpu


@pytest.mark.parametrize(
    "text",
    [json.dumps([GPU]), json.dumps({"gpu_data": [GPU]}), "WARNING: something\n" + json.dumps([GPU]), STATIC_TEXT, CSV],
    ids=["6.x", "7.x", "with a warning", "text", "csv"],
)
def test_amd_smi_in_every_form(text: str) -> None:
    reading = parse_amd_smi(text)
    gpu = _one(reading)
    assert (gpu.name, gpu.gfx_target, gpu.pci_address, gpu.pci_id) == (
        "AMD Instinct MI300X",
        "gfx942",
        "0000:05:00.0",
        "1002:74a1",
    )
    assert (gpu.compute_units, gpu.memory_total_bytes) == (304, 196592 << 20)
    assert (gpu.compute_partition, gpu.memory_partition) == ("CPX", "NPS4")
    assert (gpu.pcie_generation_max, gpu.pcie_width_max_lanes) == (5, 16)
    assert reading.driver_version == "6.12.12"


def test_amd_smi_of_rocm_5_7() -> None:
    text = json.dumps([{"gpu": 1, "asic": {"market_name": "MI250", "device_id": "0x740c"}, "vram": {"size_mb": 65520},
                        "bus": {"bdf": "0000:29:00.0"}}])  # fmt: skip
    gpu = _one(parse_amd_smi(text))
    assert (gpu.index, gpu.memory_total_bytes, gpu.pci_id) == (1, 65520 << 20, "1002:740c")
    assert isinstance(gpu.gfx_target, Unknown)


def test_amd_smi_s_own_box() -> None:
    box = (
        "| AMD-SMI 26.0.0+37d158ab      amdgpu version: 6.14.14  ROCm version: 7.0.0    |\n"
        "| BDF                        GPU-Name | Mem-Uti   Temp   UEC       Power-Usage |\n"
        "| GPU  HIP-ID  OAM-ID  Partition-Mode | GFX-Uti    Fan               Mem-Usage |\n"
        "|=====================================+========================================|\n"
        "| 0000:05:00.0    AMD Instinct MI300X | 0 %      41 °C   0           134/750 W |\n"
        "|   0       0       5        SPX/NPS1 | 0 %        N/A           285/196592 MB |\n"
    )
    reading = parse_amd_smi(box)
    gpu = _one(reading)
    assert (gpu.name, gpu.compute_partition, gpu.memory_total_bytes) == ("AMD Instinct MI300X", "SPX", 196592 << 20)
    assert (reading.rocm_version, reading.driver_version) == ("7.0.0", "6.14.14")


def test_links_of_amd_smi() -> None:
    topology = [{"gpu": 0, "bdf": "a", "links": [{"gpu": 0, "link_type": "SELF"}, {"gpu": 1, "link_type": "XGMI"}]},
                {"gpu": 1, "bdf": "b", "links": [{"gpu": 0, "link_type": "XGMI"}]}]  # fmt: skip
    assert [(link.first, link.second, link.path) for link in parse_amd_smi(json.dumps(topology)).links] == [
        ("gpu0", "gpu1", "XGMI")
    ]
    table = "LINK TYPE TABLE:\n      0000:05:00.0 0000:26:00.0\n0000:05:00.0 SELF XGMI\n0000:26:00.0 XGMI SELF\n"
    assert [link.path for link in parse_amd_smi(table).links] == ["XGMI"]


def test_the_version_in_json() -> None:
    assert parse_amd_smi('[{"tool": "AMDSMI Tool", "version": "24.6.2", "rocm_version": "6.2.0"}]').rocm_version == "6.2.0"


SHORT_5 = """========================= ROCm System Management Interface =========================
=================================== Concise Info ===================================
GPU  Temp (DieEdge)  AvgPwr  SCLK    MCLK     Fan  Perf  PwrCap  VRAM%  GPU%
0    35.0c           39.0W   300Mhz  1200Mhz  0%   auto  290.0W    0%   0%
1    36.0c           41.0W   300Mhz  1200Mhz  0%   auto  290.0W    0%   0%
====================================================================================
"""
SHORT_6 = """Device  [Model : Revision]    Temp        Power     Partitions      SCLK    MCLK    Fan  Perf  PwrCap  VRAM%  GPU%
        Name (20 chars)       (Junction)  (Socket)  (Mem, Compute)
====================================================================================================================
0       [0x74a1 : 0x00]       35.0°C      133.0W    NPS1, SPX       131Mhz  900Mhz  0%   auto  750.0W    0%   0%
        AMD Instinct MI300X
====================================================================================================================
"""
LINES = """GPU[0]		: GPU ID: 		0x738c
GPU[0]		: Card series: 		Arcturus GL-XL [Instinct MI100]
GPU[0]		: PCI Bus: 0000:1E:00.0
GPU[0]		: VRAM Total Memory (B): 34342961152
GPU[0]		: Compute Partition: SPX
Driver version: 6.2.4
"""


def test_rocm_smi_s_short_tables() -> None:
    assert len(parse_rocm_smi(SHORT_5).gpus) == 2
    gpu = _one(parse_rocm_smi(SHORT_6))
    assert (gpu.name, gpu.pci_id, gpu.compute_partition, gpu.memory_partition) == (
        "AMD Instinct MI300X",
        "1002:74a1",
        "SPX",
        "NPS1",
    )


SHORT_3 = """========================ROCm System Management Interface========================
GPU  Temp   AvgPwr  SCLK    MCLK    Fan    Perf  PwrCap  VRAM%  GPU%
1    25.0c  10.0W   852Mhz  167Mhz  14.9%  auto  170.0W  N/A    0%
"""
SHORT_5_7 = """=================================== Concise Info ===================================
Expected integer value from monitor, but got ""
GPU[0]          : get_power_avg, Unexpected data received
ERROR: GPU[1]   : sclk clock is unsupported
GPU  Temp (DieEdge)  AvgPwr  SCLK  MCLK     Fan  Perf     PwrCap       VRAM%  GPU%
0    33.0c           16.0W   0Mhz  96Mhz    20%  auto     241.0W         0%   0%
1    39.0c           37.15W  None  1800Mhz  0%   auto     Unsupported   77%   0%
"""
SHORT_6_2 = """\
Device  Node  IDs              Temp        Power     Partitions          SCLK    MCLK     Fan    Perf  PwrCap  VRAM%  GPU%
              (DID,     GUID)  (Junction)  (Socket)  (Mem, Compute, ID)
==========================================================================================================================
0       2     0x74a1,   28851  38.0°C      140.0W    NPS1, SPX, 0        132Mhz  900Mhz   0%     auto  750.0W  0%     0%
1       3     0x74a1,   51499  35.0°C      137.0W    NPS1, SPX, 0        132Mhz  900Mhz   0%     auto  750.0W  0%     0%
"""
LISTED = """GPU: 0
    BDF: 0000:0c:00.0
    UUID: deff74a1-0000-1000-80de-bfcbc3f6c1f1
    KFD_ID: 45412
    NODE_ID: 2
"""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (SHORT_3, [(1, None, None)]),
        (SHORT_5_7, [(0, None, None), (1, None, None)]),
        (SHORT_6_2, [(0, "1002:74a1", "SPX"), (1, "1002:74a1", "SPX")]),
        ("GPU[0] \t\t: GPU ID: 0x687f\nGPU[1] \t\t: GPU ID: 0x6863\n", [(0, "1002:687f", None), (1, "1002:6863", None)]),
        ('{"card0": {"Device Name": "Phoenix3", "Device ID": "0x1900", "PCI Bus": "0000:C4:00.0"}}', [(0, "1002:1900", None)]),
    ],
)
def test_rocm_smi_of_other_releases(text: str, rows: list[tuple[object, ...]]) -> None:
    shown = lambda value: None if isinstance(value, Unknown) else value  # noqa: E731
    gpus = parse_rocm_smi(text).gpus
    assert [(gpu.index, shown(gpu.pci_id), shown(gpu.compute_partition)) for gpu in gpus] == rows


def test_the_list_of_amd_smi() -> None:
    gpu = _one(parse_amd_smi(LISTED))
    assert (gpu.pci_address, isinstance(gpu.name, Unknown)) == ("0000:0c:00.0", True)


def test_rocm_smi_s_lines() -> None:
    reading = parse_rocm_smi(LINES)
    gpu = _one(reading)
    assert (gpu.name, gpu.pci_address, gpu.memory_total_bytes) == ("Arcturus GL-XL [Instinct MI100]", "0000:1e:00.0", 34342961152)
    assert (gpu.compute_partition, reading.driver_version) == ("SPX", "6.2.4")


def test_rocm_smi_in_csv() -> None:
    text = "device,GPU ID,VRAM Total Memory (B),Card series\ncard0,0x66a1,17163091968,Vega 20\ncard1,0x66a1,17163091968,Vega 20\n"
    assert [gpu.memory_total_bytes for gpu in parse_rocm_smi(text).gpus] == [17163091968] * 2


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.text(alphabet='{}[]":,gpu_datacrdGPU0123456789|=\n. %MBx', max_size=200)),
    st.integers(0, 3),
)
def test_any_text_is_read_without_failure(text: str, kind: int) -> None:
    begun = ("", "GPU: 0\n", "gpu,", "Device  Temp GPU%\n")[kind] + text
    for parse in (parse_amd_smi, parse_rocm_smi, parse_rocminfo):
        assert isinstance(parse(begun), AmdReading)


KEYS = st.sampled_from(["gpu", "asic", "vram", "size", "value", "unit", "links", "gpu_data", "card0", "system", "bdf"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS)
def test_any_json_is_read_without_failure(document: object) -> None:
    for parse in (parse_amd_smi, parse_rocm_smi):
        assert isinstance(parse(json.dumps(document)), AmdReading)


def test_tools_fill_in_what_sysfs_does_not_say() -> None:
    unknown = Unknown("the card states no product name")
    gpus = (
        Gpu("amd", 0, unknown, pci_address="0000:05:00.0", gfx_target="gfx942"),
        Gpu("amd", 1, unknown, pci_address="0000:99:00.0"),
    )
    command = "amd-smi static --asic --bus --vram --driver --partition --json"
    reading = ask_amd_tools(Machine({}, commands={command: Output(0, json.dumps([GPU]), "")}))
    assert isinstance(reading, AmdReading)
    first, second = complete_gpus(gpus, reading)
    assert (first.name, first.index, first.source) == ("AMD Instinct MI300X", 0, "")
    assert isinstance(second.name, Unknown)


def test_partitions_of_a_card_are_not_given_the_card_s_facts() -> None:
    gpus = tuple(Gpu("amd", index, Unknown("x"), pci_address="0000:05:00.0") for index in range(2))
    assert complete_gpus(gpus, parse_amd_smi(json.dumps([GPU]))) == gpus


def test_rocm_smi_is_asked_where_amd_smi_is_not() -> None:
    command = "rocm-smi --showproductname --showmeminfo vram --showbus --showdriverversion --json"
    machine = Machine({}, commands={command: Output(0, '{"card0": {"Card series": "MI50", "PCI Bus": "0000:63:00.0"}}', "")})
    reading = ask_amd_tools(machine)
    assert isinstance(reading, AmdReading)
    assert _one(reading).name == "MI50"
    assert isinstance(ask_amd_tools(Machine({})), Unknown)


GIB = 1 << 30
RECORDED: dict[str, tuple[int, dict[str, object]]] = {
    "amd-smi-mi300x-aks-monitor.txt": (8, {}),
    "amd-smi-partition-4xmi300a-rocm6.3.3.txt": (4, {"memory_partition": "NPS1"}),
    "amd-smi-partition-4xmi300a-rocm6.4.0.txt": (4, {"memory_partition": "NPS1"}),
    "amd-smi-static-partition-4xmi300a.txt": (4, {"memory_partition": "NPS1", "compute_partition": "SPX"}),
    "amd-smi-version-broken-9070xt.txt": (0, {}),
    "issue-llama.cpp-11141-rocm-smi-1.txt": (7, {"pci_id": "1002:738c"}),
    "issue-llama.cpp-3422-rocminfo-1.txt": (
        1, {"name": "Radeon RX 7900 XTX", "gfx_target": "gfx1100", "compute_units": 96, "pci_id": "1002:744c"},
    ),
    "issue-sglang-3200-rocm-smi-3.txt": (0, {}),
    "issue-sglang-5386-rocm-smi-4.txt": (0, {}),
    "issue-sglang-5987-rocm-smi-5.txt": (0, {}),
    "issue-sglang-7692-rocm-smi-6.txt": (0, {}),
    "issue-vllm-10150-rocm-smi-8.txt": (2, {}),
    "issue-vllm-11249-rocm-smi-10.txt": (2, {}),
    "rocm-smi-mi100_rocm571.json": (6, {"name": "Arcturus GL-XL [Instinct MI100]", "memory_total_bytes": 34342961152}),
    "rocm-smi-rx6700xt_rocm430.json": (1, {"pci_id": "1002:73df", "memory_total_bytes": 12868124672, "pcie_generation": 4}),
    "rocm-smi-rx6700xt_rocm602.json": (1, {"pci_address": "0000:07:00.0", "memory_used_bytes": 1572757504}),
    "rocm-smi-rx6700xt_rocm612.json": (1, {"gfx_target": "gfx1031", "name": "Navi 22 [Radeon RX 6700/6700 XT / 6800M]"}),
    "rocm-smi-vega-20-WKS-GL-XE.json": (1, {"name": "Radeon Instinct MI50 32GB", "pci_address": "0000:63:00.0"}),
    "rocminfo-8xvega20-epyc7551p.txt": (8, {"gfx_target": "gfx906", "compute_units": 60, "memory_total_bytes": 33538048 << 10}),
}  # fmt: skip
"""The number of GPUs that a file lists, and what it says of the first."""
LINKS = {
    "issue-sglang-5386-rocm-smi-4.txt": {"XGMI": 1}, "issue-sglang-5987-rocm-smi-5.txt": {"XGMI": 28},
    "issue-sglang-7692-rocm-smi-6.txt": {"XGMI": 28}, "issue-vllm-10150-rocm-smi-8.txt": {"PCIE": 1},
    "issue-vllm-11249-rocm-smi-10.txt": {"PCIE": 1}, "rocm-smi-mi100_rocm571.json": {"PCIE": 15},
    "rocm-smi-vega-20-WKS-GL-XE.json": {"PCIE": 28},
}  # fmt: skip


def _readings(path: Path) -> list[AmdReading]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return [parse(text) for parse in (parse_amd_smi, parse_rocm_smi, parse_rocminfo)]


def test_every_recording_is_stated_here(shared_folder: Path) -> None:
    assert {path.name for path in (shared_folder / "hardware" / "amd-smi").iterdir()} == set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_recordings(name: str, shared_folder: Path) -> None:
    readings = _readings(shared_folder / "hardware" / "amd-smi" / name)
    count, said = RECORDED[name]
    told = [reading for reading in readings if reading.gpus]
    assert [len(reading.gpus) for reading in told] == ([count] if count else [])
    if said:
        first = told[0].gpus[0]
        assert {key: getattr(first, key) for key in said} == said
    links = [link.path for reading in readings for link in reading.links]
    assert {path: links.count(path) for path in links} == LINKS.get(name, {})


def test_versions_and_groups_in_recordings(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "amd-smi"
    monitor = parse_amd_smi((folder / "amd-smi-mi300x-aks-monitor.txt").read_text())
    assert (monitor.driver_version, monitor.rocm_version, monitor.missing_groups) == ("6.12.12", "6.4.0", ("render",))
    broken = parse_amd_smi((folder / "amd-smi-version-broken-9070xt.txt").read_text())
    assert (broken.driver_version, broken.rocm_version) == (None, "7.0.2")
    nodes = parse_rocm_smi((folder / "issue-vllm-10150-rocm-smi-8.txt").read_text()).numa_nodes
    assert nodes == ((0, 0), (1, 1))


def test_what_is_not_said_is_unknown() -> None:
    gpu = _one(parse_rocm_smi(LINES))
    assert all(isinstance(getattr(gpu, name), Unknown) for name in fields(gpu) if name.startswith(("ecc", "power", "bar1")))
