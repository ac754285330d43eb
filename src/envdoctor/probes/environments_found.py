"""The Python environments on a machine, by the places in which tools put them; no interpreter is started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envdoctor.model.record import record
from envdoctor.model.software import PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, is_there, names_or_none, read_text
from envdoctor.probes.interpreters import find_executable
from envdoctor.probes.places import home_folder, is_folder, parent_of, posix, resolved, variable
from envdoctor.probes.python_choice import Choice, chosen_environment, environment_on_path, own_environment
from envdoctor.probes.python_environment import describe_environment, has_framework
from envdoctor.system.port import Output, System, Unsupported

LIMIT = 200
"""Environments that are described at most."""
_NAMES_LIMIT = 2000
"""Names in a folder that are looked at, at most."""

_OF_HOME = (
    (".virtualenvs/*", "virtualenvwrapper"), (".venvs/*", "~/.venvs"), (".local/share/virtualenvs/*", "pipenv"),
    (".local/pipx/venvs/*", "pipx"), (".local/share/pipx/venvs/*", "pipx"), (".local/share/uv/tools/*", "uv tool"),
    (".local/share/uv/python/*", "uv python"), (".pyenv/versions/*", "pyenv"), (".pyenv/versions/*/envs/*", "pyenv"),
    (".cache/pypoetry/virtualenvs/*", "poetry"), ("Library/Caches/pypoetry/virtualenvs/*", "poetry"),
    (".local/share/hatch/env/virtual/*/*/*", "hatch"), (".conda/envs/*", "conda"), (".asdf/installs/python/*", "asdf"),
    (".local/share/mise/installs/python/*", "mise"),
)  # fmt: skip
_CONDA_ROOTS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", "miniconda", "anaconda", "conda")
_OF_SYSTEM = (
    ("/opt/*", "/opt"), ("/opt/*/venv", "/opt"), ("/opt/*/.venv", "/opt"), ("/opt/*/envs/*", "/opt"), ("/venv", "/"),
    ("/.venv", "/"), ("/app/.venv", "/app"), ("/app/venv", "/app"), ("/workspace/venv", "/workspace"),
    ("/workspace/.venv", "/workspace"), ("/usr/local", "system"), ("/usr", "system"), ("/opt/homebrew", "system"),
)  # fmt: skip
_OF_VARIABLES = (
    ("WORKON_HOME", "*", "virtualenvwrapper"), ("PIPX_HOME", "venvs/*", "pipx"), ("UV_TOOL_DIR", "*", "uv tool"),
    ("PYENV_ROOT", "versions/*", "pyenv"), ("POETRY_VIRTUALENVS_PATH", "*", "poetry"), ("MAMBA_ROOT_PREFIX", "envs/*", "conda"),
    ("MAMBA_ROOT_PREFIX", "", "conda"), ("CONDA_ENVS_PATH", "*", "conda"),
)  # fmt: skip


@record
class FoundEnvironment:
    """An environment on the machine."""

    prefix: str
    found_by: str
    """What it was found by: a variable, the working folder, the tool whose place it is in."""
    is_active: bool
    """Whether `envdoctor check` would look at it."""
    environment: PythonEnvironment | Unknown


@record
class Search:
    """What a search found."""

    environments: tuple[FoundEnvironment, ...]
    left_out: int
    """How many were found beyond LIMIT."""


class Unstarted:
    """A system on which nothing is started: every other question goes through."""

    def __init__(self, system: System) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """Refuse.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(" ".join(argv), "nothing is started while environments are looked for")


def probe_environments(system: System) -> Search:
    """Every environment found, each once: active ones first, then those of the working folder, the user, the system."""
    quiet: Any = Unstarted(system)
    active = _active(quiet)
    found: dict[str, Choice] = {}
    for choice in (*active, *_choices(quiet)):
        found.setdefault(resolved(quiet, choice.prefix), choice)
    kept = list(found.values())[:LIMIT]
    first = active[0].prefix if active else None
    return Search(
        tuple(FoundEnvironment(one.prefix, one.found_by, one.prefix == first, describe_environment(quiet, one)) for one in kept),
        len(found) - len(kept),
    )


def _active(system: System) -> list[Choice]:
    """The environment that would be examined first, as `probe_environment` chooses it, then the others of those."""
    own = own_environment(system)
    preferred = own if own is not None and has_framework(system, own) else None
    answers = (chosen_environment(system, None), preferred, environment_on_path(system), own)
    return [answer for answer in answers if isinstance(answer, Choice)]


def _choices(system: System) -> Iterator[Choice]:
    for prefix, found_by in _candidates(system):
        executable = find_executable(system, prefix)
        marked = is_there(system, f"{prefix}/pyvenv.cfg") or is_folder(system, f"{prefix}/conda-meta")
        if executable is not None or marked:
            yield Choice(prefix, executable, found_by)


def _candidates(system: System) -> Iterator[tuple[str, str]]:
    working = host_answer(system, "cwd")
    if isinstance(working, str) and working != "/":
        yield working, "working folder"
        yield from ((path, "working folder") for path in _expanded(system, f"{working}/*"))
    for name, below, tool in _OF_VARIABLES:
        root = variable(system, name)
        if root:
            yield from ((path, tool) for path in _expanded(system, f"{posix(root).rstrip('/')}/{below}".rstrip("/")))
    home = home_folder(system)
    if home is not None:
        yield from _of_home(system, home)
    for root in ("/opt", "/root"):
        yield from _of_conda(system, root)
    for pattern, place in _OF_SYSTEM:
        yield from ((path, place) for path in _expanded(system, pattern))


def _of_home(system: System, home: str) -> Iterator[tuple[str, str]]:
    for pattern, tool in _OF_HOME:
        yield from ((path, tool) for path in _expanded(system, f"{home}/{pattern}"))
    text = read_text(system, f"{home}/.conda/environments.txt")
    for line in text.splitlines()[:LIMIT] if isinstance(text, str) else ():
        if line.strip():
            yield posix(line.strip()).rstrip("/"), "conda"
    yield from _of_conda(system, home)


def _of_conda(system: System, folder: str) -> Iterator[tuple[str, str]]:
    executable = variable(system, "CONDA_EXE")
    roots = [f"{folder}/{name}" for name in _CONDA_ROOTS]
    for root in (*roots, parent_of(parent_of(posix(executable)))) if executable else roots:
        if is_folder(system, f"{root}/conda-meta"):
            yield root, "conda"
        yield from ((path, "conda") for path in _expanded(system, f"{root}/envs/*"))


def _expanded(system: System, pattern: str) -> list[str]:
    """The folders that a pattern names, of which whole components may be `*`."""
    paths = [""]
    for part in pattern.strip("/").split("/"):
        if part == "*":
            paths = [f"{path}/{name}" for path in paths for name in names_or_none(system, path or "/")[:_NAMES_LIMIT]]
        else:
            paths = [f"{path}/{part}" for path in paths]
    return paths
