"""The state of GPUs in the outputs of nvidia-smi, compared with the recordings' own words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import EccErrors, Gpu, NvmlFailure, RetiredPages, RowRemapping, Unknown
from envdoctor.probes.nvidia_smi import SmiReport, UnreadableSmi, parse_smi_text, parse_smi_xml

MIB = 1 << 20
HEALTHY = EccErrors(0, 0, 0, 0, 0, 0)
QUERY = """\
==============NVSMI LOG==============

Driver Version                            : {driver}
CUDA Version                              : 12.4

Attached GPUs                             : 1
GPU 00000000:3B:00.0
    Product Name                          : NVIDIA H100 80GB HBM3
    MIG Mode
        Current                           : {mig}
        Pending                           : {mig}
    {devices}
    GPU Recovery Action                   : {action}
    ECC Errors
        Volatile
            SRAM Correctable              : 0
            SRAM Uncorrectable Parity     : 1
            SRAM Uncorrectable SEC-DED    : 2
            DRAM Correctable              : 5
            DRAM Uncorrectable            : {dram}
        Aggregate
            SRAM Threshold Exceeded       : Yes
    Remapped Rows
        Correctable Error                 : 0
        Uncorrectable Error               : 4
        Pending                           : {pending}
        Remapping Failure Occurred        : Yes
    Fabric
        State                             : In Progress
        Status                            : N/A
        CliqueId                          : 3
        Health
            Bandwidth                     : Degraded
            Route Unhealthy               : True
            Incorrect Configuration       : None
    GPU Virtualization Mode
        Virtualization Mode               : VGPU
    vGPU Software Licensed Product
        License Status                    : Unlicensed (Restricted)
"""
PLAIN = {
    "driver": "550.54.15",
    "mig": "Disabled",
    "devices": "MIG Devices : None",
    "action": "None",
    "dram": "7",
    "pending": "No",
}


def _one(report: SmiReport) -> Gpu:
    assert isinstance(report.gpus, tuple)
    return report.gpus[0]


def _parsed(**changes: str) -> Gpu:
    return _one(parse_smi_text(QUERY.format(**{**PLAIN, **changes})))


def test_a_gpu_with_many_faults() -> None:
    gpu = _parsed()
    assert gpu.ecc_volatile == EccErrors(5, 10, 0, 3, 5, 7)
    assert gpu.sram_threshold_exceeded is True
    assert gpu.row_remapping == RowRemapping(0, 4, False, True)
    assert (gpu.fabric_state, gpu.fabric_status, gpu.fabric_clique) == ("in_progress", None, 3)
    assert gpu.fabric_health == "degraded bandwidth, route unhealthy"
    assert (gpu.virtualization_mode, gpu.vgpu_license, gpu.recovery_action) == ("vgpu", "unlicensed", "none")
    assert gpu.mig_instances is None
    assert isinstance(gpu.retired_pages, Unknown)


@pytest.mark.parametrize(
    "words", ["[Unknown Error]", "Unknown Error", "ERR!", "[GPU requires reset]", "[Insufficient Permissions]", "GPU is lost"]
)
def test_words_of_failure_are_unknown(words: str) -> None:
    gpu = _parsed(dram=words, pending=words)
    assert isinstance(gpu.ecc_volatile, EccErrors)
    assert isinstance(gpu.ecc_volatile.dram_uncorrected, Unknown)
    assert isinstance(gpu.row_remapping, RowRemapping)
    assert isinstance(gpu.row_remapping.pending, Unknown)


@pytest.mark.parametrize(
    ("action", "dram", "expected"),
    [
        ("None", "0", "none"),
        ("Reset", "0", "reset"),
        ("Drain and Reset", "0", "drain_and_reset"),
        ("Drain P2P", "0", "drain_p2p"),
        ("None", "[GPU requires reset]", "reset"),
        ("N/A", "0", None),
    ],
)
def test_what_a_gpu_asks_for(action: str, dram: str, expected: str | None) -> None:
    assert _parsed(action=action, dram=dram).recovery_action == expected


def test_a_lost_gpu_is_a_failure() -> None:
    report = parse_smi_text(QUERY.format(**{**PLAIN, "dram": "GPU is lost"}))
    assert (report.failure, report.message) == (NvmlFailure.GPU_LOST, "GPU 0 is lost")


def test_mig_that_is_on_without_instances() -> None:
    assert _parsed(mig="Enabled").mig_instances == ()


def test_a_part_of_the_query_leaves_the_rest_unknown() -> None:
    text = (
        "==============NVSMI LOG==============\n\nDriver Version                            : 580.105.06\n"
        "CUDA Version                              : Not Found\n\nAttached GPUs                             : 1\n"
        "GPU 00000000:42:00.0\n    Performance State                     : P8\n    Clocks Event Reasons\n"
        "        Idle                              : Not Active\n        HW Slowdown                       : Active\n"
        "            HW Power Brake Slowdown       : Active\n    FB Memory Usage\n"
        "        Total                             : 97887 MiB\n"
    )
    report = parse_smi_text(text)
    gpu = _one(report)
    assert (str(report.driver_version), isinstance(report.cuda_version, Unknown)) == ("580.105.06", True)
    assert (gpu.pci_address, gpu.performance_state, gpu.memory_total_bytes) == ("00000000:42:00.0", "P8", 97887 * MIB)
    assert gpu.throttle_reasons == ("hw_slowdown", "hw_power_brake_slowdown")
    assert all(isinstance(getattr(gpu, name), Unknown) for name in ("name", "uuid", "mig_enabled", "ecc_enabled", "processes"))


def test_older_words_for_resets() -> None:
    text = QUERY.replace("GPU Recovery Action                   : {action}", "GPU Reset Status\n        Reset Required : Yes")
    assert _one(parse_smi_text(text.format(**PLAIN))).recovery_action == "reset"


def _said(gpu: ElementTree.Element, *paths: str) -> str | None:
    """The text of the first path that is there, None for "N/A" and what is not printed."""
    found = next((text for path in paths if (text := gpu.findtext(path)) is not None), None)
    return None if found is None or found.strip() in ("N/A", "[N/A]", "") else found.strip()


def _number(text: str | None) -> int | float | None:
    match = re.match(r"[\d.]+", text or "")
    return None if match is None else float(match[0]) if "." in match[0] else int(match[0])


def _known(value: Any) -> Any:
    return None if isinstance(value, Unknown) else value


def test_each_recorded_xml_states_what_the_gpu_is_said_to_be(shared_folder: Path) -> None:
    paths = sorted((shared_folder / "hardware" / "nvidia-smi-xml").glob("*.xml"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        report = parse_smi_xml(text)
        assert isinstance(report.gpus, tuple)
        tree = ElementTree.fromstring(text[text.find("<") :])
        for gpu, said in zip(report.gpus, tree.findall("gpu"), strict=True):
            _compare(path.name, gpu, said)


def _compare(name: str, gpu: Gpu, said: ElementTree.Element) -> None:
    sizes = {"bar1_total_bytes": "bar1_memory_usage/total", "bar1_used_bytes": "bar1_memory_usage/used"}
    for field, place in sizes.items():
        size = _number(_said(said, place))
        assert _known(getattr(gpu, field)) == (None if size is None else size * MIB), (name, field)
    numbers = {
        "pcie_replays": ("pci/replay_counter",),
        "power_limit_min_watts": ("gpu_power_readings/min_power_limit", "power_readings/min_power_limit"),
        "power_limit_max_watts": ("gpu_power_readings/max_power_limit", "power_readings/max_power_limit"),
        "utilization_percent": ("utilization/gpu_util",),
        "pcie_generation_card_max": ("pci/pci_gpu_link_info/pcie_gen/max_device_link_gen",),
        "fabric_clique": ("fabric/cliqueId",),
    }
    for field, places in numbers.items():
        assert _known(getattr(gpu, field)) == _number(_said(said, *places)), (name, field)
    assert _known(gpu.performance_state) == _said(said, "performance_state"), name
    mode = said.findtext("gpu_virtualization_mode/virtualization_mode")
    assert _known(gpu.virtualization_mode) == (None if mode is None else mode.lower().replace("-", "_")), name
    _compare_errors(name, gpu, said)
    mig = said.find("mig_devices")
    listed = [] if mig is None else mig.findall("mig_device")
    assert len(_known(gpu.mig_instances) or ()) == len(listed), name
    for one, node in zip(_known(gpu.mig_instances) or (), listed, strict=True):
        assert one.gpu_instance == _number(node.findtext("gpu_instance_id")), name
        assert one.memory_total_bytes == int(_number(node.findtext("fb_memory_usage/total")) or 0) * MIB, name


def _compare_errors(name: str, gpu: Gpu, said: ElementTree.Element) -> None:
    for field, which in (("ecc_volatile", "volatile"), ("ecc_aggregate", "aggregate")):
        numbers = [node for node in said.findall(f"ecc_errors/{which}//*") if (node.text or "").strip().isdecimal()]
        counts = _known(getattr(gpu, field))
        assert (counts is not None) is bool(numbers), (name, field)
        if counts is not None:
            total = sum(int(node.text or 0) for node in numbers if node.tag != "total")
            assert counts.corrected + counts.uncorrected == total, (name, field)
    rows = _said(said, "remapped_rows/remapped_row_pending")
    assert (rows is not None) is isinstance(gpu.row_remapping, RowRemapping), name
    if isinstance(gpu.row_remapping, RowRemapping):
        assert gpu.row_remapping.pending is (rows == "Yes"), name
        assert gpu.row_remapping.failed is (_said(said, "remapped_rows/remapped_row_failure") == "Yes"), name
        assert gpu.row_remapping.uncorrectable == _number(_said(said, "remapped_rows/remapped_row_unc")), name
    pages = _number(_said(said, "retired_pages/double_bit_retirement/retired_count"))
    assert (pages is not None) is isinstance(gpu.retired_pages, RetiredPages), name


QUERIES: dict[str, dict[str, Any]] = {
    "k2200-510.nvidia-smi-q.txt": {
        "ecc_volatile": None, "row_remapping": None, "retired_pages": None, "virtualization_mode": "none",
        "bar1_total_bytes": 256 * MIB, "power_limit_min_watts": 30.0, "pcie_replays": 0, "performance_state": "P8",
    },
    "q-a10-remap-pending-535.129.03.txt": {
        "ecc_volatile": HEALTHY, "row_remapping": RowRemapping(0, 4, True, False), "virtualization_mode": "pass_through",
        "recovery_action": "none", "fabric_state": None, "bar1_total_bytes": 32768 * MIB,
    },
    "q-8xh100-hwslowdown-535.161.08.txt": {
        "ecc_volatile": HEALTHY, "row_remapping": RowRemapping(0, 0, False, False), "fabric_state": "completed",
        "fabric_status": "success", "pcie_replays": 67, "pcie_generation_card_max": 5, "sram_threshold_exceeded": False,
    },
    "q-8x4090-idle-535.154.05.txt": {"ecc_volatile": None, "performance_state": "P2", "power_limit_max_watts": 450.0},
    "q-8x4090-unknown-error-535.154.05.txt": {"ecc_volatile": None, "recovery_action": "none"},
    "q-8x4090-powercap-535.154.05.txt": {"ecc_volatile": None},
}  # fmt: skip


def test_each_recorded_query_states_what_the_gpu_is_said_to_be(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-smi-text"
    for name, expected in QUERIES.items():
        gpu = _one(parse_smi_text((folder / name).read_text(encoding="utf-8")))
        for field, value in expected.items():
            assert getattr(gpu, field) == value, (name, field)
    assert {path.name for path in folder.glob("*q*.txt") if "NVSMI LOG" in path.read_text(encoding="utf-8")} == set(QUERIES)


def test_each_recorded_capture_says_the_same_in_every_form(shared_folder: Path) -> None:
    """`-q`, the table, `-L` and --query-gpu of one machine."""
    for path in sorted((shared_folder / "hardware" / "nvidia-smi-captures").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        parts = dict(re.findall(r"^# (?:idle|capabilities) :: ([^\n(]+?)(?: \([^)]*\))?\n(?:# .*\n)*#+\n([\s\S]*?)(?=^#{80}|\Z)",
                                text, re.MULTILINE))  # fmt: skip
        query = _one(parse_smi_text(parts["query"]))
        table = _one(parse_smi_text(parts["nvidia-smi"]))
        asked = _one(parse_smi_text(parts["query-gpu"]))
        listed = _one(parse_smi_text(parts["list"]))
        for field in ("name", "pci_address", "memory_total_bytes", "fabric_state", "row_remapping", "ecc_volatile"):
            assert getattr(asked, field) == getattr(query, field) or isinstance(getattr(query, field), Unknown), (
                path.name,
                field,
            )
        assert asked.compute_capability is not None
        counts = {len(_known(one.mig_instances) or ()) for one in (table, query, listed)}
        assert len(counts) == 1, path.name
        if "mig" in path.name:
            assert isinstance(query.mig_instances, tuple)
            assert isinstance(table.mig_instances, tuple)
            assert isinstance(listed.mig_instances, tuple)
            assert [one.gpu_instance for one in query.mig_instances] == [2, 3, 9, 10]
            assert [one.memory_total_bytes for one in table.mig_instances] == [
                one.memory_total_bytes for one in query.mig_instances
            ]
            assert [one.profile for one in listed.mig_instances] == ["3g.40gb", "2g.20gb", "1g.10gb", "1g.10gb"]


def test_recorded_tables_of_values(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-smi-text"
    gpu = _one(parse_smi_text((folder / "tesla-p100.csv").read_text(encoding="utf-8")))
    assert (gpu.name, gpu.memory_used_bytes, gpu.temperature_celsius, gpu.power_draw_watts) == (
        "Tesla P100-PCIE-16GB", 0, 37, 28.16,
    )  # fmt: skip
    assert (gpu.performance_state, gpu.utilization_percent) == ("P0", 0)
    report = parse_smi_text((folder / "csv-gpu3-lost-8x3080.txt").read_text(encoding="utf-8"))
    assert isinstance(report.gpus, tuple)
    assert report.failure is NvmlFailure.GPU_LOST
    assert [one.index for one in report.gpus] == [0, 1, 2, 4, 5, 6, 7]
    errors = _one(parse_smi_text((folder / "table-fan-ERR-525.125.06.txt").read_text(encoding="utf-8")))
    assert isinstance(errors.ecc_volatile, EccErrors)
    assert errors.ecc_volatile.uncorrected == 0


def test_recorded_dcgm_metrics(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "dcgm"
    gpu = _one(parse_smi_text((folder / "metrics_valid.prom").read_text(encoding="utf-8")))
    assert (gpu.index, gpu.uuid, gpu.utilization_percent, gpu.source) == (0, "GPU-aaa", 80, "dcgm-exporter")
    assert isinstance(gpu.row_remapping, RowRemapping)
    assert (gpu.row_remapping.failed, gpu.row_remapping.uncorrectable) == (True, 7)
    with pytest.raises(UnreadableSmi):
        parse_smi_text((folder / "all_fields_nonlabel.txt").read_text(encoding="utf-8"))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='name, uuidpci.bus_DCGM{}="GPU-0123456789abcdef:[MiB]\n |NVX', max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_smi_text(text)
    except UnreadableSmi:
        return
