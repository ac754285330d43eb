"""A Debian with torch in a virtual environment: live in it, as a folder, and packed: the same findings.

Needs root, debootstrap with its mirror, and torch's CPU wheel from pip's configured places; some 3 GB of disk for a while.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envdoctor.rules import load_rules
from tests.broken.making import make_wheel
from tests.hostile.packing import CONFIG

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("debootstrap") is None, reason="needs root and debootstrap"
    ),
]
REPOSITORY = Path(__file__).resolve().parents[2]
TORCH = "torch==2.13.0+cpu"
PYTHON = "3.11"
"""Of Debian 12."""
TARGET = "gpu=NVIDIA A100-SXM4-80GB,driver=550.54.15,memory=64GiB"
ABOUT_FILES = {"package", "loader", "framework", "python", "cuda", "system"}
"""Subjects of rules that judge what is in the image."""


def run(*argv: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False, **more)


def within(root: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return run("chroot", root, *argv, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"})


def need(ran: subprocess.CompletedProcess[str]) -> None:
    """Go on where a command succeeded; what is not to be had here is no failure of ours."""
    if ran.returncode:
        pytest.skip(f"{' '.join(ran.args[:4])}: {(ran.stdout + ran.stderr).strip()[-300:]}")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The Debian: /opt/env holds torch and what is broken, /opt/tool holds envdoctor."""
    folder = tmp_path_factory.mktemp("debian")
    root, wheels = folder / "root", folder / "root/wheels"
    try:
        need(run("debootstrap", "--variant=minbase", "--include=python3,python3-venv", "bookworm", root))
        wheels.mkdir()
        pip = (sys.executable, "-m", "pip")
        only = ("--only-binary", ":all:", "--python-version", PYTHON)
        need(run(*pip, "download", "-q", "-d", wheels, *only, TORCH, "setuptools", "wheel"))
        need(run(*pip, "wheel", "-q", "--no-deps", "-w", wheels, REPOSITORY))
        need(run(*pip, "download", "-q", "-d", wheels, *only, "--find-links", wheels, "envdoctor"))
        for name, wanted in (("env", TORCH), ("tool", "envdoctor")):
            need(within(root, "python3", "-m", "venv", f"/opt/{name}"))
            need(within(root, f"/opt/{name}/bin/pip", "install", "-q", "--no-index", "--find-links", "/wheels", wanted))
        shutil.rmtree(wheels)
        break_environment(root / f"opt/env/lib/python{PYTHON}/site-packages")
        yield root
    finally:
        shutil.rmtree(folder)


def break_environment(site: Path) -> None:
    """Of networkx a file is gone, torchvision belongs to another torch, and numpy 2 lies under what was made for numpy 1."""
    next(site.glob("networkx/classes/graph.py")).unlink()
    made = (
        make_wheel("torchvision", "0.24.1", "torch==2.9.1", **{"torchvision/__init__.py": ""}),
        make_wheel("numpy", "2.2.0", **{"numpy/__init__.py": ""}),
        make_wheel("compiled-thing", "1.0", "numpy<2,>=1.21", **{"compiled_thing/__init__.py": ""}),
    )
    for data in made:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(site)


def layer(root: Path, to: Path) -> Path:
    """The folder as one layer, written to disk; envdoctor's own environment is left out."""
    with tarfile.open(to, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(root, arcname=".", filter=lambda info: None if info.name.startswith("./opt/tool") else info)
    return to


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def docker_archive(
    packed: Path, folder: Path, *further: Path, variables: tuple[str, ...] = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin",)
) -> Path:
    """As `docker save` writes it; `further` layers lie on the first."""
    layers = (packed, *further)
    config = {**CONFIG, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(one)}" for one in layers]}}
    (folder / "config.json").write_text(json.dumps({**config, "config": {"Env": list(variables)}}))
    manifest = [{"Config": "config.json", "RepoTags": ["debian:torch"], "Layers": [one.name for one in layers]}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(folder / "docker.tar", "w") as archive:
        for path in (folder / "config.json", *layers, folder / "manifest.json"):
            archive.add(path, arcname=path.name)
    return folder / "docker.tar"


OPTIONS = ("--deep", "--target", TARGET, "--format", "json", "--fail-on", "never")


def findings(*subject: str | Path) -> list[dict[str, Any]]:
    ran = run(sys.executable, "-m", "envdoctor", "check", *subject, "--python", "/opt/env", *OPTIONS)
    return about_files(ran)


def about_files(ran: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert ran.returncode in (0, 3), ran.stdout + ran.stderr
    subjects = {rule.name: rule.subject for rule in load_rules()}
    report = json.loads(ran.stdout)
    assert report["summary"]["crashed"] == 0
    return [one for one in report["findings"] if subjects[one["rule"]] in ABOUT_FILES]


def test_the_same_findings_live_and_in_every_kind_of_image(root: Path, tmp_path: Path) -> None:
    live = about_files(within(root, "/opt/tool/bin/envdoctor", "check", "--python", "/opt/env", *OPTIONS))
    assert {"cpu-only-build", "torch-companion-mismatch", "package-files-missing", "numpy2-abi"} <= {one["rule"] for one in live}
    assert findings("--rootfs", root) == live
    packed = layer(root, tmp_path / "layer.tar")
    saved = docker_archive(packed, tmp_path)
    assert findings("--image", saved) == live
    packed.unlink()
    if shutil.which("skopeo") is None:
        pytest.skip("docker save compared; an OCI archive needs skopeo")
    oci = tmp_path / "oci.tar"
    made = run("skopeo", "copy", "--quiet", f"docker-archive:{saved}", f"oci-archive:{oci}:torch")
    assert made.returncode == 0, made.stderr
    assert findings("--image", oci) == live
