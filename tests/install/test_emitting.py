"""Locks and images that plans are written as: read back by the tools that they are for."""

from __future__ import annotations

import io
import json
import shlex
import subprocess

import pytest
from packaging.version import Version

from envdoctor.errors import InstallFailed
from envdoctor.install.locked import parse_locked
from envdoctor.knowledge.images import cuda_image, python_image
from envdoctor.model.facts import Unknown
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Archive, Download, Plan, Step
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import replace
from envdoctor.render.plan_dockerfile import ImageNeeds, render_dockerfile
from envdoctor.render.plan_json import plan_document
from envdoctor.render.plan_lock import render_lock
from envdoctor.render.plan_requirements import is_shown, render_requirements
from tests.install.planning import KNOWLEDGE

A, B = "a" * 64, "b" * 64
DOWNLOADS = (
    Download("numpy", "2.4.6", 9, "https://files/numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl",
             (Archive("https://files/numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl", A, 9),
              Archive("https://files/numpy-2.4.6-py3-none-any.whl", B)), index="https://pypi.org/simple"),
    Download("torch", "2.13.0+cpu", 9, "file:///w/torch-2.13.0%2Bcpu-py3-none-any.whl",
             (Archive("file:///w/torch-2.13.0%2Bcpu-py3-none-any.whl", B, 9),)),
)  # fmt: skip
INSTALL = Step("install-packages", "Install", "", ("torch",), pins=("numpy==2.4.6", "torch===2.13.0+cpu"))
PLAN = Plan("pytorch-cpu", "/e", True, "pip", (), (INSTALL,), downloads=DOWNLOADS, python="3.11.7")
SECRET = "https://me:s3cret@host/simple"
NEEDS = ImageNeeds(
    "python:3.11.7-slim-bookworm", "why", "https://source", driver_floor="525", target="gpu=NVIDIA A100,driver=535"
)


def test_requirements_hold_every_hash_and_pip_would_take_them() -> None:
    text = render_requirements(PLAN, IndexSettings())
    assert f"numpy==2.4.6 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n" in text
    locked = parse_locked(text, "r.txt")
    assert [(one.name, one.sha256) for one in locked.packages] == [("numpy", (A, B)), ("torch", (B,))]
    assert locked.profile == "pytorch-cpu"


def test_the_three_locks_say_the_same() -> None:
    texts = (render_requirements(PLAN, IndexSettings()), render_lock(PLAN), json.dumps(plan_document(PLAN)))
    found = [parse_locked(text, "f") for text in texts]
    assert len({tuple((one.name, one.version, one.sha256) for one in locked.packages) for locked in found}) == 1
    assert {locked.python for locked in found} == {"3.11"}
    assert {locked.profile for locked in found} == {"pytorch-cpu"}


def test_a_pylock_is_one_by_the_reference_implementation() -> None:
    pylock = pytest.importorskip("packaging.pylock")
    tomllib = pytest.importorskip("tomllib")
    lock = pylock.Pylock.from_dict(tomllib.loads(render_lock(PLAN)))
    lock.validate()
    assert [str(package.version) for package in lock.packages] == ["2.4.6", "2.13.0+cpu"]


def test_a_lock_without_hashes_locks_nothing() -> None:
    bare = replace(PLAN, downloads=(replace(DOWNLOADS[0], archives=(Archive("https://files/x.whl"),)),))
    with pytest.raises(InstallFailed, match="no index states a hash of numpy"):
        render_lock(bare)
    assert "without hashes" in render_requirements(bare, IndexSettings())
    with pytest.raises(InstallFailed):
        render_lock(replace(PLAN, downloads=Unknown("nothing told")))


@pytest.mark.parametrize("address", [SECRET, "https://x/simple?sig=abc", "https://x/\nevil"])
def test_secrets_are_written_nowhere(address: str) -> None:
    assert not is_shown(address)
    settings = IndexSettings(address, (address,), (address,), stated=("index_url", "extra_index_urls", "find_links"))
    for text in (render_requirements(PLAN, settings), render_dockerfile(PLAN, NEEDS, settings)):
        assert "s3cret" not in text
        assert "sig=abc" not in text
        assert "evil" not in text


def instructions(text: str) -> list[tuple[str, str]]:
    """The Dockerfile as a parser that is not ours reads it."""
    parsing = pytest.importorskip("dockerfile_parse")
    parser = parsing.DockerfileParser(fileobj=io.BytesIO(text.encode()))
    return [(one["instruction"], one["value"]) for one in parser.structure if one["instruction"] != "COMMENT"]


def test_a_dockerfile_is_pinned_lean_without_root_and_ends_with_a_check() -> None:
    found = instructions(render_dockerfile(PLAN, NEEDS, IndexSettings()))
    assert found[0] == ("FROM", "python:3.11.7-slim-bookworm")
    runs = [value for name, value in found if name == "RUN"]
    assert len(runs) == 2
    assert "--require-hashes" in runs[0]
    assert "--no-cache-dir" in runs[0]
    assert A in runs[0]
    assert "https://download.pytorch.org/whl/cpu" in runs[0]
    assert [value for name, value in found if name == "USER"] == ["1000:1000"]
    assert found[-1][0] == "RUN"
    assert found[-1][1].startswith("/opt/envdoctor/bin/envdoctor check pytorch-cpu --python /opt/env --target 'gpu=NVIDIA A100")
    assert ("ENV", 'NVIDIA_REQUIRE_DRIVER="driver>=525"') in found


@pytest.mark.parametrize("hostile", ['a"b', "$(touch x)", "a'b", "x\nUSER root", "é ß", "a\\b"])
def test_hostile_names_stay_words(hostile: str) -> None:
    needs = replace(NEEDS, target=hostile, profile_file=hostile.replace("\n", ""), variables=(("NAME", hostile),))
    found = instructions(render_dockerfile(replace(PLAN, profile=hostile), needs, IndexSettings()))
    assert [value for name, value in found if name == "USER"] == ["1000:1000"]
    words = shlex.split(found[-1][1])
    assert " ".join(hostile.split()) in words
    for name, value in found:
        if name == "RUN":
            assert subprocess.run(["sh", "-n", "-c", value], check=False).returncode == 0


def test_a_private_index_comes_as_a_secret() -> None:
    settings = IndexSettings(SECRET, stated=("index_url",))
    text = render_dockerfile(PLAN, NEEDS, settings)
    assert "--mount=type=secret,id=pip,target=/etc/pip.conf" in text


@pytest.mark.parametrize(
    ("python", "expected"),
    [("3.11.7", "python:3.11.7-slim-bookworm"), ("3.11.2", "python:3.11-slim-bookworm"), ("3.12", "python:3.12-slim-bookworm")],
)
def test_images_of_python(python: str, expected: str) -> None:
    image = python_image(KNOWLEDGE, Version(python))
    assert not isinstance(image, Unknown)
    assert image.reference == expected
    assert isinstance(python_image(KNOWLEDGE, Version("2.7")), Unknown)


@pytest.mark.parametrize(
    ("cuda", "driver", "python", "expected"),
    [
        (">=11.8", None, "3.12", "nvidia/cuda:13.0.2-devel-ubuntu24.04"),
        (">=11.8", "535.104.05", "3.12", "nvidia/cuda:12.9.1-devel-ubuntu24.04"),
        (">=11.8", "470.82.01", "3.10", "nvidia/cuda:11.8.0-devel-ubuntu22.04"),
        (">=11.8,<12", None, "3.8", "nvidia/cuda:11.8.0-devel-ubuntu20.04"),
    ],
)
def test_images_with_cuda_by_the_drivers_floor(cuda: str, driver: str | None, python: str, expected: str) -> None:
    image = cuda_image(KNOWLEDGE, VersionRange(cuda), Version(driver) if driver else None, Version(python), "devel", False)
    assert not isinstance(image, Unknown), image
    assert image.reference == expected


def test_no_image_is_said_with_what_there_is() -> None:
    image = cuda_image(KNOWLEDGE, VersionRange(">=11.8"), None, Version("3.11"), "devel", False)
    assert isinstance(image, Unknown)
    assert "3.12 (Ubuntu 24.04)" in image.reason
