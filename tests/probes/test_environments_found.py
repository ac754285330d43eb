"""The environments on a machine."""

from __future__ import annotations

from envdoctor.model.software import PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.probes.environments_found import LIMIT, probe_environments
from envdoctor.system.port import Output
from tests.probes.environments import BASE, Box, distribution, installation, virtual_environment

HOME = "/home/ada"


def search(files: dict[str, str], **rest: object) -> dict[str, str]:
    box = Box({**installation(), **files}, variables={"HOME": HOME, **rest.pop("variables", {})}, **rest)  # type: ignore[dict-item]
    return {one.prefix: one.found_by for one in probe_environments(box).environments if one.prefix != BASE}


def venvs(*prefixes: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for prefix in prefixes:
        made |= virtual_environment(prefix)
    return made


def test_places_of_tools() -> None:
    places = {
        f"{HOME}/.virtualenvs/a": "virtualenvwrapper", f"{HOME}/.local/share/virtualenvs/b-x": "pipenv",
        f"{HOME}/.local/pipx/venvs/c": "pipx", f"{HOME}/.local/share/uv/tools/d": "uv tool",
        f"{HOME}/.cache/pypoetry/virtualenvs/e": "poetry", f"{HOME}/.local/share/hatch/env/virtual/p/h/f": "hatch",
        "/opt/app/venv": "/opt", "/app/.venv": "/app",
    }  # fmt: skip
    assert search(venvs(*places)) == places


def test_the_working_folder_comes_first_and_each_is_there_once() -> None:
    found = search(venvs("/w/.venv", f"{HOME}/.virtualenvs/a"), host={"cwd": "/w"}, links={"/w/again": ".venv"})
    assert list(found.items()) == [("/w/.venv", "working folder"), (f"{HOME}/.virtualenvs/a", "virtualenvwrapper")]


def test_conda() -> None:
    files = {
        f"{HOME}/.conda/environments.txt": "/data/env\n\n/gone\n", "/data/env/conda-meta/history": "",
        f"{HOME}/miniconda3/conda-meta/history": "", f"{HOME}/miniconda3/envs/one/conda-meta/history": "",
    }  # fmt: skip
    assert set(search(files)) == {"/data/env", f"{HOME}/miniconda3", f"{HOME}/miniconda3/envs/one"}


def test_the_active_one_is_marked() -> None:
    box = Box({**installation(), **venvs("/w/.venv", "/w/other")}, variables={"VIRTUAL_ENV": "/w/other"}, host={"cwd": "/w"})
    found = probe_environments(box).environments
    assert [(one.prefix, one.is_active) for one in found[:2]] == [("/w/other", True), ("/w/.venv", False)]
    assert isinstance(found[0].environment, PythonEnvironment)


def test_no_interpreter_is_started() -> None:
    class Started(Box):
        def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
            raise AssertionError(argv)

    box = Started({"/opt/odd/bin/python3": ""})
    (found,) = probe_environments(box).environments
    assert isinstance(found.environment, Unknown)
    assert "nothing is started" in found.environment.reason


def test_too_many_are_counted() -> None:
    box = Box(venvs(*(f"{HOME}/.virtualenvs/v{number}" for number in range(LIMIT + 3))), variables={"HOME": HOME})
    found = probe_environments(box)
    assert (len(found.environments), found.left_out) == (LIMIT, 3)


def test_a_machine_without_python() -> None:
    assert probe_environments(Box({})).environments == ()


def test_frameworks_and_packages_are_told() -> None:
    site = "/w/.venv/lib/python3.11/site-packages"
    box = Box({**installation(), **venvs("/w/.venv"), **distribution("transformers", "4.57", site=site)}, host={"cwd": "/w"})
    environment = probe_environments(box).environments[0].environment
    assert isinstance(environment, PythonEnvironment)
    assert environment.framework("transformers") is not None
