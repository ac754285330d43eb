"""What a command looks at, and the facts of it: this machine, an environment, a root file system, an image or a recording."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.facts import Subject

if TYPE_CHECKING:
    from envdoctor.model.facts import Facts
    from envdoctor.system.port import System


def look(said: dict[str, Any], knowledge: Any = None) -> Facts:
    """What there is to know about the subject, with the target's word in place of the machine's where there is one.

    Args:
        said: `python`, `rootfs`, `image`, `recording`, `report`, `target` and `deep`, as far as the command has them;
            `whole`, for a picture of the machine; and `keep`, what records this machine for the history.
        knowledge: needed where there is a target.

    Raises:
        BadInput: the target cannot be read, or what was named is not there or no Python that can be read.
    """
    target = None
    if said.get("target") is not None:
        from envdoctor.targets import apply_target, parse_target

        target = parse_target(said["target"])
    facts = _facts_of(said, platform=target.machine if target is not None else None, knowledge=knowledge)
    return facts if target is None else apply_target(facts, target, knowledge)


def _facts_of(said: dict[str, Any], *, platform: str | None, knowledge: Any) -> Facts:
    """The facts of what was named, a text or a system."""
    if said.get("report") is not None:
        from envdoctor.cli.reporting import read_facts

        _only_one(said)
        return read_facts(said["report"], knowledge)
    from envdoctor.probes.collecting import collect_facts

    named = said.get("python") if not _only_one(said) else None
    told = named is not None and _mention_pending(named)
    system, subject, python = open_subject(said, platform=platform)
    if said.get("keep") is not None and subject.kind in {"live", "python"}:
        system = said["keep"].listen(system, subject)
    facts = collect_facts(system, subject, python=python, deep=said.get("deep", False), whole=said.get("whole", False))
    if said.get("python") is not None:
        _need_environment(facts)
    environment = facts.environment
    if subject.kind in {"live", "python"} and not told and environment is not None:
        _mention_pending(getattr(environment, "prefix", ""))
    return facts


def _mention_pending(prefix: str) -> bool:
    """Tell, on standard error, of an install into the environment that was cut off or is under way; whether there is one."""
    from envdoctor.install.pending import pending_install

    pending = pending_install(prefix) if prefix else None
    if pending and sys.stderr is not None:
        from envdoctor.cli.output import show_notice

        show_notice(pending)
    return pending is not None


def open_subject(said: dict[str, Any], *, platform: str | None = None) -> tuple[System, Subject, str | None]:
    """The system to ask, what the report calls it, and which environment on it was chosen.

    Args:
        said: `python` and at most one of `rootfs`, `image` and `recording`, as far as the command has them.
        platform: the architecture to choose from an image of several.

    Raises:
        BadInput: more than one subject was named, or what was named is not there.
    """
    named = _only_one(said)
    python: str | None = said.get("python")
    if named == ["recording"]:
        return _open_recording(said["recording"], python)
    if named == ["rootfs"]:
        return _with_python(_open_rootfs(said["rootfs"]), python), Subject("rootfs", said["rootfs"]), python
    if named == ["image"]:
        called = said.get("image_name")
        subject = Subject("image", said["image"] if called is None else f"{said['image']} ({called})")
        return _with_python(_open_image(said["image"], platform, called), python), subject, python
    from envdoctor.system.live import Live

    system = _with_python(Live(), python)
    return system, Subject("live", "this machine") if python is None else Subject("python", python), python


def _only_one(said: dict[str, Any]) -> list[str]:
    """Which subject was named, if any.

    Raises:
        BadInput: more than one.
    """
    named = [name for name in ("rootfs", "image", "recording", "report") if said.get(name) is not None]
    if "report" in named and said.get("python") is not None:
        named.append("python")
    if said.get("image_name") is not None and "image" not in named:
        raise BadInput("--image-name says which image of those in a file is meant: --image FILE names the file")
    if len(named) > 1:
        raise BadInput(f"{' and '.join(f'--{name}' for name in named)}: only one of them can be looked at; leave one out")
    return named


def _open_rootfs(folder: str) -> System:
    from envdoctor.system.rootfs import Rootfs

    if not os.path.isdir(folder):
        raise BadInput(f"--rootfs {folder}: no such folder")
    return Rootfs(folder)


def _open_image(path: str, platform: str | None, called: str | None = None) -> System:
    """An image; a large one takes as long as its checksums take, so a terminal is told."""
    from envdoctor.system.oci import open_image
    from envdoctor.system.port import SourceError

    tell = sys.stderr is not None and sys.stderr.isatty()
    if tell:
        from envdoctor.cli.speaking import spoken_text

        sys.stderr.write(spoken_text(f"Reading the index of {path if path != '-' else 'the image'} ..."))
        sys.stderr.flush()
    try:
        return open_image(sys.stdin.buffer if path == "-" else path, platform=platform, called=called)
    except SourceError as error:
        raise BadInput(f"--image {path}: {error.reason}") from error
    finally:
        if tell:
            sys.stderr.write("\r\x1b[K")


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
