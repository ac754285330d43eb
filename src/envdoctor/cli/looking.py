"""What a command looks at, and the facts of it: this machine, another environment, a root file system or a recording."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.facts import Subject

if TYPE_CHECKING:
    from envdoctor.model.facts import Facts
    from envdoctor.system.port import System


def look(said: dict[str, Any], knowledge: Any = None) -> Facts:
    """What there is to know about the subject, with the target's word in place of the machine's where there is one.

    Args:
        said: `python`, `rootfs`, `recording`, `target` and `deep`, as far as the command has them.
        knowledge: needed where there is a target.

    Raises:
        BadInput: the target cannot be read, or what was named is not there or no Python that can be read.
    """
    from envdoctor.probes.collecting import collect_facts

    target = None
    if said.get("target") is not None:
        from envdoctor.targets import apply_target, parse_target

        target = parse_target(said["target"])
    system, subject, python = open_subject(said.get("python"), said.get("rootfs"), said.get("recording"))
    facts = collect_facts(system, subject, python=python, deep=said.get("deep", False))
    if said.get("python") is not None:
        _need_environment(facts)
    return facts if target is None else apply_target(facts, target, knowledge)


def open_subject(
    python: str | None = None, rootfs: str | None = None, recording: str | None = None
) -> tuple[System, Subject, str | None]:
    """The system to ask, what the report calls it, and which environment on it was chosen.

    Raises:
        BadInput: both a root file system and a recording were named, or what was named is not there.
    """
    if rootfs is not None and recording is not None:
        raise BadInput("--rootfs and --recording: only one of them can be looked at; leave one out")
    if rootfs is not None:
        from envdoctor.system.rootfs import Rootfs

        if not os.path.isdir(rootfs):
            raise BadInput(f"--rootfs {rootfs}: no such folder")
        return _with_python(Rootfs(rootfs), python), Subject("rootfs", rootfs), python
    if recording is not None:
        return _open_recording(recording, python)
    from envdoctor.system.live import Live

    system = _with_python(Live(), python)
    return system, Subject("live", "this machine") if python is None else Subject("python", python), python


def _open_recording(path: str, python: str | None) -> tuple[System, Subject, str | None]:
    """A recording; the environment that was chosen when it was made is chosen again."""
    from envdoctor.system.port import SourceError
    from envdoctor.system.recorded import load_recording

    try:
        recorded = load_recording(path)
    except SourceError as error:
        raise BadInput(f"--recording {path}: {error.reason}") from error
    chosen = recorded.subject.get("name") if recorded.subject.get("kind") == "python" else None
    return _with_python(recorded, python), Subject("recording", path), python or (chosen if isinstance(chosen, str) else None)


def _with_python(system: System, python: str | None) -> System:
    """The system, once it is sure that the environment that was named is there.

    Raises:
        BadInput: it is not.
    """
    if python is not None:
        from envdoctor.model.unknown import Unknown
        from envdoctor.probes.python_choice import chosen_environment

        chosen = chosen_environment(system, python)
        if isinstance(chosen, Unknown):
            raise BadInput(f"--python: {chosen.reason}")
    return system


def _need_environment(facts: Facts) -> None:
    """Make sure that the environment that was named could be read; one that took too long is a fact that is Unknown.

    Raises:
        BadInput: it is none, or too old.
    """
    from envdoctor.model.unknown import Unknown

    found = facts.environment
    if isinstance(found, Unknown) and not found.reason.startswith("environment: the probe "):
        raise BadInput(f"--python: {found.reason}")
