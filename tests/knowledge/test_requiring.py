"""Requirement lines → the rows of the table `requires`, and what is looked up in them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.knowledge import loading
from envdoctor.knowledge.compiling import read_sources
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.requirements import stated_requirements
from envdoctor.knowledge.requiring import add_rows, chosen_wheels, generate_needs, lacking, render_requires, toolkits_of
from envdoctor.knowledge.torch import torch_builds, triton_range
from envdoctor.knowledge.wheels import package_versions
from envdoctor.model.offers import OfferedFile
from envdoctor.model.unknown import Unknown

DATA = os.path.join(os.path.dirname(loading.__file__), "data")
LINUX = "linux-x86_64 linux-aarch64"


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("torch==2.8.0", {"all": {"torch": "==2.8.0"}}),
        ("Torch (>=2,<3)", {"all": {"torch": "<3,>=2"}}),
        ("torch", {"all": {"torch": ""}}),
        ("numpy", {}),
        ("requests>=2", {}),
        ('numpy>=1.25; python_version < "3.12"', {"all": {"numpy": ">=1.25"}}),
        ('numpy>=1.26; python_version >= "3.12"', {}),
        ('keras>=3; extra == "all"', {}),
        ('tensorflow-intel==2.15.0; platform_system == "Windows"', {"windows-x86_64": {"tensorflow-intel": "==2.15.0"}}),
        ('nvidia-nccl-cu12==2.27.5; platform_system == "Linux" and platform_machine == "x86_64"',
         {"linux-x86_64": {"nvidia-nccl-cu12": "==2.27.5"}}),
        ('nvidia-nccl-cu13==2.28.9; sys_platform == "linux"', {LINUX: {"nvidia-nccl-cu13": "==2.28.9"}}),
        ("nvidia-cublas-cu11==11.10.3.66", {LINUX: {"nvidia-cublas-cu11": "==11.10.3.66"}}),
        ("cuda-toolkit[cublas]==13.0.2", {LINUX: {"cuda-toolkit": "==13.0.2", "nvidia-cublas": "==13.1.0.3.*"}}),
        ("cuda-toolkit==13.*", {LINUX: {"cuda-toolkit": "==13.*"}}),
        ("not a requirement !", {}),
    ],
)  # fmt: skip
def test_a_line(line: str, needs: dict[str, dict[str, str]]) -> None:
    toolkits = {"13.0.2": ('nvidia-cublas==13.1.0.3.*; extra == "cublas"', 'nvidia-cufft==12.0.0.61.*; extra == "cufft"')}
    assert generate_needs([line], ">=3.10", toolkits) == needs


def test_two_ranges_of_one_package_are_one() -> None:
    assert generate_needs(["torch>=2", "torch<3"], None, {}) == {"all": {"torch": "<3,>=2"}}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=10) | st.none())
def test_whatever_metadata_says(lines: list[str], python: str | None) -> None:
    for ranges in generate_needs(lines, python, {}).values():
        assert all(SpecifierSet(text) is not None for text in ranges.values())
    assert isinstance(toolkits_of(lines), tuple)


def offered(*names: str) -> list[OfferedFile]:
    return [OfferedFile("gadget", Version(name.split("-")[1]), name, f"https://index/{name}", 1) for name in names]


def test_the_wheel_for_the_oldest_python_on_linux_is_asked_first() -> None:
    names = ["gadget-1.0-cp310-cp310-win_amd64.whl", "gadget-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
             "gadget-1.0-cp39-cp39-manylinux_2_28_x86_64.whl", "gadget-1.0.tar.gz", "gadget-2.0-py3-none-any.whl"]  # fmt: skip
    found = chosen_wheels(offered(*names[:3], names[4]), Version("1.0"))
    assert [file.file_name for file in found] == [names[2], names[1]]
    assert chosen_wheels([], Version("1.0")) == ()


def test_only_releases_newer_than_the_table_are_lacking() -> None:
    known = [{"versions": "0.9 1.0 1.1", "any": "any"}, {"versions": "1.2", "python": ">=3"}, {"versions": "1.3", "any": "any"}]
    shipped = {"gadget": [{"versions": "1.0"}]}
    assert lacking(shipped, {"gadget": known, "other": known}) == (("gadget", "1.3"), ("gadget", "1.1"))


def test_rows_are_joined_in_order() -> None:
    rows = add_rows([{"versions": "1.0", "all": {"torch": "==2"}}], {"1.10": {}, "1.2": {"all": {"torch": "==2"}}})
    assert rows == [{"versions": "1.0 1.2", "all": {"torch": "==2"}}, {"versions": "1.10"}]


def test_the_shipped_table_is_written_as_it_is() -> None:
    table = read_sources(DATA)["requires"]
    with open(os.path.join(DATA, "requires.yaml"), encoding="utf-8") as file:
        assert render_requires(table["checked"], table["source"], table["packages"]) == file.read()


def test_rows_are_ranges_of_known_releases(knowledge: Knowledge) -> None:
    for package, rows in knowledge.tables["requires"]["packages"].items():
        known = package_versions(knowledge, package)
        for row in rows:
            assert all(Version(version) in known for version in row["versions"].split()), (package, row["versions"])
            for ranges in (value for key, value in row.items() if key != "versions"):
                assert all(SpecifierSet(text) is not None for text in ranges.values())


def test_what_is_curated_of_torch_agrees_with_its_metadata(knowledge: Knowledge) -> None:
    """Triton and cuDNN of the package index's own builds."""
    for version in package_versions(knowledge, "torch"):
        stated = stated_requirements(knowledge, "torch", version, "linux-x86_64")
        if not isinstance(stated, dict) or version < Version("2.0"):
            continue
        assert stated["triton"] == triton_range(knowledge, version), version
        builds = torch_builds(knowledge, version)
        assert isinstance(builds, tuple)
        default = next(build for build in builds if build.is_default and build.platform == "linux-x86_64")
        assert default.cuda is not None
        assert not isinstance(default.cuda, Unknown)
        assert stated[f"nvidia-cudnn-cu{default.cuda.major}"] == default.cudnn, version


@pytest.mark.parametrize(
    ("package", "version", "platform", "name", "wanted"),
    [
        ("torch", "2.9.1", "linux-x86_64", "nvidia-nccl-cu12", "==2.27.5"),
        ("torch", "2.9.1", "linux-x86_64", "nvidia-cublas-cu12", "==12.8.4.1"),
        ("torch", "2.9.1", "linux-aarch64", "nvidia-nccl-cu12", None),
        ("torch", "2.9.1", None, "nvidia-nccl-cu12", None),
        ("torch", "2.9.1+cu130", "linux-x86_64", "nvidia-nccl-cu12", None),
        ("torch", "2.15.0", "linux-aarch64", "nvidia-nvshmem-cu13", "==3.7.2"),
        ("torch", "2.11.0", "linux-x86_64", "nvidia-cublas", "==13.1.0.3.*"),
        ("tensorflow-cpu", "2.20.0", None, "protobuf", ">=5.28.0"),
        ("sglang", "0.5.5", None, "torch", "==2.8.0"),
        ("jax", "0.4.35", None, "jaxlib", "<=0.4.35,>=0.4.34"),
    ],
)  # fmt: skip
def test_requirements(
    knowledge: Knowledge, package: str, version: str, platform: str | None, name: str, wanted: str | None
) -> None:
    found = stated_requirements(knowledge, package, Version(version), platform)
    assert isinstance(found, dict)
    assert found.get(name) == wanted


def test_outside_the_table(knowledge: Knowledge) -> None:
    assert stated_requirements(knowledge, "pandas", Version("2.0")) is None
    assert isinstance(stated_requirements(knowledge, "torch", Version("9.0")), Unknown)
