"""What lspci prints, in each of its forms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Gpu, Unknown
from envdoctor.probes.lspci import parse_lspci
from envdoctor.reports.reading import read_report

NAMED = """\
00:02.0 VGA compatible controller: Intel Corporation AlderLake-S GT1 (rev 0c)
01:00.0 VGA compatible controller: NVIDIA Corporation AD102 [GeForce RTX 4090] (rev a1)
01:00.1 Audio device: NVIDIA Corporation AD102 High Definition Audio Controller (rev a1)
0a:00.0 VGA compatible controller: ASPEED Technology, Inc. ASPEED Graphics Family (rev 41)
"""
NUMBERED = """\
01:00.0 VGA compatible controller [0300]: NVIDIA Corporation AD102 [GeForce RTX 4090] [10de:2684] (rev a1)
\tSubsystem: Micro-Star International Co., Ltd. [MSI] Device [1462:5103]
\tKernel driver in use: nouveau
\tKernel modules: nvidiafb, nouveau
82:00.0 Processing accelerators [1200]: Advanced Micro Devices, Inc. [AMD/ATI] Aqua Vanjaram [Instinct MI300X] [1002:74a1]
\tKernel driver in use: amdgpu
"""
BARE = "01:00.0 0300: 10de:2684 (rev a1)\n02:00.0 0302: 10de:2330\n00:1f.0 0601: 8086:7a04\n"
BLOCKS = """\
Slot:\t01:00.0
Class:\tVGA compatible controller [0300]
Vendor:\tNVIDIA Corporation [10de]
Device:\tAD102 [GeForce RTX 4090] [2684]
Rev:\ta1
Driver:\tnvidia

Slot:\t01:00.1
Class:\tAudio device [0403]
Vendor:\tNVIDIA Corporation [10de]
Device:\tAD102 High Definition Audio Controller [22ba]
"""


def _rows(text: str) -> list[tuple[object, ...]]:
    shown = lambda value: None if isinstance(value, Unknown) else value  # noqa: E731
    return [
        (gpu.vendor, shown(gpu.name), gpu.pci_address, shown(gpu.pci_id), shown(gpu.kernel_driver)) for gpu in parse_lspci(text)
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (NAMED, [("intel", "AlderLake-S GT1", "0000:00:02.0", None, None),
                 ("nvidia", "GeForce RTX 4090", "0000:01:00.0", None, None)]),
        (NUMBERED, [("nvidia", "GeForce RTX 4090", "0000:01:00.0", "10de:2684", "nouveau"),
                    ("amd", "Instinct MI300X", "0000:82:00.0", "1002:74a1", "amdgpu")]),
        (BARE, [("nvidia", None, "0000:01:00.0", "10de:2684", None), ("nvidia", None, "0000:02:00.0", "10de:2330", None)]),
        (BLOCKS, [("nvidia", "GeForce RTX 4090", "0000:01:00.0", "10de:2684", "nvidia")]),
        ("0008:01:00.0 3D controller: NVIDIA Corporation Device 2941 (rev a1)\n",
         [("nvidia", None, "0008:01:00.0", "10de:2941", None)]),
        ("> 03:00.0 Display controller: Advanced Micro Devices, Inc. [AMD/ATI] Vega 20 (rev 02)\n",
         [("amd", "Vega 20", "0000:03:00.0", None, None)]),
        ("", []),
        ("00:01.0 PCI bridge: Intel Corporation 440BX\n", []),
    ],
)  # fmt: skip
def test_forms(text: str, rows: list[tuple[object, ...]]) -> None:
    assert _rows(text) == rows
    assert [gpu.index for gpu in parse_lspci(text)] == list(range(len(rows)))


def test_what_it_does_not_say_is_unknown() -> None:
    gpu = parse_lspci(NAMED)[1]
    assert all(isinstance(getattr(gpu, name), Unknown) for name in ("memory_total_bytes", "compute_capability", "ecc_enabled"))


def test_a_report_knows_the_card_beside_the_processor_s_own_display() -> None:
    facts, _lines = read_report("torch does not see my GPU\n```\n" + NAMED + "```\n", "pasted")
    assert isinstance(facts.gpus, tuple)
    assert [(gpu.vendor, gpu.name, gpu.index) for gpu in facts.gpus] == [("nvidia", "GeForce RTX 4090", 0)]


def test_the_revision_is_no_gpu() -> None:
    text = "13:00.0 VGA compatible controller: NVIDIA Corporation GM107GL [Quadro K2200] (rev a2)\n"
    gpus = read_report(text, "pasted")[0].gpus
    assert isinstance(gpus, tuple)
    assert [gpu.name for gpu in gpus] == ["Quadro K2200"]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="0123456789abcdef:. [](){}VGA3Dcontroler\n\tNVIDIAKSlt", max_size=200))
def test_any_text_is_read(text: str) -> None:
    for begun in (text, "01:00.0 VGA compatible controller: " + text, "Slot:\t01:00.0\nClass:\t0300\nVendor:\t" + text):
        assert all(isinstance(gpu, Gpu) for gpu in parse_lspci(begun))
