"""Lays a target over facts: what it states replaces the machine's own, and what follows from that follows."""

from __future__ import annotations

from collections.abc import Mapping

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Container, Facts, Interpreter, NvidiaDriver, OperatingSystem, PythonEnvironment, Unknown
from envdoctor.model.record import replace
from envdoctor.model.target import Target
from envdoctor.targets.hardware import target_cpu, target_driver, target_gpus
from envdoctor.targets.system import target_os

SOURCE = "--target"
HIDING_VARIABLES = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""They hide GPUs of the machine where they are set; on another machine they would be set otherwise."""
NOT_THIS_MACHINE = Unknown("--target describes another machine")


def apply_target(facts: Facts, target: Target, knowledge: Knowledge) -> Facts:
    """The facts as they would be on the target. What it does not say stays as it is.

    `targeted` of the outcome names the facts that it replaced. A GPU without a driver leaves the driver Unknown.
    """
    stated: dict[str, object] = {}
    os = target_os(facts.os, target, knowledge)
    if os is not None:
        stated["os"] = os
    cpu = target_cpu(facts.cpu, facts.os, target)
    if cpu is not None:
        stated["cpu"] = cpu
    system = os or (facts.os if not isinstance(facts.os, Unknown) else None)
    gpus = target_gpus(facts.gpus, target, system, knowledge)
    if gpus is not None:
        stated["gpus"] = gpus
    if target.gpu is not None or target.driver is not None or (target.os == "macos" and gpus is not None):
        stated["driver"] = target_driver(target, gpus, system, knowledge)
    elif isinstance(facts.driver, NvidiaDriver) and _is_another_system(facts, target):
        stated["driver"] = Unknown("--target names another system, but no driver: driver=VERSION")
    python = _python(facts.environment, target, os)
    if python is not None:
        stated["environment"] = python
    targeted = tuple(dict.fromkeys((*facts.targeted, *stated)))
    changed = replace(facts, **stated, targeted=targeted)
    return _elsewhere(changed) if "gpus" in stated or "driver" in stated else changed


def _is_another_system(facts: Facts, target: Target) -> bool:
    return target.os is not None and (isinstance(facts.os, Unknown) or facts.os.system != target.os)


def _python(
    environment: PythonEnvironment | Unknown | None, target: Target, os: OperatingSystem | None
) -> PythonEnvironment | None:
    """The environment with the target's Python; None where nothing is to change or none is there to change."""
    was = environment
    if isinstance(environment, PythonEnvironment) and os is not None and (target.machine or target.os):
        environment = _with_machine(environment, os.machine)
    if target.python is None or environment is None:
        return environment if isinstance(environment, PythonEnvironment) and environment != was else None
    abi = f"cp{target.python.major}{target.python.minor}{'t' if target.free_threaded else ''}"
    interpreter = Interpreter(path=None, version=target.python, abi=abi, source=SOURCE)
    if isinstance(environment, PythonEnvironment):
        own = environment.interpreter
        if isinstance(own, Interpreter):
            interpreter = replace(own, version=target.python, abi=abi, source=SOURCE)
        return replace(environment, interpreter=interpreter)
    return PythonEnvironment(
        prefix="",
        kind=environment,
        found_by=SOURCE,
        interpreter=interpreter,
        packages=environment,
        frameworks=environment,
        site_packages=environment,
        system_site_packages=environment,
        source=SOURCE,
    )


def _with_machine(environment: PythonEnvironment, machine: str | Unknown) -> PythonEnvironment:
    """On the target the packages meet an interpreter for the target's processor."""
    interpreter = environment.interpreter
    if isinstance(interpreter, Unknown) or interpreter.machine == machine:
        return environment
    return replace(environment, interpreter=replace(interpreter, machine=machine, source=f"{interpreter.source}; {SOURCE}"))


def _elsewhere(facts: Facts) -> Facts:
    """What the looked-at machine says of its own GPUs does not hold for those of the target."""
    container, variables = facts.container, facts.variables
    if isinstance(container, Container):
        container = replace(container, nvidia_injected=NOT_THIS_MACHINE)
    if isinstance(variables, Mapping) and facts.subject.kind in {"live", "python"}:
        variables = {name: value for name, value in variables.items() if name not in HIDING_VARIABLES}
    return replace(facts, container=container, variables=variables)
