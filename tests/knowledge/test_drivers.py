"""Driver branches, the CUDA that drivers report, and cuda-compat packages."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.drivers import (
    cuda_of_driver,
    driver_branch,
    forward_compatibility,
    is_compat_refused,
    newest_branch,
)
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


@pytest.mark.parametrize(
    ("driver", "system", "cuda"),
    [
        ("470.256.02", "linux", "11.4"),
        ("525.60.13", "linux", "12.0"),
        ("520.61.05", "linux", "11.8"),
        ("535.309.01", "linux", "12.2"),
        ("550.54.15", "linux", "12.4"),
        ("565.57.01", "linux", "12.7"),
        ("580.65.06", "linux", "13.0"),
        ("615.31", "linux", "13.4"),
        ("551.61", "windows", "12.4"),
        ("582.78", "windows", "13.0"),
        ("475.14", "windows", "11.4"),
        ("566.03", "windows", "12.7"),
        ("616.41", "windows", "13.4"),
    ],
)
def test_cuda_that_a_driver_reports(knowledge: Knowledge, driver: str, system: str, cuda: str) -> None:
    assert cuda_of_driver(knowledge, Version(driver), system) == Version(cuda)


@pytest.mark.parametrize(
    ("driver", "system"),
    [
        ("999.1", "linux"),
        ("582.78", "linux"),
        ("375.26", "linux"),
        ("430.14", "linux"),
        ("640.10", "windows"),
        ("431.60", "windows"),
    ],
)
def test_drivers_outside_the_tables_are_unknown(knowledge: Knowledge, driver: str, system: str) -> None:
    assert isinstance(cuda_of_driver(knowledge, Version(driver), system), Unknown)


def test_branch_knows_its_end_and_its_newest_release(knowledge: Knowledge) -> None:
    branch = driver_branch(knowledge, Version("470.82.01"), "linux")
    assert not isinstance(branch, Unknown)
    assert (branch.number, branch.kind, branch.ends) == (470, "long-term", "2024-07-20")
    assert branch.latest == Version("470.256.02")


def test_where_sources_disagree_a_branch_has_no_end(knowledge: Knowledge) -> None:
    branch = driver_branch(knowledge, Version("610.43.02"), "linux")
    assert not isinstance(branch, Unknown)
    assert branch.ends is None


def test_newest_branch(knowledge: Knowledge) -> None:
    assert newest_branch(knowledge) == 615


@pytest.mark.parametrize(
    ("cuda", "branch", "gpu_class", "system", "package"),
    [
        ("13.2", 535, "datacenter", "linux", "cuda-compat-13-2"),
        ("13.2", 570, "datacenter", "linux", "cuda-compat-13-2"),
        ("13.2", 535, "consumer", "linux", None),
        ("13.2", 535, "datacenter", "windows", None),
        ("12.4", 580, "datacenter", "linux", None),
        ("13.0", 580, "datacenter", "linux", None),
    ],
)
def test_forward_compatibility(
    knowledge: Knowledge, cuda: str, branch: int, gpu_class: str, system: str, package: str | None
) -> None:
    found = forward_compatibility(knowledge, Version(cuda), branch, gpu_class, system)
    assert not isinstance(found, Unknown)
    assert (found and found.package) == package


@pytest.mark.parametrize("branch", [545, 550, 555, 560, 565, 575])
def test_branches_that_nvidias_table_leaves_out_promise_nothing(knowledge: Knowledge, branch: int) -> None:
    assert isinstance(forward_compatibility(knowledge, Version("13.2"), branch, "datacenter"), Unknown)


def test_some_workstation_boards_allow_it(knowledge: Knowledge) -> None:
    found = forward_compatibility(knowledge, Version("13.2"), 535, "workstation")
    assert found is not None
    assert not isinstance(found, Unknown)
    assert not found.certain
    assert isinstance(forward_compatibility(knowledge, Version("13.2"), 535, None), Unknown)


@pytest.mark.parametrize(("cuda", "branch", "refused"), [("12.4", 580, True), ("12.4", 535, False), ("13.0", 580, False)])
def test_an_old_compat_package_is_refused_by_a_newer_driver(knowledge: Knowledge, cuda: str, branch: int, refused: bool) -> None:
    assert is_compat_refused(knowledge, Version(cuda), branch) is refused


@pytest.mark.parametrize(("cuda", "branch"), [("11.8", 580), ("12.4", 550)])
def test_compat_packages_outside_the_table_are_unknown(knowledge: Knowledge, cuda: str, branch: int) -> None:
    assert isinstance(is_compat_refused(knowledge, Version(cuda), branch), Unknown)
