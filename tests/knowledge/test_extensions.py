"""Pins and libraries of packages that are compiled against a framework."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.extensions import bitsandbytes_library, pins, releases_for_torch
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


@pytest.mark.parametrize(
    ("package", "version", "other", "wanted"),
    [
        ("vllm", "0.11.0", "torch", "==2.8.0"),
        ("vllm", "0.33.0", "torch", "==2.14.0"),
        ("xformers", "0.0.34", "torch", "==2.10.0"),
        ("xformers", "0.0.35", "torch", ">=2.10"),
        ("mxnet", "1.9.1", "numpy", "<1.24"),
    ],
)
def test_pins(knowledge: Knowledge, package: str, version: str, other: str, wanted: str) -> None:
    found = pins(knowledge, package, Version(version))
    assert found is not None
    assert not isinstance(found, Unknown)
    assert found.ranges[other] == wanted


def test_pins_outside_the_tables(knowledge: Knowledge) -> None:
    assert isinstance(pins(knowledge, "vllm", Version("9.0")), Unknown)
    assert pins(knowledge, "pandas", Version("2.0")) is None


def test_releases_that_pin_a_torch(knowledge: Knowledge) -> None:
    assert releases_for_torch(knowledge, "xformers", Version("2.9.1+cu128")) == (Version("0.0.33.post2"),)
    assert releases_for_torch(knowledge, "pandas", Version("2.9.1")) == ()


@pytest.mark.parametrize(
    ("version", "cuda", "system", "library"),
    [
        ("0.49.2", "13.2", "linux", None),
        ("0.49.2", "13.0", "linux", "cuda130"),
        ("0.50.0", "13.2", "linux", "cuda132"),
        ("0.50.2", "12.9", "linux", "cuda128"),
        ("0.50.2", "13.4", "linux", "cuda132"),
        ("0.50.2", "13.4", "windows", "cuda134"),
        ("0.50.2", "12.0", "linux", "cuda121"),
        ("0.50.2", "14.0", "linux", None),
        ("0.42.0", "12.1", "windows", None),
    ],
)
def test_bitsandbytes(knowledge: Knowledge, version: str, cuda: str, system: str, library: str | None) -> None:
    found = bitsandbytes_library(knowledge, Version(version), Version(cuda), system)
    assert not isinstance(found, Unknown)
    assert found.name == library


def test_the_gpu_floor_goes_with_the_library(knowledge: Knowledge) -> None:
    floors = {}
    for cuda in ("12.6", "12.8", "13.0"):
        found = bitsandbytes_library(knowledge, Version("0.50.2"), Version(cuda), "linux")
        assert not isinstance(found, Unknown)
        floors[cuda] = found.gpu_floor
    assert floors == {"12.6": (6, 0), "12.8": (7, 0), "13.0": (7, 5)}
    assert isinstance(bitsandbytes_library(knowledge, Version("9.0"), Version("13.0"), "linux"), Unknown)
