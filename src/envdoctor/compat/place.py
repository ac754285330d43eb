"""The stated machine: Linux on x86-64 unless a target says otherwise; what it does not say is Unknown."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.distributions import oldest_glibc
from envdoctor.knowledge.gpus import find_gpus
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Gpu, Interpreter, OperatingSystem, PythonEnvironment, Subject, Unknown
from envdoctor.model.findings import Case
from envdoctor.model.record import record, replace
from envdoctor.model.target import Target
from envdoctor.rules.places import Place, place_of
from envdoctor.targets import apply_target

NOT_STATED = Unknown("--target does not state it")
SOURCE = "--target"
LAST_MACOS = {"11": "11.7", "12": "12.7"}
"""Releases within which something starts: Apple's GPUs in torch at 12.3. Source: https://support.apple.com/en-us/109033"""


@record
class Stated:
    """One machine that a target may mean."""

    facts: Facts
    place: Place
    """Where wheels must fit."""
    gpu_is_stated: bool
    label: str = ""
    """What tells it from the other machines that the target may mean; empty where there is but one."""


def stated_machines(target: Target, knowledge: Knowledge, name: str) -> tuple[Stated, ...]:
    """The machines that a target may mean: one, or several where a GPU's name or a Mac's processor is ambiguous."""
    facts = _facts_of(target, knowledge, name)
    every = [(label, one) for label, one in _machines(facts)]
    every = [(" ".join((label, more)).strip(), one) for label, facts in every for more, one in _gpus(facts, knowledge)]
    return tuple(_stated(facts, target, knowledge, label) for label, facts in every)


def supposed_glibc(stated: Stated, knowledge: Knowledge) -> Version | None:
    """The glibc to count on: the stated one, else what every distribution still served has; None off glibc."""
    if stated.place.glibc is not None or not stated.place.platform.startswith("linux-"):
        return stated.place.glibc
    return oldest_glibc(knowledge)


def with_python(stated: Stated, python: str, knowledge: Knowledge, source: str) -> Stated:
    """The same machine with that Python (`3.12`)."""
    os = stated.facts.os
    machine = os.machine if isinstance(os, OperatingSystem) else os
    interpreter = Interpreter(
        path=None, version=Version(python), abi=f"cp{python.replace('.', '')}", machine=machine, source=source
    )
    environment = _environment(interpreter)
    facts = replace(stated.facts, environment=environment)
    return replace(stated, facts=facts, place=_place(facts, knowledge))


def _facts_of(target: Target, knowledge: Knowledge, name: str) -> Facts:
    os = OperatingSystem(
        system="linux", machine="x86_64", id=NOT_STATED, version=NOT_STATED, name="Linux", kernel=NOT_STATED, libc="glibc",
        libc_version=NOT_STATED, wsl=None, source="supposed: nothing else is stated",
    )  # fmt: skip
    base = Facts(
        subject=Subject("target", name), os=os, container=None, limits=NOT_STATED, cpu=NOT_STATED, memory=NOT_STATED,
        disks=NOT_STATED, driver=None, gpus=(), devices=(), toolkits=NOT_STATED, cudnns=NOT_STATED, tools=(), variables={},
        environment=_environment(NOT_STATED), messages=(),
    )  # fmt: skip
    facts = apply_target(base, _with_last_macos(target), knowledge)
    if target.driver is not None and target.gpu is None and isinstance(facts.gpus, Unknown):
        unsaid = Unknown("--target states a driver, but no GPU: gpu=NAME")
        gpus = (Gpu(vendor="nvidia", index=0, name=unsaid, compute_capability=unsaid, source=SOURCE),)
        facts = replace(facts, gpus=gpus)
    return replace(facts, gpus=()) if isinstance(facts.gpus, Unknown) else facts


def _with_last_macos(target: Target) -> Target:
    """Of a macOS that is stated by its first number only, the last release is supposed: it is a free update."""
    last = LAST_MACOS.get(target.os_version or "") if target.os == "macos" else None
    return target if last is None else replace(target, os_version=last)


def _environment(interpreter: Interpreter | Unknown) -> PythonEnvironment:
    return PythonEnvironment(
        prefix="", kind="stated", found_by=SOURCE, interpreter=interpreter, packages=(), frameworks=(), source=SOURCE
    )


def _machines(facts: Facts) -> list[tuple[str, Facts]]:
    """A Mac has one of two processors where none is stated."""
    os = facts.os
    if isinstance(os, Unknown) or os.system != "macos" or isinstance(os.machine, str):
        return [("", facts)]
    intel = replace(facts, os=replace(os, machine="x86_64"))
    apple = Gpu(vendor="apple", index=0, name="Apple GPU", source=SOURCE)
    return [
        ("machine=arm64", replace(facts, os=replace(os, machine="arm64"), gpus=facts.gpus or (apple,))),
        ("machine=x86_64", intel),
    ]


def _gpus(facts: Facts, knowledge: Knowledge) -> list[tuple[str, Facts]]:
    """A GPU's name may stand for several compute capabilities."""
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus
    first = gpus[0] if gpus else None
    if first is None or not isinstance(first.name, str) or not isinstance(first.compute_capability, Unknown):
        return [("", facts)]
    models = find_gpus(knowledge, first.name)
    capabilities = sorted({model.compute_capability for model in models if model.certain and model.compute_capability})
    if len(capabilities) < 2 or not all(model.certain for model in models):
        return [("", facts)]
    return [
        (
            f"compute capability {major}.{minor}",
            replace(facts, gpus=tuple(replace(gpu, compute_capability=(major, minor)) for gpu in gpus)),
        )
        for major, minor in capabilities
    ]


def _stated(facts: Facts, target: Target, knowledge: Knowledge, label: str) -> Stated:
    return Stated(facts, _place(facts, knowledge), target.gpu is not None or target.driver is not None, label)


def _place(facts: Facts, knowledge: Knowledge) -> Place:
    place = place_of(Case(facts, knowledge))
    if place is None:
        raise ValueError("a stated machine has a system and a processor")
    return place
