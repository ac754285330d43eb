"""A package that conda and pip both own: conda's copy is put back, by conda; where there is none, pip's stays."""

from __future__ import annotations

import json
from typing import Any

from envdoctor.install.backends import Backend
from envdoctor.install.planner.conda_words import subdir_of
from envdoctor.install.planner.fixing import Remedy
from envdoctor.install.planner.machine import platform_of
from envdoctor.model.facts import Facts, Package, PythonEnvironment, Unknown
from envdoctor.model.plan import Command, Step
from envdoctor.model.record import replace
from envdoctor.system.port import SourceError, System


def settle_conda(remedy: Remedy, facts: Facts, backend: Backend | None, program: tuple[str, ...], system: System) -> Remedy | str:
    """The remedy with what this machine's conda is told; else why it cannot be had.

    Args:
        remedy: one with commands for conda.
        facts: of the environment.
        backend: the conda of this machine, in whatever form; None where there is none.
        program: how that is started, where it is a program of its own.
        system: for conda's records.
    """
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment):
        return "the environment could not be read"
    if backend is None:
        return _keep_other(remedy, environment, system)
    if backend.name != "rattler":
        commands = tuple(Command((*program, *argv[1:])) for argv in remedy.conda)
        return replace(remedy, steps=(_step(environment, commands),))
    return _by_rattler(remedy, facts, environment, backend, system)


def _step(environment: PythonEnvironment, commands: tuple[Command, ...]) -> Step:
    return Step("conda", "Let conda put its packages back", "", environment=environment.prefix, commands=commands)


def _by_rattler(remedy: Remedy, facts: Facts, environment: PythonEnvironment, backend: Backend, system: System) -> Remedy | str:
    """The embedded rattler links a package anew once conda's record of it is gone."""
    platform = platform_of(facts)
    subdir = subdir_of(platform) if platform is not None else None
    records = [read_record(system, package.path) for package in _owned(remedy, environment)]
    if subdir is None or not records or any(record is None for record in records):
        return "conda's own records of it cannot be read"
    known = [record for record in records if record is not None]
    specs = tuple(f"{record['name']} =={record['version']}" for record in known)
    channels = tuple(dict.fromkeys(_channel(record) for record in known if _channel(record)))
    step = Step(
        "install-packages",
        "Let conda put its packages back",
        f"from {', '.join(channels)}",
        specs,
        environment=environment.prefix,
        manager="conda",
        channels=channels,
        subdir=subdir,
    )
    delete = tuple(package.path for package in _owned(remedy, environment))
    return replace(remedy, delete=(*remedy.delete, *delete), steps=(replace(step, commands=backend.commands(step)),))


def _keep_other(remedy: Remedy, environment: PythonEnvironment, system: System) -> Remedy | str:
    """Without conda: its record and what only it brought are taken out, the other copy is installed once more."""
    owned, pins, delete = _owned(remedy, environment), [], []
    for package in owned:
        needing = [name for name in _records(system, environment.prefix) if package.name in _needs(system, name)]
        if needing:
            return (
                f"conda's {needing[0].rpartition('/')[2]} needs conda's {package.name}, and no conda, mamba or micromamba is here"
            )
        other = next((one for one in _packages(environment) if one.name == package.name and one.installer != "conda"), None)
        if other is None or isinstance(other.version, Unknown):
            return f"which {package.name} is there beside conda's cannot be told"
        pins.append(f"{package.name}=={other.version}")
        delete += [package.path, *_only_of_conda(system, environment, package, other)]
    names = " and ".join(package.name for package in owned)
    title = f"Keep the other copy of {names}: there is no conda here to put its own back, and nothing of conda's needs it"
    return replace(remedy, title=title, conda=(), remove=(), again=tuple(pins), delete=tuple(delete))


def _owned(remedy: Remedy, environment: PythonEnvironment) -> list[Package]:
    """Conda's copies of the packages that the remedy removes."""
    return [one for one in _packages(environment) if one.name in remedy.remove and one.path.endswith(".json")]


def _only_of_conda(system: System, environment: PythonEnvironment, package: Package, other: Package) -> list[str]:
    """Files that conda's record lists and the other copy's does not."""
    record = read_record(system, package.path) or {}
    listed = [f"{environment.prefix}/{name}" for name in record.get("files", []) if isinstance(name, str) and ".." not in name]
    site = other.path.rpartition("/")[0]
    try:
        rows = system.read(f"{other.path}/RECORD").splitlines()
    except SourceError:
        return []
    kept = {f"{site}/{row.split(',')[0]}" for row in rows}
    return [path for path in listed if path not in kept and not path.startswith(f"{other.path}/")]


def read_record(system: System, path: str) -> dict[str, Any] | None:
    """One of conda's records; None where it cannot be read."""
    try:
        record = json.loads(system.read(path))
    except (SourceError, ValueError):
        return None
    return record if isinstance(record, dict) and "name" in record else None


def _records(system: System, prefix: str) -> list[str]:
    folder = f"{prefix}/conda-meta"
    try:
        return [f"{folder}/{name}" for name in system.list(folder) if name.endswith(".json")]
    except SourceError:
        return []


def _needs(system: System, path: str) -> set[str]:
    record = read_record(system, path) or {}
    depends = record.get("depends")
    return {str(line).split(" ")[0] for line in depends} if isinstance(depends, list) else set()


def _channel(record: dict[str, Any]) -> str:
    """The channel's address, without the platform at its end."""
    channel = record.get("channel")
    address = channel if isinstance(channel, str) else ""
    head, _, tail = address.rstrip("/").rpartition("/")
    return head if tail == record.get("subdir") or tail == "noarch" else address


def _packages(environment: PythonEnvironment) -> tuple[Package, ...]:
    return () if isinstance(environment.packages, Unknown) else environment.packages
