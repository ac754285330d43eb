"""Receipts, and undoing the last install: exactly, once, and never what somebody has done since."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.errors import InstallFailed
from envdoctor.install.apply import apply_plan
from envdoctor.install.changes import Changes
from envdoctor.install.journal import Journal, journal_path, kept_folders, recover, write_journal
from envdoctor.install.leaving import need_state
from envdoctor.install.pending import pending_install
from envdoctor.install.receipt import make_receipt, read_receipt
from envdoctor.install.rollback import need_unchanged, read_undoable, undo_install
from envdoctor.model.plan import Choice, Command, Plan, Step
from envdoctor.model.record import replace
from envdoctor.system.port import Missing
from tests.install.comparing import differences, tree_of
from tests.install.making import SITE, make_bench, make_environment, make_plan, write_manager

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders, links and signals of POSIX")
Said = Callable[..., tuple[int, str, str]]
SECRET = "hunter2-very-secret"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command line; its status and what it printed."""

    def command(*words: str) -> tuple[int, str, str]:
        status = run(list(words))
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return command


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """An environment that an install made."""
    apply_plan(make_plan(tmp_path / "e", write_manager(tmp_path)), make_bench(tmp_path / "e"))
    return tmp_path / "e"


def change(environment: Path) -> None:
    """An install into an environment that is there: the module is put there once more."""
    for place in (environment / SITE).glob("gadget*"):
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    manager = write_manager(environment.parent)
    apply_plan(make_plan(environment, manager, creates=False), make_bench(environment))


def test_a_receipt_says_what_was_installed(made: Path, said: Said) -> None:
    status, out, _ = said("receipt", "--env", str(made), "--format", "json")
    receipt = json.loads(out)
    assert status == 0
    assert receipt["schema"] == "envdoctor.receipt/1"
    assert receipt["created_environment"] is True
    assert receipt["changes"]["added"] == [{"name": "gadget", "version": "1.0"}]
    assert [package["name"] for package in receipt["packages"]] == ["gadget"]
    assert len(receipt["packages"][0]["record_sha256"]) == 64
    assert receipt["tool"]["knowledge"]
    assert receipt["plan"]["steps"]
    assert receipt["now"]["undo"].startswith("remove ")
    status, out, _ = said("receipt", "--env", str(made), "-v")
    assert status == 0
    assert "gadget 1.0  origin not written down" in out


def test_a_new_environment_is_removed(made: Path, said: Said) -> None:
    status, out, _ = said("rollback", "--env", str(made), "--yes")
    assert (status, out) == (0, f"removed {made}\n")
    assert os.listdir(made.parent) == ["manager.py"]


def test_a_changed_environment_is_put_back(tmp_path: Path, said: Said) -> None:
    environment = make_environment(tmp_path / "e")
    before = tree_of(environment)
    change(environment)
    assert json.loads((Path(kept_folders(str(environment))[0]) / "packages.json").read_text()) == []
    assert differences(before, tree_of(environment)) != []
    status, out, _ = said("rollback", "--env", str(environment), "--yes", "--format", "json")
    assert status == 0
    assert json.loads(out)["did"] == "restored"
    assert differences(before, tree_of(environment)) == []
    assert sorted(os.listdir(tmp_path)) == ["e", "manager.py"]
    status, _, err = said("rollback", "--env", str(environment), "--yes")
    assert status == 1
    assert "nothing there that could be undone" in err


def test_only_the_last_of_several_is_undone(made: Path, said: Said) -> None:
    """Made, changed, changed: one step back; then a clear word, and nothing more without --force."""
    change(made)
    change(made)
    assert len(kept_folders(str(made))) == 1
    assert said("rollback", "--env", str(made), "--yes")[0] == 0
    before = tree_of(made)
    status, _, err = said("rollback", "--env", str(made), "--yes")
    assert status == 1
    assert "no longer kept; only the last install can be undone" in err
    assert differences(before, tree_of(made)) == []


def test_a_second_step_back_needs_force(made: Path, said: Said) -> None:
    change(made)
    assert said("rollback", "--env", str(made), "--yes")[0] == 0
    status, _, err = said("rollback", "--env", str(made), "--yes")
    assert status == 1
    assert "was undone already" in err
    assert made.is_dir()
    assert said("rollback", "--env", str(made), "--yes", "--force")[0] == 0
    assert os.listdir(made.parent) == ["manager.py"]


def test_what_was_done_since_is_not_lost(made: Path, said: Said) -> None:
    (made / "notes.txt").write_text("my results")
    (made / SITE / "gadget.py").write_text("edited")
    status, _, err = said("rollback", "--env", str(made), "--yes")
    assert status == 1
    assert "added: notes.txt; changed: " in err
    assert (made / "notes.txt").exists()
    assert "has changed since" in said("receipt", "--env", str(made))[1]
    assert said("rollback", "--env", str(made), "--yes", "--force")[0] == 0
    assert not made.exists()


def test_bytecode_is_no_change(made: Path) -> None:
    (made / SITE / "__pycache__").mkdir(exist_ok=True)
    (made / SITE / "__pycache__" / "gadget.pyc").write_bytes(b"")
    need_unchanged(read_undoable(str(made)))


def test_files_written_in_place_since_are_put_back_too(tmp_path: Path) -> None:
    """A file that the old and the new environment share, edited in place."""
    environment = make_environment(tmp_path / "e")
    (environment / SITE / "shared.py").write_text("as it was")
    before = tree_of(environment)
    change(environment)
    (environment / SITE / "shared.py").write_text("edited in place")
    undo_install(read_undoable(str(environment)))
    assert differences(before, tree_of(environment)) == []


def test_a_moved_or_copied_environment_is_not_touched(made: Path, said: Said) -> None:
    os.rename(made, made.with_name("f"))
    status, _, err = said("rollback", "--env", str(made.with_name("f")), "--yes")
    assert status == 1
    assert "a copy, or was moved" in err


def test_the_room_can_be_freed(tmp_path: Path, said: Said) -> None:
    environment = make_environment(tmp_path / "e")
    change(environment)
    assert said("rollback", "--env", str(environment), "--yes", "--discard")[0] == 0
    assert sorted(os.listdir(tmp_path)) == ["e", "manager.py"]
    assert "no longer kept" in said("rollback", "--env", str(environment), "--yes")[2]


@pytest.mark.parametrize("moved", [False, True])
def test_a_rollback_that_was_killed_is_finished_or_had_not_begun(made: Path, moved: bool, said: Said) -> None:
    state = need_state(str(made))
    journal = Journal(str(made), state.profile, 1, "removing", state.identity)
    write_journal(journal)
    if moved:
        os.mkdir(journal.folder)
        os.rename(made, journal.aside)
    assert "was cut off" in (pending_install(str(made)) or "")
    told = recover(str(made)) or ""
    assert ("removed" in told) if moved else ("had not begun" in told)
    assert made.exists() != moved
    assert not os.path.exists(journal_path(str(made)))


def test_nothing_installed_nothing_undone(tmp_path: Path, said: Said) -> None:
    environment = str(make_environment(tmp_path / "e"))
    assert said("receipt", "--env", environment)[0] == 1
    assert said("rollback", "--env", environment, "--yes")[0] == 1
    assert said("receipt", "--env", str(tmp_path / "nowhere"))[0] == 2
    with pytest.raises(Missing):
        need_state(environment)
    with pytest.raises(InstallFailed):
        read_undoable(environment)


def test_without_a_terminal_and_without_yes_nothing_is_undone(made: Path, said: Said) -> None:
    if sys.stdin is not None and sys.stdin.isatty():
        pytest.skip("there is a terminal")
    assert said("rollback", "--env", str(made))[0] == 2
    assert made.is_dir()


@pytest.mark.parametrize("name", ["receipt.json", "state.json", "files"])
def test_a_damaged_note_undoes_nothing(made: Path, said: Said, name: str) -> None:
    (made / ".envdoctor" / name).write_bytes(b"{]")
    assert said("receipt", "--env", str(made))[0] in (0, 1)
    if name != "receipt.json":
        assert said("rollback", "--env", str(made), "--yes")[0] == 1
        assert made.is_dir()


def test_a_receipt_holds_no_secret() -> None:
    step = Step(
        "install-packages", "Install", "", ("gadget",), index=f"https://bob:{SECRET}@example.org/simple",
        commands=(Command(("pip", "install", "--index-url", f"https://bob:{SECRET}@example.org/simple", "gadget")),),
    )  # fmt: skip
    plan = replace(Plan("gadgets", "/e", True, "pip", (Choice("backend", "pip 24", ""),), (step,)))
    origin = {"name": "gadget", "version": "1", "url": f"https://bob:{SECRET}@example.org/gadget.whl"}
    receipt = make_receipt(plan, None, Changes(), (), (origin,), None, "2026-01-01", "1-2")
    assert SECRET not in json.dumps(receipt)
    assert "example.org/gadget.whl" in json.dumps(receipt)


def test_no_receipt_where_none_is(tmp_path: Path) -> None:
    assert read_receipt(str(tmp_path)) is None
