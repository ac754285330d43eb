"""Runs every probe side by side, each contained and within a time limit, and gathers what they found into Facts."""

from __future__ import annotations

from typing import Any

from envdoctor.model.facts import Facts, PythonEnvironment, Subject
from envdoctor.model.unknown import Unknown
from envdoctor.probes.lanes import Lane, Probe
from envdoctor.system.port import System

DRIVER_LIMIT_S = 10.0
"""NVML wakes up every GPU that sleeps, one after another, where persistence mode is off."""
ENVIRONMENT_LIMIT_S = 30.0
"""An environment on a network file system holds thousands of small files."""
DEEP_FACTOR = 6.0
_MOMENT_S = 0.03
HARDWARE = ("driver", "gpus", "devices", "interconnect", "amd", "intel", "tpu")


def collect_facts(
    system: System, subject: Subject, *, python: str | None = None, deep: bool = False, whole: bool = False
) -> Facts:
    """All facts about a system; a probe that fails or takes too long costs its own facts only.

    Args:
        system: what to ask.
        subject: what the facts are about.
        python: the interpreter or prefix to examine; None for the active environment.
        deep: whether slower looks are wanted: probes may take six times as long.
        whole: whether devices are wanted that no rule asks about: network adapters and disks, for a picture of the machine.
    """
    from envdoctor.probes.disks import probe_disks

    factor = DEEP_FACTOR if deep else 1.0
    found = run_probes(system, machine_probes(python, deep=deep, whole=whole), factor)
    environment = found["environment"]
    prefix = environment.prefix if isinstance(environment, PythonEnvironment) else None
    found |= run_probes(system, (Probe(("disks",), lambda asked: probe_disks(asked, prefix)),), factor)
    return Facts(subject=subject, **found)


def machine_probes(python: str | None, *, deep: bool = False, whole: bool = False) -> tuple[Probe, ...]:
    """Every probe that needs no other's answer, the slow ones first."""
    from envdoctor.probes.accelerators import probe_hardware, probe_log
    from envdoctor.probes.cloud import probe_cloud
    from envdoctor.probes.compat_libraries import probe_compat_libraries
    from envdoctor.probes.container import probe_container
    from envdoctor.probes.cpu import probe_cpu
    from envdoctor.probes.cuda import probe_cudnns
    from envdoctor.probes.limits import probe_limits
    from envdoctor.probes.memory import probe_memory
    from envdoctor.probes.operating_system import probe_operating_system
    from envdoctor.probes.python_environment import probe_environment
    from envdoctor.probes.variables import probe_variables

    return (
        Probe(HARDWARE, lambda system: probe_hardware(system, deep=deep, whole=whole), DRIVER_LIMIT_S, is_waiting=True),
        Probe(("kernel_log",), lambda system: probe_log(system, deep=deep), is_waiting=deep),
        Probe(("environment",), lambda system: probe_environment(system, python, deep=deep), ENVIRONMENT_LIMIT_S),
        Probe(("toolkits", "tools"), _probe_programs, DRIVER_LIMIT_S),
        Probe(("cudnns",), probe_cudnns),
        Probe(("compat_libraries",), probe_compat_libraries),
        Probe(("os",), probe_operating_system),
        Probe(("cloud",), probe_cloud),
        Probe(("container",), probe_container),
        Probe(("limits",), probe_limits),
        Probe(("cpu",), probe_cpu, DRIVER_LIMIT_S),
        Probe(("memory",), probe_memory),
        Probe(("variables",), probe_variables),
    )


def _probe_programs(system: System) -> tuple[Any, Any]:
    """CUDA toolkits and tools: what the first say of their compiler is not read again for the second."""
    from envdoctor.probes.cuda import probe_toolkits
    from envdoctor.probes.tools import probe_tools

    toolkits = probe_toolkits(system)
    return toolkits, probe_tools(system, toolkits=toolkits)


def run_probes(system: System, probes: tuple[Probe, ...], factor: float = 1.0) -> dict[str, Any]:
    """The facts by name.

    Probes that wait for a driver or for commands have a thread each. The others read files, and share one: threads that
    read many small files at once only wait for each other (the interpreter lets one run at a time), and take twice as long.
    For the same reason those that wait have a moment before: a driver that answers at once has answered by then.
    """

    def look(probe: Probe) -> Any:
        return _contained(system, probe)

    together = tuple(probe for probe in probes if not probe.is_waiting)
    lanes = [Lane(look, (probe,), factor) for probe in probes if probe.is_waiting]
    for lane in lanes:
        lane.settle(_MOMENT_S / len(lanes))
    if together:
        lanes.append(Lane(look, together, factor))
    found: dict[str, Any] = {}
    for lane in lanes:
        found |= lane.facts()
    return found


def _contained(system: System, probe: Probe) -> Any:
    try:
        return probe.look(system)
    except Exception as error:  # the guard that the house allows: one probe's bug must not cost the others' facts
        return Unknown(f"{probe.facts[0]}: the probe failed: {type(error).__name__}: {error}")
