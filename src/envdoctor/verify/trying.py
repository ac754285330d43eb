"""Runs the programs in `workloads/`, one child for each framework and device; a child that dies is followed by another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Protocol

from envdoctor.model.plan import Command
from envdoctor.model.record import record, replace
from envdoctor.system.port import Output, SourceError, TimedOut
from envdoctor.verify.following import Follower
from envdoctor.verify.results import SKIPPED, Identity, Result
from envdoctor.verify.selecting import GPU_ONLY, Subject

LIMIT_S = 120.0
"""For one workload; an import or a compilation may take three times as long."""
_SLOW_FACTOR = 3.0
_SLACK_S = 15.0
"""So much later than the child itself the parent ends it: a child ends itself unless it is stopped altogether."""
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workloads")
_VARIABLES = (
    ("HF_HUB_OFFLINE", "1"), ("TRANSFORMERS_OFFLINE", "1"), ("HF_DATASETS_OFFLINE", "1"), ("HF_HUB_DISABLE_TELEMETRY", "1"),
    ("WANDB_MODE", "disabled"), ("VLLM_NO_USAGE_STATS", "1"), ("DO_NOT_TRACK", "1"), ("TOKENIZERS_PARALLELISM", "false"),
)  # fmt: skip
"""Nothing is fetched, and nobody is told."""


class Run(Protocol):
    """What runs a command; `system.runner.run_command`."""

    def __call__(self, command: Command, *, on_line: Callable[[str], None], quiet_s: float) -> Output:
        """Run it to its end."""


@record
class Child:
    """One framework on one device."""

    subject: Subject
    device: str
    """`cpu`, `cuda:N`, `auto`."""
    workloads: tuple[str, ...]
    word: str = ""
    """`gpu` where a GPU is expected under `auto`; what the subject says goes first."""


@record
class Place:
    """Where children run."""

    python: str
    folder: str
    """Empty and writable: what they write lies there."""
    limit_s: float = LIMIT_S


def command_of(child: Child, workloads: tuple[str, ...], place: Place) -> Command:
    """How a child is started: alone with its environment's packages, and leaving no compiled files behind."""
    program = os.path.join(_FOLDER, child.subject.program)
    options = ("-I", "-B", "-X", "faulthandler")
    arguments = (child.device, f"{place.limit_s:g}", ",".join(workloads), child.subject.word or child.word)
    variables = (*_VARIABLES, ("PYTHONDONTWRITEBYTECODE", "1"), ("KERAS_HOME", place.folder))
    return Command((place.python, *options, program, *arguments), variables, working_folder=place.folder)


def run_child(
    child: Child, place: Place, run: Run, tell: Callable[[str, str], None]
) -> tuple[tuple[Result, ...], Identity | None]:
    """Run a child, and another for what is left where it dies, until all is tried.

    Args:
        child: what to run.
        place: where.
        run: runs a command.
        tell: gets the name of each workload that begins, and each line that is printed.
    """
    results: list[Result] = []
    identity: Identity | None = None
    left = child.workloads
    while left:
        follower = Follower(child.subject.name, child.device, left if not results else ("import", *left))
        remaining = _follow(follower, command_of(child, follower.wanted, place), place, run, tell)
        again = {result.workload for result in results}
        results += [result for result in follower.results if result.workload not in again or result.status == "failed"]
        identity = identity or follower.identity
        left = tuple(name for name in remaining if name != "import") if len(remaining) < len(left) else ()
    return _on_one_device(results, child.device), identity


def _on_one_device(results: list[Result], said: str) -> tuple[Result, ...]:
    """The results with the device as the framework came to call it, in place of what it was told."""
    shown = next((result.device for result in reversed(results) if result.device != said), said)
    return tuple(replace(result, device=shown) if result.device == said else result for result in results)


def _follow(follower: Follower, command: Command, place: Place, run: Run, tell: Callable[[str, str], None]) -> tuple[str, ...]:
    """Run one child to its end; the workloads that are left."""

    def hear(line: str) -> None:
        event = follower.feed(line)
        if (event is None and line.strip()) or (event is not None and event.kind == "begin"):
            tell(follower.current, "" if event else line)

    try:
        output = run(command, on_line=hear, quiet_s=place.limit_s * _SLOW_FACTOR + _SLACK_S)
    except TimedOut:
        return follower.finish(None, f"it hung: not a word for {place.limit_s * _SLOW_FACTOR + _SLACK_S:g} s")
    except SourceError as error:
        return follower.finish(None, f"it cannot be started: {error.reason}")
    return follower.finish(output)


def skipped_workloads(subject: Subject, device: str, left: tuple[tuple[str, str], ...]) -> Iterator[Result]:
    """Results for workloads that are not run, each with the reason."""
    yield from (Result(subject.name, name, device, SKIPPED, reason=why) for name, why in left)


def why_not_on(subject: Subject, device: str) -> str:
    """Why a subject is not run on a device at all; empty where it is."""
    if device.startswith("cuda") and not subject.on_gpu:
        return "it computes on the CPU only"
    if device == "cpu" and subject.name in GPU_ONLY:
        return "it computes on GPUs only"
    return ""
