"""No recording beside the project is without a row: what is read of it is stated for each file by name."""

from __future__ import annotations

from pathlib import Path

from tests.probes import (
    test_amd_texts,
    test_hardware_texts,
    test_kernel_log,
    test_nvidia_smi,
    test_rdma,
    test_recorded_cpuinfo,
    test_smi_state,
    test_smi_topology,
    test_stacks,
)
from tests.probes.recorded import test_files, test_lscpu, test_trees, test_virtual
from tests.probes.recorded import test_nvidia_smi as test_recorded_smi

ELSEWHERE = ("image-facts", "libc", "os-release", "python-env")
"""Not of hardware: the tests of Dockerfiles, knowledge, releases and packages read these."""
SMI_TEXTS = {*test_nvidia_smi.TEXTS, *test_nvidia_smi.FAILED_TEXTS, *test_smi_state.QUERIES, *test_smi_topology.RECORDED}
TREES_OF_RDMA = ("sys-class-infiniband-h100.tree.json", "procfs-infiniband.tree.json")
NODES = ("gcm-DGX_A100.json", "gcm-learn_good.json", "gcm-compute_samsung980pro-downgraded.json")
DRAWN = ("grace-hopper-numactl-H.txt", "grace-hopper-lstopo.txt")
ROWS: dict[str, set[str]] = {
    "amd-kfd": {f"{name}.tree.json" for name in test_stacks.KFD},
    "amd-smi": set(test_amd_texts.RECORDED),
    "cpu-cpuinfo": set(test_recorded_cpuinfo.RECORDED),
    "cpu-tree": {name.rpartition("/")[2].replace(".tree.json", ".lscpu-output.txt") for name in test_trees.FILES},
    "dcgm": {"metrics_valid.prom"},
    "gpu-logs": set(test_kernel_log.RECORDED),
    "intel-gpu": {f"issue-llama.cpp-{name}.txt" for name in test_hardware_texts.SYCL},
    "macos": {
        *test_hardware_texts.MACS, *test_hardware_texts.SYSCTLS,
        *(f"issue-llama.cpp-{name}.txt" for name in test_hardware_texts.METALS),
    },
    "nvidia-smi-text": {*SMI_TEXTS, "nvlink-s-8xa100.txt", "tesla-p100.csv"},
    "nvidia-smi-xml": set(test_nvidia_smi.XMLS),
    "rdma": {*test_rdma.IBSTAT, *TREES_OF_RDMA},
    "topology": {*NODES, *DRAWN},
}  # fmt: skip
"""Folder to files that tests of a parser have a row for."""
WHOLE = {*test_files.FILES, *test_lscpu.FILES, *test_trees.FILES, *test_virtual.FILES, *test_recorded_smi.FILES}
"""Files of several folders that the tests beside this one have a row for."""


def test_every_recording_has_a_row(shared_folder: Path) -> None:
    folder = shared_folder / "hardware"
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.parent.name not in ELSEWHERE
    } - {"README.md", "MANIFEST.tsv"}
    stated = WHOLE | {f"{name}/{file}" for name, files in ROWS.items() for file in files}
    assert there - stated == set(), "state what these recordings say"
    assert len(there) > 400


def test_every_row_has_a_recording(shared_folder: Path) -> None:
    folder = shared_folder / "hardware"
    assert [name for name in WHOLE if not (folder / name).is_file()] == []
