"""The command lines of pip and uv, as data."""

from __future__ import annotations

import pytest

from envdoctor.errors import BadInput
from envdoctor.install.backends import environment_python, open_backend
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Step
from envdoctor.model.record import replace

PLAIN = IndexSettings()
CREATE = Step("create-environment", "Create", "", environment="/e", python="/usr/bin/python3.11")
INSTALL = Step("install-packages", "Install", "", requirements=("torch==2.10.0", "numpy>=1.23"), environment="/e")
REMOVE = Step("remove-packages", "Remove", "", requirements=("torch",), environment="/e")


def argv(name: str, step: Step, settings: IndexSettings = PLAIN) -> tuple[str, ...]:
    return open_backend(name, False, settings, ("uv",)).commands(step)[0].argv


def test_pip_runs_in_the_environment_and_ignores_what_surrounds_it() -> None:
    assert argv("pip", CREATE) == ("/usr/bin/python3.11", "-I", "-m", "venv", "/e")
    assert argv("pip", INSTALL)[:5] == ("/e/bin/python", "-I", "-m", "pip", "install")
    assert argv("pip", INSTALL)[-2:] == ("torch==2.10.0", "numpy>=1.23")
    assert argv("pip", REMOVE)[:6] == ("/e/bin/python", "-I", "-m", "pip", "uninstall", "--yes")


def test_uv_is_told_which_environment() -> None:
    assert argv("uv", CREATE)[:4] == ("uv", "venv", "--python", "/usr/bin/python3.11")
    assert argv("uv", CREATE)[-1] == "/e"
    assert argv("uv", INSTALL)[:5] == ("uv", "pip", "install", "--python", "/e/bin/python")
    assert argv("uv", REMOVE)[-1] == "torch"


@pytest.mark.parametrize(("with_pip", "commands"), [(True, 2), (False, 1)])
def test_uv_lets_python_bring_its_own_pip(with_pip: bool, commands: int) -> None:
    made = open_backend("uv", False, PLAIN, ("uv",)).commands(replace(CREATE, with_pip=with_pip))
    assert len(made) == commands
    assert made[-1].argv[-2:] == (("ensurepip", "--default-pip") if with_pip else ("--no-progress", "/e"))


@pytest.mark.parametrize(
    ("wheels", "words"),
    [
        (("/p/_bundled/pip-24.2-py3-none-any.whl",), ("--find-links", "/p/_bundled", "--no-deps", "pip==24.2")),
        (("C:\\p\\pip-23.0.1-py3-none-any.whl", "C:\\p\\setuptools-65.5.0-py3-none-any.whl"),
         ("--find-links", "C:\\p", "--no-deps", "pip==23.0.1", "setuptools==65.5.0")),
        (("/p/pip-22.0.4-py3-none-any.whl", "/p/pip-23.0.1-py3-none-any.whl"), ("ensurepip", "--default-pip")),
        (("/p/setuptools-65.5.0-py3-none-any.whl",), ("ensurepip", "--default-pip")),
    ],
    ids=["pip", "with-setuptools", "two-pips", "no-pip"],
)  # fmt: skip
def test_uv_takes_that_pip_from_its_wheel(wheels: tuple[str, ...], words: tuple[str, ...]) -> None:
    made = open_backend("uv", False, PLAIN, ("uv",)).commands(replace(CREATE, pip_wheels=wheels))
    assert made[-1].argv[-len(words) :] == words


@pytest.mark.parametrize("name", ["pip", "uv"])
@pytest.mark.parametrize("field", ["index_url", "extra_index_urls", "find_links"])
def test_configured_credentials_are_not_shown_either(name: str, field: str) -> None:
    address = "https://me:s3cr%40t@host/simple"
    value = address if field == "index_url" else (address,)
    settings = replace(PLAIN, **{field: value}, stated=(field,), source="--index-url")
    (command,) = open_backend(name, False, settings, ("uv",)).commands(INSTALL)
    assert not any("s3cr" in part for part in command.shown())
    assert {"me:s3cr%40t", "s3cr%40t", "s3cr@t"} <= set(command.secret)


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_a_step_that_is_not_the_package_managers_runs_nothing(name: str) -> None:
    assert open_backend(name, False, PLAIN).commands(Step("verify", "Verify", "")) == ()


def test_pip_reads_its_own_configuration_so_it_is_not_repeated() -> None:
    settings = IndexSettings(index_url="https://mirror/simple", find_links=("/wheels",), stated=("find_links", "index_url"))
    assert "--index-url" not in argv("pip", INSTALL, settings)
    assert "--find-links" not in argv("pip", INSTALL, settings)


def test_pip_gets_what_the_command_line_said() -> None:
    settings = IndexSettings(index_url="https://other/simple", stated=("index_url",), source="--index-url")
    line = argv("pip", INSTALL, settings)
    assert line[line.index("--index-url") + 1] == "https://other/simple"


def test_uv_gets_pips_configuration_because_it_does_not_read_it() -> None:
    settings = IndexSettings(
        index_url="https://mirror/simple",
        extra_index_urls=("file:///pypi",),
        find_links=("/wheels",),
        trusted_hosts=("mirror",),
        certificate="/ca.pem",
        proxy="http://proxy:3128",
        stated=("certificate", "extra_index_urls", "find_links", "index_url", "proxy", "trusted_hosts"),
    )
    (command,) = open_backend("uv", False, settings, ("uv",)).commands(INSTALL)
    text = " ".join(command.argv)
    for part in ("--default-index https://mirror/simple", "--index file:///pypi", "--index-strategy unsafe-best-match",
                 "--find-links /wheels", "--allow-insecure-host mirror"):  # fmt: skip
        assert part in text
    variables = dict(command.variables)
    assert variables["SSL_CERT_FILE"] == "/ca.pem"
    assert variables["HTTPS_PROXY"] == "http://proxy:3128"


def test_uvs_own_variables_win_over_pips_configuration() -> None:
    settings = IndexSettings(find_links=("/wheels",), stated=("find_links",), uv_variables=("UV_DEFAULT_INDEX",))
    assert "--find-links" not in argv("uv", INSTALL, settings)


def test_nothing_configured_is_nothing_said() -> None:
    assert not {"--default-index", "--index", "--find-links", "--index-strategy"} & set(argv("uv", INSTALL))


@pytest.mark.parametrize(("name", "option"), [("pip", "--index-url"), ("uv", "--default-index")])
def test_the_index_of_a_step_takes_the_place_of_the_configured_one(name: str, option: str) -> None:
    step = Step("install-packages", "", "", requirements=("torch==2.9.1+cu126",), index="https://t/whl/cu126", environment="/e")
    settings = IndexSettings(extra_index_urls=("file:///pypi",), stated=("extra_index_urls",))
    line = argv(name, step, settings)
    assert line[line.index(option) + 1] == "https://t/whl/cu126"
    assert "file:///pypi" not in line


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_credentials_are_marked_and_not_shown(name: str) -> None:
    step = Step(
        "install-packages", "", "", requirements=("x",), extra_indexes=("https://me:s3cret@host/simple",), environment="/e"
    )
    (command,) = open_backend(name, False, PLAIN).commands(step)
    assert any("s3cret" in part for part in command.argv)
    assert not any("s3cret" in part for part in command.shown())


def test_variables_that_would_install_elsewhere_are_taken_away() -> None:
    (command,) = open_backend("pip", False, PLAIN).commands(INSTALL)
    assert {"PIP_TARGET", "PIP_PREFIX", "PIP_USER"} <= dict(command.variables).keys()


def test_resolving_changes_nothing() -> None:
    fresh = Step("resolve", "", "", requirements=("torch",), python="/py")
    pip = open_backend("pip", False, PLAIN).resolve(fresh, "/w")
    assert "--dry-run" in pip.argv
    assert "--ignore-installed" in pip.argv
    uv = open_backend("uv", False, PLAIN, ("uv",)).resolve(fresh, "/w")
    assert uv.argv[1:3] == ("pip", "compile")


def test_a_newer_pip_is_found_through_the_path() -> None:
    command = open_backend("pip", False, PLAIN).resolve(Step("resolve", "", "", python="/py"), "/w", "/tools/pip")
    assert ("PYTHONPATH", "/tools/pip") in command.variables
    assert "-I" not in command.argv


def test_windows_has_its_interpreter_elsewhere() -> None:
    assert environment_python("C:\\e", True) == "C:\\e\\Scripts\\python.exe"


def test_an_unknown_backend_is_bad_input() -> None:
    with pytest.raises(BadInput, match="poetry"):
        open_backend("poetry", False, PLAIN)
