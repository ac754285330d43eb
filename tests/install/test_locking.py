"""One install at a time for an environment; a lock whose holder is dead binds nobody."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.errors import InstallFailed
from envdoctor.install.locking import alone, lock_path
from envdoctor.system.locking import Held, Lock, start_time

HOLD = """
import sys
from envdoctor.errors import InstallFailed
from envdoctor.install.locking import alone
try:
    with alone(sys.argv[1]):
        print("mine", flush=True)
        sys.stdin.read()
except InstallFailed:
    print("taken", flush=True)
"""


def write_lock(environment: Path, process: int, started: float, host: str | None = None) -> Path:
    path = Path(lock_path(str(environment)))
    path.write_text(json.dumps({"process": process, "started": started, "host": host or platform.node()}))
    return path


def holding(environment: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(environment)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_lock_is_gone_afterwards_with_the_folders_made_for_it(tmp_path: Path) -> None:
    with alone(str(tmp_path / "a" / "b" / "e")):
        assert os.listdir(tmp_path / "a" / "b") == [".e.envdoctor-install.lock"]
    assert os.listdir(tmp_path) == []


def test_folders_that_hold_something_stay(tmp_path: Path) -> None:
    with alone(str(tmp_path / "a" / "e")):
        (tmp_path / "a" / "e").mkdir()
    assert os.listdir(tmp_path / "a") == ["e"]


def test_the_second_install_is_told_of_the_first(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    first = holding(environment)
    assert first.stdout is not None
    assert first.stdout.readline() == "mine\n"
    with pytest.raises(InstallFailed, match=rf"process {first.pid}.* wait for its end"), alone(str(environment)):
        pass
    assert Path(lock_path(str(environment))).exists()
    first.communicate()
    with alone(str(environment)):
        pass
    assert os.listdir(tmp_path) == []


def test_of_many_at_once_one_wins(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    write_lock(environment, 2**22 + 12345, 1.0)  # and a dead one's lock is in the way
    racing = [holding(environment) for _ in range(6)]
    said = [process.stdout.readline() for process in racing if process.stdout is not None]
    assert sorted(said) == ["mine\n", *["taken\n"] * 5]
    for process in racing:
        process.communicate()
    assert os.listdir(tmp_path) == []


def test_a_killed_install_binds_nobody(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    first = holding(environment)
    assert first.stdout is not None
    first.stdout.readline()
    first.kill()
    first.communicate()
    assert Path(lock_path(str(environment))).exists()
    with alone(str(environment)):
        pass
    assert os.listdir(tmp_path) == []


def test_another_process_of_the_same_number_holds_nothing(tmp_path: Path) -> None:
    write_lock(tmp_path / "e", os.getpid(), start_time(os.getpid()) - 1000)
    with alone(str(tmp_path / "e")):
        pass


def test_of_another_host_nothing_can_be_told_but_the_way_out(tmp_path: Path) -> None:
    path = write_lock(tmp_path / "e", 2**22 + 12345, 1.0, "elsewhere")
    with pytest.raises(InstallFailed, match=f"on elsewhere.*remove {path}"), alone(str(tmp_path / "e")):
        pass


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"process": "x"}', "\0"])
def test_a_lock_that_names_nobody_is_nobodys(tmp_path: Path, text: str) -> None:
    Path(lock_path(str(tmp_path / "e"))).write_text(text)
    with alone(str(tmp_path / "e")):
        pass
    assert os.listdir(tmp_path) == []


def test_install_says_so_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with alone(str(tmp_path / "e")):
        assert run(["install", "jax-cpu", "--env", str(tmp_path / "e"), "--yes"]) == 1
    told = capsys.readouterr().err
    assert "another install" in told
    assert told.count("\n") == 1


def test_a_lock_that_was_made_when_the_interruption_came_is_let_go(tmp_path: Path) -> None:
    """The signal came after the file was there and before that was known."""
    path = lock_path(str(tmp_path / "e"))
    lock = Lock(path)
    lock.take()
    lock._held = False
    lock.release()
    assert not os.path.exists(path)


def test_anothers_lock_is_never_let_go(tmp_path: Path) -> None:
    path = write_lock(tmp_path / "e", os.getppid(), start_time(os.getppid()))
    lock = Lock(str(path))
    with pytest.raises(Held):
        lock.take()
    lock.release()
    assert path.exists()
