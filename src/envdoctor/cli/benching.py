"""The work of `bench`: look, measure, judge, show."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.unknown import Unknown, known

if TYPE_CHECKING:
    from envdoctor.bench.choosing import Place
    from envdoctor.bench.conditions import Conditions
    from envdoctor.bench.figures import Measurements
    from envdoctor.bench.outcome import Outcome
    from envdoctor.model.facts import Disk, Facts
    from envdoctor.model.profile import Profile

_MEMORY_SHARE = 0.5
"""Of what is available, at most."""


def make_outcome(said: dict[str, Any]) -> Outcome:
    """Measure what the command line asks for.

    Raises:
        BadInput: a part, folder, profile or environment that there is not.
        KeyboardInterrupt: Ctrl-C; what ran has ended, and nothing is left on the disk.
    """
    from envdoctor.bench.choosing import choose_workloads
    from envdoctor.bench.conditions import probe_conditions
    from envdoctor.bench.running import run_workloads
    from envdoctor.cli.looking import look
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.system.live import Live
    from envdoctor.system.runner import run_command

    begin = time.monotonic()
    profile = _profile(said["profile"])
    parts, folder = chosen_parts(said["only"], profile), _folder(said["path"])
    facts = look({"python": said["python"]})
    system = Live()
    conditions = probe_conditions(system, facts)
    disk = _disk(folder)
    place = _place(facts, folder, disk, conditions)
    workloads = choose_workloads(parts, place, said["quick"])
    with _Telling() as telling:
        measured = run_workloads(workloads, run_command, telling.tell)
    measured = _with_gpu_reason(measured, parts, facts, place)
    return _judged(profile, place, measured, facts, conditions, disk, load_knowledge(), begin)


def show_outcome(outcome: Outcome, said: dict[str, Any]) -> None:
    """Write it.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.output import write_text
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.render.bench_json import bench_document, render_bench_lines

    if said["format"] == "json":
        show_document(bench_document(outcome), said["output"])
    elif said["format"] == "jsonl":
        write_text(render_bench_lines(outcome), said["output"])
    else:
        from envdoctor.render.bench_text import bench_lines

        show_lines(bench_lines(outcome), said["output"])


def chosen_parts(said: list[str], profile: Profile | None) -> tuple[str, ...]:
    """The parts of `--only`, else those of which the profile asks figures, else all.

    Raises:
        BadInput: there is no such part.
    """
    from envdoctor.bench.demands import asked_parts
    from envdoctor.bench.figures import PARTS
    from envdoctor.cli.nearest import did_you_mean

    names = [name.strip() for part in said for name in part.split(",") if name.strip()]
    known_parts = f"known: {', '.join(PARTS)}"
    for name in names:
        if name not in PARTS:
            raise BadInput(f"--only: there is no part {name!r}; {did_you_mean(name, PARTS, known_parts)}")
    return tuple(names) or (PARTS if profile is None else asked_parts(profile))


def _profile(name: str | None) -> Profile | None:
    if name is None:
        return None
    from envdoctor.profiles.loading import load_profile

    return load_profile(name)


def _folder(said: str | None) -> str:
    folder = os.path.abspath(said or os.curdir)
    if not os.path.isdir(folder):
        raise BadInput(f"--path {said}: no such folder")
    if not os.access(folder, os.W_OK) and said is not None:
        raise BadInput(f"--path {said}: this folder cannot be written; the file that is measured must lie in it for a while")
    return folder


def _disk(folder: str) -> Disk | None:
    from envdoctor.probes.disks import probe_disks
    from envdoctor.system.live import Live

    disks = probe_disks(Live(), folder)
    return None if isinstance(disks, Unknown) else disks[0]


def _place(facts: Facts, folder: str, disk: Disk | None, conditions: Conditions) -> Place:
    from envdoctor.bench.choosing import Place
    from envdoctor.model.facts import PythonEnvironment

    environment = facts.environment if isinstance(facts.environment, PythonEnvironment) else None
    packages = environment.packages if environment is not None else ()
    held = frozenset(() if isinstance(packages, Unknown) else (package.name for package in packages))
    processors = conditions.processors
    if conditions.quota_cores is not None:
        processors = max(1, min(processors, round(conditions.quota_cores)))
    return Place(
        folder=folder,
        python=_python_of(environment),
        own_python=sys.executable,
        packages=held,
        processors=processors,
        room_bytes=disk.free_bytes if disk is not None and isinstance(disk.free_bytes, int) else None,
        memory_bytes=_spare_memory(facts),
    )


def _python_of(environment: Any) -> str | None:
    """The interpreter of an environment that may be run; None where there is none."""
    if environment is None:
        return None
    from envdoctor.install.backends import environment_python

    found = environment_python(environment.prefix, os.name == "nt")
    return found if os.path.exists(found) else None


def _spare_memory(facts: Facts) -> int:
    """Bytes that may be taken: half of what is available, within the container's limit."""
    counts = [] if isinstance(facts.memory, Unknown) else [facts.memory.available_bytes]
    if not isinstance(facts.limits, Unknown):
        limit, used = facts.limits.memory_bytes, facts.limits.memory_used_bytes
        counts += [limit - known(used, 0)] if isinstance(limit, int) else []
    return int(min((count for count in counts if isinstance(count, int)), default=2 << 30) * _MEMORY_SHARE)


def _with_gpu_reason(measured: Measurements, parts: tuple[str, ...], facts: Facts, place: Place) -> Measurements:
    """Say why no GPU was measured, where one was asked for or is there."""
    from envdoctor.bench.choosing import gpu_library
    from envdoctor.bench.figures import PARTS
    from envdoctor.bench.running import missing
    from envdoctor.model.record import replace

    there = () if isinstance(facts.gpus, Unknown) else facts.gpus
    told = [one for one in measured.figures if one.kind.part == "gpu"]
    if not there and all(one.value is None for one in told):
        kept = tuple(one for one in measured.figures if one.kind.part != "gpu")
        reason = facts.gpus.reason if isinstance(facts.gpus, Unknown) else "there is no GPU"
        return replace(measured, figures=(*kept, missing("gpu", reason)) if "gpu" in parts and parts != PARTS else kept)
    if "gpu" in parts and gpu_library(place.packages) is None:
        lacking = missing("gpu", "GPUs are measured through PyTorch, CuPy or JAX, and the environment holds none of them")
        return replace(measured, figures=(*measured.figures, lacking))
    return measured


def _judged(
    profile: Profile | None, place: Place, measured: Measurements, facts: Facts, conditions: Conditions, disk: Disk | None,
    knowledge: Any, begin: float,
) -> Outcome:  # fmt: skip
    from envdoctor.bench.demands import judge_demands
    from envdoctor.bench.expecting import Scene, judge_figures
    from envdoctor.bench.outcome import Outcome
    from envdoctor.engine import diagnose
    from envdoctor.rules import load_rules

    report = diagnose(facts, None, knowledge, load_rules(for_profile=False))
    scene = Scene(report.facts, conditions, disk, knowledge, report.findings)
    told = dict.fromkeys(cause for part in ("cpu", "disk") for cause in conditions.causes(part))
    words = [disk.file_system, disk.kind] if disk is not None else []
    return Outcome(
        judged=judge_figures(measured, scene),
        demands=judge_demands(profile, measured) if profile is not None else (),
        profile=profile.word if profile is not None else None,
        folder=place.folder,
        disk_words=", ".join(dict.fromkeys(word for word in words if isinstance(word, str))),
        python=place.python,
        gpus=tuple((index, str(gpu.get("name", ""))) for index, gpu in enumerate(measured.gpus)),
        conditions=tuple(told),
        seconds=time.monotonic() - begin,
    )


class _Telling:
    """What happens now, in one line of a terminal that is wiped at the end; nothing elsewhere."""

    def __init__(self) -> None:
        self._tells = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> _Telling:
        return self

    def __exit__(self, *_how: object) -> None:
        self._write("")

    def tell(self, words: str) -> None:
        """Show it in place of the last."""
        from envdoctor.cli.speaking import spoken_text

        self._write(spoken_text(f"Measuring {words} ..."))

    def _write(self, text: str) -> None:
        if self._tells:
            sys.stderr.write(f"\r\x1b[K{text[:100]}")
            sys.stderr.flush()
