"""The GitHub action on a real Debian with a real torch: a root file system and a `docker save` archive, pass and fail.

All three steps of the action are run as a runner runs them: envdoctor is installed by its own script. Needs root, debootstrap
with its mirror, and torch's wheels from pip's configured places; some 5 GB of disk for a while.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.packing import layer_of_files
from tests.oracle.test_debian_image import PYTHON, REPOSITORY, TORCH, docker_archive, layer, need, run, within

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("debootstrap") is None, reason="needs root and debootstrap"
    ),
]
ACTION = REPOSITORY / ".github" / "actions" / "check"
SITE = f"opt/env/lib/python{PYTHON}/site-packages"
VARIABLES = ("PATH=/opt/env/bin:/usr/bin:/bin", "VIRTUAL_ENV=/opt/env")
CPU_ONLY = "gpu=none,cpu=x86-64-v3,memory=16GiB"
A100 = "gpu=NVIDIA A100-SXM4-80GB,driver=550.54.15,memory=64GiB"
CUDA_TORCH = "torch==2.9.1"
"""Of the package index: built for CUDA 12.8."""
LEVELS = {"error": "error", "warning": "warning", "notice": "info"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("job")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def root(folder: Path) -> Path:
    """A Debian with torch for the CPU in /opt/env, as an image of a real project has it."""
    root, wheels = folder / "root", folder / "root/wheels"
    need(run("debootstrap", "--variant=minbase", "--include=python3,python3-venv", "bookworm", root))
    wheels.mkdir()
    only = ("--only-binary", ":all:", "--python-version", PYTHON)
    need(run(sys.executable, "-m", "pip", "download", "-q", "-d", wheels, *only, TORCH, "numpy<2.4"))
    need(within(root, "python3", "-m", "venv", "/opt/env"))
    need(within(root, "/opt/env/bin/pip", "install", "-q", "--no-index", "--find-links", "/wheels", TORCH, "numpy"))
    shutil.rmtree(wheels)
    return root


@pytest.fixture(scope="module")
def packed(root: Path, folder: Path) -> Path:
    return layer(root, folder / "layer.tar")


@pytest.fixture(scope="module")
def archive(packed: Path, folder: Path) -> Path:
    return docker_archive(packed, folder, variables=VARIABLES)


@pytest.fixture(scope="module")
def installed(folder: Path) -> dict[str, str]:
    """The first steps of the job: where envdoctor lies, and that it was installed there by the action itself."""
    made = step(folder, "place.sh", {})
    assert made.returncode == 0, made.stderr
    told = read_outputs(folder / "outputs")
    (folder / "outputs").unlink()
    set_up = step(folder, "set_up.sh", {"ENVDOCTOR_FOLDER": told["folder"]})
    assert set_up.returncode == 0, set_up.stderr
    assert set_up.stdout.startswith("envdoctor ")
    return {"ENVDOCTOR_FOLDER": told["folder"]}


def step(folder: Path, script: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One step, with the variables and files of a runner."""
    given = {
        **os.environ,
        "GITHUB_ACTION_PATH": str(ACTION),
        "GITHUB_OUTPUT": str(folder / "outputs"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "RUNNER_TEMP": str(folder),
        "RUNNER_OS": "Linux",
        "ENVDOCTOR_PYTHON_COMMAND": sys.executable,
        **variables,
    }
    return subprocess.run(["bash", str(ACTION / script)], env=given, capture_output=True, text=True, cwd=folder, check=False)


def read_outputs(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())


class Job:
    """What one run of the last step told: its status, and every file that it wrote, held against each other."""

    def __init__(self, folder: Path, installed: dict[str, str], **inputs: str) -> None:
        for name in ("outputs", "summary.md", "out.sarif", "out.xml"):
            (folder / name).unlink(missing_ok=True)
        variables = {f"ENVDOCTOR_{name.upper()}": value for name, value in inputs.items()}
        ended = step(folder, "check.sh", {**installed, **variables, "ENVDOCTOR_FORMATS": "sarif=out.sarif\njunit=out.xml"})
        assert ended.stderr == ""
        self.status, self.lines = ended.returncode, ended.stdout.splitlines()
        outputs = read_outputs(folder / "outputs")
        assert list(outputs) == ["status", "report", "errors", "warnings", "causes"]
        self.report: dict[str, Any] = json.loads(Path(outputs["report"]).read_text(encoding="utf-8"))
        self.causes = [rule for rule in outputs["causes"].split(",") if rule]
        counts = self.report["summary"]
        assert (outputs["status"], outputs["errors"]) == (str(self.status), str(counts["error"]))
        assert (outputs["warnings"], counts["crashed"]) == (str(counts["warning"]), 0)
        self.hold_lines()
        self.hold_sarif(json.loads((folder / "out.sarif").read_text(encoding="utf-8")))
        self.hold_junit(ElementTree.parse(folder / "out.xml").getroot())
        self.hold_summary((folder / "summary.md").read_text(encoding="utf-8"))

    def hold_lines(self) -> None:
        """A workflow command for each cause, of its severity and with its rule, and not more than a line beside."""
        commands = [re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(\S.*)", line) for line in self.lines]
        told = [(LEVELS[found[1]], found[2].split("[")[-1].rstrip("]")) for found in commands if found and "[" in found[2]]
        findings = {one["rule"]: one["severity"] for one in self.report["findings"]}
        assert [rule for _level, rule in told] == [rule for rule in self.causes if rule in {name for _level, name in told}]
        assert all(findings[rule].startswith(level) for level, rule in told)
        assert {one["rule"] for one in self.report["findings"] if one["severity"] == "error"} <= self.named(told)
        assert len([line for line, found in zip(self.lines, commands, strict=True) if not found]) <= 1

    def named(self, told: list[tuple[str, str]]) -> set[str]:
        """The rules that were told, and what they explain."""
        rules = {rule for _level, rule in told}
        return rules | {name for one in self.report["findings"] if one["rule"] in rules for name in one["explains"]}

    def hold_sarif(self, document: dict[str, Any]) -> None:
        """Each finding is a result of a rule that the document declares."""
        (ran,) = document["runs"]
        declared = [rule["id"] for rule in ran["tool"]["driver"]["rules"]]
        assert document["version"] == "2.1.0"
        found = [one["ruleId"] for one in ran["results"] if one.get("kind", "fail") == "fail"]
        assert set(found) == {one["rule"] for one in self.report["findings"]}
        assert all(declared[one["ruleIndex"]] == one["ruleId"] for one in ran["results"] if "ruleIndex" in one)

    def hold_junit(self, document: ElementTree.Element) -> None:
        """A test for each rule; those that failed are those that found an error."""
        failed = {case.get("name") for case in document.iter("testcase") if case.find("failure") is not None}
        errors = {one["rule"] for one in self.report["findings"] if one["severity"] == "error"}
        assert failed == errors
        suites = [document] if document.tag == "testsuite" else list(document.iter("testsuite"))
        assert sum(int(suite.get("failures", "0")) for suite in suites) == len(failed)
        assert sum(int(suite.get("tests", "0")) for suite in suites) == len(list(document.iter("testcase")))

    def hold_summary(self, text: str) -> None:
        """The summary names every cause; without one it says so."""
        assert all(rule in text for rule in self.causes)
        assert text.startswith("## ")


def test_the_archive_passes_for_a_profile_that_it_meets(folder: Path, installed: dict[str, str], archive: Path) -> None:
    job = Job(folder, installed, image=str(archive), profile="pytorch-cpu", target=CPU_ONLY)
    assert (job.status, job.report["summary"]["error"]) == (0, 0)
    facts = job.report["subject"]
    assert facts["kind"] == "image"


def test_the_folder_passes_for_a_profile_that_it_meets(folder: Path, installed: dict[str, str], root: Path) -> None:
    job = Job(folder, installed, rootfs=str(root), python="/opt/env", profile="pytorch-cpu", target=CPU_ONLY)
    assert (job.status, job.report["summary"]["error"]) == (0, 0)


def test_the_archive_fails_for_a_profile_for_gpus(folder: Path, installed: dict[str, str], archive: Path) -> None:
    job = Job(folder, installed, image=str(archive), profile="pytorch-cuda12", target=A100)
    assert job.status == 1
    assert job.causes[0] == "cpu-only-build"


def test_the_folder_fails_for_a_profile_for_gpus(folder: Path, installed: dict[str, str], root: Path) -> None:
    job = Job(folder, installed, rootfs=str(root), python="/opt/env", profile="pytorch-cuda12", target=A100)
    assert job.status == 1
    assert job.causes[0] == "cpu-only-build"


def test_an_archive_whose_last_layer_removes_a_file_fails(folder: Path, installed: dict[str, str], packed: Path) -> None:
    """As `RUN rm` leaves it: the file is in the layer below, and a mark in the one above takes it away."""
    above = folder / "above.tar"
    above.write_bytes(layer_of_files({f"{SITE}/networkx/classes/.wh.graph.py": ""}))
    broken = folder / "broken"
    broken.mkdir()
    saved = docker_archive(packed, broken, above, variables=VARIABLES)
    job = Job(folder, installed, image=str(saved), profile="pytorch-cpu", target=CPU_ONLY, deep="true")
    saved.unlink()
    assert job.status == 1
    assert "package-files-missing" in job.causes


def test_a_folder_with_a_broken_package_fails(folder: Path, installed: dict[str, str], root: Path) -> None:
    lost = root / SITE / "networkx" / "classes" / "graph.py"
    kept = lost.read_bytes()
    lost.unlink()
    try:
        job = Job(folder, installed, rootfs=str(root), python="/opt/env", profile="pytorch-cpu", target=CPU_ONLY, deep="true")
    finally:
        lost.write_bytes(kept)
    assert job.status == 1
    assert "package-files-missing" in job.causes


def test_a_folder_without_a_package_that_its_metadata_speaks_of_fails_at_a_glance(
    folder: Path, installed: dict[str, str], root: Path
) -> None:
    package, aside = root / SITE / "sympy", root / "aside"
    package.rename(aside)
    try:
        job = Job(folder, installed, rootfs=str(root), python="/opt/env", profile="pytorch-cpu", target=CPU_ONLY)
    finally:
        aside.rename(package)
    assert job.status == 1
    assert "package-files-missing" in job.causes


def test_an_engine_that_saves_the_image_is_asked(folder: Path, installed: dict[str, str], archive: Path) -> None:
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "docker").write_text(
        f'#!/bin/sh\n[ "$*" = "save -- registry.example/team/image:1" ] || exit 9\nexec cat "{archive}"\n'
    )
    (tools / "docker").chmod(0o755)
    given = {**installed, "PATH": f"{tools}:{os.environ['PATH']}"}
    name = "docker://registry.example/team/image:1"
    assert Job(folder, given, image=name, profile="pytorch-cpu", target=CPU_ONLY).status == 0
    assert Job(folder, given, image=name, profile="pytorch-cuda12", target=A100).status == 1


@pytest.fixture(scope="module")
def with_cuda(root: Path) -> Path:
    """The same Debian with torch for CUDA in /opt/cuda, without the libraries that it needs: they are another 3 GB."""
    wheels = root / "wheels"
    wheels.mkdir(exist_ok=True)
    only = ("--only-binary", ":all:", "--python-version", PYTHON, "--no-deps")
    need(run(sys.executable, "-m", "pip", "download", "-q", "-d", wheels, *only, CUDA_TORCH))
    need(within(root, "python3", "-m", "venv", "/opt/cuda"))
    need(within(root, "sh", "-c", "/opt/cuda/bin/pip install -q --no-deps --no-index /wheels/torch-*.whl"))
    shutil.rmtree(wheels)
    return root


def test_a_real_build_for_cuda_fails_for_an_old_driver_and_for_what_is_missing(
    folder: Path, installed: dict[str, str], with_cuda: Path
) -> None:
    old = Job(folder, installed, rootfs=str(with_cuda), python="/opt/cuda", target=A100.replace("550.54.15", "470.82.01"))
    assert old.status == 1
    assert old.causes[0] == "driver-too-old"
    new = Job(folder, installed, rootfs=str(with_cuda), python="/opt/cuda", target=A100)
    assert new.status == 1
    assert "driver-too-old" not in new.causes
    assert "dependency-conflict" in new.causes
    chosen = "driver-too-old,cpu-only-build,gpu-arch-too-old,gpu-arch-too-new,glibc-too-old"
    assert Job(folder, installed, rootfs=str(with_cuda), python="/opt/cuda", target=A100, select=chosen).status == 0


def test_nothing_of_an_image_was_changed_or_left(folder: Path, archive: Path) -> None:
    with tarfile.open(archive) as held:
        assert {member.name for member in held} == {"config.json", "layer.tar", "manifest.json"}
    assert not [path for path in folder.iterdir() if path.name.startswith("envdoctor-spool")]
