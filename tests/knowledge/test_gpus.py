"""Names and PCI ids of GPUs; architectures."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.knowledge.gpus import architecture, find_gpu_by_pci, find_gpus, module_flavours
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


@pytest.mark.parametrize(
    ("name", "capability", "gpu_class"),
    [
        ("NVIDIA A100-SXM4-80GB", (8, 0), "datacenter"),
        ("A100", (8, 0), "datacenter"),
        ("NVIDIA A100-PCIE-40GB", (8, 0), "datacenter"),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", (8, 0), "datacenter"),
        ("GRID A100-10C", (8, 0), "datacenter"),
        ("GRID T4-16Q", (7, 5), "datacenter"),
        ("NVIDIA A40-48Q", (8, 6), "datacenter"),
        ("Tesla V100-SXM2-16GB", (7, 0), "datacenter"),
        ("Tesla V100", (7, 0), "datacenter"),
        ("GeForce RTX 4090", (8, 9), "consumer"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", (8, 9), "consumer"),
        ("rtx 4090", (8, 9), "consumer"),
        ("NVIDIA H100 80GB HBM3", (9, 0), "datacenter"),
        ("H100", (9, 0), "datacenter"),
        ("NVIDIA GH200 480GB", (9, 0), "datacenter"),
        ("Tesla K80", (3, 7), "datacenter"),
        ("NVIDIA GB10", (12, 1), "workstation"),
        ("Tesla T4", (7, 5), "datacenter"),
        ("NVIDIA L4", (8, 9), "datacenter"),
        ("NVIDIA A10", (8, 6), "datacenter"),
        ("NVIDIA A10G", (8, 6), "datacenter"),
        ("GeForce GTX 1080", (6, 1), "consumer"),
        ("GeForce GTX 1060 6GB", (6, 1), "consumer"),
        ("GeForce GTX TITAN X", (5, 2), "consumer"),
        ("NVIDIA TITAN X (Pascal)", (6, 1), "consumer"),
        ("Quadro RTX 6000", (7, 5), "workstation"),
        ("NVIDIA RTX 6000 Ada Generation", (8, 9), "workstation"),
        ("NVIDIA RTX A6000", (8, 6), "workstation"),
        ("A6000", (8, 6), "workstation"),
        ("Quadro P4000", (6, 1), "workstation"),
        ("P4000", (6, 1), "workstation"),
        ("GeForce RTX 5060", (12, 0), "consumer"),
        ("NVIDIA B200", (10, 0), "datacenter"),
        ("NVIDIA Jetson AGX Orin", (8, 7), "embedded"),
        ("NVIDIA GeForce RTX 2080 with Max-Q Design", (7, 5), "consumer"),
    ],
)
def test_a_name_is_one_gpu(knowledge: Knowledge, name: str, capability: tuple[int, int], gpu_class: str) -> None:
    (model,) = find_gpus(knowledge, name)
    assert (model.compute_capability, model.gpu_class, model.vendor) == (capability, gpu_class, "nvidia")
    assert model.certain


@pytest.mark.parametrize(
    ("name", "capabilities"),
    [
        ("TITAN X", {(5, 2), (6, 1)}),
        ("GeForce GT 730", {(2, 1), (3, 0), (3, 5)}),
        ("GeForce GTX 750 Ti", {(3, 0), (5, 0)}),
        ("NVIDIA RTX 6000", {(7, 5), (8, 9), (12, 0)}),
    ],
)
def test_a_name_that_several_gpus_share_is_all_of_them(
    knowledge: Knowledge, name: str, capabilities: set[tuple[int, int]]
) -> None:
    assert {model.compute_capability for model in find_gpus(knowledge, name)} == capabilities


def test_variants_of_a_board_have_one_capability(knowledge: Knowledge) -> None:
    models = find_gpus(knowledge, "NVIDIA RTX PRO 6000 Blackwell")
    assert len(models) > 1
    assert {model.compute_capability for model in models} == {(12, 0)}


def test_names_of_pci_ids_help_where_the_table_has_none(knowledge: Knowledge) -> None:
    assert {model.compute_capability for model in find_gpus(knowledge, "Quadro T2000")} == {(7, 5)}


@pytest.mark.parametrize(
    "name", ["", "NVIDIA", "NVIDIA Graphics Device", "GeForce RTX 9090", "Intel Arc A770", "AMD Radeon Graphics"]
)
def test_other_names_are_unknown(knowledge: Knowledge, name: str) -> None:
    assert find_gpus(knowledge, name) == ()


@pytest.mark.parametrize(
    ("name", "gfx"),
    [
        ("AMD Instinct MI300X", "gfx942"),
        ("AMD Radeon RX 6700 XT", "gfx1031"),
        ("Radeon RX 7900 XTX", "gfx1100"),
        ("AMD Radeon VII", "gfx906"),
    ],
)
def test_amd_names(knowledge: Knowledge, name: str, gfx: str) -> None:
    (model,) = find_gpus(knowledge, name)
    assert (model.vendor, model.gfx_target, model.compute_capability) == ("amd", gfx, None)


@pytest.mark.parametrize(
    ("name", "reported_mib", "named_mib"),
    [
        ("NVIDIA A100-SXM4-80GB", 81251, 81920),
        ("NVIDIA A100-PCIE-40GB", 40536, 40960),
        ("NVIDIA A100", 40536, 40960),
        ("Tesla V100-SXM2-16GB", 16151, 16384),
        ("Tesla V100-SXM3-32GB", 32480, 32768),
        ("NVIDIA H100 80GB HBM3", 81559, 81920),
        ("NVIDIA H200", 143771, 144384),
        ("NVIDIA B200", 183359, 184320),
        ("NVIDIA GH200 480GB", 97871, 98304),
        ("NVIDIA A100-SXM4-80GB MIG 1g.10gb", 9728, 10240),
        ("Tesla K80", 11441, 12288),
        ("Tesla T4", 15109, 16384),
        ("NVIDIA L4", 23034, 24576),
        ("NVIDIA L40S", 46068, 49152),
        ("NVIDIA GeForce RTX 4090", 24564, 24576),
        ("NVIDIA GeForce RTX 5090", 32607, 32768),
        ("NVIDIA GeForce RTX 2080 Ti", 11019, 11264),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", None, None),
    ],
)
def test_memory_is_a_lower_bound(knowledge: Knowledge, name: str, reported_mib: int | None, named_mib: int | None) -> None:
    """Never more than drivers report, and not much less: at least 0.92 of what the name says."""
    (model,) = find_gpus(knowledge, name)
    least = model.memory_bytes(name)
    if reported_mib is None or named_mib is None:
        assert least is None
    else:
        assert least is not None
        assert 0.919 * named_mib <= least / 2**20 <= reported_mib


def test_pci_ids(knowledge: Knowledge) -> None:
    model = find_gpu_by_pci(knowledge, "10DE:2330")
    assert not isinstance(model, Unknown)
    assert (model.compute_capability, model.gpu_class) == ((9, 0), "datacenter")
    assert isinstance(find_gpu_by_pci(knowledge, "10de:ffff"), Unknown)
    assert isinstance(find_gpu_by_pci(knowledge, "1002:744c"), Unknown)


@pytest.mark.parametrize(
    ("capability", "name", "first", "last", "open_only"),
    [
        ((3, 7), "Kepler", None, 470, False),
        ((6, 1), "Pascal", None, 580, False),
        ((7, 0), "Volta", None, 580, False),
        ((7, 5), "Turing", 410, None, False),
        ((9, 0), "Hopper", 525, None, False),
        ((12, 0), "Blackwell", 570, None, True),
        ((10, 7), "Rubin", 615, None, True),
    ],
)
def test_architectures(
    knowledge: Knowledge, capability: tuple[int, int], name: str, first: int | None, last: int | None, open_only: bool
) -> None:
    found = architecture(knowledge, capability)
    assert not isinstance(found, Unknown)
    assert (found.name, found.first_branch, found.last_branch, found.needs_open_module) == (name, first, last, open_only)


def test_an_architecture_outside_the_tables_is_unknown(knowledge: Knowledge) -> None:
    assert isinstance(architecture(knowledge, (14, 0)), Unknown)


@pytest.mark.parametrize(
    ("capability", "name", "branch", "flavours"),
    [
        ((12, 0), "GeForce RTX 5070 Ti", 570, "open"),
        ((7, 0), "Tesla V100", 570, "proprietary"),
        ((8, 0), "NVIDIA A100", 570, "either"),
        ((8, 0), "NVIDIA A100", 615, "open"),
        ((9, 0), "NVIDIA H100", 570, "either"),
        ((9, 0), "NVIDIA GH200 480GB", None, "open"),
        ((8, 7), "Orin", None, None),
    ],
)
def test_kernel_modules(
    knowledge: Knowledge, capability: tuple[int, int], name: str, branch: int | None, flavours: str | None
) -> None:
    found = architecture(knowledge, capability)
    assert not isinstance(found, Unknown)
    assert module_flavours(knowledge, found, name, branch) == flavours


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_name_is_looked_up_without_a_fuss(knowledge: Knowledge, name: str) -> None:
    for model in find_gpus(knowledge, name):
        assert model.source
