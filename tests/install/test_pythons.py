"""Finding interpreters."""

from __future__ import annotations

import json
import sys

import pytest
from packaging.version import Version

from envdoctor.install.pythons import ask_python, find_pythons, of_pyenv, on_path, parse_answer
from envdoctor.system.indexes import side_by_side
from envdoctor.system.live import Live
from tests.machines import Machine

GOOD = {
    "path": "/usr/bin/python3.12",
    "version": "3.12.1",
    "implementation": "cpython",
    "threaded": False,
    "machine": "x86_64",
    "venv": True,
}


def test_this_interpreter_answers() -> None:
    found = ask_python(Live(), sys.executable)
    assert found is not None
    assert found.version.release[:2] == sys.version_info[:2]
    assert found.abi.startswith(f"cp3{sys.version_info[1]}")


@pytest.mark.parametrize(("changes", "abi"), [({}, "cp312"), ({"threaded": True}, "cp312t"), ({"version": "3.15.0b2"}, "cp315")])
def test_answers(changes: dict[str, object], abi: str) -> None:
    found = parse_answer(json.dumps({**GOOD, **changes}), "x")
    assert found is not None
    assert found.abi == abi


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "3.12", json.dumps({**GOOD, "implementation": "pypy"}), json.dumps({**GOOD, "version": "new"})],
)
def test_what_is_no_answer(text: str) -> None:
    assert parse_answer(text, "x") is None


def test_places() -> None:
    machine = Machine(
        {"/usr/bin/python3": "", "/usr/bin/python3.12": "", "/usr/bin/python3-config": "", "/usr/bin/python2": "",
         "/home/me/.pyenv/shims/python3.9": "", "/home/me/.pyenv/versions/3.10.1/bin/python": ""},
        variables={"PATH": "/usr/bin:/home/me/.pyenv/shims:/nowhere", "HOME": "/home/me"},
    )  # fmt: skip
    assert on_path(machine) == ["/usr/bin/python3", "/usr/bin/python3.12"]
    assert of_pyenv(machine) == ["/home/me/.pyenv/versions/3.10.1/bin/python"]


def test_the_running_one_comes_first_and_versions_stand_once() -> None:
    found = find_pythons(Live(), sys.executable, side_by_side)
    assert found[0].version.release[:2] == sys.version_info[:2]
    assert len({(python.version, python.abi) for python in found}) == len(found)
    rest = [python.version for python in found[1:]]
    assert rest == sorted(rest, reverse=True)
    assert all(version >= Version("3.6") for version in rest)
