"""An environment is as it was, or as it was meant to be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from envdoctor.errors import InstallFailed
from envdoctor.install.journal import (
    MARK,
    SCHEMA,
    Journal,
    has_environment,
    is_unfinished,
    journal_path,
    read_journal,
    recover,
    write_journal,
)
from envdoctor.install.transaction import Transaction
from envdoctor.model.record import fields, replace
from envdoctor.system.port import Malformed

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders, links and signals of POSIX")

GONE = 2**22 + 12345
"""A process number that no Linux gives out by default."""


def make_environment(path: Path) -> Path:
    (path / "lib").mkdir(parents=True)
    (path / "bin").mkdir()
    (path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (path / "lib" / "module.py").write_text("old")
    os.link(path / "lib" / "module.py", path / "lib" / "linked.py")
    (path / "bin" / "python").symlink_to("/usr/bin/python3")
    return path


def state(path: Path) -> dict[str, tuple[str, int, int]]:
    """Everything in a folder: contents or link, inode, time."""
    found = {}
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            file = Path(folder, name)
            status = file.lstat()
            what = os.readlink(file) if file.is_symlink() else file.read_text() if file.is_file() else "folder"
            found[str(file.relative_to(path))] = (what, status.st_ino, status.st_mtime_ns)
    return found


def test_a_new_environment_stays_when_all_went_well(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    with Transaction(str(environment), "p", True, print) as transaction:
        transaction.begin()
        make_environment(environment)
        assert os.path.exists(journal_path(str(environment)))
    assert sorted(os.listdir(tmp_path)) == ["e"]


def test_a_new_environment_goes_when_something_failed(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    with pytest.raises(InstallFailed, match=r"no luck; removed the unfinished environment"):
        fail(environment, True, InstallFailed("no luck"))
    assert os.listdir(tmp_path) == []


def test_an_empty_folder_is_there_again(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    with pytest.raises(InstallFailed, match="no luck"):
        fail(tmp_path / "e", True, InstallFailed("no luck"))
    assert os.listdir(tmp_path / "e") == []
    crashed(tmp_path / "e", True, "begun", had_folder=True)
    assert recover(str(tmp_path / "e"))
    assert os.listdir(tmp_path) == ["e"]


def test_processes_of_a_killed_install_are_ended(tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "e")
    folder = crashed(environment, False, "changed")
    identity = folder.rpartition("envdoctor-")[2]
    with subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE, env={**os.environ, MARK: identity},
    ) as orphan:  # fmt: skip
        assert orphan.stdout is not None
        orphan.stdout.readline()
        assert "as it was before" in (recover(str(environment)) or "")
        orphan.wait(30)  # raises where it still runs


def fail(environment: Path, creates: bool, error: BaseException, keep_as: str | None = None) -> None:
    with Transaction(str(environment), "p", creates, lambda _line: None, keep_as) as transaction:
        transaction.begin()
        if creates:
            make_environment(environment)
        spoil(environment)
        raise error


def spoil(environment: Path) -> None:
    """What a package manager does: replace, write in place through a hard link, add, remove."""
    (environment / "lib" / "linked.py").write_text("written in place")
    (environment / "lib" / "module.py").unlink()
    (environment / "lib" / "new.py").write_text("new")


@pytest.mark.parametrize("error", [InstallFailed("no luck"), KeyboardInterrupt(), RuntimeError("a bug")])
def test_an_existing_environment_is_back_byte_for_byte(tmp_path: Path, error: BaseException) -> None:
    environment = make_environment(tmp_path / "e")
    before = state(environment)
    with pytest.raises(type(error)):
        fail(environment, False, error)
    assert state(environment) == before
    assert os.listdir(tmp_path) == ["e"]


def test_a_change_that_went_well_stays(tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "e")
    with Transaction(str(environment), "p", False, print) as transaction:
        transaction.begin()
        spoil(environment)
    assert (environment / "lib" / "new.py").read_text() == "new"
    assert not (environment / "lib" / "module.py").exists()
    assert os.readlink(environment / "bin" / "python") == "/usr/bin/python3"
    assert set(os.listdir(tmp_path)) == {"e", os.path.basename(transaction.journal.folder)}
    assert not os.path.exists(journal_path(str(environment)))


def test_a_failed_environment_can_be_kept(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    with pytest.raises(InstallFailed, match="is kept in"):
        fail(environment, True, InstallFailed("no luck"), keep_as=str(tmp_path / "e.failed"))
    assert os.listdir(tmp_path) == ["e.failed"]


def crashed(environment: Path, creates: bool, until: str, had_folder: bool = False) -> str:
    """What is on disk when envdoctor is killed at some moment; the folder beside the environment."""

    class Killed(BaseException):
        pass

    transaction = Transaction(str(environment), "p", creates, print)
    transaction.journal = replace(transaction.journal, process=GONE, had_folder=had_folder)
    if until == "copying":
        write_journal(transaction.journal)
        Path(transaction.journal.twin, "half").mkdir(parents=True)
        return transaction.journal.folder
    transaction.begin()
    if creates and not had_folder:
        make_environment(environment)
    if until == "between":  # the old one is aside, the copy not yet in its place
        os.rename(environment, transaction.journal.twin)
    if until == "changed":
        spoil(environment)
    if until == "passed":
        spoil(environment)
        write_journal(replace(transaction.journal, stage="passed"))
    os.environ.pop(MARK)
    return transaction.journal.folder


@pytest.mark.parametrize("until", ["copying", "begun", "between", "changed"])
def test_after_a_kill_the_next_start_puts_the_old_environment_back(tmp_path: Path, until: str) -> None:
    environment = make_environment(tmp_path / "e")
    before = state(environment)
    crashed(environment, False, until)
    assert "as it was before" in (recover(str(environment)) or "")
    assert state(environment) == before
    assert os.listdir(tmp_path) == ["e"]
    assert recover(str(environment)) is None


def test_after_a_kill_when_it_had_passed_the_new_one_stays(tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "e")
    kept = crashed(environment, False, "passed")
    assert "had passed" in (recover(str(environment)) or "")
    assert (environment / "lib" / "new.py").exists()
    assert set(os.listdir(tmp_path)) == {"e", os.path.basename(kept)}


def test_after_a_kill_an_unfinished_new_environment_goes(tmp_path: Path) -> None:
    crashed(tmp_path / "e", True, "changed")
    assert "unfinished" in (recover(str(tmp_path / "e")) or "")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("changes", [{"environment": "/etc"}, {"identity": "../../home"}, {"identity": ""}])
def test_a_journal_that_speaks_of_other_folders_is_refused(tmp_path: Path, changes: dict[str, str]) -> None:
    journal = Journal(str(tmp_path / "e"), "p", GONE, "changing", "1-2")
    write_journal(journal)
    Path(journal_path(journal.environment)).write_text(
        json.dumps({"schema": SCHEMA, **{name: getattr(replace(journal, **changes), name) for name in fields(journal)}})
    )
    with pytest.raises(InstallFailed, match="other folders"):
        recover(journal.environment)


def test_an_environment_that_a_person_made_since_is_not_removed(tmp_path: Path) -> None:
    write_journal(Journal(str(tmp_path / "e"), "p", GONE, "building", "1-2"))
    old = os.stat(journal_path(str(tmp_path / "e"))).st_mtime - 86400
    os.utime(journal_path(str(tmp_path / "e")), (old, old))
    environment = make_environment(tmp_path / "e")
    assert not is_unfinished(str(environment))
    assert "stays as it is" in (recover(str(environment)) or "")
    assert (environment / "lib" / "module.py").exists()
    assert os.listdir(tmp_path) == ["e"]


def test_nothing_is_put_back_while_an_orphan_still_writes(tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "e")
    crashed(environment, False, "changed")
    sleeps = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", "install", f"{environment}/bin/python"]
    with subprocess.Popen(sleeps, stdout=subprocess.PIPE) as orphan:
        assert orphan.stdout is not None
        orphan.stdout.readline()
        with pytest.raises(InstallFailed, match=f"kill {orphan.pid}"):
            recover(str(environment))
        orphan.kill()
    assert "as it was before" in (recover(str(environment)) or "")


def test_what_a_killed_install_began_is_no_environment(tmp_path: Path) -> None:
    crashed(tmp_path / "e", True, "changed")
    assert is_unfinished(str(tmp_path / "e"))
    assert not is_unfinished(str(tmp_path / "other"))


def test_nothing_is_made_where_something_is(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "thesis.tex").write_text("do not touch")
    with pytest.raises(InstallFailed, match="not empty"), Transaction(str(tmp_path / "e"), "p", True, print) as transaction:
        transaction.begin()
    assert (tmp_path / "e" / "thesis.tex").exists()


def test_a_second_failed_environment_gets_a_name_of_its_own(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(InstallFailed, match="is kept in"):
            fail(tmp_path / "e", True, InstallFailed("no luck"), keep_as=str(tmp_path / "e.failed"))
    assert sorted(os.listdir(tmp_path)) == ["e.failed", "e.failed-2"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "other/1"}', '{"schema": "envdoctor.journal/2", "what": 1}'])
def test_a_journal_that_cannot_be_read_undoes_nothing(tmp_path: Path, text: str) -> None:
    environment = make_environment(tmp_path / "e")
    Path(journal_path(str(environment))).write_text(text)
    with pytest.raises(InstallFailed, match="cannot be read"):
        recover(str(environment))
    with pytest.raises(Malformed):
        read_journal(str(environment))
    assert (environment / "lib" / "module.py").exists()


@pytest.mark.parametrize("make", [lambda path: (path / "pyvenv.cfg").write_text(""), lambda path: (path / "conda-meta").mkdir()])
def test_what_an_environment_is(tmp_path: Path, make: Callable[[Path], object]) -> None:
    assert not has_environment(str(tmp_path))
    make(tmp_path)
    assert has_environment(str(tmp_path))
