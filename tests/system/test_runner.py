"""The runner: lines as they come, secrets blanked, and nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.plan import Command
from envdoctor.system.lines import LineSplitter, cleaned
from envdoctor.system.port import Missing, TimedOut
from envdoctor.system.runner import TAIL_LINES, run_command

posix = pytest.mark.skipif(os.name != "posix", reason="process groups")


def python(code: str, **fields: object) -> Command:
    return Command((sys.executable, "-c", code), **fields)  # type: ignore[arg-type]


def test_lines_and_progress() -> None:
    lines: list[str] = []
    progress: list[str] = []
    output = run_command(
        python("import sys; sys.stdout.write('one\\n10%\\r20%\\rdone\\nlast'); sys.exit(3)"),
        on_line=lines.append,
        on_progress=progress.append,
    )
    assert (output.status, output.stdout, output.stderr) == (3, "one\ndone\nlast\n", "")
    assert lines == ["one", "done", "last"]
    assert progress == ["10%", "20%"]


def test_streams_are_told_in_order_and_kept_apart() -> None:
    told: list[str] = []
    loop = "for n in range(3):\n  for stream in (sys.stdout, sys.stderr): print(stream.name, n, file=stream); time.sleep(0.1)"
    code = f"import sys, time\n{loop}"
    output = run_command(python(code), on_line=told.append)
    assert told == [f"<{name}> {n}" for n in range(3) for name in ("stdout", "stderr")]
    assert (output.stdout, output.stderr) == ("<stdout> 0\n<stdout> 1\n<stdout> 2\n", "<stderr> 0\n<stderr> 1\n<stderr> 2\n")


def test_variables_and_folder(tmp_path: Path) -> None:
    command = python("import os; print(os.environ['A'], os.getcwd())", variables=(("A", "b"),), working_folder=str(tmp_path))
    assert run_command(command).stdout == f"b {tmp_path.resolve()}\n"


def test_secrets_are_blanked() -> None:
    told: list[str] = []
    command = python("print('open sesame'); print('https://a:b@example.org'); 1/0 # sesame", secret=("sesame", ""))
    output = run_command(command, on_line=told.append)
    assert output.stdout == "open ***\nhttps://***@example.org\n"
    assert set(output.stdout.splitlines()) < set(told)
    assert "sesame" not in output.stdout + output.stderr + "".join(told)


def test_only_the_last_lines_are_kept() -> None:
    output = run_command(python(f"for n in range({TAIL_LINES + 500}): print(n)"))
    assert output.stdout.splitlines() == [str(number) for number in range(500, TAIL_LINES + 500)]


def test_cannot_start() -> None:
    with pytest.raises(Missing):
        run_command(Command(("no-such-command-anywhere",)))
    with pytest.raises(Missing):
        run_command(Command(()))
    with pytest.raises(Missing):
        run_command(python("pass", working_folder="/no such place"))


CHILD = "import time; time.sleep(1); open({mark!r}, 'w')"
PARENT = "import subprocess, sys; print('started', flush=True); subprocess.run([sys.executable, '-c', {child!r}])"


def stubborn(mark: Path) -> Command:
    return python(PARENT.format(child=CHILD.format(mark=str(mark))))


@posix
def test_time_limit(tmp_path: Path) -> None:
    with pytest.raises(TimedOut):
        run_command(stubborn(tmp_path / "mark"), timeout_s=0.5)
    threading.Event().wait(1.4)
    assert not (tmp_path / "mark").exists()


@posix
def test_an_error_in_the_callback_ends_the_command(tmp_path: Path) -> None:
    def refuse(_line: str) -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        run_command(stubborn(tmp_path / "mark"), on_line=refuse)
    threading.Event().wait(1.4)
    assert not (tmp_path / "mark").exists()


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    mark = tmp_path / "mark"
    code = (
        "import sys\nfrom envdoctor.system.runner import run_command\nfrom envdoctor.model.plan import Command\n"
        "try: run_command(Command((sys.executable, '-c', sys.argv[1])), on_line=lambda line: print(line, flush=True))\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    argv = [sys.executable, "-c", code, PARENT.format(child=CHILD.format(mark=str(mark)))]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(number)
        assert process.wait(20) == 130
    threading.Event().wait(1.4)
    assert not mark.exists()


@posix
def test_a_command_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: open({str(mark)!r}, 'w'))\nprint('on', flush=True)\n"
    code += "while True: time.sleep(0.1)"
    with pytest.raises(TimedOut):
        run_command(python(code), timeout_s=1.0, grace_s=0.5)
    assert mark.exists()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "é", "\n", "\r", "\r\n", "xyz", " "]), max_size=12), st.lists(st.integers(1, 5), max_size=12)
)
def test_pieces_make_the_same_lines(parts: list[str], cuts: list[int]) -> None:
    data = "".join(parts).encode()
    whole, pieces = LineSplitter(), LineSplitter()
    expected = [*whole.feed(data), *whole.rest()]
    found, start = [], 0
    for cut in [*cuts, len(data)]:
        found += pieces.feed(data[start : start + cut])
        start += cut
    found += pieces.rest()
    assert found == expected
    assert "".join(line for line, _ in found) == "".join(parts).replace("\r", "").replace("\n", "")


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_nothing_that_steers_a_terminal_passes(text: str) -> None:
    assert not {character for character in cleaned(text) if ord(character) < 32 and character not in "\t\n"}


def test_colours_go() -> None:
    assert cleaned("\x1b[1;31mERROR\x1b[0m: \x1b]8;;https://x\x07link\x1b]8;;\x07 \x1b[2K10%") == "ERROR: link 10%"


def test_a_line_without_end_comes_in_parts() -> None:
    splitter = LineSplitter()
    parts = [line for _ in range(5) for line, _ in splitter.feed(b"x" * 50_000)] + [line for line, _ in splitter.rest()]
    assert "".join(parts) == "x" * 250_000
    assert len(parts) > 1
