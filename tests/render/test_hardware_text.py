"""Records about hardware in one line each."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import (
    DeviceLink,
    DevicePlace,
    EccErrors,
    GpuPeer,
    KernelEvent,
    MigInstance,
    NvLink,
    RdmaPort,
    RetiredPages,
    RowRemapping,
    Unknown,
)
from envdoctor.render.facts_text import render_facts
from envdoctor.render.hardware_text import in_few_lines, in_one_line
from tests.rules.facts import gpu, gpu_machine

UP = NvLink(0, True, 4, 26562, "switch", None, 0, 0, 0)
DOWN = NvLink(2, False, 4, None, None, None, 0, 3, 0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (EccErrors(17, 3, 0, 1, 17, 2), "uncorrected 3 (SRAM 1, DRAM 2), corrected 17 (SRAM 0, DRAM 17)"),
        (EccErrors(Unknown("ERR!"), 0), "uncorrected 0, corrected ?"),
        (RowRemapping(0, 4, True, False), "for corrected errors 0, for uncorrected 4, pending yes, failed no"),
        (RetiredPages(1, 2, Unknown("x")), "single bit 1, double bit 2, pending ?"),
        (MigInstance(5, None, "1g.10gb", 10 << 30, 0, None), "GPU instance 5, compute instance none, 1g.10gb, 10 GiB"),
        (UP, "up, NVLink 4, 26.56 GB/s, to a switch, replays 0, recoveries 0, checksum errors 0"),
        (DOWN, "down, NVLink 4, replays 0, recoveries 3, checksum errors 0"),
        (GpuPeer(1, "SYS", 0, "ok"), "SYS, NVLinks 0, peer access ok"),
        (KernelEvent("xid", 79, "0000:3b:00.0", "", "gone", 2), "xid 79 of 0000:3b:00.0, 2 times, last at ?: gone"),
        ("text", None),
    ],
)
def test_one_record(value: object, words: str | None) -> None:
    assert in_one_line(value) == words


def test_alike_ones_are_one_line() -> None:
    links = [NvLink(index, True, 4, 26562, "switch", None, 0, 0, 0) for index in range(18)]
    assert in_few_lines(links) == [f"0-17: {in_one_line(UP)}"]
    assert in_few_lines([*links[:2], DOWN]) == [f"0, 1: {in_one_line(UP)}", f"2: {in_one_line(DOWN)}"]
    pairs = [DeviceLink("gpu0", "gpu1", "NV18"), DeviceLink("gpu0", "gpu2", "NV18"), DeviceLink("gpu0", "mlx5_0", "PIX")]
    assert in_few_lines(pairs) == ["gpu0-gpu1, gpu0-gpu2: NV18", "gpu0-mlx5_0: PIX"]
    assert in_few_lines(["text"]) is None
    assert in_few_lines([]) is None


def test_places_and_ports_are_named() -> None:
    place = DevicePlace("gpu0", "gpu", "0000:3b:00.0", 1, (), "pci0000:3a", 1, 5, 16, 16, 4, 8, "0-31", "DMA")
    (line,) = in_few_lines([place]) or []
    assert line.startswith("gpu0: 0000:3b:00.0, NUMA node 1, PCIe 1 x16 of 5 x16, slot PCIe 4, x 8")
    port = RdmaPort("mlx5_0", 1, "ACTIVE", "LinkUp", 400.0, "InfiniBand", "28.39", "MT4129")
    assert (in_few_lines([port]) or [""])[0].startswith("mlx5_0/1: ACTIVE, LinkUp, Gb/s 400, InfiniBand, MT4129")


def test_the_facts_of_a_machine_stay_short() -> None:
    links = tuple(NvLink(index, True, 4, 26562, "switch", None, 0, 0, 0) for index in range(18))
    text = render_facts(gpu_machine(gpus=(gpu(nvlinks=links, ecc_volatile=EccErrors(0, 0)),)), 120, color=False)
    assert "0-17: up, NVLink 4" in text
    assert "ecc volatile        uncorrected 0, corrected 0" in text
