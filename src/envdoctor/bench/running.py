"""Runs workloads one after the other, and reads what they tell; what was told before one failed or ran out of time counts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from envdoctor.bench.choosing import TOTAL_S, Workload
from envdoctor.bench.figures import KINDS, Measured, Measurements
from envdoctor.model.plan import Command
from envdoctor.system.port import Output, SourceError

Tell = Callable[[str], None]
_CAUSE_LIMIT = 300
_LEAST_S = 3.0
_REPEATS_LIMIT = 1000
_CHIEF = {
    "disk": "disk.sequential_read", "memory": "memory.copy", "cpu": "cpu.matmul_fp32", "loader": "loader.samples",
    "gpu": "gpu.memory_copy",
}  # fmt: skip
"""The figure that stands for a part of which nothing could be measured."""


class Run(Protocol):
    """What runs a command: `system.runner.run_command`, or a stand-in."""

    def __call__(self, command: Command, *, on_line: Tell, timeout_s: float, grace_s: float) -> Output:
        """Run it to its end."""


class _Heard:
    """What one run has told so far."""

    def __init__(self) -> None:
        self.figures: list[Measured] = []
        self.about: dict[str, dict[str, object]] = {}
        self.gpus: list[dict[str, object]] = []

    def take(self, part: str, said: dict[str, Any]) -> None:
        """Note one line; what cannot be understood is left out."""
        figure, about = parse_figure(said), said.get("about")
        if figure is not None and figure.kind.part == part:
            self.figures.append(figure)
        if isinstance(about, dict):
            gpu = about.pop("gpu", None)
            if isinstance(gpu, dict):
                self.gpus.append(gpu)
            self.about.setdefault(part, {}).update(about)


def run_workloads(workloads: tuple[Workload, ...], run: Run, tell: Tell, total_s: float = TOTAL_S) -> Measurements:
    """Run each within its own limit and what is left of the whole; a failure does not stop the others."""
    heard = _Heard()
    end = time.monotonic() + total_s
    for workload in workloads:
        left = end - time.monotonic()
        if left < _LEAST_S:
            heard.figures.append(missing(workload.part, f"the {total_s:g} s of the whole were over before"))
            continue
        _run_one(workload, run, tell, min(left, workload.limit_s), heard)
    return Measurements(tuple(heard.figures), heard.about, tuple(heard.gpus))


def missing(part: str, reason: str) -> Measured:
    """A part of which nothing could be measured."""
    return Measured(KINDS[_CHIEF[part]], None, reason=reason)


def parse_line(line: str) -> dict[str, Any] | None:
    """A line of a workload; None for what a framework prints beside it."""
    if not line.startswith("{"):
        return None
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def parse_figure(said: dict[str, Any]) -> Measured | None:
    """The figure that a line tells; None where it tells none that is known."""
    kind = KINDS.get(str(said.get("figure")))
    if kind is None:
        return None
    gpu = said.get("gpu") if isinstance(said.get("gpu"), int) else None
    if isinstance(said.get("missing"), str):
        return Measured(kind, None, reason=said["missing"], gpu=gpu)
    value, values, pair = said.get("value"), said.get("values"), said.get("pair")
    if value is None or not _is_rate(value):
        return Measured(kind, None, reason="the workload gave no number", gpu=gpu)
    repeats = tuple(float(one) for one in values[:_REPEATS_LIMIT] if _is_rate(one)) if isinstance(values, list) else ()
    between = tuple(one for one in pair if isinstance(one, int)) if isinstance(pair, list) else ()
    bound = said["may_be_better"][:_CAUSE_LIMIT] if isinstance(said.get("may_be_better"), str) else ""
    return Measured(kind, float(value), repeats, str(said.get("how", "")), gpu=gpu, may_be_better=bound, pair=between)


def _is_rate(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def _run_one(workload: Workload, run: Run, tell: Tell, limit_s: float, heard: _Heard) -> None:
    before = len(heard.figures)

    def listen(line: str) -> None:
        said = parse_line(line)
        if said is not None:
            heard.take(workload.part, said)
            if isinstance(said.get("doing"), str):
                tell(f"{workload.part}: {said['doing']}")

    tell(workload.part)
    try:
        output = run(workload.command, on_line=listen, timeout_s=limit_s, grace_s=1.0)
        failure = "" if output.status == 0 else _cause(output)
    except SourceError as error:
        failure = error.reason
    if failure and not any(one.reason == failure for one in heard.figures[before:]):
        heard.figures.append(missing(workload.part, failure) if _has_no_chief(workload.part, heard, before) else
                             Measured(_first_absent(workload.part, heard, before), None, reason=failure))  # fmt: skip
    elif len(heard.figures) == before:
        heard.figures.append(missing(workload.part, "the workload ended without a figure"))


def _has_no_chief(part: str, heard: _Heard, before: int) -> bool:
    return all(one.kind.name != _CHIEF[part] for one in heard.figures[before:])


def _first_absent(part: str, heard: _Heard, before: int) -> Any:
    """The first figure of a part that was not told: what the failure came in."""
    told = {one.kind.name for one in heard.figures[before:]}
    of_part = [kind for kind in KINDS.values() if kind.part == part]
    return next((kind for kind in of_part if kind.name not in told), of_part[-1])


def _cause(output: Output) -> str:
    """The last line that says something, and the signal where one ended it."""
    lines = [line.strip() for line in output.stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else f"ended with status {output.status} and no message"
    if output.status < 0:
        last = f"killed by signal {-output.status}" + (f"; last message: {lines[-1]}" if lines else "")
    return last[:_CAUSE_LIMIT]
