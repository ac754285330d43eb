"""Interpreters by the files around them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.model.facts import Interpreter, PythonEnvironment, Unknown
from envdoctor.probes.interpreters import QUESTION, parse_patch_level
from envdoctor.probes.python_environment import probe_environment
from envdoctor.system.answers import command_key
from envdoctor.system.port import Binary, Output
from tests.probes.environments import BASE, PREFIX, Box, installation, virtual_environment


def interpreter_of(box: Box, python: str) -> Interpreter:
    environment = probe_environment(box, python)
    assert isinstance(environment, PythonEnvironment), environment
    assert isinstance(environment.interpreter, Interpreter)
    return environment.interpreter


def answer(executable: str, **said: str) -> dict[str, Output]:
    return {command_key((executable, "-I", "-S", "-c", QUESTION)): Output(0, json.dumps(said), "")}


@pytest.mark.parametrize(
    ("version", "suffix", "triple", "abi", "machine"),
    [
        ("3.6.15", "m", "x86_64-linux-gnu", "cp36m", "x86_64"),
        ("3.7.16", "m", "aarch64-linux-gnu", "cp37m", "aarch64"),
        ("3.11.7", "", "x86_64-linux-gnu", "cp311", "x86_64"),
        ("3.11.7", "d", "x86_64-linux-gnu", "cp311d", "x86_64"),
        ("3.13.0", "t", "x86_64-linux-musl", "cp313t", "x86_64"),
        ("3.15.0a2", "", "riscv64-linux-gnu", "cp315", "riscv64"),
    ],
)
def test_version_abi_and_machine_from_files(version: str, suffix: str, triple: str, abi: str, machine: str) -> None:
    found = interpreter_of(Box(installation(BASE, version, suffix, triple)), BASE)
    assert (found.version, found.abi, found.machine) == (Version(version), abi, machine)
    assert found.path == f"{BASE}/bin/python3"
    assert found.source.endswith("/patchlevel.h")


def test_a_virtual_environment_is_what_its_base_is_today() -> None:
    found = interpreter_of(Box(installation(version="3.11.9") | virtual_environment()), PREFIX)
    assert found.version == Version("3.11.9")


def test_a_virtual_environment_without_its_base_is_what_it_was_made_from() -> None:
    found = interpreter_of(Box(virtual_environment()), PREFIX)
    assert found.version == Version("3.11.4")
    assert found.source == f"{PREFIX}/pyvenv.cfg"


@pytest.mark.parametrize("line", ["version_info = 3.12.1", "version_info = 3.12.1.final.0", "version = 3.12.1"])
def test_settings_of_uv_virtualenv_and_venv(line: str) -> None:
    files = {
        f"{PREFIX}/pyvenv.cfg": f"home = {BASE}/bin\n{line}\n",
        f"{PREFIX}/lib/python3.12/site-packages/x.py": "",
        f"{PREFIX}/bin/python3": "",
    }
    assert interpreter_of(Box(files), PREFIX).version == Version("3.12.1")


def test_conda_records_its_python() -> None:
    files = {
        "/opt/conda/conda-meta/python-3.11.5-h955ad1f_0.json": "{}",
        "/opt/conda/conda-meta/python-dateutil-2.8.2-py_0.json": "{}",
        "/opt/conda/bin/python3": "",
        "/opt/conda/lib/python3.11/os.py": "",
    }
    found = interpreter_of(Box(files, links={"/opt/conda/lib/python3.1": "python3.11"}), "/opt/conda")
    assert found.version == Version("3.11.5")


def test_the_build_settings_name_the_folder_it_was_built_in() -> None:
    settings = "build_time_vars = {'CONFIG_ARGS': '-ffile-prefix-map=/build/python3.11-3.11.2=. -g', 'x': '/b/python3.11-AbCd/'}"
    files = {
        "/usr/bin/python3.11": "",
        "/usr/lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py": settings,
        "/usr/lib/python3.9/os.py": "",
        "/usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO": "Name: six\nVersion: 1.16.0\n",
    }
    found = interpreter_of(Box(files, links={"/usr/bin/python3": "python3.11"}), "/usr/bin/python3")
    assert found.version == Version("3.11.2")


def test_the_interpreter_is_asked_only_for_what_no_file_says() -> None:
    files = {f"{BASE}/bin/python3": "", f"{BASE}/lib/python3.11/os.py": ""}
    asked = interpreter_of(Box(files, commands=answer(f"{BASE}/bin/python3", version="3.11.8")), BASE)
    assert (asked.version, asked.source) == (Version("3.11.8"), f"{BASE}/bin/python3")


def test_a_minor_release_in_the_settings_does_not_pass_for_a_patch_release() -> None:
    files = {
        f"{PREFIX}/pyvenv.cfg": f"home = {BASE}/bin\nversion_info = 3.12\n",
        f"{PREFIX}/lib/python3.12/x.py": "",
        f"{PREFIX}/bin/python3": "",
    }
    asked = interpreter_of(Box(files, commands=answer(f"{PREFIX}/bin/python3", version="3.12.4")), PREFIX)
    assert asked.version == Version("3.12.4")


def test_in_an_image_the_minor_release_is_all_there_is() -> None:
    found = interpreter_of(Box({f"{BASE}/bin/python3": "", f"{BASE}/lib/python3.11/os.py": ""}), BASE)
    assert found.version == Version("3.11")
    assert "stated nowhere" in found.source


def test_an_executable_without_a_library_is_asked() -> None:
    path = "/opt/tool/bin/python3"
    box = Box({path: ""}, commands=answer(path, version="3.12.4", implementation="cpython", flags="t"))
    found = interpreter_of(box, path)
    assert (found.version, found.abi) == (Version("3.12.4"), "cp312t")


def test_the_architecture_comes_from_the_program_where_no_name_tells() -> None:
    files = {f"{BASE}/lib/python3.11/_sysconfigdata__darwin_darwin.py": "", f"{BASE}/include/python3.11/patchlevel.h": ""}
    box = Box(files, binaries={f"{BASE}/bin/python3": Binary("mach-o", "arm64")})
    assert interpreter_of(box, BASE).machine == "arm64"


def test_windows_by_the_names_beside_the_program() -> None:
    base = "C:/Python311"
    files = {
        f"{base}/python.exe": "MZ",
        f"{base}/python3.dll": "",
        f"{base}/python311.dll": "",
        f"{base}/include/patchlevel.h": '#define PY_VERSION "3.11.7"\n',
        f"{base}/Lib/site-packages/six-1.16.0.dist-info/METADATA": "Name: six\nVersion: 1.16.0\n\n",
    }
    environment = probe_environment(Box(files), base)
    assert isinstance(environment, PythonEnvironment)
    assert isinstance(environment.interpreter, Interpreter)
    assert (environment.interpreter.version, environment.interpreter.abi) == (Version("3.11.7"), "cp311")
    assert environment.site_packages == (f"{base}/Lib/site-packages",)
    assert isinstance(environment.packages, tuple)
    assert [package.name for package in environment.packages] == ["six"]


@pytest.mark.parametrize("minor", ["2.7", "3.5"])
def test_an_old_python_is_refused_politely(minor: str) -> None:
    found = probe_environment(Box({f"{BASE}/bin/python": "", f"{BASE}/lib/python{minor}/os.py": ""}), BASE)
    assert isinstance(found, Unknown)
    assert f"Python {minor}, which is not supported" in found.reason


def test_several_pythons_and_nothing_that_says_which() -> None:
    files = {"/usr/bin/python3": "", "/usr/lib/python3.9/os.py": "", "/usr/lib/python3.11/os.py": ""}
    found = probe_environment(Box(files), "/usr")
    assert isinstance(found, Unknown)
    assert "python3.11, python3.9" in found.reason


def test_a_pypy_is_named_as_such() -> None:
    found = interpreter_of(Box({f"{BASE}/bin/pypy3": "", f"{BASE}/lib/pypy3.10/os.py": ""}), BASE)
    assert (found.implementation, found.version) == ("pypy", Version("3.10"))
    assert isinstance(found.abi, Unknown)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('#define PY_VERSION      "3.13.0"', Version("3.13.0")),
        ('# define PY_VERSION "3.12.1+"\n', Version("3.12.1")),
        ('#define PY_VERSION ""', None),
        ("/* PY_VERSION */", None),
        ("", None),
    ],
)
def test_patch_level(text: str, version: Version | None) -> None:
    assert parse_patch_level(text) == version


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='#define PY_VERSION "3.1a+\n', max_size=60))
def test_no_header_upsets_the_parser(text: str) -> None:
    assert isinstance(parse_patch_level(text), Version | None)
