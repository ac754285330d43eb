"""Where an environment is made, or is: what may stand in the place that `--env` names."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.model.facts import Facts


def environment_path(named: str | None, profile: str) -> str:
    """The absolute path of the environment to make or change.

    Raises:
        BadInput: something is there, or above it, that is no Python environment and no empty folder.
    """
    from envdoctor.install.journal import has_environment, journal_path
    from envdoctor.system.copying import nearest_folder

    if named is not None and not named.strip():
        raise BadInput("--env: it is empty; name a folder, or leave the option out")
    path = os.path.abspath(os.path.expanduser(named or f".venv-{profile}"))
    path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    if os.path.islink(path):
        path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isdir(path):
        raise BadInput(f"--env {path}: a file, not a folder; name a folder")
    above = nearest_folder(path)
    if not os.path.isdir(above):
        raise BadInput(f"--env {path}: {above} is a file, so there can be no folder in it; name another")
    unfinished = os.path.exists(journal_path(path))
    if os.path.isdir(path) and os.listdir(path) and not has_environment(path) and not unfinished:
        raise BadInput(f"--env {path}: a folder with other things in it, not a Python environment; name a new folder")
    return path


def need_place(facts: Facts, environment: str) -> None:
    """A new environment is made only where nothing is, and one that is there must have an interpreter.

    Raises:
        BadInput: neither is so.
    """
    from envdoctor.install.backends import environment_python
    from envdoctor.install.journal import is_unfinished
    from envdoctor.model.facts import Unknown

    if not os.path.isdir(environment) or not os.listdir(environment) or is_unfinished(environment):
        return
    found = facts.environment
    if found is None or isinstance(found, Unknown):
        why = f": {found.reason}" if isinstance(found, Unknown) else ""
        raise BadInput(f"--env {environment}: an environment without a Python that can be used{why}; name a new folder")
    python = environment_python(environment, sys.platform == "win32")
    if not os.path.exists(python):
        raise BadInput(f"--env {environment}: its interpreter is gone ({python} leads nowhere); name a new folder")
