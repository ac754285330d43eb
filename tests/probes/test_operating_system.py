"""The operating system, its kernel and its C library."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import Unknown
from envdoctor.probes.operating_system import probe_operating_system
from envdoctor.system.port import Binary, Denied
from tests.machines import LINUX, Machine
from tests.probes.test_loader import Linux

UBUNTU = 'NAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 22.04.5 LTS"\n'
LDD = '#! /bin/bash\n  echo $"ldd (Ubuntu GLIBC 2.35-0ubuntu3.8) 2.35"\n'


def test_a_linux_machine() -> None:
    found = probe_operating_system(
        Machine({"/etc/os-release": UBUNTU, "/proc/version": "Linux version 6.1.0-18-amd64 (x) #1"},
                host={"uname": LINUX, "libc": "glibc 2.36"})
    )  # fmt: skip
    assert (found.system, found.machine, found.kernel) == ("linux", "x86_64", "6.1.0-18-amd64")
    assert (found.id, found.id_like, found.version, found.name) == ("ubuntu", ("debian",), "22.04", "Ubuntu 22.04.5 LTS")
    assert (found.libc, found.libc_version, found.wsl) == ("glibc", Version("2.36"), None)
    assert found.source == "/etc/os-release"


def test_the_second_place_of_os_release() -> None:
    assert probe_operating_system(Machine({"/usr/lib/os-release": UBUNTU})).source == "/usr/lib/os-release"


def test_an_image_tells_by_its_files() -> None:
    image = Machine({"/etc/os-release": UBUNTU, "/usr/bin/ldd": LDD, "/lib64/ld-linux-x86-64.so.2": ""})
    found = probe_operating_system(image)
    assert (found.system, found.machine, found.libc, found.libc_version) == ("linux", "x86_64", "glibc", Version("2.35"))
    assert isinstance(found.kernel, Unknown)
    assert found.wsl is None
    assert isinstance(found.virtual_machine, Unknown)


def test_glibc_by_the_name_that_its_link_leads_to() -> None:
    image = Machine({"/lib/x86_64-linux-gnu/libc-2.31.so": ""}, links={"/lib/x86_64-linux-gnu/libc.so.6": "libc-2.31.so"})
    found = probe_operating_system(image)
    assert (found.libc, found.libc_version) == ("glibc", Version("2.31"))


def test_glibc_by_the_symbols_that_it_defines() -> None:
    library = Binary("elf", "x86_64", soname="libc.so.6", glibc_defined=Version("2.36"))
    path = "/lib/x86_64-linux-gnu/libc.so.6"
    image = Linux({path: library}, files={path: ""})
    found = probe_operating_system(image)
    assert (found.libc, found.libc_version) == ("glibc", Version("2.36"))


def test_glibc_whose_version_no_file_names() -> None:
    found = probe_operating_system(Machine({"/lib64/libc.so.6": ""}))
    assert found.libc == "glibc"
    assert isinstance(found.libc_version, Unknown)


def test_musl() -> None:
    files = {"/lib/ld-musl-aarch64.so.1": "", "/lib/apk/db/installed": "P:busybox\nV:1.36\n\nC:Q1\nP:musl\nV:1.2.5-r9\n"}
    found = probe_operating_system(Machine(files))
    assert (found.libc, found.libc_version, found.machine) == ("musl", Version("1.2.5"), "aarch64")


def test_musl_with_a_glibc_lookalike() -> None:
    files = {"/lib/ld-musl-x86_64.so.1": "", "/lib/libc.so.6": "", "/lib/ld-linux-x86-64.so.2": ""}
    assert probe_operating_system(Machine(files)).libc == "musl"


def test_nothing_there_is_unknown() -> None:
    found = probe_operating_system(Machine({}))
    assert isinstance(found.system, Unknown)
    assert isinstance(found.machine, Unknown)
    assert isinstance(found.libc, Unknown)
    assert found.id is None


def test_a_release_file_that_may_not_be_read() -> None:
    found = probe_operating_system(Machine({"/etc/os-release": Denied("/etc/os-release", "no permission")}))
    assert isinstance(found.id, Unknown)


@pytest.mark.parametrize(
    ("release", "files", "wsl"),
    [
        ("5.15.167.4-microsoft-standard-WSL2", {}, 2),
        ("5.10.16.3-microsoft-standard-WSL2", {}, 2),
        ("4.4.0-19041-Microsoft", {}, 1),
        ("6.6.36.6-house", {"/run/WSL/1_interop": "", "/dev/dxg": ""}, 2),
        ("6.8.0-1015-azure", {}, None),
    ],
)
def test_wsl(release: str, files: dict[str, str], wsl: int | None) -> None:
    found = probe_operating_system(Machine({"/proc/sys/kernel/osrelease": release + "\n", **files}))
    assert found.wsl == wsl
    assert (found.virtual_machine == "hyperv") is (wsl == 2)


def test_macos() -> None:
    uname = {"system": "Darwin", "release": "23.5.0", "version": "x", "machine": "arm64"}
    found = probe_operating_system(Machine({}, host={"uname": uname, "mac_version": "14.5"}))
    assert (found.system, found.machine, found.version, found.name) == ("macos", "arm64", "14.5", "macOS 14.5")
    assert (found.libc, found.wsl) == (None, None)


def test_windows() -> None:
    uname = {"system": "Windows", "release": "11", "version": "10.0.22631", "machine": "AMD64"}
    version = {"version": "10.0.22631", "product": "11", "edition": "Professional"}
    found = probe_operating_system(Machine({}, host={"uname": uname, "windows_version": version}))
    assert (found.system, found.machine, found.version) == ("windows", "AMD64", "10.0.22631")
    assert found.name == "Windows 11 Professional"
