"""PyTorch's builds, companions and floors."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import (
    companions,
    mps_floor,
    torch_builds,
    torch_of_companion,
    torch_release,
    triton_range,
)
from envdoctor.knowledge.torch_compile import compile_refuses_from
from envdoctor.model.unknown import Unknown

LINUX = "linux-x86_64"


def release(knowledge: Knowledge, version: str, platform: str = LINUX) -> Release:
    found = torch_release(knowledge, Version(version), platform)
    assert isinstance(found, Release), found
    return found


@pytest.mark.parametrize(
    ("version", "platform", "full"),
    [
        ("2.8.0", LINUX, "2.8.0+cu128"),
        ("2.7.1", LINUX, "2.7.1+cu126"),
        ("2.14.1", LINUX, "2.14.1+cu130"),
        ("2.15.0", LINUX, "2.15.0+cu132"),
        ("1.12.1", LINUX, "1.12.1+cu102"),
        ("2.0.1", LINUX, "2.0.1+cu117"),
        ("2.9.1", "windows-x86_64", "2.9.1+cpu"),
        ("2.10.0", "linux-aarch64", "2.10.0+cpu"),
        ("2.11.0", "linux-aarch64", "2.11.0+cu130"),
        ("2.12.0", "macos-arm64", "2.12.0+cpu"),
    ],
)
def test_what_the_package_index_gives(knowledge: Knowledge, version: str, platform: str, full: str) -> None:
    found = release(knowledge, version, platform)
    assert (found.full_version, found.index, found.is_default) == (full, None, True)


@pytest.mark.parametrize(
    ("version", "platform", "flavour"),
    [
        ("2.7.1+cu118", LINUX, "cuda"),
        ("2.9.1+cu128", "windows-x86_64", "cuda"),
        ("2.9.1+cpu", LINUX, "cpu"),
        ("2.9.1+rocm6.4", LINUX, "rocm"),
        ("2.14.1+rocm7.14", LINUX, "rocm"),
        ("1.12.1+cu116", LINUX, "cuda"),
        ("2.10.0+cu130", "linux-aarch64", "cuda"),
    ],
)
def test_what_pytorchs_index_has(knowledge: Knowledge, version: str, platform: str, flavour: str) -> None:
    found = release(knowledge, version, platform)
    assert found.index == f"https://download.pytorch.org/whl/{Version(version).local}"
    assert found.flavour == flavour
    assert found.requirement == f"torch=={Version(version).public}"


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("2.7.1+cu128", "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 compute_120"),
        ("2.9.1+cu126", "sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90"),
        ("2.9.1", "sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"),
        ("2.9.1+cu128", "sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"),
        ("1.12.1", "sm_37 sm_50 sm_60 sm_70"),
        ("2.9.1+cpu", None),
    ],
)
def test_code(knowledge: Knowledge, version: str, code: str | None) -> None:
    found = release(knowledge, version)
    assert found.code == (tuple(code.split()) if code else None)
    assert found.doubts == ()


def test_what_no_official_source_states_is_doubted(knowledge: Knowledge) -> None:
    assert release(knowledge, "2.7.1+cu118").doubts == ("code",)
    assert release(knowledge, "2.9.1+cu128", "windows-x86_64").doubts == ("code",)
    assert "index" in release(knowledge, "2.15.0+cu130").doubts
    assert "index" in release(knowledge, "2.9.1+rocm6.3").doubts
    assert release(knowledge, "2.9.1+cu129").doubts == ()
    assert "glibc" in release(knowledge, "2.6.0+cu126").doubts


def test_cudnn(knowledge: Knowledge) -> None:
    assert release(knowledge, "2.8.0").cudnn == "==9.10.2.21"
    assert release(knowledge, "2.3.1+cu118").cudnn == "==8.7.0.84"
    assert release(knowledge, "2.4.1+cu118").cudnn == "==9.1.0.70"
    assert isinstance(release(knowledge, "1.8.0").cudnn, Unknown)
    assert release(knowledge, "2.9.1+cpu").cudnn is None


def test_glibc_is_what_the_libraries_need_where_the_tag_claims_less(knowledge: Knowledge) -> None:
    assert release(knowledge, "2.6.0").glibc_floor() == Version("2.17")
    assert release(knowledge, "2.7.0").glibc_floor("3.12") == Version("2.28")
    assert release(knowledge, "2.9.1", "windows-x86_64").glibc_floor() is None


def test_macos_floor_is_per_python(knowledge: Knowledge) -> None:
    assert release(knowledge, "2.11.0", "macos-arm64").macos_floor() == Version("11.0")
    assert release(knowledge, "2.12.0", "macos-arm64").macos_floor("3.12") == Version("14.0")
    assert release(knowledge, "2.7.0", "macos-arm64").macos_floor("3.13t") == Version("14.0")
    assert release(knowledge, "2.7.0").macos_floor() is None


def test_no_build_none_release_or_no_knowledge(knowledge: Knowledge) -> None:
    assert torch_release(knowledge, Version("2.9.1+cu118"), LINUX) is None
    assert torch_release(knowledge, Version("2.9.7"), LINUX) is None
    assert torch_release(knowledge, Version("2.4.0+xpu"), LINUX) is None
    assert torch_release(knowledge, Version("2.9.1+cu129"), "windows-x86_64") is None
    assert torch_release(knowledge, Version("2.9.1+rocm6.4"), "windows-x86_64") is None
    assert torch_release(knowledge, Version("2.8.0+cu128"), "linux-aarch64") is None
    assert torch_builds(knowledge, Version("2.9.7")) is None
    assert torch_release(knowledge, Version("2.9.1"), "musl-x86_64") is None
    assert isinstance(torch_release(knowledge, Version("3.0.0"), LINUX), Unknown)


@pytest.mark.parametrize(
    ("version", "platform"),
    [
        ("2.9.1+rocm5.9", LINUX),
        ("2.4.0+gitabc123", LINUX),
        ("2.15.0+cu126", LINUX),
        ("2.9.1+cpu", "macos-arm64"),
    ],
)
def test_builds_that_the_tables_do_not_list_may_be_there(knowledge: Knowledge, version: str, platform: str) -> None:
    assert isinstance(torch_release(knowledge, Version(version), platform), Unknown)


@pytest.mark.parametrize(
    ("torch", "made_for_it"),
    [
        ("2.9.1", {"torchvision": "0.24.1", "torchaudio": "2.9.1"}),
        ("2.9.1+cu126", {"torchvision": "0.24.1", "torchaudio": "2.9.1"}),
        ("2.0.1", {"torchvision": "0.15.2", "torchaudio": "2.0.2", "torchtext": "0.15.2"}),
        ("2.15.0", {"torchvision": "0.29.2", "torchaudio": "2.11.0"}),
    ],
)
def test_companions(knowledge: Knowledge, torch: str, made_for_it: dict[str, str]) -> None:
    assert companions(knowledge, Version(torch)) == {name: Version(text) for name, text in made_for_it.items()}


def test_torch_of_a_companion(knowledge: Knowledge) -> None:
    assert torch_of_companion(knowledge, "torchvision", Version("0.20.1+cu124")) == (Version("2.5.1"),)
    assert torch_of_companion(knowledge, "torchvision", Version("0.29.2")) == (Version("2.14.1"), Version("2.15.0"))
    assert torch_of_companion(knowledge, "torchvision", Version("9.9")) == ()
    assert companions(knowledge, Version("2.9.7")) is None
    assert isinstance(companions(knowledge, Version("9.0")), Unknown)


def test_triton(knowledge: Knowledge) -> None:
    assert triton_range(knowledge, Version("2.9.1")) == "==3.5.1"
    assert triton_range(knowledge, Version("2.15.0")) == "~=3.9.0"
    assert triton_range(knowledge, Version("1.13.1")) is None


@pytest.mark.parametrize(
    ("torch", "python"),
    [("2.9.1", "3.14"), ("2.10.0", "3.15"), ("2.5.1", "3.13"), ("2.6.0", "3.14"), ("2.15.0", "3.16"), ("1.13.1", None)],
)
def test_torch_compile(knowledge: Knowledge, torch: str, python: str | None) -> None:
    assert compile_refuses_from(knowledge, Version(torch)) == (python and Version(python))


@pytest.mark.parametrize(
    ("torch", "macos"), [("1.11.0", None), ("1.12.1", "12.3"), ("2.4.1", "12.3"), ("2.8.0", "13.0"), ("2.11.0", "14.0")]
)
def test_mps(knowledge: Knowledge, torch: str, macos: str | None) -> None:
    found = mps_floor(knowledge, Version(torch))
    assert not isinstance(found, Unknown)
    assert (found and found.macos) == (macos and Version(macos))
    assert found is None or found.unsure_from is None


def test_mps_of_2_15_may_start_at_macos_14(knowledge: Knowledge) -> None:
    found = mps_floor(knowledge, Version("2.15.0"))
    assert found is not None
    assert not isinstance(found, Unknown)
    assert (found.unsure_from, found.macos) == (Version("14.0"), Version("15.0"))
    assert isinstance(mps_floor(knowledge, Version("2.16.0")), Unknown)
