"""What nvidia-smi prints, old and new."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Gpu, NvmlFailure, Unknown
from envdoctor.probes.nvidia_smi import SmiReport, UnreadableSmi, parse_smi_text, parse_smi_xml

MIB = 1 << 20
XML = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
  <driver_version>535.104.05</driver_version><cuda_version>12.2</cuda_version><attached_gpus>1</attached_gpus>
  <gpu id="00000000:3B:00.0">
    <product_name>NVIDIA A100-SXM4-80GB</product_name><persistence_mode>Enabled</persistence_mode>
    <mig_mode><current_mig>Disabled</current_mig></mig_mode><uuid>GPU-1</uuid>
    <pci><pci_bus_id>00000000:3B:00.0</pci_bus_id><pci_device_id>20B210DE</pci_device_id>
      <pci_gpu_link_info><pcie_gen><max_link_gen>4</max_link_gen><current_link_gen>1</current_link_gen></pcie_gen>
      <link_widths><max_link_width>16x</max_link_width><current_link_width>8x</current_link_width></link_widths>
      </pci_gpu_link_info></pci>
    <clocks_throttle_reasons>
      <clocks_throttle_reason_gpu_idle>Active</clocks_throttle_reason_gpu_idle>
      <clocks_throttle_reason_display_clocks_setting>Active</clocks_throttle_reason_display_clocks_setting>
      <clocks_throttle_reason_sw_power_cap>Not Active</clocks_throttle_reason_sw_power_cap>
    </clocks_throttle_reasons>
    <fb_memory_usage><total>81920 MiB</total><used>ERR!</used></fb_memory_usage>
    <compute_mode>Exclusive_Process</compute_mode>
    <ecc_mode><current_ecc>Enabled</current_ecc></ecc_mode>
    <temperature><gpu_temp>GPU is lost</gpu_temp></temperature>
    <gpu_power_readings><current_power_limit>400.00 W</current_power_limit>
      <default_power_limit>[N/A]</default_power_limit></gpu_power_readings>
    <processes><process_info><pid>725</pid><type>G</type><used_memory>22 MiB</used_memory></process_info></processes>
  </gpu>
</nvidia_smi_log>
"""
QUERY = """
==============NVSMI LOG==============

Timestamp                  : Wed Aug 12 21:53:45 2026
Driver Version             : 610.57.04 [Deprecated; use KMD Version instead]
CUDA Version               : 13.3 [Deprecated; use CUDA UMD Version instead]
KMD Version                : 610.57.04
CUDA UMD Version           : 13.3

Attached GPUs              : 1
GPU 00000000:0C:00.0
    Product Name           : NVIDIA GeForce RTX 2080 SUPER
    Display Mode           : Requested functionality has been deprecated
    Persistence Mode       : Disabled
    MIG Mode
        Current            : N/A
    GPU UUID               : GPU-2
    PCI
        Device Id          : 0x1E8110DE
        GPU Link Info
            PCIe Generation
                Max        : 3
                Current    : 1
    Clocks Event Reasons
        Idle               : Not Active
        HW Slowdown        : Active
            HW Thermal Slowdown : Active
    FB Memory Usage
        Total              : 8192 MiB
        Used               : 211 MiB
    Compute Mode           : Default
    Processes
        GPU instance ID    : N/A
        Process ID         : 1720
            Type           : C+G
            Used GPU Memory : 173 MiB
        Process ID         : 1721
            Type           : G
            Used GPU Memory : N/A
"""
TABLE = """
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 590.48.01              Driver Version: 590.48.01      CUDA Version: 13.1     |
+-----------------------------------------+------------------------+----------------------+
|   0  NVIDIA H100 80GB HBM3          On  |   00000000:00:09.0 Off |                   On |
| N/A   42C    P0             98W /  700W |      59MiB /  81559MiB |     N/A      Default |
|                                         |                        |              Enabled |
+-----------------------------------------+------------------------+----------------------+
|   1  NVIDIA GeForce RTX 2080 ...    Off |   00000000:0C:00.0 Off |                  N/A |
|ERR!   38C    P2             97W /  250W |     815MiB /   8192MiB |      8%   E. Process |
|                                         |                        |                  N/A |
+-----------------------------------------------------------------------------------------+
"""


def _gpus(report: SmiReport) -> tuple[Gpu, ...]:
    assert isinstance(report.gpus, tuple)
    return report.gpus


def test_xml() -> None:
    report = parse_smi_xml(XML)
    assert (str(report.driver_version), str(report.cuda_version), report.failure) == ("535.104.05", "12.2", NvmlFailure.GPU_LOST)
    (gpu,) = _gpus(report)
    assert (gpu.name, gpu.uuid, gpu.pci_address, gpu.pci_id) == (
        "NVIDIA A100-SXM4-80GB",
        "GPU-1",
        "00000000:3b:00.0",
        "10de:20b2",
    )
    assert (gpu.memory_total_bytes, gpu.mig_enabled, gpu.ecc_enabled, gpu.persistence_enabled) == (81920 * MIB, False, True, True)
    assert (gpu.pcie_generation, gpu.pcie_generation_max, gpu.pcie_width_lanes, gpu.pcie_width_max_lanes) == (1, 4, 8, 16)
    assert (gpu.power_limit_watts, gpu.power_limit_default_watts, gpu.compute_mode) == (400.0, None, "exclusive_process")
    assert gpu.throttle_reasons == ("gpu_idle", "display_clock_setting")
    assert isinstance(gpu.memory_used_bytes, Unknown)
    assert isinstance(gpu.temperature_celsius, Unknown)
    assert isinstance(gpu.processes, tuple)
    assert [(process.pid, process.kind, process.memory_used_bytes) for process in gpu.processes] == [(725, "graphics", 22 * MIB)]


def test_query_in_the_new_wording() -> None:
    report = parse_smi_text(QUERY)
    assert (str(report.driver_version), str(report.cuda_version)) == ("610.57.04", "13.3")
    (gpu,) = _gpus(report)
    assert (gpu.name, gpu.pci_address, gpu.pci_id) == ("NVIDIA GeForce RTX 2080 SUPER", "00000000:0c:00.0", "10de:1e81")
    assert (gpu.mig_enabled, gpu.persistence_enabled, gpu.pcie_generation_max) == (None, False, 3)
    assert gpu.throttle_reasons == ("hw_slowdown", "hw_thermal_slowdown")
    assert isinstance(gpu.processes, tuple)
    assert [(process.pid, process.kind, process.memory_used_bytes) for process in gpu.processes] == [
        (1720, "compute", 173 * MIB),
        (1721, "graphics", None),
    ]


def test_table() -> None:
    report = parse_smi_text(TABLE)
    assert (str(report.driver_version), str(report.cuda_version)) == ("590.48.01", "13.1")
    first, second = _gpus(report)
    assert (first.name, first.memory_total_bytes, first.mig_enabled, first.persistence_enabled) == (
        "NVIDIA H100 80GB HBM3", 81559 * MIB, True, True,
    )  # fmt: skip
    assert first.ecc_enabled is True
    assert (first.performance_state, first.power_draw_watts, first.utilization_percent) == ("P0", 98.0, None)
    assert (second.performance_state, second.power_draw_watts, second.utilization_percent) == ("P2", 97.0, 8)
    assert isinstance(second.name, Unknown)
    assert "NVIDIA GeForce RTX 2080 ..." in second.name.reason
    assert (second.compute_mode, second.temperature_celsius, second.power_limit_watts) == ("exclusive_process", 38, 250.0)
    assert isinstance(second.uuid, Unknown)


ORIN = """
| NVIDIA-SMI 540.2.0                Driver Version: N/A          CUDA Version: 12.2     |
|   0  Orin (nvgpu)                  N/A  | N/A              N/A |                  N/A |
| N/A   N/A  N/A               N/A /  N/A | Not Supported        |     N/A          N/A |
|                                         |                      |                  N/A |
"""
SPARK = """
| NVIDIA-SMI 580.95.05              Driver Version: 580.95.05      CUDA Version: 13.0     |
|   0  NVIDIA GB10                    On  |   0000000F:01:00.0 Off |                  N/A |
| N/A   45C    P0             11W /  N/A  | Not Supported          |      3%      Default |
|                                         |                        |                  N/A |
"""
LOST = """
| NVIDIA-SMI 470.82.01    Driver Version: 470.82.01    CUDA Version: 11.4     |
|   1  ERR!                On   | 00000000:1C:00.0 Off |                 ERR! |
|ERR!  ERR! ERR!    ERR! / ERR! |GPU is lost           |    ERR!         ERR! |
"""


def test_gpus_without_memory_of_their_own() -> None:
    (jetson,) = _gpus(parse_smi_text(ORIN))
    assert (jetson.name, jetson.pci_address, jetson.memory_total_bytes, jetson.temperature_celsius) == (
        "Orin (nvgpu)", None, None, None,
    )  # fmt: skip
    report = parse_smi_text(SPARK)
    (spark,) = _gpus(report)
    assert (spark.name, spark.pci_address, spark.memory_total_bytes) == ("NVIDIA GB10", "0000000f:01:00.0", None)
    assert (spark.temperature_celsius, spark.performance_state, spark.power_draw_watts) == (45, "P0", 11.0)
    assert (spark.utilization_percent, spark.compute_mode, str(report.cuda_version)) == (3, "default", "13.0")


def test_a_lost_gpu_in_the_table() -> None:
    report = parse_smi_text(LOST)
    (gpu,) = _gpus(report)
    assert report.failure is NvmlFailure.GPU_LOST
    assert all(isinstance(value, Unknown) for value in (gpu.name, gpu.memory_total_bytes, gpu.temperature_celsius))


def test_list() -> None:
    report = parse_smi_text("GPU 0: Tesla T4 (UUID: GPU-0a1b2c3d-0000-1111-2222-333344445555)\n")
    (gpu,) = _gpus(report)
    assert (gpu.name, gpu.uuid) == ("Tesla T4", "GPU-0a1b2c3d-0000-1111-2222-333344445555")
    assert isinstance(gpu.memory_total_bytes, Unknown)
    assert isinstance(report.driver_version, Unknown)


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 610.43\n",
         NvmlFailure.VERSION_MISMATCH),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA "
         "driver is installed and running.\n", NvmlFailure.DRIVER_NOT_LOADED),
        ("NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.\n", NvmlFailure.LIBRARY_ABSENT),
        ("Failed to initialize NVML: Insufficient Permissions\n", NvmlFailure.NO_PERMISSION),
        ("Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.  Reboot the system\n", NvmlFailure.GPU_LOST),
        ("Failed to initialize NVML: Unknown Error\n", NvmlFailure.UNKNOWN),
    ],
)  # fmt: skip
def test_failures(text: str, failure: NvmlFailure) -> None:
    report = parse_smi_text(text)
    assert report.failure is failure
    assert report.message == text.splitlines()[0].strip()
    assert isinstance(report.driver_version, Unknown)
    assert isinstance(report.gpus, Unknown)


def test_a_mismatch_names_the_library() -> None:
    assert str(parse_smi_text("Driver/library version mismatch\nNVML library version: 535.161\n").library_version) == "535.161"


def test_no_devices() -> None:
    assert parse_smi_text("No devices were found\n").gpus == ()


def test_a_cuda_version_that_is_not_available() -> None:
    report = parse_smi_text("| NVIDIA-SMI 535.104.05   Driver Version: 535.104.05   CUDA Version: N/A |\n")
    assert isinstance(report.cuda_version, Unknown)
    assert str(report.driver_version) == "535.104.05"


@pytest.mark.parametrize(
    "text",
    [
        "<nvidia_smi_log",
        "no xml at all",
        "<other/>",
        '<!DOCTYPE nvidia_smi_log [<!ENTITY a "aaaa">]><nvidia_smi_log>&a;</nvidia_smi_log>',
        '<!DOCTYPE nvidia_smi_log SYSTEM "x.dtd" [<!ENTITY % p SYSTEM "file:///etc/passwd">]><nvidia_smi_log/>',
        "<nvidia_smi_log>" + "<a>" * 60 + "</a>" * 60 + "</nvidia_smi_log>",
    ],
)
def test_xml_that_is_refused(text: str) -> None:
    with pytest.raises(UnreadableSmi):
        parse_smi_xml(text)


def test_text_of_something_else_is_refused() -> None:
    with pytest.raises(UnreadableSmi):
        parse_smi_text("lspci\n00:00.0 Host bridge\n")


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(XML) - 1), st.text(max_size=4), st.integers(0, 40))
def test_changed_texts_are_read_or_refused(place: int, inserted: str, dropped: int) -> None:
    for text, parse in ((XML, parse_smi_xml), (QUERY, parse_smi_text), (TABLE, parse_smi_text)):
        at = place % len(text)
        try:
            report = parse(text[:at] + inserted + text[at + dropped :])
        except UnreadableSmi:
            continue
        assert isinstance(report, SmiReport)


XMLS = {
    "3090-v13.xml": ("590.44.01", "13.1", 1, "NVIDIA GeForce RTX 3090", 24576),
    "a100-sxm4-v12.xml": ("535.54.03", "12.2", 1, "NVIDIA A100-SXM4-80GB", 81920),
    "a10g.xml": ("515.105.01", "11.7", 1, "NVIDIA A10G", 23028),
    "dual_2070-v13.xml": ("590.44.01", "13.1", 2, "NVIDIA GeForce RTX 2070", 8192),
    "dual_a5000-v13.xml": ("590.44.01", "13.1", 2, "NVIDIA RTX A5000", 24564),
    "gtx-1070-ti.xml": (None, None, 1, "GeForce GTX 1070 Ti", 4096),
    "gtx-1660-ti.xml": ("418.43", "10.1", 1, "Graphics Device", 5912),
    "pro-6000-maxq-blackwell-v13.xml":
        ("590.44.01", "13.1", 1, "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", 97887),
    "quadro-p2000-v12.xml": ("525.125.06", "12.0", 1, "Quadro P2000", 5120),
    "rtx-2080-win.xml": ("516.59", "11.7", 1, "NVIDIA GeForce RTX 2080", 8192),
    "rtx-3060-v12.xml": ("570.124.04", "12.8", 1, "NVIDIA GeForce RTX 3060", 12288),
    "rtx-3060.xml": ("515.65.01", "11.7", 1, "NVIDIA GeForce RTX 3060 Laptop GPU", 6144),
    "rtx-3080-v12.xml": ("536.40", "12.2", 1, "NVIDIA GeForce RTX 3080", 10240),
    "rtx-4000-sff-ada-v13.xml": ("595.84", "13.2", 1, "NVIDIA RTX 4000 SFF Ada Generation", 20475),
    "rtx-4090-driver-535.xml": ("535.86.05", "12.2", 1, "NVIDIA GeForce RTX 4090", 24564),
    "tesla-p100.xml": ("510.47.03", "11.6", 1, "Tesla P100-PCIE-16GB", 16384),
    "tesla_p4.xml": ("513.46", "11.6", 1, "GRID P4-1Q", 1024),
}  # fmt: skip
TEXTS = {
    "issue-llama.cpp-11474-table-1.txt": ("535.183.01", "12.2", 2),
    "issue-llama.cpp-1283-table-2.txt": ("530.30.02", "12.1", 1),
    "issue-llama.cpp-3723-table-4.txt": ("537.42", "12.2", 1),
    "issue-llama.cpp-4086-table-5.txt": ("525.85.05", "12.0", 1),
    "issue-sglang-3868-table-7.txt": ("535.161.08", "12.4", 1),
    "issue-sglang-6753-table-8.txt": ("570.124.06", "12.8", 8),
    "issue-vllm-15194-table-10.txt": ("535.161.08", "12.2", 2),
    "issue-vllm-16141-table-11.txt": ("550.127.05", "12.4", 1),
    "issue-vllm-2248-table-13.txt": ("535.129.03", "12.2", 2),
    "issue-vllm-2906-table-14.txt": ("525.105.17", "12.0", 2),
    "issue-vllm-7992-table-16.txt": ("550.54.15", "12.4", 1),
    "k2200-510.nvidia-smi-q.txt": ("510.73.08", "11.6", 1),
    "q-8x4090-idle-535.154.05.txt": ("535.154.05", "12.2", 8),
    "q-8x4090-powercap-535.154.05.txt": ("535.154.05", "12.2", 8),
    "q-8x4090-unknown-error-535.154.05.txt": ("535.154.05", "12.2", 8),
    "q-8xh100-hwslowdown-535.161.08.txt": ("535.161.08", "12.2", 8),
    "q-a10-remap-pending-535.129.03.txt": ("535.129.03", "12.2", 1),
    "table-fan-ERR-525.125.06.txt": ("525.125.06", "12.0", 1),
}
FAILED_TEXTS = {
    "error-nvml-mismatch.txt": NvmlFailure.VERSION_MISMATCH,
    "error-unable-handle-nospace.txt": NvmlFailure.GPU_LOST,
    "error-unable-handle-not-found.txt": NvmlFailure.GPU_LOST,
    "csv-gpu3-lost-8x3080.txt": NvmlFailure.GPU_LOST,
}


def _shown(version: object) -> str | None:
    return None if isinstance(version, Unknown) else str(version)


def test_recorded_xml(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-smi-xml"
    assert {path.name for path in folder.iterdir()} == set(XMLS)
    for name, (driver, cuda, count, product, memory) in XMLS.items():
        report = parse_smi_xml((folder / name).read_text(encoding="utf-8"))
        gpus = _gpus(report)
        assert (_shown(report.driver_version), _shown(report.cuda_version), len(gpus)) == (driver, cuda, count), name
        assert (gpus[0].name, gpus[0].memory_total_bytes) == (product, memory * MIB), name


def test_recorded_texts(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-smi-text"
    for name, (driver, cuda, count) in TEXTS.items():
        report = parse_smi_text((folder / name).read_text(encoding="utf-8"))
        assert (_shown(report.driver_version), _shown(report.cuda_version), len(_gpus(report))) == (driver, cuda, count), name
        assert all(isinstance(gpu.memory_total_bytes, int) for gpu in _gpus(report)), name
    for name, failure in FAILED_TEXTS.items():
        assert parse_smi_text((folder / name).read_text(encoding="utf-8")).failure is failure, name


def test_states_in_recorded_texts(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-smi-text"
    slow = _gpus(parse_smi_text((folder / "q-8xh100-hwslowdown-535.161.08.txt").read_text()))
    assert any("hw_power_brake_slowdown" in (gpu.throttle_reasons or ()) for gpu in slow)  # type: ignore[operator]
    capped = _gpus(parse_smi_text((folder / "q-8x4090-powercap-535.154.05.txt").read_text()))
    assert any("sw_power_cap" in (gpu.throttle_reasons or ()) for gpu in capped)  # type: ignore[operator]


def test_recorded_captures(shared_folder: Path) -> None:
    """Each capture holds the same machine in several forms, which must agree; its name states GPU and driver."""
    for path in sorted((shared_folder / "hardware" / "nvidia-smi-captures").glob("*.txt")):
        driver = path.stem.rpartition("__")[2]
        text = path.read_text(encoding="utf-8")
        sections = dict(
            re.findall(r"^# idle :: (nvidia-smi|query \(-q\)).*\n(?:# .*\n)*#+\n([\s\S]*?)(?=^#{80}|\Z)", text, re.MULTILINE)
        )
        table, query = parse_smi_text(sections["nvidia-smi"]), parse_smi_text(sections["query (-q)"])
        assert _shown(table.driver_version) == _shown(query.driver_version) == driver, path.name
        assert table.cuda_version == query.cuda_version, path.name
        for short, long in zip(_gpus(table), _gpus(query), strict=True):
            assert (short.pci_address, short.memory_total_bytes) == (long.pci_address, long.memory_total_bytes), path.name
            assert (short.mig_enabled, short.compute_mode) == (long.mig_enabled, long.compute_mode), path.name
            assert isinstance(long.name, str), path.name
            assert (long.mig_enabled is True) is ("mig" in path.name), path.name
