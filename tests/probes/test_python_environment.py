"""Which environment is examined, what kind it is, and where its packages lie."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.version import Version

from envdoctor.model.facts import PythonEnvironment, Unknown
from envdoctor.probes.python_environment import probe_environment
from envdoctor.system.live import Live
from envdoctor.system.rootfs import Rootfs
from tests.probes.environments import BASE, PREFIX, SITE, Box, distribution, installation, virtual_environment

OTHER = "/srv/other"
FILES = (
    installation()
    | virtual_environment()
    | virtual_environment(OTHER)
    | distribution("torch", "2.9.1")
    | {f"{PREFIX}/bin/other": "", f"{PREFIX}/bin/rm": ""}
    | distribution("flask", "3.0", site=f"{OTHER}/lib/python3.11/site-packages")
)


def found(box: Box, python: str | None = None) -> PythonEnvironment:
    environment = probe_environment(box, python)
    assert isinstance(environment, PythonEnvironment), environment
    return environment


@pytest.mark.parametrize(
    ("python", "variables", "own", "prefix", "found_by"),
    [
        (OTHER, {"VIRTUAL_ENV": PREFIX}, None, OTHER, "--python"),
        (f"{OTHER}/bin/python3", {}, None, OTHER, "--python"),
        (f"{OTHER}/bin", {}, None, OTHER, "--python"),
        ("python3", {"PATH": f"{OTHER}/bin"}, None, OTHER, "--python"),
        ("../other", {}, None, OTHER, "--python"),
        ("other", {}, None, OTHER, "--python"),
        ("other", {"PATH": f"{PREFIX}/bin"}, None, OTHER, "--python"),
        (None, {"VIRTUAL_ENV": PREFIX, "CONDA_PREFIX": OTHER}, OTHER, PREFIX, "VIRTUAL_ENV"),
        (None, {"VIRTUAL_ENV": "", "CONDA_PREFIX": OTHER}, PREFIX, OTHER, "CONDA_PREFIX"),
        (None, {"PATH": f"{OTHER}/bin"}, PREFIX, PREFIX, "envdoctor's own environment"),
        (None, {"PATH": f"{PREFIX}/bin"}, OTHER, PREFIX, "python3 on PATH"),
        (None, {"PATH": f"/nowhere:{OTHER}/bin:{PREFIX}/bin"}, None, OTHER, "python3 on PATH"),
    ],
)
def test_the_order_of_the_contract(
    python: str | None, variables: dict[str, str], own: str | None, prefix: str, found_by: str
) -> None:
    host = {"cwd": "/srv" if python == "other" else "/srv/here"}
    if own:
        host |= {"python": {"prefix": own, "executable": f"{own}/bin/python3"}}  # type: ignore[dict-item]
    box = Box(FILES, variables=variables, host=host, folders=("/srv/here",))
    environment = found(box, python)
    assert (environment.prefix, environment.found_by) == (prefix, found_by)


@pytest.mark.parametrize(
    ("python", "variables", "reason"),
    [
        ("/no/such", {}, "does not exist"),
        ("rm", {"PATH": f"{PREFIX}/bin"}, "rm is no Python interpreter, by its name"),
        (f"{PREFIX}/bin/rm", {}, "is no Python interpreter"),
        ("no-such", {}, "neither a program on PATH nor a folder"),
        (SITE, {}, "holds no Python environment"),
        (None, {"VIRTUAL_ENV": "/gone", "PATH": f"{OTHER}/bin"}, "VIRTUAL_ENV is set to /gone: /gone does not exist"),
        ("/dev/null", {}, "neither a folder nor an interpreter"),
    ],
)
def test_a_choice_that_leads_nowhere_is_not_replaced(python: str | None, variables: dict[str, str], reason: str) -> None:
    environment = probe_environment(Box(FILES, variables=variables, devices={"/dev/null": "1:3"}), python)
    assert isinstance(environment, Unknown)
    assert reason in environment.reason


def test_no_python_at_all_is_none() -> None:
    assert probe_environment(Box({"/bin/sh": ""})) is None


@pytest.mark.parametrize(
    ("variables", "version", "chosen"),
    [
        ({}, "3.11.7\n", "/pyenv/versions/3.11.7"),
        ({}, "system\n3.12.1\n", "/pyenv/versions/3.12.1"),
        ({"PYENV_VERSION": "3.12.1:3.11.7"}, "3.11.7\n", "/pyenv/versions/3.12.1"),
        ({}, "3.9.1\n", None),
    ],
)
def test_the_stand_ins_of_pyenv_are_seen_through(variables: dict[str, str], version: str, chosen: str | None) -> None:
    files = {
        **installation("/pyenv/versions/3.11.7", "3.11.7"),
        **installation("/pyenv/versions/3.12.1", "3.12.1"),
        "/pyenv/shims/python3": "#!/bin/sh\n",
        "/pyenv/version": version,
    }
    environment = probe_environment(Box(files, variables={"PATH": "/pyenv/shims", "PYENV_ROOT": "/pyenv", **variables}))
    if chosen is None:
        assert isinstance(environment, Unknown)
        assert "stand-in" in environment.reason
    else:
        assert isinstance(environment, PythonEnvironment)
        assert (environment.prefix, environment.kind) == (chosen, "pyenv")


@pytest.mark.parametrize(
    ("prefix", "more", "kind"),
    [
        (PREFIX, virtual_environment(), "venv"),
        (PREFIX, virtual_environment(settings="uv = 0.9.1\n"), "uv"),
        (PREFIX, virtual_environment(settings="virtualenv = 20.26.0\n"), "virtualenv"),
        ("/home/ada/.local/share/pipx/venvs/black", virtual_environment("/home/ada/.local/share/pipx/venvs/black"), "pipx"),
        (PREFIX, virtual_environment() | {f"{PREFIX}/pipx_metadata.json": "{}"}, "pipx"),
        (BASE, {f"{BASE}/conda-meta/history": ""}, "conda"),
        (BASE, {}, "standalone"),
        ("/usr/local", installation("/usr/local"), "system"),
        ("/home/ada/.local/share/uv/python/cpython-3.11", installation("/home/ada/.local/share/uv/python/cpython-3.11"), "uv"),
        ("/home/ada/.pyenv/versions/3.11.7", installation("/home/ada/.pyenv/versions/3.11.7"), "pyenv"),
    ],
)
def test_kinds(prefix: str, more: dict[str, str], kind: str) -> None:
    assert found(Box(installation() | more), prefix).kind == kind


def test_a_closed_environment_sees_its_own_packages_only() -> None:
    home = {"/home/ada/.local/lib/python3.11/site-packages/x.py": ""}
    environment = found(Box(FILES | home, variables={"HOME": "/home/ada"}), PREFIX)
    assert environment.site_packages == (SITE,)
    assert (environment.base_prefix, environment.system_site_packages) == (BASE, False)


def test_an_open_environment_sees_the_users_and_the_systems_packages_after_its_own() -> None:
    user, base = "/home/ada/.local/lib/python3.11/site-packages", f"{BASE}/lib/python3.11/site-packages"
    files = {
        **installation(),
        **virtual_environment(settings="include-system-site-packages = true\n"),
        **distribution("numpy", "2.0"),
        **distribution("numpy", "1.9", site=user),
        **distribution("scipy", "1.8", site=user),
        **distribution("scipy", "1.7", site=base),
        **distribution("six", "1.0", site=base),
    }
    environment = found(Box(files, variables={"HOME": "/home/ada"}), PREFIX)
    assert environment.site_packages == (SITE, user, base)
    assert environment.system_site_packages is True
    assert isinstance(environment.packages, tuple)
    assert {package.name: str(package.version) for package in environment.packages} == {
        "numpy": "2.0", "scipy": "1.8", "six": "1.0",
    }  # fmt: skip


@pytest.mark.parametrize("variables", [{"HOME": "/home/ada", "PYTHONNOUSERSITE": "1"}, {}])
def test_the_users_packages_can_be_switched_off(variables: dict[str, str]) -> None:
    files = installation() | {"/home/ada/.local/lib/python3.11/site-packages/x.py": ""}
    assert found(Box(files, variables=variables), BASE).site_packages == (f"{BASE}/lib/python3.11/site-packages",)


def test_debian_keeps_packages_in_dist_packages() -> None:
    site = "/usr/lib/python3/dist-packages"
    local = "/usr/local/lib/python3.11/dist-packages"
    files = installation("/usr") | distribution("six", "1.16.0", site=site) | distribution("six", "1.17.0", site=local)
    environment = found(Box(files), "/usr/bin/python3")
    assert environment.site_packages == (local, site)
    assert isinstance(environment.packages, tuple)
    assert [str(package.version) for package in environment.packages] == ["1.17.0"]


def test_fedora_keeps_compiled_packages_in_lib64() -> None:
    libraries = [f"/usr/{kind}/python3.11/site-packages" for kind in ("lib64", "lib")]
    files = {f"{libraries[0]}/a.so": "", f"{libraries[1]}/b.py": "", "/usr/bin/python3": ""}
    assert found(Box(files), "/usr").site_packages == tuple(libraries)


def test_lib64_that_is_a_link_counts_once_and_by_its_usual_name() -> None:
    assert found(Box(FILES, links={f"{PREFIX}/lib64": "lib"}), PREFIX).site_packages == (SITE,)


def test_an_image_is_read_like_a_machine(tmp_path: Path) -> None:
    for path, text in FILES.items():
        place = tmp_path / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    for program in tmp_path.glob("**/bin/python3"):
        program.chmod(0o755)
    environment = probe_environment(Rootfs(str(tmp_path), {"PATH": f"{PREFIX}/bin"}))
    assert isinstance(environment, PythonEnvironment)
    assert environment.found_by == "python3 on PATH"
    assert isinstance(environment.packages, tuple)
    assert [package.name for package in environment.packages] == ["torch"]


def test_this_very_interpreter_is_described_rightly() -> None:
    environment = probe_environment(Live(), sys.executable)
    assert isinstance(environment, PythonEnvironment)
    assert not isinstance(environment.interpreter, Unknown)
    assert os.path.realpath(environment.prefix) == os.path.realpath(sys.prefix)
    stated = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    assert not isinstance(environment.interpreter.version, Unknown)
    assert environment.interpreter.version.base_version == stated
    assert environment.interpreter.abi == f"cp{sys.version_info.major}{sys.version_info.minor}{sys.abiflags}"
    assert isinstance(environment.packages, tuple)
    ours = {package.name: package.version for package in environment.packages}
    assert ours["pytest"] == Version(metadata.version("pytest"))
