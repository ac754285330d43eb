"""pip's and uv's own configuration."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.install.configuration import parse_pip_configuration, read_settings
from envdoctor.install.uv_configuration import uv_settings
from envdoctor.model.offers import PYPI
from envdoctor.system.rootfs import Rootfs


def machine(root: Path, files: dict[str, str], **variables: str) -> Rootfs:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Rootfs(str(root), {"HOME": "/home/me", **variables})


def test_no_configuration_is_the_package_index(tmp_path: Path) -> None:
    found = read_settings(machine(tmp_path, {}))
    assert found.index_url == PYPI
    assert found.stated == ()


def test_narrower_files_win_and_variables_win_over_files(tmp_path: Path) -> None:
    system = machine(
        tmp_path,
        {
            "/etc/pip.conf": "[global]\nindex-url = https://wide/simple\ncert = /ca.pem\n",
            "/home/me/.config/pip/pip.conf": "[global]\nindex-url = https://user/simple\n[install]\nfind-links =\n  /a\n  /b\n",
            "/env/pip.conf": "[install]\nextra_index_url = https://env/simple\n",
        },
        PIP_FIND_LINKS="/c",
    )
    found = read_settings(system, "/env")
    assert found.index_url == "https://user/simple"
    assert found.certificate == "/ca.pem"
    assert found.find_links == ("/c",)
    assert found.extra_index_urls == ("https://env/simple",)
    assert "PIP_FIND_LINKS" in found.source


def test_install_section_wins_over_global() -> None:
    text = "[install]\nindex-url = https://install/\n[global]\nindex-url = https://global/\n"
    assert parse_pip_configuration(text) == {"index-url": "https://install/"}


def test_a_broken_file_says_nothing() -> None:
    assert parse_pip_configuration("index-url = no section") == {}


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_parser(text: str) -> None:
    assert isinstance(parse_pip_configuration(text), dict)


def test_config_file_dev_null_means_none(tmp_path: Path) -> None:
    system = machine(tmp_path, {"/etc/pip.conf": "[global]\nindex-url = https://x/\n"}, PIP_CONFIG_FILE="/dev/null")
    assert read_settings(system).index_url == PYPI


def test_uv_variables_stand_in_place_of_pips(tmp_path: Path) -> None:
    system = machine(
        tmp_path,
        {"/etc/pip.conf": "[global]\nfind-links = /wheels\n"},
        UV_DEFAULT_INDEX="https://uv/simple",
        UV_INDEX="corp=https://corp/simple",
    )
    found = uv_settings(system, read_settings(system))
    assert found.index_url == "https://uv/simple"
    assert found.extra_index_urls == ("https://corp/simple",)
    assert found.find_links == ()
    assert set(found.uv_variables) == {"UV_DEFAULT_INDEX", "UV_INDEX"}


def test_a_uv_file_that_speaks_of_indexes_counts(tmp_path: Path) -> None:
    system = machine(tmp_path, {"/home/me/.config/uv/uv.toml": '[[index]]\nurl = "https://x"\n'})
    assert read_settings(system).uv_variables == ("/home/me/.config/uv/uv.toml",)


def test_a_uv_file_about_other_things_does_not(tmp_path: Path) -> None:
    system = machine(tmp_path, {"/home/me/.config/uv/uv.toml": "native-tls = true\n"})
    assert read_settings(system).uv_variables == ()
