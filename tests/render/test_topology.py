"""The picture of a machine: `python -m tests.render.test_topology` draws the expected ones again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import CloudInstance, Facts, Subject, Unknown
from envdoctor.model.record import replace
from envdoctor.render.clouds import cloud_words
from envdoctor.render.layout import cell_width
from envdoctor.render.paint import paint
from envdoctor.render.topology.text import topology_lines
from tests.render.drawn import MACHINES, h100, small, workstation

EXPECTED = Path(__file__).parent / "expected"
WIDTHS = {"small": 80, "no-gpu": 80, "workstation": 80, "h100": 80, "mi300x": 80, "laptop": 80, "mi300x-cpx": 80}


def drawn(name: str, width: int, *, ascii_only: bool = False) -> str:
    return paint(list(topology_lines(MACHINES[name](), width)), width, False, ascii_only)


@pytest.mark.parametrize("name", MACHINES)
def test_pictures(name: str) -> None:
    assert drawn(name, WIDTHS[name]) == (EXPECTED / f"topology-{name}.txt").read_text(encoding="utf-8")


def test_a_narrow_picture_in_ascii() -> None:
    text = drawn("workstation", 44, ascii_only=True)
    assert text == (EXPECTED / "topology-workstation-44.txt").read_text(encoding="utf-8")
    assert text.isascii()


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("width", [20, 30, 44, 60, 80, 132])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for ascii_only in (False, True):
        assert all(cell_width(line) <= width for line in drawn(name, width, ascii_only=ascii_only).splitlines())


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 140), st.text(max_size=60), st.text(alphabet="GPU 0画─,", max_size=40))
def test_whatever_devices_call_themselves(width: int, model: str, name: str) -> None:
    facts = workstation()
    assert isinstance(facts.gpus, tuple)
    facts = replace(facts, gpus=tuple(replace(gpu, name=name or model) for gpu in facts.gpus))
    text = paint(list(topology_lines(facts, width)), width, False)
    assert all(cell_width(line) <= width for line in text.splitlines())


def test_what_is_unknown_is_said_and_nothing_breaks() -> None:
    facts = Facts(Subject("image", "x"))
    text = paint(list(topology_lines(facts, 80)), 80, False)
    assert "GPUs unknown" in text
    assert "processor unknown: not looked at" in text


def test_a_link_with_too_few_lanes_has_the_colour_of_a_warning() -> None:
    pieces = [piece for line in topology_lines(workstation(), 80) for piece in line.pieces]
    assert ("PCIe 1.0 x8 of 4.0 x16", "warning") in pieces
    assert ("PCIe 1.0 x16 of 4.0 x16", "dim") in pieces


def test_a_device_whose_node_is_not_told_has_a_box_of_its_own() -> None:
    facts = workstation()
    interconnect = facts.interconnect
    assert not isinstance(interconnect, Unknown)
    assert isinstance(interconnect.places, tuple)
    places = (replace(interconnect.places[0], numa_node=None), *interconnect.places[1:])
    text = paint(list(topology_lines(replace(facts, interconnect=replace(interconnect, places=places)), 80)), 80, False)
    assert "NUMA node not told" in text


def test_each_device_is_drawn_once() -> None:
    text = paint(list(topology_lines(h100(), 80)), 80, False)
    boxes = text.partition("GPUs among")[0]
    for index in range(8):
        assert boxes.count(f" gpu{index} ") == boxes.count(f" mlx5_{index} ") == 1


def test_clouds_in_words() -> None:
    assert cloud_words(CloudInstance("gcp", Unknown("x"), "colab")) == "Colab on Google Cloud"
    assert cloud_words(CloudInstance(None, None, "kaggle")) == "Kaggle"
    assert cloud_words(small().cloud) == ""


if __name__ == "__main__":
    for machine in MACHINES:
        (EXPECTED / f"topology-{machine}.txt").write_text(drawn(machine, WIDTHS[machine]), encoding="utf-8")
    (EXPECTED / "topology-workstation-44.txt").write_text(drawn("workstation", 44, ascii_only=True), encoding="utf-8")
