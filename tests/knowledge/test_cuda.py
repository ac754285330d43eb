"""Driver floors, bundled drivers, PTX, compiler targets and host compilers."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.cuda import (
    DriverFloor,
    bundled_driver,
    compiler_targets,
    driver_floor,
    newest_host_compiler,
    ptx_version,
)
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


@pytest.mark.parametrize(
    ("cuda", "system", "floor"),
    [
        ("12.8", "linux", "525.60.13"),
        ("12.0", "linux", "525.60.13"),
        ("12.9.1", "linux", "525.60.13"),
        ("13.2", "linux", "580"),
        ("13.2", "windows", "580"),
        ("12.8", "windows", "528.33"),
        ("11.8", "linux", "450.80.02"),
        ("11.8", "windows", "452.39"),
        ("11.0", "linux", "450.36.06"),
        ("11.0.3", "windows", "451.22"),
        ("10.2", "linux", "440.33"),
        ("10.0", "windows", "411.31"),
    ],
)
def test_driver_floor_is_that_of_the_major(knowledge: Knowledge, cuda: str, system: str, floor: str) -> None:
    found = driver_floor(knowledge, Version(cuda), system)
    assert not isinstance(found, Unknown)
    assert found.version == Version(floor)
    assert found.source.startswith("https://docs.nvidia.com/")


@pytest.mark.parametrize("cuda", ["14.0", "7.5", "10.3", "99.1"])
def test_a_cuda_outside_the_tables_has_no_floor(knowledge: Knowledge, cuda: str) -> None:
    assert isinstance(driver_floor(knowledge, Version(cuda), "linux"), Unknown)


@pytest.mark.parametrize(
    ("cuda", "system", "driver", "admitted"),
    [
        ("12.8", "linux", "525.60.13", True),
        ("12.8", "linux", "520.61.05", False),
        ("12.9", "linux", "570.124.06", True),
        ("13.2", "linux", "580.65.06", True),
        ("13.0", "linux", "575.57.08", False),
        ("11.8", "linux", "470.256.02", True),
        ("12.1", "linux", "470.256.02", False),
        ("12.8", "windows", "551.61", True),
        ("12.8", "windows", "527.20", False),
        ("12.8", "windows", "528.33", True),
        ("13.2", "windows", "576.57", False),
    ],
)
def test_the_floor_admits(knowledge: Knowledge, cuda: str, system: str, driver: str, admitted: bool) -> None:
    floor = driver_floor(knowledge, Version(cuda), system)
    assert not isinstance(floor, Unknown)
    assert floor.admits(Version(driver)) is admitted


@pytest.mark.parametrize("driver", ["527.41", "528.02", "528.24"])
def test_where_sources_disagree_the_floor_does_not_decide(knowledge: Knowledge, driver: str) -> None:
    floor = driver_floor(knowledge, Version("12.8"), "windows")
    assert not isinstance(floor, Unknown)
    answer = floor.admits(Version(driver))
    assert isinstance(answer, Unknown)
    assert "527.41" in answer.reason
    assert "528.33" in answer.reason


def test_the_floor_says_what_it_is_the_floor_of(knowledge: Knowledge) -> None:
    floors = [driver_floor(knowledge, Version(cuda), "linux") for cuda in ("12.8", "10.2")]
    assert [floor.cuda for floor in floors if not isinstance(floor, Unknown)] == ["CUDA 12.x", "CUDA 10.2"]


@pytest.mark.parametrize(
    ("cuda", "system", "driver"),
    [
        ("12.8.0", "linux", "570.26"),
        ("12.8", "linux", "570.26"),
        ("12.8.1", "windows", "572.61"),
        ("11.8", "linux", "520.61.05"),
        ("13.2.0", "windows", None),
        ("13.4.2", "linux", None),
    ],
)
def test_bundled_driver(knowledge: Knowledge, cuda: str, system: str, driver: str | None) -> None:
    found = bundled_driver(knowledge, Version(cuda), system)
    assert not isinstance(found, Unknown)
    assert (found and found.version) == (driver and Version(driver))


@pytest.mark.parametrize("cuda", ["14.0", "12.7.0", "12.8.2", "13.5.0"])
def test_bundled_driver_of_what_is_not_stated_is_unknown(knowledge: Knowledge, cuda: str) -> None:
    assert isinstance(bundled_driver(knowledge, Version(cuda), "linux"), Unknown)


def test_ptx_of_12_8_is_newer_than_a_driver_of_12_0_understands(knowledge: Knowledge) -> None:
    emitted, understood = ptx_version(knowledge, Version("12.8")), ptx_version(knowledge, Version("12.0"))
    assert (emitted, understood) == (Version("8.7"), Version("8.0"))
    assert isinstance(ptx_version(knowledge, Version("14.0")), Unknown)


def test_compiler_targets(knowledge: Knowledge) -> None:
    of_12_9, of_13_0 = (compiler_targets(knowledge, Version(cuda)) for cuda in ("12.9", "13.0"))
    assert isinstance(of_12_9, tuple)
    assert isinstance(of_13_0, tuple)
    assert {"sm_50", "sm_70", "sm_90a", "sm_121"} <= set(of_12_9)
    assert "sm_70" not in of_13_0
    assert isinstance(compiler_targets(knowledge, Version("14.0")), Unknown)


@pytest.mark.parametrize(
    ("cuda", "gcc"),
    [
        ("10.0", "7"),
        ("10.2", "8"),
        ("11.3", "10"),
        ("11.8", "11"),
        ("12.0", "12"),
        ("12.3", "12"),
        ("12.4", "13"),
        ("12.6", "13"),
        ("12.8", "14"),
        ("12.9", "14"),
        ("13.0", "15"),
        ("13.4", "16"),
    ],
)
def test_newest_gcc(knowledge: Knowledge, cuda: str, gcc: str) -> None:
    found = newest_host_compiler(knowledge, Version(cuda), "gcc")
    assert not isinstance(found, Unknown)
    assert found.newest == Version(gcc)
    assert found.certain


def test_host_compilers_of_windows_go_by_msc_ver(knowledge: Knowledge) -> None:
    found = newest_host_compiler(knowledge, Version("12.3"), "msvc")
    assert not isinstance(found, Unknown)
    assert (found.oldest, found.newest) == (Version("1910"), Version("1939"))


@pytest.mark.parametrize(
    ("cuda", "compiler", "newest", "unsure_to"),
    [
        ("10.1", "clang", "7", "8"),
        ("11.4", "gcc", "10", "11"),
        ("11.4", "clang", "11", "12"),
        ("12.2", "clang", "15", "16"),
        ("12.3", "clang", "16", None),
        ("13.5", "clang", "22", None),
    ],
)
def test_patch_releases_of_a_toolkit_may_accept_more(
    knowledge: Knowledge, cuda: str, compiler: str, newest: str, unsure_to: str | None
) -> None:
    found = newest_host_compiler(knowledge, Version(cuda), compiler)
    assert not isinstance(found, Unknown)
    assert (found.newest, found.unsure_to) == (Version(newest), Version(unsure_to) if unsure_to else None)
    assert found.certain


@pytest.mark.parametrize(("cuda", "compiler"), [("14.0", "gcc"), ("12.8", "icc"), ("11.2", "msvc")])
def test_other_host_compilers_are_unknown(knowledge: Knowledge, cuda: str, compiler: str) -> None:
    assert isinstance(newest_host_compiler(knowledge, Version(cuda), compiler), Unknown)


@pytest.mark.parametrize(
    ("cuda", "system", "shown"), [("12.8", "linux", "525.60.13"), ("11.8", "linux", "450.80.02"), ("13.0", "windows", "580")]
)
def test_floors_are_shown_as_nvidia_writes_drivers(knowledge: Knowledge, cuda: str, system: str, shown: str) -> None:
    floor = driver_floor(knowledge, Version(cuda), system)
    assert isinstance(floor, DriverFloor)
    assert str(floor.version) == shown
