"""`kill -9` of envdoctor at any moment of a real install into an existing environment: the old one, or the new one, whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.install.comparing import Tree, differences, tree_of
from tests.install.shelf import PROFILE, fill_shelf, needs_uv, plain_variables, serving_shelf

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]
SEED = 20261122
KILLS = int(os.environ.get("ENVDOCTOR_KILLS", "50"))
"""So many moments; fewer for a quick look."""


class Place:
    """An existing environment with gadget 1.0, and the command that brings gadget 2.0."""

    def __init__(self, folder: Path, index: str, backend: str) -> None:
        self.folder, self.environment, self.backend = folder, folder / "e", backend
        self.variables = plain_variables(folder / "cache")
        (folder / "gadget.yaml").write_text(PROFILE)
        subprocess.run(
            [sys.executable, "-m", "venv", *(["--without-pip"] if backend == "uv" else []), "e"], cwd=folder, check=True
        )
        python = str(self.environment / "bin" / "python")
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        tool = [uv, "pip", "install", "--python", python] if backend == "uv" else [python, "-m", "pip", "install"]
        subprocess.run([*tool, "--index-url", index, "gadget==1.0", "gizmo==1.0"], cwd=folder, env=self.variables, check=True,
                       capture_output=True)  # fmt: skip
        self.install = self.command("install", "gadget.yaml", "--backend", backend, "--index-url", index)
        self.old = tree_of(self.environment)

    def command(self, *words: str) -> list[str]:
        """`envdoctor WORDS --env e --yes`."""
        return [sys.executable, "-m", "envdoctor", *words, "--env", str(self.environment), "--yes"]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(command, cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the install."""
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(self.install, cwd=self.folder, env=self.variables, stdout=nowhere, stderr=nowhere)

    def version(self) -> str:
        """The gadget that is installed, as the environment itself says, every module of it."""
        code = (
            "import gadget, gizmo, importlib, pathlib\n"
            "parts = [importlib.import_module(f'{m.__name__}.{p.stem}').VERSION for m in (gadget, gizmo)\n"
            "         for p in pathlib.Path(m.__file__).parent.glob('part_*.py')]\n"
            "assert len(parts) == 120, len(parts)\n"
            "print(*sorted({gadget.__version__, gizmo.__version__, *parts}))"
        )
        ran = self.run([str(self.environment / "bin" / "python"), "-B", "-I", "-c", code])
        return ran.stdout.strip() or ran.stderr

    def beside(self) -> list[str]:
        """What lies beside the environment on its account."""
        return sorted(name for name in os.listdir(self.folder) if name.startswith(".e."))


def put_right(place: Place) -> str:
    """The next start after a kill; which state it ends in, checked. Then the old state, checked as well."""
    if not place.beside():
        assert differences(place.old, tree_of(place.environment)) == []
        return "untouched"
    pending = (place.folder / ".e.envdoctor-install.json").exists()
    ran = place.run(place.command("rollback"))
    if pending and "again as it was before" in ran.stdout:
        came_of_it = "undone"
    elif ran.returncode == 0:
        came_of_it = "finished, then rolled back"
    else:  # killed before anything was noted: only a lock is there
        assert "nothing there that could be undone" in ran.stderr
        came_of_it = "untouched"
    assert differences(place.old, tree_of(place.environment)) == [], ran
    assert place.beside() == []
    return came_of_it


def kill_at(place: Place, seconds: float) -> str:
    """Start an install, kill it after so many seconds, look at what the next start makes of it."""
    process = place.start()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    if process.returncode == 0:
        assert place.version() == "2.0"
    return put_right(place)


@needs_uv
@pytest.mark.parametrize("stage", ["copying", "changing", "passed"])
def test_killed_in_each_stage(tmp_path: Path, stage: str) -> None:
    fill_shelf(tmp_path / "shelf")
    with serving_shelf(tmp_path / "shelf") as index:
        place = Place(tmp_path, index, "uv")
        process = place.start()
        journal, seen = tmp_path / ".e.envdoctor-install.json", ""
        while process.poll() is None and seen != stage:
            try:
                seen = json.loads(journal.read_text())["stage"]
            except (FileNotFoundError, ValueError):
                continue
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert put_right(place) in {"undone", "finished, then rolled back", "untouched"}


def moments(count: int, whole: float) -> list[float]:
    """Moments of an install, the same in every run of the tests."""
    chance = random.Random(SEED)
    return sorted(chance.uniform(0, whole) for _ in range(count))


@pytest.mark.faults
@needs_uv
@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_killed_at_random_moments(tmp_path: Path, backend: str) -> None:
    fill_shelf(tmp_path / "shelf")
    with serving_shelf(tmp_path / "shelf") as index:
        place = Place(tmp_path, index, backend)
        start = time.monotonic()
        ran = place.run(place.install)
        whole = time.monotonic() - start
        assert ran.returncode == 0, ran.stderr
        assert place.version() == "2.0"
        assert put_right(place) == "finished, then rolled back"
        ends = [kill_at(place, moment) for moment in moments(KILLS, whole)]
        assert "undone" in ends


@pytest.mark.faults
@needs_uv
def test_a_new_environment_killed_at_random_moments(tmp_path: Path) -> None:
    """Whole and proved, or gone at the next start; never half."""
    fill_shelf(tmp_path / "shelf")
    with serving_shelf(tmp_path / "shelf") as index:
        place = Place(tmp_path, index, "uv")
        shutil.rmtree(place.environment)
        start = time.monotonic()
        assert place.run(place.install).returncode == 0
        whole = time.monotonic() - start
        for moment in moments(max(KILLS * 2 // 5, 1), whole):
            assert place.run(place.command("rollback")).returncode in (0, 1, 2)
            assert not place.environment.exists()
            process = place.start()
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
            if process.wait(30) == 0:
                assert place.version() == "2.0"
        place.run(place.command("rollback"))
        assert not place.environment.exists()
        assert set(place.beside()) <= {".e.envdoctor-install.lock"}


def test_the_comparison_sees_every_difference(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("1")
    before: Tree = tree_of(tmp_path / "a")
    assert differences(before, tree_of(tmp_path / "a")) == []
    os.chmod(tmp_path / "a" / "file", 0o755)
    assert len(differences(before, tree_of(tmp_path / "a"))) == 1
    (tmp_path / "a" / "more").write_text("")
    assert len(differences(before, tree_of(tmp_path / "a"))) == 3  # and the folder's time
