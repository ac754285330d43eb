"""Running workloads, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable

from envdoctor.model.plan import Command
from envdoctor.model.record import record
from envdoctor.system.port import Output, SourceError
from envdoctor.verify.choosing import Workload

Run = Callable[[Command], Output]
_CAUSE_LIMIT = 400
TIME_LIMIT_S = 300.0
"""For one workload. The first import of a large framework from a cold disk takes a minute on slow machines."""


@record
class Proof:
    """How one workload ended."""

    name: str
    passed: bool
    device: str = ""
    """What it ran on."""
    detail: str = ""
    """What it computed; the cause where it failed."""
    version: str = ""


def run_workloads(workloads: tuple[Workload, ...], run: Run) -> tuple[Proof, ...]:
    """Run each, one after the other; a failure does not stop the others."""
    return tuple(run_workload(workload, run) for workload in workloads)


def run_workload(workload: Workload, run: Run) -> Proof:
    """Run one workload. That it cannot be started, or does not end, is a failure too."""
    try:
        output = run(workload.command)
    except SourceError as error:
        return Proof(workload.name, False, detail=error.reason)
    return parse_outcome(workload.name, output)


def parse_outcome(name: str, output: Output) -> Proof:
    """What a workload printed: one line of JSON at the end, or the last line of a traceback."""
    if output.status != 0:
        return Proof(name, False, detail=_cause(output))
    for line in reversed(output.stdout.splitlines()):
        if line.startswith("{"):
            try:
                said = json.loads(line)
            except ValueError:
                break
            texts = [said.get(key) for key in ("device", "detail", "version")]
            return Proof(name, True, *(text if isinstance(text, str) else "" for text in texts))
    return Proof(name, False, detail="it ended without a result")


def _cause(output: Output) -> str:
    """The last line that says something: the error of a traceback, or what the loader complains about."""
    lines = [line.strip() for line in output.stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else f"ended with status {output.status} and no message"
    if output.status < 0:
        last = f"killed by signal {-output.status}" + (f"; last message: {lines[-1]}" if lines else "")
    return last[:_CAUSE_LIMIT]
