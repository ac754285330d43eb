"""What conda is configured to: files in their order, variables, names of channels, mirrors, and what is secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.install.conda_configuration import configuration_files, parse_condarc, read_conda_settings, settings_from
from envdoctor.install.conda_finding import find_conda, parse_conda_version
from envdoctor.model.conda import CondaSettings, channel_secrets, without_secrets
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import Missing, Output


class Told:
    """A system with these files and variables."""

    def __init__(self, files: dict[str, str] | None = None, variables: dict[str, str] | None = None) -> None:
        self.files, self.variables = files or {}, {"HOME": "/home/me", **(variables or {})}
        self.asked: list[tuple[str, ...]] = []

    def read(self, path: str) -> str:
        if path not in self.files:
            raise Missing(path, "not there")
        return self.files[path]

    def list(self, path: str) -> list[str]:
        names = {name[len(path) + 1 :].partition("/")[0] for name in self.files if name.startswith(f"{path}/")}
        if not names:
            raise Missing(path, "not there")
        return sorted(names)

    def env(self, name: str) -> str | None:
        return self.variables.get(name)

    def run(self, argv: tuple[str, ...], timeout_s: float | None = None) -> Output:
        self.asked.append(argv)
        return Output(0, f"{Path(argv[0]).name} 24.9.2\n", "")


def read(files: dict[str, str], variables: dict[str, str] | None = None, prefix: str | None = None) -> CondaSettings:
    told: Any = Told(files, variables)
    return read_conda_settings(told, prefix)


def test_narrower_files_come_first_in_lists_and_win_elsewhere() -> None:
    found = read(
        {
            "/etc/conda/.condarc": "channels: [corp, conda-forge]\nchannel_alias: https://wide.example\noffline: true",
            "/home/me/.condarc": "channels: [conda-forge, mine]\nchannel_alias: https://mine.example",
            "/e/.condarc": "channels: [only-here]\noffline: false",
        },
        prefix="/e",
    )
    assert found.channels == ("only-here", "conda-forge", "mine", "corp")
    assert found.channel_alias == "https://mine.example"
    assert not found.offline
    assert found.sources == ("/etc/conda/.condarc", "/home/me/.condarc", "/e/.condarc")


def test_variables_are_above_all_files() -> None:
    found = read(
        {"/home/me/.condarc": "channels: [a]\nssl_verify: true"},
        {"CONDA_CHANNELS": "b,c", "CONDA_OFFLINE": "1", "CONDA_SSL_VERIFY": "/etc/ca.pem", "CONDA_CHANNEL_PRIORITY": "strict"},
    )
    assert found.channels == ("b", "c", "a")
    assert (found.offline, found.certificate, found.priority, found.insecure) == (True, "/etc/ca.pem", "strict", False)


def test_folders_of_files_and_named_files_are_read() -> None:
    found = read(
        {"/home/me/.conda/condarc.d/20.yaml": "channels: [b]", "/home/me/.conda/condarc.d/10.yml": "channels: [a]",
         "/home/me/.conda/condarc.d/note.txt": "channels: [no]", "/my/rc": "channels: [named]"},
        {"CONDARC": "/my/rc"},
    )  # fmt: skip
    assert found.channels == ("named", "b", "a")


def test_windows_has_its_own_places() -> None:
    told: Any = Told(variables={"APPDATA": "C:/Users/me/AppData", "USERPROFILE": "C:/Users/me", "HOME": ""})
    places = configuration_files(told, None, "C:/miniforge3")
    assert "C:/ProgramData/conda/.condarc" in places
    assert "C:/miniforge3/.condarc" in places
    assert "C:/Users/me/.condarc" in places


@pytest.mark.parametrize(
    ("channel", "addresses"),
    [
        ("conda-forge", ("https://conda.anaconda.org/conda-forge",)),
        ("defaults", ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")),
        ("https://host/c/", ("https://host/c",)),
        ("/srv/channel", ("/srv/channel",)),
        ("team/label/dev", ("https://team.example/x/team/label/dev",)),
        ("all", ("https://conda.anaconda.org/one", "https://host/two")),
        ("mirrored", ("https://near.example/mirrored",)),
    ],
)
def test_a_channel_is_where_conda_would_look_for_it(channel: str, addresses: tuple[str, ...]) -> None:
    text = """
custom_channels: {team: https://team.example/x}
custom_multichannels: {all: [one, https://host/two]}
mirrored_channels: {mirrored: [https://near.example/mirrored, https://far.example/mirrored]}
"""
    assert settings_from(parse_condarc(text)).addresses(channel) == addresses


def test_defaults_may_be_mirrored() -> None:
    found = settings_from(parse_condarc("default_channels: [https://mirror.example/main]"))
    assert found.addresses("defaults") == ("https://mirror.example/main",)


def test_a_channel_that_stands_for_itself_does_not_go_round_in_circles() -> None:
    assert settings_from(parse_condarc("custom_multichannels: {a: [a, b]}")).addresses("a") == ("https://conda.anaconda.org/b",)


def test_variables_in_files_are_filled_in() -> None:
    found = read(
        {"/home/me/.condarc": "channels: ['https://${WHO}:$WORD@host/c', 'https://$NOBODY/x']"}, {"WHO": "me", "WORD": "pw"}
    )
    assert found.channels == ("https://me:pw@host/c", "https://$NOBODY/x")


def test_proxies_and_certificates() -> None:
    found = settings_from(parse_condarc("proxy_servers: {http: http://u:p@h:1, https: http://h:2, ftp: x}\nssl_verify: false"))
    assert dict(found.proxies) == {"http": "http://u:p@h:1", "https": "http://h:2"}
    assert found.insecure
    assert found.certificate is None


@pytest.mark.parametrize("text", ["", "[]", "channels: [", "42", "!!python/object:x {}", "channels: {a: b}", "\x00", "- a"])
def test_what_cannot_be_read_says_nothing_of_channels(text: str) -> None:
    assert all(isinstance(channel, str) for channel in settings_from(parse_condarc(text)).channels)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    assert isinstance(parse_condarc(text), dict)
    assert isinstance(without_secrets(text), str) or channel_secrets(text)


def test_secrets_are_found_in_every_place() -> None:
    said = settings_from(
        parse_condarc(
            """
channels: ["https://u1:secret-one@h/c", "https://h/t/tk-secret-two/c"]
custom_channels: {x: "https://u:secret-three@h"}
proxy_servers: {https: "http://u:secret-four@h"}
"""
        )
    )
    for number in ("one", "two", "three", "four"):
        assert any(f"secret-{number}" in word for word in said.secrets())
    assert without_secrets("https://h/t/tk-secret-two/c") == "https://h/t/***/c"


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("conda 24.9.2\n", "conda", "24.9.2"),
        ("mamba 1.5.8\nconda 23.11.0\n", "mamba", "1.5.8"),
        ("2.0.5\n", "mamba", "2.0.5"),
        ("2.0.5\n", "micromamba", "2.0.5"),
        ("conda 4.3.16\n", "conda", "4.3.16"),
        ("conda 24.9.3.dev12+g1234\n", "conda", "24.9.3.dev12+g1234"),
    ],
)
def test_versions_as_they_are_printed(text: str, name: str, version: str) -> None:
    assert parse_conda_version(text, name) == Version(version)


def test_no_version_is_unknown() -> None:
    assert isinstance(parse_conda_version("bash: conda: not found", "conda"), Unknown)


def test_a_conda_is_found_where_its_variable_and_path_say(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "conda").write_text("")
        (tmp_path / folder / "conda").chmod(0o755)
    told: Any = Told(variables={"CONDA_EXE": str(tmp_path / "b" / "conda"), "PATH": str(tmp_path / "a"), "HOME": str(tmp_path)})
    found = [one for one in find_conda(told) if one.name == "conda"]
    assert [one.command for one in found] == [(str(tmp_path / "b" / "conda"),)]
    assert found[0].version == Version("24.9.2")
