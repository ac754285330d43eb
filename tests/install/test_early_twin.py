"""A second tree that is begun while the plan is resolved: taken, or gone."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from envdoctor.errors import InstallFailed
from envdoctor.install.early_twin import EarlyTwin
from envdoctor.install.journal import MARK, journal_path, read_journal, recover
from envdoctor.install.transaction import Transaction
from envdoctor.system.port import SourceError
from envdoctor.system.twins import make_twin
from tests.install.test_transaction import make_environment, state

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders and links of POSIX")


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    return make_environment(tmp_path / "e")


def beside(environment: Path) -> list[str]:
    return sorted(path.name for path in environment.parent.iterdir() if path != environment)


def test_it_begins_when_it_is_told_and_not_before(environment: Path) -> None:
    before = state(environment)
    with EarlyTwin(str(environment), "p") as early:
        assert beside(environment) == []
        early.begin()
        assert os.environ[MARK] == early.journal.identity, "what is left of it after a kill is found by that, and ended"
        early.wait()
        journal = read_journal(str(environment))
        assert journal is not None
        assert journal.stage == "copying"
        assert Path(journal.twin, "lib", "module.py").read_text() == "old"
    assert MARK not in os.environ
    assert beside(environment) == []
    assert state(environment) == before


def test_a_transaction_takes_it(environment: Path) -> None:
    with EarlyTwin(str(environment), "p") as early:
        early.begin()
        with Transaction(str(environment), "p", False, print, None, early) as transaction:
            transaction.begin()
            (environment / "lib" / "new.py").write_text("new")
        journal = early.journal
    assert (environment / "lib" / "new.py").read_text() == "new"
    assert Path(journal.aside, "lib", "module.py").read_text() == "old"
    assert not os.path.exists(journal_path(str(environment)))


def break_it(environment: Path, early: EarlyTwin) -> None:
    """A change that fails after the tree was taken."""
    with Transaction(str(environment), "p", False, print, None, early) as transaction:
        transaction.begin()
        (environment / "lib" / "module.py").unlink()
        raise InstallFailed("broken")


def interrupt(environment: Path) -> None:
    """Ctrl-C while it is made."""
    with EarlyTwin(str(environment), "p") as early:
        early.begin()
        raise KeyboardInterrupt


def test_a_failure_after_it_was_taken_puts_back_what_was(environment: Path) -> None:
    before = state(environment)
    with EarlyTwin(str(environment), "p") as early:
        early.begin()
        with pytest.raises(InstallFailed, match="again as it was"):
            break_it(environment, early)
    assert state(environment) == before
    assert beside(environment) == []


def test_an_interruption_leaves_nothing_of_it(environment: Path) -> None:
    before = state(environment)
    with pytest.raises(KeyboardInterrupt):
        interrupt(environment)
    assert state(environment) == before
    assert beside(environment) == []


def test_one_that_was_killed_is_recovered(environment: Path) -> None:
    before = state(environment)
    early = EarlyTwin(str(environment), "p")
    early.begin()
    early.wait()
    assert recover(str(environment)) == f"{environment} is again as it was before"
    assert state(environment) == before
    assert beside(environment) == []


def test_without_an_environment_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "nowhere", tmp_path / "folder"):
        with EarlyTwin(str(place), "p") as early:
            early.begin()
            assert not early.is_begun
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


def test_where_it_cannot_be_made_the_transaction_says_why(environment: Path) -> None:
    before = state(environment)
    with EarlyTwin(str(environment), "p") as early:
        early.begin()
        early.stop()
        early._failed = SourceError(str(environment), "no room")
        with pytest.raises(InstallFailed, match="could not be put aside: no room"):
            break_it(environment, early)
    assert state(environment) == before
    assert beside(environment) == []


def test_no_more_of_a_tree_is_made_once_it_is_not_wanted(environment: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(SourceError):
        make_twin(str(environment), str(tmp_path / "twin"), str(tmp_path), stop)
    assert not (tmp_path / "twin" / "lib").exists()
