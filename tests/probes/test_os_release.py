"""os-release and what came before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.probes.os_release import Release, parse_assignments, parse_older_release, parse_os_release


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ('A="two words"', "two words"),
        ("A='two words'", "two words"),
        (r'A="a \"quoted\" word and \$HOME"', 'a "quoted" word and $HOME'),
        (r"A='no \escape'", r"no \escape"),
        (r'A="kept \n"', r"kept \n"),
        (r"A=a\ b", "a b"),
        ("A=value # remark", "value"),
        ('A="not closed', "not closed"),
        ("A=", ""),
        ("A=''", ""),
        ("  A=indented", "indented"),
        ("A=first\nA=second", "second"),
        ("# A=remark\nA=value", "value"),
    ],
)
def test_quoting_is_that_of_a_shell(line: str, value: str) -> None:
    assert parse_assignments(line) == {"A": value}


def test_what_is_no_assignment_is_passed_over() -> None:
    assert parse_assignments("NAME\n=x\n1A=b\n\n[section]\nGOOD=yes") == {"GOOD": "yes"}


def test_a_rolling_distribution_has_no_version() -> None:
    assert parse_os_release('NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling') == Release("arch", (), None, "Arch Linux")


def test_empty_values_are_absent() -> None:
    assert parse_os_release('ID=\nVERSION_ID=""\nNAME=x') == Release(None, (), None, "x")


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("CentOS release 5.11 (Final)\n", Release("centos", (), "5.11", "CentOS release 5.11 (Final)")),
        ("Red Hat Enterprise Linux Server release 6.5 (Santiago)",
         Release("rhel", (), "6.5", "Red Hat Enterprise Linux Server release 6.5 (Santiago)")),
        ("Amazon Linux AMI release 2014.03", Release("amzn", (), "2014.03", "Amazon Linux AMI release 2014.03")),
        ("Some House Linux", Release(None, (), None, "Some House Linux")),
        ('DISTRIB_ID=MandrivaLinux\nDISTRIB_RELEASE=2011.0\nDISTRIB_DESCRIPTION="Mandriva Linux 2011.0"',
         Release("mandrivalinux", (), "2011.0", "Mandriva Linux 2011.0")),
        ("", Release(None, (), None, None)),
    ],
)  # fmt: skip
def test_older_release_files(text: str, release: Release) -> None:
    assert parse_older_release(text) == release


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_failure(text: str) -> None:
    assert isinstance(parse_os_release(text), Release)
    assert isinstance(parse_older_release(text), Release)


RECORDED = {
    "distro-debian8": ("debian", "8", "Debian GNU/Linux 8 (jessie)"),
    "distro-debiantesting": ("debian", None, "Debian GNU/Linux bookworm/sid"),
    "distro-arch": ("arch", None, "Arch Linux"),
    "distro-fedora19": ("fedora", "19", "Fedora 19 (Schrödinger’s Cat)"),
    "distro-sles12": ("sles", "12.1", "SUSE Linux Enterprise Server 12 SP1"),
    "distro-coreos": ("coreos", "899.15.0", "CoreOS 899.15.0"),
    "facter-os_release": (None, "18.04", "Ubuntu 18.04.1 LTS"),
    "facter-os_release_devuan": (None, None, None),
    "facter-os_release_redhat_linux_with_comment": ("rhel", "8.6", "Red Hat Enterprise Linux 8.6 (Ootpa)"),
    "facter-os_release_solaris": (None, None, None),
    "issue-llama.cpp-6184-issue-1.txt": ("pop", "22.04", "Pop!_OS 22.04 LTS"),
    "issue-llama.cpp-620-issue-2.txt": ("openwrt", "22.03.2", "OpenWrt 22.03.2"),
    "ubuntu-24.04.4-github-runner": ("ubuntu", "24.04", "Ubuntu 24.04.4 LTS"),
}


def test_recorded_files(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "os-release"
    for name, expected in RECORDED.items():
        found = parse_os_release((folder / name).read_text(encoding="utf-8"))
        assert (found.id, found.version, found.name) == expected, name


def test_every_recorded_file_is_read(shared_folder: Path) -> None:
    for path in sorted((shared_folder / "hardware" / "os-release").iterdir()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.name.endswith("-release") and "os_release" not in path.name:
            assert parse_older_release(text).version is not None, path.name
        elif "\nID=" in text and "\nID=\n" not in text:
            assert parse_os_release(text).id, path.name
