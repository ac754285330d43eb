"""Which GPUs cuDNN serves."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.cudnn import cudnn_floor, last_cudnn_for, newest_cudnn
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


@pytest.mark.parametrize(
    ("cudnn", "cuda", "floor"),
    [
        ("8.5.0.96", "11.7", (3, 5)),
        ("8.9.2.26", "12.1", (5, 0)),
        ("9.1.0.70", "11.8", (5, 0)),
        ("9.10.2.21", "12.8", (5, 0)),
        ("9.10.2.21", None, (5, 0)),
        ("9.11.0.98", "12.9", (7, 5)),
        ("9.28.0.42", None, (7, 5)),
    ],
)
def test_floor(knowledge: Knowledge, cudnn: str, cuda: str | None, floor: tuple[int, int]) -> None:
    found = cudnn_floor(knowledge, Version(cudnn), Version(cuda) if cuda else None)
    assert not isinstance(found, Unknown)
    assert found.compute_capability == floor


@pytest.mark.parametrize(("cudnn", "cuda"), [("7.6.5", "10.2"), ("10.0", "14.0"), ("8.9.2.26", None)])
def test_floor_of_others_is_unknown(knowledge: Knowledge, cudnn: str, cuda: str | None) -> None:
    assert isinstance(cudnn_floor(knowledge, Version(cudnn), Version(cuda) if cuda else None), Unknown)


def test_an_open_range_takes_the_newest(knowledge: Knowledge) -> None:
    newest = newest_cudnn(knowledge, Version("12.8"))
    assert newest is not None
    assert newest >= Version("9.28.0.42")
    assert newest_cudnn(knowledge, Version("14.0")) is None


@pytest.mark.parametrize(
    ("capability", "needs_pin"), [((6, 1), True), ((5, 2), True), ((7, 0), True), ((7, 5), False), ((3, 7), False)]
)
def test_old_gpus_need_a_pin(knowledge: Knowledge, capability: tuple[int, int], needs_pin: bool) -> None:
    found = last_cudnn_for(knowledge, capability)
    assert (found and found.requirement) == ("nvidia-cudnn-cu12==9.10.2.21" if needs_pin else None)
