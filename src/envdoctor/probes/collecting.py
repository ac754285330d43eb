"""Runs every probe side by side, each contained and within a time limit, and gathers what they found into Facts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from envdoctor.model.facts import Facts, PythonEnvironment, Subject
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import System

LIMIT_S = 5.0
DRIVER_LIMIT_S = 10.0
"""NVML wakes up every GPU that sleeps, one after another, where persistence mode is off."""
ENVIRONMENT_LIMIT_S = 30.0
"""An environment on a network file system holds thousands of small files."""
DEEP_FACTOR = 6.0


@record
class Probe:
    """A probe, the facts that it fills, and how long it may take."""

    facts: tuple[str, ...]
    """Names of fields of Facts; the probe returns one value, or for several fields as many in their order."""
    look: Callable[[System], Any]
    limit_s: float = LIMIT_S


def collect_facts(system: System, subject: Subject, *, python: str | None = None, deep: bool = False) -> Facts:
    """All facts about a system; a probe that fails or takes too long costs its own facts only.

    Args:
        system: what to ask.
        subject: what the facts are about.
        python: the interpreter or prefix to examine; None for the active environment.
        deep: whether slower looks are wanted: probes may take six times as long.
    """
    from envdoctor.probes.disks import probe_disks

    factor = DEEP_FACTOR if deep else 1.0
    found = run_probes(system, machine_probes(python), factor)
    environment = found["environment"]
    prefix = environment.prefix if isinstance(environment, PythonEnvironment) else None
    found |= run_probes(system, (Probe(("disks",), lambda asked: probe_disks(asked, prefix)),), factor)
    return Facts(subject=subject, **found)


def machine_probes(python: str | None) -> tuple[Probe, ...]:
    """Every probe that needs no other's answer, the slow ones first."""
    from envdoctor.probes.accelerators import probe_accelerators
    from envdoctor.probes.container import probe_container
    from envdoctor.probes.cpu import probe_cpu
    from envdoctor.probes.cuda import probe_cudnns, probe_toolkits
    from envdoctor.probes.limits import probe_limits
    from envdoctor.probes.memory import probe_memory
    from envdoctor.probes.operating_system import probe_operating_system
    from envdoctor.probes.python_environment import probe_environment
    from envdoctor.probes.tools import probe_tools
    from envdoctor.probes.variables import probe_variables

    return (
        Probe(("driver", "gpus", "devices"), probe_accelerators, DRIVER_LIMIT_S),
        Probe(("environment",), lambda system: probe_environment(system, python), ENVIRONMENT_LIMIT_S),
        Probe(("tools",), probe_tools, DRIVER_LIMIT_S),
        Probe(("toolkits",), probe_toolkits),
        Probe(("cudnns",), probe_cudnns),
        Probe(("os",), probe_operating_system),
        Probe(("container",), probe_container),
        Probe(("limits",), probe_limits),
        Probe(("cpu",), probe_cpu, DRIVER_LIMIT_S),
        Probe(("memory",), probe_memory),
        Probe(("variables",), probe_variables),
    )


def run_probes(system: System, probes: tuple[Probe, ...], factor: float = 1.0) -> dict[str, Any]:
    """The facts by name. Threads that outlive their limit are left behind: they are daemons and end with the process."""
    found: dict[str, Any] = {}
    started = time.monotonic()
    threads = []
    for probe in probes:
        answers: list[Any] = []
        thread = threading.Thread(target=_look, args=(system, probe, answers), name=f"probe-{probe.facts[0]}", daemon=True)
        thread.start()
        threads.append((probe, thread, answers))
    for probe, thread, answers in threads:
        limit_s = probe.limit_s * factor
        thread.join(max(0.0, started + limit_s - time.monotonic()))
        answer = answers[0] if answers else Unknown(f"{probe.facts[0]}: the probe took longer than {limit_s:g} s")
        found |= _named(probe, answer)
    return found


def _look(system: System, probe: Probe, answers: list[Any]) -> None:
    try:
        answers.append(probe.look(system))
    except Exception as error:  # the guard that the house allows: one probe's bug must not cost the others' facts
        answers.append(Unknown(f"{probe.facts[0]}: the probe failed: {type(error).__name__}: {error}"))


def _named(probe: Probe, answer: Any) -> dict[str, Any]:
    if isinstance(answer, Unknown) or len(probe.facts) == 1:
        return dict.fromkeys(probe.facts, answer)
    return dict(zip(probe.facts, answer, strict=True))
