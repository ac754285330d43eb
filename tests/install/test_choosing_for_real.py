"""`--pre`, `--find-links` and `--nightly` with real package managers, wheels that are built here, and an index on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.install.shelf import build_wheel, fill_shelf, needs_uv, plain_variables, serving_shelf

pytestmark = [needs_uv]
PROFILE = "title: Gadget\ndescription: A gadget\npackages: [gadget]\nimports: [gadget]\n"
TORCH = "title: Torch\ndescription: Torch\ngpu: {vendor: none}\npackages: [{requirement: torch>=2.1, build: cpu}]\n"


class Desk:
    """A folder with profiles, and an index."""

    def __init__(self, folder: Path, index: str) -> None:
        self.folder, self.index = folder, index
        (folder / "gadget.yaml").write_text(PROFILE)
        (folder / "torch.yaml").write_text(TORCH)

    def say(self, *words: str) -> dict[str, Any]:
        """What `envdoctor WORDS --format json` answers."""
        places = ("--env", "e", "--index-url", self.index, "--format", "json")
        ran = subprocess.run(
            [sys.executable, "-m", "envdoctor", *words, *places], cwd=self.folder, text=True, capture_output=True, check=False,
            env=plain_variables(self.folder / "cache") | {"PIP_NO_CACHE_DIR": "1"},
        )  # fmt: skip
        assert ran.returncode in (0, 1), ran.stderr
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    def planned(self, *options: str, profile: str = "gadget.yaml", backend: str = "uv") -> dict[str, str]:
        """The versions that a plan comes to, by name."""
        plan = self.say("plan", profile, "--backend", backend, *options)
        return {download["name"]: download["version"] for download in plan["downloads"]}


def put(folder: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> None:
    """One more wheel in a folder, and on its page if it has one."""
    file_name, data = build_wheel(name, version, requires, modules=2)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file_name).write_bytes(data)
    page = folder / "index.html"
    before = page.read_text() if page.exists() else "<!DOCTYPE html>\n"
    address = file_name.replace("+", "%2B")
    page.write_text(f'{before}<a href="{address}#sha256={hashlib.sha256(data).hexdigest()}">{file_name}</a>\n')


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    shelf = fill_shelf(tmp_path / "shelf", modules=2)
    put(shelf / "simple" / "gadget", "gadget", "3.0rc1", ("gizmo>=2",))
    put(shelf / "whl" / "nightly" / "cpu" / "torch", "torch", "2.99.0.dev20261120+cpu")
    put(shelf / "whl" / "cpu" / "torch", "torch", "2.9.1+cpu")
    folder = tmp_path / "desk"
    folder.mkdir()
    with serving_shelf(shelf) as index:
        yield Desk(folder, index)


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_prereleases_come_when_they_are_asked_for(desk: Desk, backend: str) -> None:
    assert desk.planned(backend=backend) == {"gadget": "2.0", "gizmo": "2.0"}
    assert desk.planned("--pre", backend=backend) == {"gadget": "3.0rc1", "gizmo": "2.0"}


def test_a_prerelease_is_installed(desk: Desk) -> None:
    said = desk.say("install", "gadget.yaml", "--backend", "uv", "--pre", "--yes")
    assert {"name": "gadget", "version": "3.0rc1"} in said["changes"]["added"]
    assert [proof["passed"] for proof in said["verification"]] == [True]


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_folder_of_wheels_stands_beside_the_index(desk: Desk, backend: str) -> None:
    wheels = desk.folder / "wheels"
    put(wheels, "gadget", "2.5", ("gizmo",))
    assert desk.planned("--find-links", str(wheels), backend=backend) == {"gadget": "2.5", "gizmo": "2.0"}


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_folder_of_wheels_is_installed_from_without_a_network(desk: Desk, backend: str) -> None:
    wheels = desk.folder / "wheels"
    put(wheels, "gadget", "2.5", ("gizmo",))
    put(wheels, "gizmo", "1.5")
    places = ("--find-links", str(wheels), "--offline")
    assert desk.planned(*places, backend=backend) == {"gadget": "2.5", "gizmo": "1.5"}
    said = desk.say("install", "gadget.yaml", "--backend", backend, *places, "--yes")
    versions = {one["name"]: one["version"] for one in said["changes"]["added"]}
    assert (versions["gadget"], versions["gizmo"]) == ("2.5", "1.5")
    assert not any("direct_url.json" in names for _path, _folders, names in os.walk(desk.folder / "e"))


def test_a_build_of_the_night(desk: Desk) -> None:
    torch_index = desk.index.replace("/simple", "/whl")
    released = desk.planned("--pytorch-index", torch_index, profile="torch.yaml")
    assert released == {"torch": "2.9.1+cpu"}
    tonight = desk.planned("--pytorch-index", torch_index, "--nightly", profile="torch.yaml")
    assert tonight == {"torch": "2.99.0.dev20261120+cpu"}
