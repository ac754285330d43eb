"""Running workloads, and reading what they tell."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.bench.choosing import Workload
from envdoctor.bench.figures import KINDS, Measured
from envdoctor.bench.running import parse_figure, parse_line, run_workloads
from envdoctor.model.plan import Command
from envdoctor.system.port import Missing, Output, TimedOut
from envdoctor.system.runner import run_command

READ = {"figure": "disk.sequential_read", "value": 900.0, "values": [800.0, 900.0, 1000.0], "how": "h"}

ENDED = Output(0, "", "")


def stand_in(lines: tuple[object, ...], end: Output | Exception = ENDED) -> Callable[..., Output]:
    def run(command: Command, *, on_line: Callable[[str], None], timeout_s: float, grace_s: float) -> Output:
        for line in lines:
            on_line(line if isinstance(line, str) else json.dumps(line))
        if isinstance(end, Exception):
            raise end
        return end

    return run


def disk(total_s: float = 58.0, **how: object) -> list[Measured]:
    workloads = (Workload("disk", Command(("python",)), 10.0),)
    return list(run_workloads(workloads, stand_in(**how), lambda _words: None, total_s).figures)  # type: ignore[arg-type]


def test_figures_are_read_between_what_frameworks_print() -> None:
    (figure,) = disk(lines=("warning: x", {"doing": "reads"}, READ, "{broken", "[1]", {"figure": "disk.unheard_of", "value": 1}))
    assert (figure.value, figure.kind.unit, figure.how) == (900.0, "MB/s", "h")
    assert figure.spread_percent == pytest.approx(100 * 200 / 900)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (TimedOut("python", "no end within 9 s"), "no end within 9 s"),
        (Missing("python", "no such file"), "no such file"),
        (Output(1, "", "Traceback\nRuntimeError: out of memory\n"), "RuntimeError: out of memory"),
        (Output(-11, "", ""), "killed by signal 11"),
    ],
)
def test_what_was_told_before_the_end_counts(end: Output | Exception, reason: str) -> None:
    (alone,) = disk(lines=(), end=end)
    assert (alone.value, alone.kind.name) == (None, "disk.sequential_read")
    assert reason in alone.reason
    first, rest = disk(lines=(READ,), end=end)
    assert first.value == 900.0
    assert rest.value is None
    assert reason in rest.reason


def test_silence_is_not_a_pass() -> None:
    (figure,) = disk(lines=())
    assert (figure.value, figure.reason) == (None, "the workload ended without a figure")


def test_what_the_time_does_not_suffice_for_is_told() -> None:
    (figure,) = disk(lines=(READ,), total_s=0.0)
    assert figure.value is None
    assert "over before" in figure.reason


def test_gpus_are_told_apart_from_figures() -> None:
    lines = ({"about": {"gpu": {"index": 0, "name": "X"}, "more": 1}}, {"figure": "gpu.memory_copy", "value": 2.0, "gpu": 0})
    workloads = (Workload("gpu", Command(("python",)), 10.0),)
    measured = run_workloads(workloads, stand_in(lines), lambda _words: None)
    assert measured.gpus == ({"index": 0, "name": "X"},)
    assert measured.about == {"gpu": {"more": 1}}
    assert measured.figures[0].gpu == 0


def test_a_program_that_is_not_there() -> None:
    workloads = (Workload("disk", Command(("/nowhere/python",)), 10.0),)
    (figure,) = run_workloads(workloads, run_command, lambda _words: None).figures
    assert figure.value is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    said=st.dictionaries(st.sampled_from(["value", "values", "missing", "gpu", "pair", "how"]), JSON),
    name=st.sampled_from(list(KINDS)),
)
@settings(max_examples=60, deadline=None)
def test_no_line_breaks_it_and_figures_are_positive(said: dict[str, object], name: str) -> None:
    line = parse_line(json.dumps({"figure": name, **said}))
    assert line is not None
    figure = parse_figure(line)
    assert figure is not None
    assert figure.value is None or 0 < figure.value < float("inf")
    assert (figure.value is None) or not figure.reason


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_text_is_mistaken(text: str) -> None:
    assert parse_line(text) is None or isinstance(parse_line(text), dict)
