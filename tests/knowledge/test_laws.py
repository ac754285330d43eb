"""Laws over the rows themselves: what must hold for every row that is ever added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.knowledge.cuda import driver_floor
from envdoctor.knowledge.drivers import cuda_of_driver, driver_branch
from envdoctor.knowledge.gpu_code import parse_code
from envdoctor.knowledge.gpu_names import gpu_key
from envdoctor.knowledge.gpus import architecture, parse_capability
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import package_release, package_versions
from envdoctor.model.unknown import Unknown

PLATFORMS = {
    "linux-x86_64", "linux-aarch64", "windows-x86_64", "windows-arm64", "macos-x86_64", "macos-arm64", "musl-x86_64", "any",
}  # fmt: skip
BUILD = re.compile(r"cpu|xpu|cu\d{3}|rocm\d+\.\d+(\.\d+)?")
PYTHON = re.compile(r"3\.\d{1,2}(t|\+)?|any")


def rows_without_source(content: Any, source: bool, place: str) -> Iterator[str]:
    """Every row (a mapping in a list) for which neither it nor anything around it names a source."""
    if isinstance(content, dict):
        source = source or "source" in content or "sources" in content
        for key, value in content.items():
            yield from rows_without_source(value, source, f"{place}.{key}")
    elif isinstance(content, list):
        for position, value in enumerate(content):
            if isinstance(value, dict) and not source and "source" not in value:
                yield f"{place}[{position}]"
            yield from rows_without_source(value, source, f"{place}[{position}]")


def test_every_row_has_a_source(knowledge: Knowledge) -> None:
    assert [row for name, table in knowledge.tables.items() for row in rows_without_source(table, False, name)] == []


def test_every_table_was_checked_on_a_day(knowledge: Knowledge) -> None:
    for name, table in knowledge.tables.items():
        assert date.fromisoformat(table["checked"]) >= date(2026, 1, 1), name


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_newer_toolkits_come_with_newer_drivers(knowledge: Knowledge, system: str) -> None:
    rows = knowledge.tables["cuda"]["toolkits"]["rows"]
    assert [Version(row["cuda"]) for row in rows] == sorted(Version(row["cuda"]) for row in rows)
    drivers = [Version(row[system]) for row in rows if row[system]]
    assert drivers == sorted(drivers)


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_a_floor_is_never_above_the_driver_that_came_with_the_toolkit(knowledge: Knowledge, system: str) -> None:
    for row in knowledge.tables["cuda"]["toolkits"]["rows"]:
        floor = driver_floor(knowledge, Version(row["cuda"]), system)
        assert not isinstance(floor, Unknown), row
        if row[system]:
            assert (floor.disputed_from or floor.version) <= Version(row[system]), row


def test_a_toolkit_s_driver_reports_that_cuda(knowledge: Knowledge) -> None:
    for row in knowledge.tables["cuda"]["toolkits"]["rows"]:
        if not row["linux"]:
            continue
        driver = Version(row["linux"])
        assert driver.major == row["branch"], row
        reported = cuda_of_driver(knowledge, driver, "linux")
        assert isinstance(reported, Version), row
        assert reported.release == Version(row["cuda"]).release[:2], row


def test_floors_of_majors_fall_with_the_major(knowledge: Knowledge) -> None:
    rows = knowledge.tables["cuda"]["floors"]["rows"]
    for system in ("linux", "windows"):
        floors = [Version(row[system]) for row in rows]
        assert floors == sorted(floors, reverse=True)
    for row in rows:
        if "windows_disputed_from" in row:
            assert Version(row["windows_disputed_from"]) < Version(row["windows"])


def test_branches_are_in_order_and_report_ever_newer_cuda(knowledge: Knowledge) -> None:
    rows = knowledge.tables["drivers"]["branches"]["rows"]
    assert [row["branch"] for row in rows] == sorted({row["branch"] for row in rows})
    reported = [Version(row["cuda"]) for row in rows]
    assert reported == sorted(set(reported))


def test_the_newest_release_of_a_branch_belongs_to_it(knowledge: Knowledge) -> None:
    for row in knowledge.tables["drivers"]["branches"]["rows"]:
        for system in ("linux", "windows"):
            if system == "windows" and row["branch"] < 450:
                continue
            latest = row.get(system, {}).get("latest")
            found = latest and driver_branch(knowledge, Version(latest), system)
            assert not isinstance(found, Unknown), row
            assert not found or found.number == row["branch"], (row, system)


def test_compat_packages_name_branches_that_are_known(knowledge: Knowledge) -> None:
    branches = {row["branch"] for row in knowledge.tables["drivers"]["branches"]["rows"]}
    for row in knowledge.tables["cuda"]["forward_compatibility"]["rows"]:
        on, refused = set(row["branches"]), set(row["refused"])
        assert on | refused <= branches
        assert not on & refused
        assert max(on, default=0) < min(refused, default=9999), row


def test_compilers_only_ever_accept_more(knowledge: Knowledge) -> None:
    rows = knowledge.tables["cuda"]["host_compilers"]["rows"]
    for compiler in ("gcc", "clang"):
        newest = [int(row[compiler]) for row in rows]
        assert newest == sorted(newest), compiler


def test_ptx_grows_with_the_toolkit(knowledge: Knowledge) -> None:
    rows = [row for row in knowledge.tables["cuda"]["targets"]["rows"] if "ptx" in row]
    versions = [Version(row["ptx"]) for row in rows]
    assert versions == sorted(versions)
    assert [Version(row["cuda"]) for row in rows] == sorted(Version(row["cuda"]) for row in rows)


def test_every_compute_capability_has_an_architecture(knowledge: Knowledge) -> None:
    tables = knowledge.tables
    named = {row["cc"] for row in tables["gpus"]["names"]["rows"]} | {chip["cc"] for chip in tables["gpus_pci"]["chips"]}
    for text in named:
        assert not isinstance(architecture(knowledge, parse_capability(text)), Unknown), text


def test_architectures_and_toolkits_agree(knowledge: Knowledge) -> None:
    """A toolkit compiles for an architecture exactly from its first to its last CUDA version."""
    targets = {Version(row["cuda"]): set(row["sm"].split()) for row in knowledge.tables["cuda"]["targets"]["rows"]}
    for row in knowledge.tables["gpus"]["architectures"]["rows"]:
        if row["cc"] == "11.0" or "first_cuda" not in row:  # 11.0 was called 10.1 before
            continue
        made = sorted(cuda for cuda, sm in targets.items() if row["cc"].replace(".", "") in sm)
        first, last = Version(row["first_cuda"]), Version(row.get("last_cuda", str(max(targets))))
        assert made[0] == max(first, min(targets)), row
        assert made[-1] == last, row


def test_branch_ranges_of_architectures_are_ranges(knowledge: Knowledge) -> None:
    branches = {row["branch"] for row in knowledge.tables["drivers"]["branches"]["rows"]}
    for row in knowledge.tables["gpus"]["architectures"]["rows"]:
        first, possible, last = (row.get(key) for key in ("first_branch", "possible_branch", "last_branch"))
        assert {first, possible, last} - {None} <= branches, row
        assert possible is None or possible < first, row
        assert last is None or first is None or first <= last, row
        assert row.get("modules") in {"open", "proprietary", "either"} or row.get("integrated"), row


def test_names_are_told_apart(knowledge: Knowledge) -> None:
    """Two names with one key must be the same capability, or be declared ambiguous."""
    ambiguous = {gpu_key(name) for row in knowledge.tables["gpus"]["ambiguous"]["rows"] for name in row["names"]}
    seen: dict[str, str] = {}
    for row in knowledge.tables["gpus"]["names"]["rows"]:
        for name in row["names"]:
            key = gpu_key(name)
            assert key, name
            assert key in ambiguous or seen.setdefault(key, row["cc"]) == row["cc"], name


def test_pci_ids_are_unique_and_well_formed(knowledge: Knowledge) -> None:
    ids = [device for chip in knowledge.tables["gpus_pci"]["chips"] for device in chip["ids"]]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[0-9a-f]{4}", device) for device in ids)


def test_wheels_are_well_formed(knowledge: Knowledge) -> None:
    for package in knowledge.tables["wheels"]["packages"]:
        versions = package_versions(knowledge, package)
        assert len(set(versions)) == len(versions), package
        assert list(versions) == sorted(versions), package
        for version in versions:
            release = package_release(knowledge, package, version)
            assert release is not None
            assert not isinstance(release, Unknown)
            SpecifierSet(release.requires_python or "")
            assert set(release.wheels) <= PLATFORMS, (package, version)
            for wheels in (one for sets in release.wheels.values() for one in sets):
                assert wheels.pythons
                assert all(PYTHON.fullmatch(python) for python in wheels.pythons), (package, version)


def test_torch_builds_are_complete(knowledge: Knowledge) -> None:
    """Every release that the index has is described; every build is a build; its CUDA has a driver floor."""
    rows = knowledge.tables["torch"]["releases"]["rows"]
    described = [version for row in rows for version in row["versions"].split()]
    assert sorted(described, key=Version) == described
    assert set(described) == {str(version) for version in package_versions(knowledge, "torch")}
    for row in rows:
        builds = [*row["default"].values(), *(build for builds in row["index"].values() for build in builds.split())]
        assert all(BUILD.fullmatch(build) for build in builds), row
        for build in builds:
            if build.startswith("cu"):
                floor = driver_floor(knowledge, Version(f"{build[2:-1]}.{build[-1]}"), "linux")
                assert not isinstance(floor, Unknown), build
        assert {*row["default"], *row["index"]} <= PLATFORMS, row


def test_torch_defaults_are_where_there_are_wheels(knowledge: Knowledge) -> None:
    for row in knowledge.tables["torch"]["releases"]["rows"]:
        for version in row["versions"].split():
            release = package_release(knowledge, "torch", Version(version))
            assert release is not None
            assert not isinstance(release, Unknown)
            assert set(row["default"]) == set(release.wheels), version


def test_companions_are_releases(knowledge: Knowledge) -> None:
    for row in knowledge.tables["torch"]["releases"]["rows"]:
        assert {"torchvision", "torchaudio"} <= set(row["companions"]), row
        for name, version in row["companions"].items():
            if name != "torchtext":
                assert Version(version) in package_versions(knowledge, name), (row["versions"], name)


def test_gpu_code_parses_and_belongs_to_a_build(knowledge: Knowledge) -> None:
    tables = knowledge.tables
    builds = {
        (version, build, platform)
        for row in tables["torch"]["releases"]["rows"]
        for version in row["versions"].split()
        for platform in ("linux-x86_64", "linux-aarch64")
        for build in [row["default"].get(platform), *row["index"].get(platform, "").split()]
    }
    for row in tables["torch"]["code"]["rows"]:
        assert all(parse_code(one) for one in row["code"].split()), row
        for version in row["versions"].split():
            assert (version, row["build"], row["platform"]) in builds, row
    for table in ("tensorflow", "onnxruntime"):
        for row in tables[table]["releases"]["rows"]:
            assert all(parse_code(one) for one in row.get("code", "").split()), row


def test_every_torch_cuda_build_for_linux_has_its_code(knowledge: Knowledge) -> None:
    there = {
        (version, row["build"])
        for row in knowledge.tables["torch"]["code"]["rows"]
        if row["platform"] == "linux-x86_64"
        for version in row["versions"].split()
    }
    missing = [
        f"{version}+{build}"
        for row in knowledge.tables["torch"]["releases"]["rows"]
        for version in row["versions"].split()
        for build in row["index"]["linux-x86_64"].split()
        if build.startswith("cu") and (version, build) not in there
    ]
    assert missing == []


def test_a_row_describes_a_release_once(knowledge: Knowledge) -> None:
    for name in ("torch", "tensorflow", "onnxruntime"):
        versions = [one for row in knowledge.tables[name]["releases"]["rows"] for one in row["versions"].split()]
        assert len(set(versions)) == len(versions), name


def test_pins_are_ranges_of_known_releases(knowledge: Knowledge) -> None:
    for package, table in knowledge.tables["extensions"]["pins"].items():
        known = package_versions(knowledge, package)
        for row in table["rows"]:
            assert all(Version(version) in known for version in row["versions"].split()), (package, row)
            for name, text in row.items():
                if name != "versions":
                    SpecifierSet(text)


def test_requirements_of_tensorflow_are_ranges(knowledge: Knowledge) -> None:
    for row in knowledge.tables["tensorflow"]["releases"]["rows"]:
        for name in ("keras", "numpy", "protobuf"):
            SpecifierSet(row.get(name, ""))


def test_unverified_rows_are_marked_the_same_way(knowledge: Knowledge) -> None:
    """`unverified: true` and nothing else, so that look-ups see it."""

    def marks(content: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(content, dict):
            for key, value in content.items():
                if "unverified" in key:
                    yield key, value
                yield from marks(value)
        elif isinstance(content, list):
            for value in content:
                yield from marks(value)

    found = {mark for table in knowledge.tables.values() for mark in marks(table)}
    assert found <= {("unverified", True), ("index_unverified", True), ("memory_unverified", True)}


def test_nothing_that_a_row_rests_on_memory_for_is_certain(knowledge: Knowledge) -> None:
    for row in knowledge.tables["gpus"]["names"]["rows"]:
        assert "recalled" not in row["source"] or row.get("unverified"), row
    for row in knowledge.tables["cuda"]["host_compilers"]["rows"]:
        assert "recalled" not in row.get("source", "") or row.get("unverified"), row
