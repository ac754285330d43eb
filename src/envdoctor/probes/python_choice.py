"""Which Python environment is under examination, and how it was found."""

from __future__ import annotations

import re

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, is_there, read_text
from envdoctor.probes.interpreters import find_executable
from envdoctor.probes.places import (
    find_program,
    is_folder,
    is_windows_path,
    joined,
    name_of,
    parent_of,
    posix,
    resolved,
    search_path,
    status_of,
    variable,
)
from envdoctor.system.port import System

_INTERPRETER = r"(?i)(?:python|pypy|graalpy)"
"""What interpreters are called: no other program is ever started to ask it which Python it is."""


@record
class Choice:
    """An environment by its prefix."""

    prefix: str
    executable: str | None
    found_by: str


def chosen_environment(system: System, python: str | None) -> Choice | Unknown | None:
    """The environment that was asked for; None where none was.

    In order: `--python` (a prefix, an executable, or a program's name on PATH), `VIRTUAL_ENV`, `CONDA_PREFIX`. One that
    leads nowhere is Unknown with the reason, never replaced by the next one.
    """
    if python is not None:
        return _stated(system, python)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        prefix = variable(system, name)
        if prefix:
            chosen = locate(system, posix(prefix), name)
            return chosen if isinstance(chosen, Choice) else Unknown(f"{name} is set to {prefix}: {chosen.reason}")
    return None


def environment_on_path(system: System) -> Choice | Unknown | None:
    """The environment of `python3` (else `python`) on PATH; None where there is no Python."""
    folders = search_path(system)
    for name in ("python3", "python"):
        path = find_program(system, name, folders)
        if path is not None:
            return locate(system, path, f"{name} on PATH")
    return None


def own_environment(system: System) -> Choice | None:
    """The environment that envdoctor runs in; None for a system that is no running machine."""
    answer = host_answer(system, "python")
    if not isinstance(answer, dict) or not answer.get("prefix"):
        return None
    return Choice(answer["prefix"].rstrip("/") or "/", answer.get("executable") or None, "envdoctor's own environment")


def locate(system: System, path: str, found_by: str) -> Choice | Unknown:
    """The prefix that a folder or an executable belongs to."""
    path = path.rstrip("/") or "/"
    status = status_of(system, path)
    if status is None:
        return Unknown(f"{path} does not exist, or may not be looked at")
    if status.kind == "folder":
        return _of_folder(system, path, found_by)
    if status.kind != "file":
        return Unknown(f"{path} is neither a folder nor an interpreter")
    if name_of(parent_of(path)) == "shims":
        real = _behind_shim(system, path)
        if real is None:
            return Unknown(f"{path} is a stand-in of pyenv, and no version that is selected has it")
        path = real
    if not re.match(_INTERPRETER, name_of(path)) and not re.match(_INTERPRETER, name_of(resolved(system, path))):
        return Unknown(f"{path} is no Python interpreter, by its name")
    for folder in (parent_of(path), parent_of(parent_of(path))):
        if is_there(system, f"{folder}/pyvenv.cfg") or is_folder(system, f"{folder}/conda-meta"):
            return Choice(folder, path, found_by)
    folder = parent_of(resolved(system, path))
    return Choice(parent_of(folder) if name_of(folder) in {"bin", "Scripts"} else folder, path, found_by)


def _stated(system: System, python: str) -> Choice | Unknown:
    path = posix(python)
    if "/" in path:
        working = host_answer(system, "cwd")
        absolute = path.startswith("/") or is_windows_path(path) or not isinstance(working, str)
        return locate(system, path if absolute else joined(working, path), "--python")
    working = host_answer(system, "cwd")
    here = f"{working}/{path}" if isinstance(working, str) and is_there(system, f"{working}/{path}") else None
    found = find_program(system, path, search_path(system)) if here is None or re.match(_INTERPRETER, path) else None
    if found is not None or here is not None:  # a folder `env` is meant before the program of that name
        return locate(system, found or here or "", "--python")
    return Unknown(f"{python} is neither a program on PATH nor a folder")


def _of_folder(system: System, path: str, found_by: str) -> Choice | Unknown:
    if name_of(path) in {"bin", "Scripts"} and find_executable(system, parent_of(path)):
        path = parent_of(path)
    executable = find_executable(system, path)
    if executable is None and not is_there(system, f"{path}/pyvenv.cfg") and not is_there(system, f"{path}/conda-meta"):
        return Unknown(f"{path} holds no Python environment")
    return Choice(path, executable, found_by)


def _behind_shim(system: System, path: str) -> str | None:
    """The interpreter that pyenv's stand-in would start: PYENV_VERSION, else what `pyenv global` wrote."""
    root = parent_of(parent_of(path))
    text = variable(system, "PYENV_VERSION") or read_text(system, f"{root}/version")
    names = [part for part in text.replace(":", "\n").split() if part != "system"] if isinstance(text, str) else []
    for name in names:
        real = f"{root}/versions/{name}/bin/{name_of(path)}"
        if is_there(system, real):
            return real
    return None
