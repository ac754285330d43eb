"""Applying a plan with package managers that work, fail, hang, die, or install what does not work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envdoctor.errors import InstallFailed
from envdoctor.install.apply import apply_plan
from envdoctor.install.journal import journal_path, kept_folders, recover
from envdoctor.model.plan import Command, Plan, Step
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import replace
from tests.conftest import REPOSITORY
from tests.install.making import SITE, make_bench, make_environment, make_plan, snapshot, write_manager

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders, links and signals of POSIX")

FAILURES = {
    "fails": "no such luck",
    "dies": "killed by signal 9",
    "breaks": "import gadget does not work: ImportError: it is broken",
}


def test_a_new_environment_is_made_and_proved(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    lines: list[str] = []
    applied = apply_plan(make_plan(environment, write_manager(tmp_path)), make_bench(environment, told=lines))
    assert applied.changes.added == (("gadget", "1.0"),)
    assert [(proof.name, proof.passed) for proof in applied.proofs] == [("import gadget", True)]
    assert "Collecting gadget" in lines
    assert sorted(os.listdir(tmp_path)) == ["e", "manager.py"]


def test_an_existing_environment_is_changed(tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "e")
    applied = apply_plan(make_plan(environment, write_manager(tmp_path), creates=False), make_bench(environment))
    assert applied.changes.added == (("gadget", "1.0"),)
    assert (environment / SITE / "kept.py").read_text() == "changed in place"
    (kept,) = kept_folders(str(environment))
    assert set(os.listdir(tmp_path)) == {"e", "manager.py", os.path.basename(kept)}


@pytest.mark.parametrize("behaviour", FAILURES)
def test_a_failure_leaves_no_new_environment(tmp_path: Path, behaviour: str) -> None:
    environment = tmp_path / "e"
    with pytest.raises(InstallFailed, match=FAILURES[behaviour]) as failure:
        apply_plan(make_plan(environment, write_manager(tmp_path), behaviour), make_bench(environment))
    assert "removed the unfinished environment" in str(failure.value)
    assert os.listdir(tmp_path) == ["manager.py"]


@pytest.mark.parametrize("behaviour", FAILURES)
def test_a_failure_leaves_an_existing_environment_untouched(tmp_path: Path, behaviour: str) -> None:
    environment = make_environment(tmp_path / "e")
    before = snapshot(environment)
    with pytest.raises(InstallFailed, match=FAILURES[behaviour]) as failure:
        apply_plan(make_plan(environment, write_manager(tmp_path), behaviour, creates=False), make_bench(environment))
    assert "as it was before" in str(failure.value)
    assert snapshot(environment) == before
    assert sorted(os.listdir(tmp_path)) == ["e", "manager.py"]


def test_a_failed_environment_can_be_kept_to_look_into(tmp_path: Path) -> None:
    environment = tmp_path / "e"
    with pytest.raises(InstallFailed, match=r"kept in .*e\.failed"):
        apply_plan(make_plan(environment, write_manager(tmp_path), "breaks"), make_bench(environment, keep_failed=True))
    assert (tmp_path / "e.failed" / SITE / "gadget.py").exists()
    assert not environment.exists()


def test_an_environment_that_misses_its_profile_does_not_stay(tmp_path: Path) -> None:
    """The package manager says that all went well; looking again says otherwise."""
    wanted = PackageRequirement("gadget>=2", "gadget", specifier=VersionRange(">=2"))
    environment = tmp_path / "e"
    with pytest.raises(InstallFailed, match=r"installed, but .*gadget"):
        apply_plan(
            make_plan(environment, write_manager(tmp_path)), make_bench(environment, Profile("gadgets", "", packages=(wanted,)))
        )
    assert not environment.exists()


def test_a_package_manager_that_is_not_there(tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "e")
    plan = replace(
        make_plan(environment, ""),
        creates_environment=False,
        steps=(Step("install-packages", "Install packages", "", commands=(Command((str(tmp_path / "nowhere"),)),)),),
    )
    with pytest.raises(InstallFailed, match="cannot be run"):
        apply_plan(plan, make_bench(environment))
    assert (environment / SITE / "kept.py").read_text() == "as it was"


DRIVER = """
import sys
from pathlib import Path
from envdoctor.install.apply import apply_plan
from tests.install.making import make_bench, make_plan
environment, manager, creates = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "creates"
bench = make_bench(environment)
try:
    apply_plan(make_plan(environment, manager, "hangs", creates), bench)
except KeyboardInterrupt:
    sys.exit(130)
"""


def start_and_wait_until_it_hangs(environment: Path, manager: str, creates: bool) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-c", DRIVER, str(environment), manager, "creates" if creates else "changes"]
    process = subprocess.Popen(argv, cwd=REPOSITORY, start_new_session=True)
    changed = environment / SITE / "kept.py"
    deadline = time.monotonic() + 60
    while text_of(changed) != "changed in place":
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_package_manager_and_puts_the_old_environment_back(tmp_path: Path, number: signal.Signals) -> None:
    environment = make_environment(tmp_path / "e")
    before = snapshot(environment)
    process = start_and_wait_until_it_hangs(environment, write_manager(tmp_path), creates=False)
    process.send_signal(number)
    assert process.wait(30) == 130
    assert snapshot(environment) == before
    assert sorted(os.listdir(tmp_path)) == ["e", "manager.py"]
    assert processes_with(str(environment)) == []


@pytest.mark.parametrize("creates", [False, True])
def test_after_a_kill_the_next_start_puts_things_right(tmp_path: Path, creates: bool) -> None:
    environment = tmp_path / "e" if creates else make_environment(tmp_path / "e")
    before = snapshot(environment)
    process = start_and_wait_until_it_hangs(environment, write_manager(tmp_path), creates)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    for orphan in processes_with(str(environment)):
        os.kill(orphan, signal.SIGKILL)
    assert os.path.exists(journal_path(str(environment)))
    assert recover(str(environment))
    assert snapshot(environment) == before
    assert sorted(os.listdir(tmp_path)) == (["manager.py"] if creates else ["e", "manager.py"])


def text_of(path: Path) -> str:
    """The text of a file; empty where it is not there, as for the moment in which folders change places."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def processes_with(word: str) -> list[int]:
    """Processes that have a word in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in line and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def test_the_plan_is_not_changed_by_being_applied(tmp_path: Path) -> None:
    plan: Plan = make_plan(tmp_path / "e", write_manager(tmp_path))
    apply_plan(plan, make_bench(tmp_path / "e"))
    assert plan == make_plan(tmp_path / "e", str(tmp_path / "manager.py"))
