"""Installed distributions."""

from __future__ import annotations

import json

import pytest
from packaging.version import Version

from envdoctor.model.unknown import Unknown
from envdoctor.probes.packages import NOT_READ, probe_conda_packages, with_conda, with_wheel_details
from envdoctor.probes.site_packages import open_sites
from envdoctor.system.port import Denied
from tests.probes.environments import PREFIX, SITE, Box, distribution, packages_of


def test_a_wheel_says_name_version_and_requirements() -> None:
    found = packages_of(distribution("Torch_Thing", "2.1+cu121", "numpy<2; python_version < '3.12'", "triton==2.1"))
    package = found["torch-thing"]
    assert package.version == Version("2.1+cu121")
    assert package.requires == ("numpy<2; python_version < '3.12'", "triton==2.1")
    assert package.tags == package.installer == NOT_READ
    assert package.path == package.source == f"{SITE}/Torch_Thing-2.1+cu121.dist-info"
    assert (package.editable, package.fault) == (False, None)


def test_eggs_as_folder_file_and_inside_an_egg() -> None:
    folder, file, egg = f"{SITE}/six.egg-info", f"{SITE}/Old-1.2-py3.11.egg-info", f"{SITE}/deep-0.3-py3.11.egg"
    found = packages_of(
        {
            f"{folder}/PKG-INFO": "Name: six\nVersion: 1.16.0\n",
            f"{folder}/requires.txt": "wheel\n[extra]\nflask\n",
            file: "Name: Old\nVersion: 1.2\n\nwords",
            f"{egg}/EGG-INFO/PKG-INFO": "Name: deep\nVersion: 0.3\n",
            f"{SITE}/easy-install.pth": "./deep-0.3-py3.11.egg\n",
        }
    )
    assert found["six"].requires == ("wheel", 'flask; extra == "extra"')
    assert {name: str(package.version) for name, package in found.items()} == {"six": "1.16.0", "old": "1.2", "deep": "0.3"}
    assert found["old"].tags is None


def test_the_first_folder_wins() -> None:
    files = distribution("numpy", "2.0") | distribution("numpy", "1.26", site="/usr/lib/python3/dist-packages")
    found = packages_of(files, SITE, "/usr/lib/python3/dist-packages")
    assert found["numpy"].version == Version("2.0")
    assert found["numpy"].fault is None


def test_two_metadata_folders_in_one_place_are_a_fault() -> None:
    found = packages_of(distribution("numpy", "1.26.4") | distribution("numpy", "2.0.0"))
    assert found["numpy"].version == Version("1.26.4")
    assert found["numpy"].fault is not None
    assert "numpy-2.0.0.dist-info" in found["numpy"].fault


def test_metadata_that_is_missing_gives_no_version() -> None:
    found = packages_of({f"{SITE}/torch-2.9.1.dist-info/RECORD": ""})
    assert isinstance(found["torch"].version, Unknown)
    assert found["torch"].fault == f"{SITE}/torch-2.9.1.dist-info/METADATA is missing"


def test_a_readable_copy_is_preferred_to_an_empty_one() -> None:
    found = packages_of({f"{SITE}/torch-1.0.dist-info/RECORD": ""} | distribution("torch", "2.9.1"))
    assert found["torch"].version == Version("2.9.1")
    assert found["torch"].fault is not None


def test_metadata_that_may_not_be_read_is_unknown_and_no_fault() -> None:
    path = f"{SITE}/torch-2.9.1.dist-info/METADATA"
    package = packages_of({path: Denied(path, "Permission denied")})["torch"]  # type: ignore[dict-item]
    assert isinstance(package.version, Unknown)
    assert "Permission denied" in package.version.reason
    assert package.fault is None


def test_leftovers_of_an_interrupted_install() -> None:
    files = {f"{SITE}/~orch/version.py": "", f"{SITE}/~orch-2.0.dist-info/METADATA": "Name: torch\nVersion: 2.0\n"}
    found = packages_of(files | distribution("torch", "2.9.1"))
    assert set(found) == {"~orch", "~orch-2.0.dist-info", "torch"}
    assert found["~orch"].fault == "left behind by an interrupted install"
    assert found["torch"].version == Version("2.9.1")


@pytest.mark.parametrize(
    ("origin", "editable"),
    [
        ({"url": "file:///src", "dir_info": {"editable": True}}, True),
        ({"url": "file:///src", "dir_info": {}}, False),
        ({"url": "https://e.org/x.whl", "archive_info": {}}, False),
        ([], False),
    ],
)
def test_editable_by_direct_url(origin: object, editable: bool) -> None:
    files = distribution("mine", "1.0", **{"direct_url.json": json.dumps(origin)}) | {f"{SITE}/_mine.pth": "/src\n"}
    assert packages_of(files)["mine"].editable is editable


def test_a_direct_url_that_cannot_be_read_leaves_the_question_open() -> None:
    files = distribution("mine", "1.0", **{"direct_url.json": "{"}) | {f"{SITE}/_mine.pth": "/src\n"}
    assert isinstance(packages_of(files)["mine"].editable, Unknown)


def test_editable_by_egg_link() -> None:
    files = {
        f"{SITE}/old.egg-link": "/src/old\n.",
        f"{SITE}/easy-install.pth": "/src/old\n",
        "/src/old/old.egg-info/PKG-INFO": "Name: old\nVersion: 0.1\n",
    }
    assert packages_of(files)["old"].editable is True


def test_wheel_details_are_read_for_the_names_given() -> None:
    files = distribution("torch", "2.9.1", tag="cp311-cp311-manylinux_2_28_x86_64", INSTALLER="pip\n") | distribution(
        "six", "1.0"
    )
    packages = with_wheel_details(Box(files), packages_of(files).values(), frozenset({"torch", "six"}))
    by_name = {package.name: package for package in packages}
    assert by_name["torch"].tags == ("cp311-cp311-manylinux_2_28_x86_64",)
    assert by_name["torch"].installer == "pip"
    assert by_name["six"].tags is by_name["six"].installer is None


def test_conda_and_pip_both_owning_a_package_stand_side_by_side() -> None:
    files = {
        **distribution("numpy", "2.0.0", INSTALLER="pip"),
        **distribution("scipy", "1.11.0", INSTALLER="conda"),
        **distribution("pandas", "2.1.0"),
        f"{PREFIX}/conda-meta/numpy-1.26.4-py311h64a7726_0.json": "{}",
        f"{PREFIX}/conda-meta/scipy-1.11.0-py311_0.json": "{}",
        f"{PREFIX}/conda-meta/pandas-2.1.0-py311_0.json": "{}",
        f"{PREFIX}/conda-meta/libblas-3.9.0-20_mkl.json": "{}",
        f"{PREFIX}/conda-meta/history": "",
    }
    box = Box(files)
    packages = with_conda(box, tuple(packages_of(files).values()), probe_conda_packages(box, PREFIX))
    said = sorted((package.name, str(package.version), package.installer) for package in packages)
    assert said == [
        ("libblas", "3.9.0", "conda"),
        ("numpy", "1.26.4", "conda"),
        ("numpy", "2.0.0", "pip"),
        ("pandas", "2.1.0", "conda"),
        ("scipy", "1.11.0", "conda"),
    ]
    assert next(package for package in packages if package.name == "numpy").installer == "pip"


def test_folders_of_pth_files_follow_theirs_once() -> None:
    files = {f"{SITE}/a.pth": "/src\n/src/.\nmissing\n", f"{SITE}/.hidden.pth": "/other\n", "/src/x.py": "", "/other/y.py": ""}
    sites = open_sites(Box(files), (SITE, SITE))
    assert isinstance(sites, tuple)
    assert [site.path for site in sites] == [SITE, "/src"]


def test_a_folder_that_is_closed_to_us_leaves_packages_unknown() -> None:
    class Closed(Box):
        def _list(self, key: str, path: str) -> list[str]:
            raise Denied(key, "Permission denied")

    assert isinstance(open_sites(Closed(distribution("six", "1.0")), (SITE,)), Unknown)
