"""Which environment `fix` may change: a virtual environment or one of conda, never the system's own Python."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.record import record

if TYPE_CHECKING:
    from envdoctor.model.facts import PythonEnvironment
    from envdoctor.system.port import System

_OWN = "make an environment of your own: python3 -m venv .venv, or envdoctor install PROFILE"


@record
class Place:
    """The environment to repair."""

    system: System
    prefix: str


def find_place(said: dict[str, Any]) -> Place:
    """The environment that is named, else the one that `check` would look at.

    Raises:
        BadInput: there is none, or it is not to be changed; the message ends with the next step.
    """
    from envdoctor.model.facts import PythonEnvironment, Unknown
    from envdoctor.probes.python_environment import probe_environment
    from envdoctor.system.live import Live

    named = _named(said)
    system = Live()
    found = probe_environment(system, named)
    if isinstance(found, Unknown):
        raise BadInput(f"--python: {found.reason}" if named else found.reason)
    if not isinstance(found, PythonEnvironment):
        raise BadInput("there is no Python environment to repair; name one: --python DIR")
    why = why_not(found)
    if why:
        raise BadInput(f"{found.prefix}: {why}")
    return Place(system, os.path.realpath(found.prefix))


def _named(said: dict[str, Any]) -> str | None:
    python: str | None = said["python"]
    return os.path.abspath(python) if python is not None and os.path.isdir(python) else python


def why_not(found: PythonEnvironment) -> str:
    """Why an environment is not to be changed, with what to do instead; empty where it may be."""
    prefix = found.prefix
    if os.path.isfile(os.path.join(prefix, "pyvenv.cfg")):
        return ""
    if os.path.isdir(os.path.join(prefix, "conda-meta")):
        if os.path.isdir(os.path.join(prefix, "condabin")) or os.path.isfile(os.path.join(prefix, "bin", "conda")):
            return (
                "this is conda's base environment, which conda itself runs from; make one of your own: conda create --name NAME "
                "python, and name it: --python DIR"
            )
        return ""
    if is_externally_managed(prefix):
        return f"this Python belongs to the system (PEP 668: EXTERNALLY-MANAGED), whose package manager changes it; {_OWN}"
    return f"this is a Python installation ({found.kind}), not an environment that can be put aside and put back; {_OWN}"


def is_externally_managed(prefix: str) -> bool:
    """Whether a standard library holds the mark of PEP 668."""
    folder = os.path.join(prefix, "lib")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return any(name.startswith("python3") and os.path.isfile(os.path.join(folder, name, "EXTERNALLY-MANAGED")) for name in names)
