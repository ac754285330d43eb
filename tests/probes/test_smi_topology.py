"""`nvidia-smi topo -m` and `nvlink -s`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Interconnect, Unknown
from envdoctor.probes.smi_topology import parse_nvlinks, parse_topology

MATRIX = """\
\t\x1b[4mGPU0\tGPU1\tNIC0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m
GPU0\t X \tNV18\tPIX\t0-31,64-95\t0\t\tN/A
GPU1\tNV18\t X \tSYS\t32-63\t1\t\tN/A
NIC0\tPIX\tSYS\t X \t\t\t

Legend:
  X    = Self

NIC Legend:

  NIC0: mlx5_0
"""
RECORDED = {
    "topo-m-sglang-1692.txt": (8, 0, 28, "PIX", 1, "36-71,108-143"),
    "topo-m-sglang-3695.txt": (8, 8, 120, "NV18", 1, "96-191,288-383"),
    "topo-m-sglang-3817.txt": (8, 10, 153, "NV18", 1, "1,3,5,7,9,11"),
    "topo-m-sglang-4305.txt": (8, 0, 28, "NV18", None, "0-127"),
    "topo-m-sglang-4497.txt": (8, 9, 136, "NV8", 1, "32-63,96-127"),
    "topo-m-sglang-6694.txt": (8, 5, 78, "NV18", 1, "90-179"),
    "topo-m-sglang-7158.txt": (8, 0, 28, "PIX", 1, "32-63,96-127"),
    "topo-m-sglang-857.txt": (8, 4, 66, "NV12", 1, "32-63,96-127"),
    "topo-m-sglang-956.txt": (4, 0, 6, "NV12", 0, "0-63"),
    "topo-m-vllm-10831.txt": (4, 0, 6, "NODE", 1, "12-23,36-47"),
    "topo-m-vllm-11484.txt": (2, 0, 1, "SYS", 1, "32-63,96-127"),
    "topo-m-vllm-14845.txt": (4, 1, 10, "NV12", 3, "72-95"),
    "topo-m-vllm-15577.txt": (2, 0, 1, "PHB", 0, "0-31"),
    "topo-m-vllm-16588.txt": (4, 8, 66, "NV12", 1, "64-127,192-255"),
    "topo-m-vllm-21096.txt": (8, 8, 120, "NV8", 1, "32-63,96-127"),
    "topo-m-vllm-6276.txt": (4, 1, 10, "NODE", 1, "91,94-179"),
    "topo-m-vllm-7368.txt": (3, 0, 3, "PIX", 0, "0-11"),
}
"""GPUs, network adapters, pairs, how the first two GPUs are linked, and node and processors of the last GPU."""


def _read(text: str) -> Interconnect:
    found = parse_topology(text)
    assert found is not None
    return found


def test_a_matrix_with_its_legend() -> None:
    found = _read(MATRIX)
    assert isinstance(found.places, tuple)
    assert isinstance(found.links, tuple)
    assert [(link.first, link.second, link.path) for link in found.links] == [
        ("gpu0", "gpu1", "NV18"), ("gpu0", "mlx5_0", "PIX"), ("gpu1", "mlx5_0", "SYS"),
    ]  # fmt: skip
    assert [(place.name, place.kind, place.numa_node, place.local_cpus) for place in found.places[:2]] == [
        ("gpu0", "gpu", 0, "0-31,64-95"), ("gpu1", "gpu", 1, "32-63"),
    ]  # fmt: skip
    assert (found.places[2].kind, isinstance(found.places[2].numa_node, Unknown)) == ("nic", True)


OTHERS = {
    "a cube mesh with adapters by name": (
        "\tGPU0\tGPU1\tGPU2\tGPU3\tmlx5_0\tmlx5_1\tCPU Affinity\tNUMA Affinity\n"
        "GPU0\tX\tNV1\tNV2\tSYS\tNODE\tSYS\t0-23,48-71\t0\nGPU1\tNV1\tX\tSYS\tNV2\tPIX\tSYS\t0-23,48-71\t0\n"
        "GPU2\tNV2\tSYS\tX\tNV1\tSYS\tNODE\t24-47,72-95\t1\nGPU3\tSYS\tNV2\tNV1\tX\tSYS\tPIX\t24-47,72-95\t1\n"
        "mlx5_0\tNODE\tPIX\tSYS\tSYS\tX\tSYS\t\t\nmlx5_1\tSYS\tSYS\tNODE\tPIX\tSYS\tX \t\t\n",
        4, [0, 0, 1, 1], {"NV1": 2, "NV2": 2, "SYS": 7, "NODE": 2, "PIX": 2},
    ),
    "one GPU of a Grace Blackwell desk": (
        "\tGPU0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\nGPU0\t X \t0-19\t0\t\tN/A\n", 1, [0], {},
    ),
    "without NUMA": ("\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tSYS\t0-31\nGPU1\tSYS\t X \t0-31\n", 2, [None, None], {"SYS": 1}),
    "indented, with spaces for tabs": (
        "        GPU0    GPU1    NIC0    CPU Affinity    NUMA Affinity   GPU NUMA ID\n"
        "    GPU0     X      NV4     PHB     0-31,64-95      0               N/A\n"
        "    GPU1    NV4      X      SYS     32-63,96-127    1               N/A\n    NIC0    PHB     SYS      X\n",
        2, [0, 1], {"NV4": 1, "PHB": 1, "SYS": 1},
    ),
    "GPUs that are NUMA nodes themselves": (
        "\tGPU0\tGPU1\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\nGPU0\t X \tNV18\t0-71\t0,2-17\t\t2\n"
        "GPU1\tNV18\t X \t72-143\t1,18-33\t\t18\n",
        2, [0, 1], {"NV18": 1},
    ),
    "an old one": ("\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tSOC\t0-7\nGPU1\tSOC\t X \t8-15\n", 2, [None, None], {"SYS": 1}),
}  # fmt: skip
"""Shapes seen on other machines: GPUs, their nodes, and how many pairs are linked how."""


@pytest.mark.parametrize("name", OTHERS)
def test_matrices_of_other_machines(name: str) -> None:
    text, count, nodes, ways = OTHERS[name]
    found = _read(text)
    assert isinstance(found.places, tuple)
    assert isinstance(found.links, tuple)
    cards = [place for place in found.places if place.kind == "gpu"]
    assert [place.numa_node if isinstance(place.numa_node, int) else None for place in cards] == nodes
    assert len(cards) == count
    paths = [link.path for link in found.links]
    assert {path: paths.count(path) for path in paths} == ways


def test_links_that_are_all_down() -> None:
    text = "GPU 0: NVIDIA A100-PCIE-40GB (UUID: GPU-1)\nNVML: Unable to retrieve NVLink information as all links are inActive\n"
    assert parse_nvlinks(text) == {}


@pytest.mark.parametrize("text", ["", "GPU0 and GPU1 are slow", "\tGPU0\tGPU1\nGPU0\t X \t", "GPU0  CPU Affinity\n"])
def test_what_is_no_matrix(text: str) -> None:
    assert parse_topology(text) is None


def test_recorded_matrices(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-smi-text"
    assert {path.name for path in folder.glob("topo-m-*.txt")} == set(RECORDED)
    for name, (gpus, nics, pairs, path, node, cpus) in RECORDED.items():
        found = _read((folder / name).read_text(encoding="utf-8"))
        assert isinstance(found.places, tuple)
        assert isinstance(found.links, tuple)
        cards = [place for place in found.places if place.kind == "gpu"]
        assert (len(cards), len(found.places) - len(cards), len(found.links)) == (gpus, nics, pairs), name
        assert found.links[0].path == path, name
        assert cards[-1].local_cpus == cpus, name
        assert (cards[-1].numa_node if isinstance(cards[-1].numa_node, int) else None) == node, name


def test_recorded_nvlinks(shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "nvidia-smi-text" / "nvlink-s-8xa100.txt").read_text(encoding="utf-8")
    found = parse_nvlinks(text)
    assert sorted(found) == list(range(8))
    assert all(len(links) == 12 and all(link.is_active for link in links) for links in found.values())
    assert found[7][11].speed_mb_per_s == 25000


def test_links_that_are_down() -> None:
    ((link, other),) = parse_nvlinks("GPU 0: NVIDIA A40 (UUID: GPU-1)\n\t Link 0: <inactive>\n\t Link 1: 14.062 GB/s\n").values()
    assert (link.is_active, other.is_active, other.speed_mb_per_s) == (False, True, 14062)
    assert parse_nvlinks("GPU 0: X\nNvlink queries are not supported for Devices in MIG mode\n") == {}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="GPU012 NICXPHBSYODEV\t\n-,CPU Affinity", max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = parse_topology(text)
    assert found is None or isinstance(found.places, tuple)
    parse_nvlinks(text)
