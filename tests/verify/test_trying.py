"""Children that hang, crash, talk nonsense or talk too much, for real."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from envdoctor.model.plan import Command
from envdoctor.system.port import Missing, Output
from envdoctor.system.runner import run_command
from envdoctor.verify import trying
from envdoctor.verify.results import FAILED, IMPOSSIBLE, PASSED, SKIPPED, Result
from envdoctor.verify.selecting import SUBJECTS, Subject
from envdoctor.verify.trying import Child, Place, command_of, run_child, skipped_workloads, why_not_on

FOLDER = Path(trying.__file__).parent / "workloads"
HEAD = (
    f"import os, signal, sys, time\nsys.path.insert(0, {str(FOLDER)!r})\n"
    "from workload_session import *\nsession = Session(sys.argv)\n"
)
LOOP = """
with session.trying("import"):
    session.framework("stand-in", "1.0")
session.run({"one": one, "two": two, "three": three}, 0)
session.end()
"""
GOOD = "def one(_place, note): note.detail('fine')\ntwo = three = one\n"
WORKLOADS = ("import", "one", "two", "three")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def results_of(tmp_path: Path, text: str, limit_s: float = 60.0, wanted: tuple[str, ...] = WORKLOADS) -> tuple[Result, ...]:
    program = tmp_path / "program.py"
    program.write_text(HEAD + text + LOOP, encoding="utf-8")
    child = Child(Subject("stand-in", str(program), ("stand-in",)), "cpu", wanted)
    found, identity = run_child(child, Place(sys.executable, str(tmp_path), limit_s), run_command, lambda _workload, _line: None)
    assert identity is None or identity.version == "1.0"
    return found


def statuses(results: tuple[Result, ...]) -> dict[str, str]:
    return {result.workload: result.status for result in results}


def test_all_is_well(tmp_path: Path) -> None:
    results = results_of(tmp_path, GOOD)
    assert statuses(results) == dict.fromkeys(WORKLOADS, PASSED)
    assert results[1].detail == "fine"
    assert results[1].seconds is not None


def test_an_error_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    results = results_of(tmp_path, GOOD + "def two(_place, note): raise OSError('libx.so: cannot open shared object file')\n")
    assert statuses(results) == {"import": PASSED, "one": PASSED, "two": FAILED, "three": PASSED}
    assert results[2].reason == "OSError: libx.so: cannot open shared object file"
    assert "Traceback" in results[2].trace


def test_a_program_that_exits_in_a_workload_goes_on(tmp_path: Path) -> None:
    results = results_of(tmp_path, GOOD + "def two(_place, note): sys.exit('bye')\n")
    assert statuses(results)["two"] == FAILED
    assert statuses(results)["three"] == PASSED


def test_what_is_absent_is_skipped(tmp_path: Path) -> None:
    results = results_of(tmp_path, GOOD + "def two(_place, note): raise SkippedWorkload('no compiler')\n")
    assert (results[2].status, results[2].reason) == (SKIPPED, "no compiler")


@on_posix
@pytest.mark.parametrize(
    ("name", "words"), [("SIGSEGV", "Segmentation fault"), ("SIGILL", "Illegal instruction"), ("SIGKILL", "Killed")]
)
def test_a_crash_is_named_and_another_child_does_the_rest(tmp_path: Path, name: str, words: str) -> None:
    results = results_of(tmp_path, GOOD + f"def two(_place, note): os.kill(os.getpid(), signal.{name})\n")
    assert statuses(results) == {"import": PASSED, "one": PASSED, "two": FAILED, "three": PASSED}
    assert words in results[2].reason


@on_posix
def test_a_crash_in_each_workload_ends(tmp_path: Path) -> None:
    results = results_of(tmp_path, "def one(_place, note): os.abort()\ntwo = three = one\n")
    assert statuses(results) == {"import": PASSED, "one": FAILED, "two": FAILED, "three": FAILED}


def test_a_hang_is_named_with_its_place(tmp_path: Path) -> None:
    results = results_of(tmp_path, GOOD + "def two(_place, note): time.sleep(1000)\n", limit_s=1)
    assert statuses(results) == {"import": PASSED, "one": PASSED, "two": FAILED, "three": PASSED}
    assert "it hung" in results[2].reason
    assert "program.py" in results[2].reason


def test_an_import_that_fails_makes_the_rest_impossible(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(HEAD + "with session.trying('import'):\n    import no_such_framework\nsession.end()\n", encoding="utf-8")
    child = Child(Subject("stand-in", str(program), ()), "cpu", WORKLOADS)
    results, _identity = run_child(child, Place(sys.executable, str(tmp_path)), run_command, lambda _workload, _line: None)
    assert statuses(results) == {"import": FAILED, "one": IMPOSSIBLE, "two": IMPOSSIBLE, "three": IMPOSSIBLE}
    assert "no_such_framework" in results[0].reason


@on_posix
def test_an_import_that_crashes_makes_the_rest_impossible(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(HEAD + "with session.trying('import'):\n    os.abort()\n", encoding="utf-8")
    child = Child(Subject("stand-in", str(program), ()), "cpu", WORKLOADS)
    results, _identity = run_child(child, Place(sys.executable, str(tmp_path)), run_command, lambda _workload, _line: None)
    assert statuses(results) == {"import": FAILED, "one": IMPOSSIBLE, "two": IMPOSSIBLE, "three": IMPOSSIBLE}


def test_nonsense_on_both_streams_does_not_hide_results(tmp_path: Path) -> None:
    noise = (
        "def two(_place, note):\n    print('{half', end='')\n"
        "    os.write(1, b'\\xff\\x00{\"envdoctor\": ')\n    os.write(2, b'\\x1b[31m')\n"
    )
    assert statuses(results_of(tmp_path, GOOD + noise)) == dict.fromkeys(WORKLOADS, PASSED)


def test_very_much_output_is_read_and_dropped(tmp_path: Path) -> None:
    noise = "def two(_place, note):\n    for _ in range(300): print('x' * 100000)\n    raise ValueError('too much')\n"
    results = results_of(tmp_path, GOOD + noise)
    assert statuses(results)["two"] == FAILED
    assert results[2].reason == "ValueError: too much"


def test_a_program_that_says_nothing_is_a_failure(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('hello')\n", encoding="utf-8")
    child = Child(Subject("stand-in", str(program), ()), "cpu", ("import", "one"))
    results, _identity = run_child(child, Place(sys.executable, str(tmp_path)), run_command, lambda _workload, _line: None)
    assert statuses(results) == {"import": FAILED, "one": IMPOSSIBLE}
    assert "ended with status 0" in results[0].reason


def test_a_python_that_cannot_be_started(tmp_path: Path) -> None:
    def missing(command: Command, **_how: object) -> Output:
        raise Missing(command.argv[0], "no such file")

    child = Child(Subject("stand-in", "x.py", ()), "cpu", ("import", "one"))
    results, identity = run_child(child, Place("/nowhere/python", str(tmp_path)), missing, lambda _workload, _line: None)
    assert statuses(results) == {"import": FAILED, "one": IMPOSSIBLE}
    assert "cannot be started" in results[0].reason
    assert identity is None


def test_children_are_alone_and_offline(tmp_path: Path) -> None:
    child = Child(SUBJECTS[0], "cuda:1", ("import", "mlp"))
    command = command_of(child, child.workloads, Place("/e/bin/python", str(tmp_path), 30))
    assert command.argv[:3] == ("/e/bin/python", "-I", "-B")
    assert command.argv[-4:] == ("cuda:1", "30", "import,mlp", "")
    assert dict(command.variables)["HF_HUB_OFFLINE"] == "1"
    assert command.working_folder == str(tmp_path)


def test_subjects_that_have_nothing_to_do_on_a_device() -> None:
    by_name = {subject.name: subject for subject in SUBJECTS}
    assert why_not_on(by_name["numpy"], "cuda:0") == "it computes on the CPU only"
    assert why_not_on(by_name["cupy"], "cpu") == "it computes on GPUs only"
    assert why_not_on(by_name["torch"], "cuda:0") == ""
    (left,) = skipped_workloads(by_name["torch"], "cpu", (("compile", "only with --full"),))
    assert (left.workload, left.status, left.reason) == ("compile", SKIPPED, "only with --full")
