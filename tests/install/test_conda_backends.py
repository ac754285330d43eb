"""Command lines for conda, mamba, micromamba and the embedded rattler, as data; and run, where there is a program."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from packaging.version import Version

from envdoctor.install.backends import Backend, open_backend
from envdoctor.install.conda_resolution import parse_solution
from envdoctor.model.conda import CondaSettings
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Step
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import Output
from envdoctor.system.runner import run_command
from tests.install.conda_channel import make_small_channel

CREATE = Step(
    "create-environment", "Create", "", ("python 3.11.*", "numpy >=1.26,<3"), environment="/e", manager="conda",
    channels=("rapidsai", "conda-forge"),
)  # fmt: skip
CHANNELS = ["--override-channels", "--channel", "rapidsai", "--channel", "conda-forge"]
STRICT = "--strict-channel-priority"


def backend(name: str = "conda", version: str = "24.9", settings: CondaSettings | None = None, windows: bool = False) -> Backend:
    return open_backend(name, windows, IndexSettings(), (f"/b/{name}",), settings or CondaSettings(), Version(version))


def words(name: str, version: str, step: Step = CREATE, settings: CondaSettings | None = None) -> list[str]:
    return list(backend(name, version, settings).commands(step)[0].argv)


@pytest.mark.parametrize(
    ("name", "version", "extras", "after"),
    [
        ("conda", "24.9", ["--no-default-packages"], [STRICT]),
        ("conda", "4.6", ["--no-default-packages"], [STRICT]),
        ("conda", "4.3.16", ["--no-default-packages"], []),
        ("mamba", "1.5.8", ["--no-default-packages"], [STRICT]),
        ("mamba", "2.0.5", [], [STRICT]),
        ("micromamba", "2.0.5", [], [STRICT]),
        ("micromamba", "1.5.10", [], [STRICT]),
    ],
)
def test_an_environment_is_created_from_the_plans_channels_only(
    name: str, version: str, extras: list[str], after: list[str]
) -> None:
    asked = ["python 3.11.*", "numpy >=1.26,<3"]
    start = [f"/b/{name}", "create", "--yes", "--quiet", "--prefix", "/e"]
    assert words(name, version) == [*start, *extras, *CHANNELS, *after, *asked]


def test_what_was_resolved_is_installed_and_nothing_else() -> None:
    pins = ("numpy=1.26.4=py311h64a7726_0", "python=3.11.9=hb806964_0_cpython")
    assert words("conda", "24.9", replace(CREATE, pins=pins))[-3:] == ["--no-deps", *pins]


def test_nothing_to_do_is_no_command() -> None:
    for name in ("conda", "rattler"):
        assert backend(name).commands(replace(CREATE, action="install-packages", pins=())) == ()
        assert backend(name).commands(Step("verify", "Verify", "", environment="/e")) == ()


def test_a_change_and_a_removal_name_the_prefix() -> None:
    change = replace(CREATE, action="install-packages", requirements=("scipy >=1.11",))
    assert words("micromamba", "2.0", change)[:6] == ["/b/micromamba", "install", "--yes", "--quiet", "--prefix", "/e"]
    remove = replace(CREATE, action="remove-packages", requirements=("scipy",))
    assert words("mamba", "2.0", remove) == ["/b/mamba", "remove", "--yes", "--quiet", "--prefix", "/e", "scipy"]
    assert words("rattler", "0.28", replace(remove, subdir="linux-64", channels=()))[1:2] == ["remove"]


def test_a_dry_run_speaks_json() -> None:
    for name in ("conda", "mamba", "micromamba"):
        argv = backend(name).resolve(CREATE, "/w").argv
        assert argv[:2] == (f"/b/{name}", "create")
        assert {"--dry-run", "--json", "--yes"} <= set(argv)


@pytest.mark.parametrize("name", ["conda", "mamba", "micromamba", "rattler"])
def test_wheels_come_by_the_environments_own_pip(name: str) -> None:
    wheels = Step("install-packages", "Install wheels", "", ("einops",), pins=("einops==0.8.1",), environment="/e")
    (command,) = backend(name).commands(wheels)
    assert command.argv[:5] == ("/e/bin/python", "-I", "-m", "pip", "install")
    assert command.argv[-2:] == ("--no-deps", "einops==0.8.1")
    (windows,) = backend(name, windows=True).commands(replace(wheels, environment="C:\\e"))
    assert windows.argv[0] == "C:\\e\\python.exe"


def test_what_conda_is_configured_to_holds() -> None:
    offline = CondaSettings(offline=True, priority="flexible")
    assert "--offline" in words("conda", "24.9", settings=offline)
    assert STRICT not in words("conda", "24.9", settings=offline)
    assert "--offline" in words("rattler", "0.28", settings=offline)


def test_another_machine_is_told_to_all_of_them() -> None:
    target = replace(CREATE, virtual_packages=("__cuda=12.4", "__glibc=2.31", "__archspec=1=x86_64_v3"), subdir="linux-aarch64")
    conda = dict(backend("conda").commands(target)[0].variables)
    assert conda["CONDA_OVERRIDE_CUDA"] == "12.4"
    assert conda["CONDA_OVERRIDE_ARCHSPEC"] == "x86_64_v3"
    assert conda["CONDA_SUBDIR"] == "linux-aarch64"
    micromamba = list(backend("micromamba", "2.0").commands(target)[0].argv)
    assert micromamba[micromamba.index("--platform") + 1] == "linux-aarch64"
    rattler = list(backend("rattler").commands(target)[0].argv)
    assert rattler[rattler.index("--virtual") + 1] == "__cuda=12.4"


SECRET = CondaSettings(
    channel_alias="https://conda.example",
    custom_channels=(("internal", "https://me:s3cretword@conda.example"),),
    proxies=(("https", "http://user:proxyword@proxy:3128"),),
    certificate="/etc/ca.pem",
    insecure=False,
)


def test_rattler_gets_addresses_proxies_and_certificates() -> None:
    step = replace(CREATE, channels=("internal", "conda-forge", "https://conda.example/t/tk-1234-abcd/other"), subdir="linux-64")
    (command,) = backend("rattler", settings=SECRET).commands(step)
    places = [command.argv[number + 1] for number, word in enumerate(command.argv) if word == "--channel"]
    assert places == [
        "https://me:s3cretword@conda.example/internal",
        "https://conda.example/conda-forge",
        "https://conda.example/t/tk-1234-abcd/other",
    ]
    assert dict(command.variables) == {"HTTPS_PROXY": "http://user:proxyword@proxy:3128", "SSL_CERT_FILE": "/etc/ca.pem"}


@pytest.mark.parametrize("name", ["conda", "mamba", "micromamba", "rattler"])
def test_no_credential_is_ever_shown(name: str) -> None:
    step = replace(CREATE, channels=("internal", "https://conda.example/t/tk-1234-abcd/other", "https://a:passw@h/c"))
    shown = " ".join(word for one in backend(name, settings=SECRET).commands(step) for word in one.shown())
    for secret in ("s3cretword", "tk-1234-abcd", "passw"):
        assert secret not in shown
    assert "***" in shown


def run_ok(command: Command) -> Output:
    output = run_command(command)
    assert output.status == 0, output.stderr + output.stdout
    return output


def programs() -> list[tuple[str, str, Version | Unknown]]:
    from envdoctor.install.conda_finding import NAMES, parse_conda_version

    found = [(name, path) for name in NAMES if (path := shutil.which(name))]
    return [(name, path, parse_conda_version(run_ok(Command((path, "--version"))).stdout, name)) for name, path in found]


@pytest.mark.skipif(not any(map(shutil.which, ("conda", "mamba", "micromamba"))), reason="no conda, mamba or micromamba here")
def test_the_programs_that_are_here_do_what_they_are_told(tmp_path: Path) -> None:
    address = make_small_channel(tmp_path / "channel")
    (tmp_path / "condarc").write_text(f"channels: [{address}]\ndefault_channels: [{address}]\n")
    for name, path, version in programs():
        prefix = tmp_path / f"env-{name}"
        worded = open_backend(name, os.name == "nt", IndexSettings(), (path,), CondaSettings(), version)
        step = replace(CREATE, requirements=("greeter", "kernels <1"), environment=str(prefix), channels=(address,))
        told = (("CONDARC", str(tmp_path / "condarc")), ("CONDA_PKGS_DIRS", str(tmp_path / "pkgs")))
        solution = parse_solution(run_ok(with_variables(worded.resolve(step, ""), told)).stdout)
        assert solution.pins == ("greeter=1.0=0", "kernels=0.5=0")
        for command in worded.commands(replace(step, pins=solution.pins)):
            run_ok(with_variables(command, told))
        assert str(prefix) in (prefix / "bin" / "greet").read_text()
        remove = replace(step, action="remove-packages", requirements=("kernels",))
        for command in worded.commands(remove):
            run_ok(with_variables(command, told))
        assert not (prefix / "share" / "kernels").exists()
        assert (prefix / "bin" / "greet").exists()


def with_variables(command: Command, more: tuple[tuple[str, str], ...]) -> Command:
    return replace(command, variables=(*command.variables, *more))
