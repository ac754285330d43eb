"""`envdoctor profiles capture`: look at an environment, write its profile, and try the profile on it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import Facts

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def capture(said: dict[str, Any]) -> int:
    """Write the profile; the exit status is that of checking the environment against it.

    Raises:
        BadInput: there is no environment to capture, or the name or the file cannot be.
    """
    from envdoctor.cli.looking import look
    from envdoctor.cli.output import show_notice, write_text
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.model.unknown import Unknown
    from envdoctor.profiles.capturing import capture_profile

    name, knowledge = _name(said), load_knowledge()
    facts = look({"python": said["python"]}, knowledge)
    captured = capture_profile(facts, name, _driver_floor(facts, knowledge))
    if isinstance(captured, Unknown):
        raise BadInput(f"nothing to capture: {captured.reason}; name an environment: --python DIR")
    found = trial(captured.text, name, facts, knowledge)
    write_text(captured.text, said["output"])
    for line in (*captured.left_out, *found):
        show_notice(line)
    if not found and said["output"]:
        show_notice(f"The environment passes: envdoctor check {said['output']}")
    return 1 if found else 0


def trial(text: str, name: str, facts: Facts, knowledge: Knowledge) -> list[str]:
    """What of the environment does not meet the profile that was captured from it.

    Raises:
        BadInput: the text is no profile, which is our fault.
    """
    import tempfile

    from envdoctor.engine import diagnose
    from envdoctor.model.findings import Severity
    from envdoctor.profiles.loading import load_profile
    from envdoctor.rules import load_rules

    with tempfile.TemporaryDirectory(prefix="envdoctor-") as folder:
        path = os.path.join(folder, f"{name}.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        report = diagnose(facts, load_profile(path), knowledge, load_rules())
    failed = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    return [f"it does not pass its own profile: {finding.title} [{finding.rule}]" for finding in failed]


def _name(said: dict[str, Any]) -> str:
    """The profile's name: as said, or that of the file, or of the environment's folder.

    Raises:
        BadInput: it is none.
    """
    from_file = os.path.splitext(os.path.basename(said["output"] or ""))[0]
    name = said["name"] or from_file or "captured"
    if not _NAME.fullmatch(name):
        raise BadInput(f"--name {name!r}: small letters, digits, dots and dashes make a name")
    return str(name)


def _driver_floor(facts: Facts, knowledge: Knowledge) -> str | None:
    from packaging.version import Version

    from envdoctor.knowledge.cuda import driver_floor
    from envdoctor.model.facts import Framework, PythonEnvironment, Unknown, known

    environment = facts.environment
    torch = environment.framework("torch") if isinstance(environment, PythonEnvironment) else None
    if not isinstance(torch, Framework) or not isinstance(torch.cuda_version, Version) or isinstance(facts.os, Unknown):
        return None
    floor = driver_floor(knowledge, torch.cuda_version, known(facts.os.system, "linux"))
    return None if isinstance(floor, Unknown) else str(floor.version)
