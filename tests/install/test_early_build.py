"""A new environment that is begun from uv's cache while the plan is made: what the plan says, or gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envdoctor.cli import run
from envdoctor.errors import InstallFailed
from envdoctor.install import early_build
from envdoctor.install.backends import open_backend
from envdoctor.install.early_build import EarlyBuild, environment_of, files_of, is_plain
from envdoctor.install.foreseeing import Foreseen
from envdoctor.install.journal import MARK, journal_path, read_journal, recover
from envdoctor.install.pythons import ask_python, this_python
from envdoctor.install.transaction import Transaction
from envdoctor.model.offers import IndexSettings, Room
from envdoctor.model.plan import Command, Download, Plan, Step
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system import begun
from envdoctor.system.live import Live
from tests.install.shelf import Serving, build_wheel, fill_shelf, needs_uv, plain_variables, serving_shelf

pytestmark = [needs_uv, pytest.mark.skipif(os.name == "nt", reason="folders of POSIX")]
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
PYTHON = getattr(sys, "_base_executable", None) or sys.executable
PROFILE = "title: Gadget\npackages: [gadget>=2]\nimports: [gadget]\n"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An index with gadgets, and package managers that know no other."""
    for name in set(os.environ) - set(variables := plain_variables(tmp_path / "cache")):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    fill_shelf(tmp_path / "shelf", modules=3)
    with serving_shelf(tmp_path / "shelf") as index:
        yield index


def fill_cache(folder: Path, index: str) -> None:
    """As the install before has left it."""
    subprocess.run([UV, "venv", "--python", PYTHON, "before"], cwd=folder, check=True, capture_output=True)
    command = [UV, "pip", "install", "--python", "before/bin/python", "--index-url", index, "gadget>=2"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def places(index: str) -> IndexSettings:
    """As `--index-url` leaves them."""
    return IndexSettings(index, stated=("index_url",), said=("index_url",))


def likely(place: Path, settings: IndexSettings, line: str = "gadget>=2") -> Foreseen:
    """What is foreseen of a plan for a gadget."""
    step = Step("resolve", "Resolve", "", requirements=(line,), environment=str(place), python=PYTHON)
    return Foreseen(step, open_backend("uv", False, settings, (UV,)), settings)


def made(early: EarlyBuild) -> Plan:
    """What it has made in the end."""
    assert early._thread is not None
    early._thread.join()
    assert early._is_made
    assert early._likely is not None
    return early._likely


def left(place: Path) -> list[str]:
    """What there is of an environment, in its place and beside it."""
    return sorted(name for name in os.listdir(place.parent) if place.name in name)


def test_it_stays_where_the_plan_says_the_same(tmp_path: Path, shelf: str) -> None:
    fill_cache(tmp_path, shelf)
    place = tmp_path / "new-one"
    with EarlyBuild(str(place), "p", likely(place, places(shelf))) as early:
        early.begin()
        assert os.environ[MARK] == early.journal.identity, "what is left of it after a kill is found by that, and ended"
        plan = made(early)
        journal = read_journal(str(place))
        assert journal is not None
        assert journal.stage == "building"
        assert early.serves(replace(plan, notes=("worded otherwise",)))
        assert all(early.did(step) for step in plan.steps)
        assert not early.lacks(plan)
        with Transaction(str(place), "p", True, print, None, early) as transaction:
            transaction.begin()
            assert transaction.journal == early.journal
    assert left(place) == [place.name]
    code = "import gadget, gizmo, pip; print(gadget.__version__, gizmo.__version__)"
    told = subprocess.run([place / "bin" / "python", "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["2.0", "2.0"]
    assert MARK not in os.environ


def other_file(plan: Plan) -> Plan:
    assert isinstance(plan.downloads, tuple)
    return replace(
        plan, downloads=(replace(plan.downloads[0], source="https://elsewhere.example/gadget.whl"), *plan.downloads[1:])
    )


def other_python(plan: Plan) -> Plan:
    return replace(plan, steps=tuple(replace(step, python="/opt/python3") for step in plan.steps))


def one_more(plan: Plan) -> Plan:
    return replace(plan, downloads=(*plan.downloads, Download("extra", "1.0", 1)) if isinstance(plan.downloads, tuple) else ())


def not_resolved(plan: Plan) -> Plan:
    return replace(plan, downloads=Unknown("only by downloading it all"))


def from_source(plan: Plan) -> Plan:
    return replace(plan, steps=tuple(replace(step, from_source=True) for step in plan.steps))


@pytest.mark.parametrize("change", [other_file, other_python, one_more, not_resolved, from_source])
def test_it_goes_where_the_plan_says_something_else(tmp_path: Path, shelf: str, change: Callable[[Plan], Plan]) -> None:
    fill_cache(tmp_path, shelf)
    place = tmp_path / "new-one"
    with EarlyBuild(str(place), "p", likely(place, places(shelf))) as early:
        early.begin()
        plan = made(early)
        assert (place / "pyvenv.cfg").exists()
        assert not early.serves(change(plan))
        assert left(place) == []
        with Transaction(str(place), "p", True, print, None, None) as transaction:
            transaction.begin()
            place.mkdir()
    assert left(place) == [place.name], "what is made properly then is not its business"


def test_it_goes_where_nobody_takes_it(tmp_path: Path, shelf: str) -> None:
    fill_cache(tmp_path, shelf)
    for place, patience in ((tmp_path / "new-one", made), (tmp_path / "new-two", str)):
        with EarlyBuild(str(place), "p", likely(place, places(shelf))) as early:
            early.begin()
            patience(early)
        assert left(place) == []


def fail(early: EarlyBuild) -> None:
    """An install that goes on from there, and fails."""
    with Transaction(early.journal.environment, "p", True, print, None, early) as transaction:
        transaction.begin()
        raise InstallFailed("no such luck")


def test_a_transaction_that_fails_removes_it(tmp_path: Path, shelf: str) -> None:
    fill_cache(tmp_path, shelf)
    place = tmp_path / "new-one"
    with EarlyBuild(str(place), "p", likely(place, places(shelf))) as early:
        early.begin()
        assert early.serves(made(early))
        with pytest.raises(InstallFailed, match=f"no such luck; removed the unfinished environment {place}"):
            fail(early)
    assert left(place) == []


def test_what_a_kill_has_left_is_removed_by_the_next_start(tmp_path: Path, shelf: str) -> None:
    fill_cache(tmp_path, shelf)
    place = tmp_path / "new-one"
    early = EarlyBuild(str(place), "p", likely(place, places(shelf)))
    early.begin()
    made(early)
    os.environ.pop(MARK)
    assert recover(str(place)) == f"removed the unfinished environment {place}"
    assert left(place) == []


def planned(place: Path, settings: IndexSettings, **more: Any) -> Plan:
    """A plan as the planner makes it, before or after it is resolved."""
    python = this_python()
    assert python is not None
    create = Step("create-environment", "", "", environment=str(place), python=PYTHON, pip_wheels=python.pip_wheels)
    install = Step("install-packages", "", "", requirements=("gadget>=2",), environment=str(place))
    backend = open_backend("uv", False, settings, (UV,))
    steps = tuple(replace(step, commands=backend.commands(step)) for step in (create, install))
    return replace(Plan("p", str(place), True, "uv", (), steps), **more)


def test_an_empty_cache_gives_the_environment_alone(tmp_path: Path, shelf: str) -> None:
    place = tmp_path / "new-one"
    with EarlyBuild(str(place), "p", likely(place, places(shelf))) as early:
        early.begin()
        downloads = (Download("gadget", "2.0", 1, "https://elsewhere.example/gadget-2.0-py3-none-any.whl"),)
        plan = planned(place, places(shelf), downloads=downloads)
        assert early.serves(plan)
        assert [early.did(step) for step in plan.steps] == [True, False]
        assert early.lacks(plan), "so uv is not asked for what only the index has"
        assert (place / "bin" / "pip").exists()
    assert left(place) == []


def test_a_cache_that_lacks_a_file_is_not_enough(tmp_path: Path, shelf: str) -> None:
    """uv knows the pages and what the wheels require, but the wheels themselves are gone."""
    fill_cache(tmp_path, shelf)
    for wheels in (tmp_path / "cache" / "uv").glob("archive-v*"):
        shutil.rmtree(wheels)
    place = tmp_path / "new-one"
    with EarlyBuild(str(place), "p", likely(place, places(shelf))) as early:
        early.begin()
        assert early._thread is not None
        early._thread.join()
        assert not early._is_made
        assert not early.serves(Plan("p", str(place), True, "uv", (), ()))
        assert left(place) == []


@pytest.mark.parametrize("why", ["offline", "address", "folder", "nowhere", "device", "copies", "nothing foreseen", "twice"])
def test_where_it_is_of_no_use_it_is_not_begun(tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "nowhere" / "e" if why == "nowhere" else tmp_path / "e"
    settings = IndexSettings(offline=why == "offline")
    line = "gadget @ https://elsewhere.example/gadget-1.0-py3-none-any.whl" if why == "address" else "gadget"
    rooms = (Room("cache", "/c", 1, "8:1"), Room("environment", "/e", 1, "8:2" if why == "device" else "8:1"))
    monkeypatch.setattr(early_build, "find_rooms", lambda *_asked: rooms)
    started: list[object] = []
    monkeypatch.setattr(EarlyBuild, "_make", lambda _early, foreseen: started.append(foreseen))
    monkeypatch.setenv("UV_LINK_MODE", "copy" if why == "copies" else "hardlink")
    if why == "folder":
        place.mkdir()
    with EarlyBuild(str(place), "p", None if why == "nothing foreseen" else likely(place, settings, line)) as early:
        early.begin()
        early.begin()
    assert len(started) == (why == "twice")
    assert not os.path.exists(journal_path(str(place)))


def test_only_plain_plans_are_compared() -> None:
    create, install = Step("create-environment", "", ""), Step("install-packages", "", "")
    plan = Plan("p", "/e", True, "uv", (), (create, install))
    assert is_plain(plan)
    remove = Step("remove-packages", "", "", commands=(Command(("uv", "pip", "uninstall")),))
    for step in (remove, replace(install, again=True), replace(install, lock_file="/l"), replace(install, manager="conda")):
        assert not is_plain(replace(plan, steps=(create, step)))
    assert not is_plain(replace(plan, creates_environment=False))
    assert not is_plain(replace(plan, backend="pip"))
    assert environment_of(plan) != environment_of(replace(plan, environment="/other"))
    assert files_of(Unknown("not told")) != files_of(())


def test_this_python_says_of_itself_what_it_says_when_asked() -> None:
    assert this_python() == ask_python(Live(), sys.executable)


class Spied(begun.Begun):
    """Notes what is begun ahead of time."""

    seen: list[str]

    def __init__(self, command: Command) -> None:
        self.seen.append(" ".join(command.argv))
        super().__init__(command)


def install(folder: Path, index: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Install a gadget; the commands that were begun early, and the versions that came of it at the end."""
    (folder / "gadget.yaml").write_text(PROFILE)
    Spied.seen = []
    monkeypatch.setattr(early_build, "Begun", Spied)
    monkeypatch.chdir(folder)
    words = ["install", "gadget.yaml", "--env", "e", "--yes", "--backend", "uv", "--index-url", index, "--format", "json"]
    assert run(words) == 0
    added = json.loads(capsys.readouterr().out)["changes"]["added"]
    return [*Spied.seen, " ".join(sorted(f"{one['name']} {one['version']}" for one in added if one["name"].startswith("g")))]


def test_an_install_goes_on_from_it(
    tmp_path: Path, shelf: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = install(tmp_path, shelf, monkeypatch, capsys)
    assert first[-1] == "gadget 2.0 gizmo 2.0"
    shutil.rmtree(tmp_path / "e")
    from envdoctor.install import apply

    monkeypatch.setattr(apply, "run_step_command", None)  # nothing is left for it to do
    monkeypatch.setattr(apply, "_went_short", None)
    second = install(tmp_path, shelf, monkeypatch, capsys)
    assert [command.split()[1:3] for command in second[:-1]] == [["pip", "compile"], ["venv", "--python"], ["pip", "install"]]
    assert second[-1] == first[-1]


def test_a_release_that_the_cache_does_not_know_is_installed(
    tmp_path: Path, shelf: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(tmp_path, shelf, monkeypatch, capsys)
    shutil.rmtree(tmp_path / "e")
    name, data = build_wheel("gadget", "3.0", ("gizmo>=2",), 3)
    page = tmp_path / "shelf" / "simple" / "gadget" / "index.html"
    (page.parent / name).write_bytes(data)
    page.write_text(page.read_text() + f'<a href="{name}">{name}</a>\n')
    os.utime(page, (page.stat().st_mtime + 5,) * 2)
    monkeypatch.setattr(Serving, "wait_s", 1.0)  # the cache is asked before the index has answered
    said = install(tmp_path, shelf, monkeypatch, capsys)
    assert len(said) == 4
    assert "gadget===2.0" in said[2]
    assert said[-1] == "gadget 3.0 gizmo 2.0"
