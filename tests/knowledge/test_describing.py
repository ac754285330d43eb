"""What `envdoctor knowledge NAME==VERSION` tells."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.knowledge.describing import describe_release
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.notes import notes_on, other_packages
from envdoctor.knowledge.wheels import package_versions

NOTES = [
    ("torch", "2.9.1", ["macOS 14.0", "refuses Python 3.14"]),
    ("torchvision", "0.24.1", ["made for torch 2.9.1"]),
    ("tensorflow", "2.15.0", ["does not run (from 2.18.0 on it does) with NumPy 2", "AVX"]),
    ("tensorflow", "2.20.0", ["runs with NumPy 2"]),
    ("bitsandbytes", "0.48.0", ["on linux it carries libraries for cuda118"]),
    ("nvidia-cudnn-cu12", "9.11.0.98", ["compute capability 7.5"]),
    ("nvidia-cudnn-cu12", "9.10.2.21", ["compute capability 5.0"]),
    ("mxnet", "1.9.1", ["PyTorch or JAX", "none for CUDA 12"]),
    ("flash-attn", "2.8.3", ["only its source", "compute capability 8.0"]),
    ("paddlepaddle-gpu", "2.6.2", ["PaddlePaddle's own index"]),
    ("keras", "2.15.0", ["same minor version"]),
    ("keras", "3.12.0", ["KERAS_BACKEND"]),
]


@pytest.mark.parametrize(("package", "version", "words"), NOTES, ids=[f"{row[0]}=={row[1]}" for row in NOTES])
def test_notes(knowledge: Knowledge, package: str, version: str, words: list[str]) -> None:
    said = "\n".join(notes_on(knowledge, package, Version(version)))
    assert [word for word in words if word not in said] == [], said


ASKS = [
    ("tensorflow", "2.15.0", {"keras": "<2.16,>=2.15.0", "numpy": "<2.0.0,>=1.23.5"}),
    ("xformers", "0.0.33", {"torch": "==2.9.0"}),
    ("vllm", "0.11.0", {"torch": "==2.8.0"}),
]


@pytest.mark.parametrize(("package", "version", "ranges"), ASKS, ids=[f"{row[0]}=={row[1]}" for row in ASKS])
def test_what_it_asks_for(knowledge: Knowledge, package: str, version: str, ranges: dict[str, str]) -> None:
    asked = dict(describe_release(knowledge, package, Version(version)).asks)
    assert ranges.items() <= asked.items()


@pytest.mark.parametrize("package", ["bitsandbytes", "triton", "nvidia-cudnn-cu12", "mxnet"])
def test_a_package_whose_builds_nobody_told_apart_is_not_called_one_for_the_processor(knowledge: Knowledge, package: str) -> None:
    described = describe_release(knowledge, package, package_versions(knowledge, package)[-1])
    assert described.problem is None
    assert described.builds is None


def test_every_release_of_the_table_can_be_told(knowledge: Knowledge) -> None:
    for package in knowledge.tables["wheels"]["packages"]:
        for version in package_versions(knowledge, package):
            described = describe_release(knowledge, package, version)
            assert described.problem is None, (package, version)
            for _name, text in described.asks:
                SpecifierSet(text)


def test_packages_that_the_index_has_not_whole_have_something_said_of_them(knowledge: Knowledge) -> None:
    for package in other_packages(knowledge):
        assert list(notes_on(knowledge, package, Version("2.0"))), package
