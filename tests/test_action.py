"""The GitHub action: its scripts are run as a runner runs them, with the inputs as variables."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_image import IMAGE, LAYER
from tests.conftest import REPOSITORY
from tests.hostile.packing import entries_of_docker_save, write_archive

ACTION = REPOSITORY / ".github" / "actions" / "check"
GPU = "gpu=NVIDIA L4,driver=550.54.15"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="the scripts are for bash")


class Runner:
    """What a runner gives to the steps of an action: folders, and files for outputs and the summary."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tools = folder / "tools"
        installed = folder / "envdoctor" / "bin"
        for place in (self.tools, installed):
            place.mkdir(parents=True)
        (installed / "python").symlink_to(sys.executable)
        (installed / "envdoctor").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m envdoctor "$@"\n')
        (installed / "envdoctor").chmod(0o755)

    def run(self, script: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run one script of the action."""
        variables = {
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "RUNNER_TEMP": str(self.folder),
            "ENVDOCTOR_FOLDER": str(self.folder / "envdoctor"),
            "ENVDOCTOR_PYTHON_COMMAND": sys.executable,
        } | {f"ENVDOCTOR_{name.upper()}": value for name, value in inputs.items()}
        return subprocess.run(
            ["bash", str(ACTION / script)], env=variables, capture_output=True, text=True, cwd=self.folder, check=False
        )

    def outputs(self) -> dict[str, str]:
        """What the steps told the job."""
        lines = (self.folder / "outputs").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.fixture
def archive(tmp_path: Path) -> str:
    return write_archive(tmp_path / "image.tar", entries_of_docker_save([LAYER], IMAGE))


def test_an_image_that_fits_passes_the_step(runner: Runner, archive: str) -> None:
    ended = runner.run(
        "check.sh", image=archive, profile="pytorch-cpu", target="gpu=none,cpu=x86-64-v3,memory=16GiB", select="cpu-only-build"
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    outputs = runner.outputs()
    assert (outputs["status"], outputs["errors"], outputs["causes"]) == ("0", "0", "")


def test_an_image_that_does_not_fit_fails_it_and_says_so_line_by_line(runner: Runner, archive: str) -> None:
    ended = runner.run("check.sh", image=archive, target=GPU, formats="  sarif=out.sarif\n\njunit=my report.xml\n")
    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    assert re.fullmatch(r"::error title=[^:,]+%2C[^:,]+\[cpu-only-build\]::\S.*", lines[0])
    said = [line for line in lines if not re.match(r"::(error|warning|notice) title=[^:,]+::", line)]
    assert len(said) <= 1, said  # the verdict, in a line of its own
    outputs = runner.outputs()
    assert outputs["status"] == "1"
    assert outputs["causes"].split(",")[0] == "cpu-only-build"
    assert json.loads(Path(outputs["report"]).read_text())["summary"]["error"] == int(outputs["errors"])
    assert json.loads((runner.folder / "out.sarif").read_text())["version"] == "2.1.0"
    assert (runner.folder / "my report.xml").is_file()
    assert "cpu-only-build" in (runner.folder / "summary.md").read_text()


def test_an_image_of_the_engine_is_exported_and_read(runner: Runner, archive: str) -> None:
    engine = runner.tools / "docker"
    engine.write_text(f'#!/bin/sh\n[ "$*" = "save -- my/image:1" ] || exit 9\nexec cat "{archive}"\n')
    engine.chmod(0o755)
    assert runner.run("check.sh", image="docker://my/image:1", target=GPU).returncode == 1
    assert runner.outputs()["causes"].startswith("cpu-only-build")


def test_an_image_that_cannot_be_exported_is_not_judged(runner: Runner) -> None:
    engine = runner.tools / "podman"
    engine.write_text("#!/bin/sh\necho no such image >&2\nexit 125\n")
    engine.chmod(0o755)
    ended = runner.run("check.sh", image="podman://gone", target=GPU)
    assert ended.returncode == 2
    assert "podman save ended with status 125" in ended.stdout
    assert runner.outputs()["status"] == "2"


@pytest.mark.parametrize("profile", ["--version", "$(touch owned)", "; touch owned"])
def test_inputs_are_never_run_or_read_as_options(runner: Runner, archive: str, profile: str) -> None:
    ended = runner.run("check.sh", image=archive, profile=profile)
    assert ended.returncode == 2
    assert not (runner.folder / "owned").exists()


def test_a_word_that_is_not_true_or_false_is_refused(runner: Runner, archive: str) -> None:
    assert runner.run("check.sh", image=archive, strict="yes").returncode == 2
    assert runner.run("check.sh", image=archive, deep="1").returncode == 2
    assert runner.run("check.sh", image=archive, deep="true", strict="false", fail_on="never").returncode == 0


def test_the_key_of_the_cache_follows_the_source_and_the_python(runner: Runner) -> None:
    assert runner.run("place.sh").returncode == 0
    outputs = runner.outputs()
    assert outputs["folder"] == str(runner.folder / "envdoctor")
    assert ".".join(map(str, sys.version_info[:3])) in outputs["key"]


def test_what_the_cache_brought_is_used(runner: Runner) -> None:
    ended = runner.run("set_up.sh")
    assert ended.returncode == 0
    assert ended.stdout.startswith("envdoctor ")


def test_every_input_reaches_a_script() -> None:
    action = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    handed = [value for step in action["runs"]["steps"] for value in step.get("env", {}).values()]
    assert {name for name in action["inputs"] if f"${{{{ inputs.{name} }}}}" in handed} == set(action["inputs"])
    scripts = "".join(path.read_text(encoding="utf-8") for path in ACTION.glob("*.sh"))
    named = {name for step in action["runs"]["steps"] for name in step.get("env", {})}
    assert {name for name in named if name not in scripts} == set()
    assert not any("${{" in step.get("run", "") for step in action["runs"]["steps"]), "an input inside a script can be run"
