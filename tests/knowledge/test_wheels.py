"""Which wheels the package index has."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import (
    is_python_supported,
    package_release,
    package_versions,
    platform_name,
    supported_pythons,
)
from envdoctor.model.unknown import Unknown

LINUX = "linux-x86_64"


@pytest.mark.parametrize(
    ("package", "version", "platform", "python", "supported"),
    [
        ("torch", "2.9.1", LINUX, "3.14", True),
        ("torch", "2.9.1", LINUX, "3.14t", True),
        ("torch", "2.9.1", LINUX, "3.15", False),
        ("torch", "2.15.0", LINUX, "3.15", True),
        ("torch", "2.4.1", LINUX, "3.13", False),
        ("torch", "2.5.1", LINUX, "3.13", True),
        ("torch", "2.5.1", "windows-x86_64", "3.13", False),
        ("torch", "2.5.1+cu124", LINUX, "3.13", True),
        ("torchvision", "0.20.1", LINUX, "3.13", False),
        ("torchaudio", "2.11.0", LINUX, "3.15", False),
        ("torch", "2.9.1", "musl-x86_64", "3.12", False),
        ("torch", "2.2.2", "macos-x86_64", "3.12", True),
        ("torch", "2.3.0", "macos-x86_64", "3.12", False),
        ("tensorflow", "2.21.0", LINUX, "3.14", False),
        ("tensorflow", "2.22.0rc0", LINUX, "3.14", True),
        ("paddlepaddle-gpu", "2.6.2", LINUX, "3.13", False),
        ("onnxruntime-gpu", "1.23.2", LINUX, "3.10", True),
        ("onnxruntime-gpu", "1.24.1", LINUX, "3.10", False),
        ("vllm", "0.20.1", LINUX, "3.12", True),
        ("mxnet", "1.9.1", LINUX, "3.13", True),
        ("keras", "3.15.1", LINUX, "3.12", True),
        ("xformers", "0.0.31", LINUX, "3.13", True),
        ("xformers", "0.0.31", LINUX, "3.13t", False),
    ],
)
def test_pythons(knowledge: Knowledge, package: str, version: str, platform: str, python: str, supported: bool) -> None:
    assert is_python_supported(knowledge, package, Version(version), platform, python) is supported


@pytest.mark.parametrize(
    ("package", "version"), [("torch", "2.16.0"), ("torch", "1.0.0"), ("flax", "0.8.0"), ("torch", "2.14.0rc1")]
)
def test_what_the_tables_do_not_reach_is_unknown(knowledge: Knowledge, package: str, version: str) -> None:
    assert isinstance(package_release(knowledge, package, Version(version)), Unknown)
    assert isinstance(is_python_supported(knowledge, package, Version(version), LINUX, "3.12"), Unknown)


def test_a_number_between_releases_is_no_release(knowledge: Knowledge) -> None:
    assert package_release(knowledge, "torch", Version("2.9.7")) is None
    assert supported_pythons(knowledge, "torch", Version("2.9.7"), LINUX) is None


def test_a_version_in_another_spelling_is_the_same(knowledge: Knowledge) -> None:
    assert supported_pythons(knowledge, "torch", Version("2.9"), LINUX) == supported_pythons(
        knowledge, "torch", Version("2.9.0"), LINUX
    )


def test_the_floor_is_that_of_the_tag(knowledge: Knowledge) -> None:
    for version, floor in (("0.19.1", "2.31"), ("0.20.1", "2.35"), ("0.21.0", "2.24"), ("0.22.0", "2.28")):
        release = package_release(knowledge, "vllm", Version(version))
        assert release is not None
        assert not isinstance(release, Unknown)
        assert [wheels.floor for wheels in release.on(LINUX)] == [Version(floor)]


def test_a_release_without_wheels_fits_nowhere(knowledge: Knowledge) -> None:
    release = package_release(knowledge, "torch", Version("2.9.1"))
    assert release is not None
    assert not isinstance(release, Unknown)
    assert release.requires_python == ">=3.10"
    assert release.on("musl-x86_64") == ()


def test_versions_are_in_order(knowledge: Knowledge) -> None:
    versions = package_versions(knowledge, "torch")
    assert list(versions) == sorted(versions)
    assert Version("2.10.0") > Version("2.9.1")
    assert package_versions(knowledge, "nosuch") == ()


@pytest.mark.parametrize(
    ("system", "machine", "libc", "platform"),
    [
        ("linux", "x86_64", "glibc", "linux-x86_64"),
        ("linux", "AMD64", None, "linux-x86_64"),
        ("linux", "aarch64", None, "linux-aarch64"),
        ("linux", "x86_64", "musl", "musl-x86_64"),
        ("windows", "AMD64", None, "windows-x86_64"),
        ("windows", "ARM64", None, "windows-arm64"),
        ("macos", "arm64", None, "macos-arm64"),
        ("macos", "aarch64", None, "macos-arm64"),
        ("macos", "x86_64", None, "macos-x86_64"),
    ],
)
def test_platform_names(system: str, machine: str, libc: str | None, platform: str) -> None:
    assert platform_name(system, machine, libc) == platform
