"""The operating system, its kernel, its C library, and what it runs on.

Sources, in order: /etc/os-release and its older relatives; /proc/sys/kernel and /proc/version; `system.host("uname")` and
its relatives on a running machine; the loaders in /lib for the architecture of an image.
"""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from envdoctor.model.facts import OperatingSystem
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import first_word, host_answer, read_line, read_text
from envdoctor.probes.libc import Answer, libc_by_files, loader_machine
from envdoctor.probes.os_release import OLDER_PATHS, PATHS, Release, parse_older_release, parse_os_release
from envdoctor.probes.virtual_machine import probe_virtual_machine, probe_wsl
from envdoctor.system.port import System

_SYSTEMS = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}


def probe_operating_system(system: System) -> OperatingSystem:
    """The operating system; fields that a kind of system does not have are None."""
    uname = host_answer(system, "uname")
    name = _SYSTEMS.get(uname["system"], uname["system"].lower()) if isinstance(uname, dict) else None
    if name == "macos":
        return _macos(uname, host_answer(system, "mac_version"))
    if name == "windows":
        return _windows(uname, host_answer(system, "windows_version"))
    return _linux(system, name, uname)


def _linux(system: System, name: str | None, uname: dict[str, str] | Unknown) -> OperatingSystem:
    release, source = _release(system)
    kernel = _kernel(system, uname)
    machine = uname["machine"] if isinstance(uname, dict) else _machine_by_files(system)
    cpuinfo = read_text(system, "/proc/cpuinfo", headers=True)
    libc, libc_version = _libc(system)
    wsl = probe_wsl(system, kernel) if isinstance(kernel, str) else None  # what does not run is not inside of anything
    return OperatingSystem(
        system=name or _system_by_files(release, kernel, machine),
        machine=machine,
        id=release if isinstance(release, Unknown) else release.id,
        id_like=() if isinstance(release, Unknown) else release.id_like,
        version=release if isinstance(release, Unknown) else release.version,
        name=release if isinstance(release, Unknown) else release.name,
        kernel=kernel,
        libc=libc,
        libc_version=libc_version,
        wsl=wsl,
        virtual_machine="hyperv" if wsl == 2 else probe_virtual_machine(system, cpuinfo if isinstance(cpuinfo, str) else None),
        source=source,
    )


def _release(system: System) -> tuple[Release | Unknown, str]:
    """The first release file that is there; a release without anything in it where there is none."""
    unknown: Unknown | None = None
    for path in (*PATHS, *OLDER_PATHS):
        text = read_text(system, path)
        if isinstance(text, str) and text.strip():
            return (parse_os_release(text) if path in PATHS else parse_older_release(text)), path
        if isinstance(text, Unknown):
            unknown = text if unknown is None else unknown
    return (Release(None, (), None, None) if unknown is None else unknown), PATHS[0]


def _kernel(system: System, uname: dict[str, str] | Unknown) -> str | Unknown:
    version = read_text(system, "/proc/version")
    words = version.split() if isinstance(version, str) else []
    found = first_word(
        read_line(system, "/proc/sys/kernel/osrelease"),
        words[2] if words[:1] == ["Linux"] and len(words) > 2 else None,
        uname["release"] if isinstance(uname, dict) else None,
    )
    return found if found is not None else Unknown("no running kernel to look at")


def _machine_by_files(system: System) -> str | Unknown:
    """By a running kernel's word, by the loader, or by what an image's own configuration says."""
    found = first_word(read_line(system, "/proc/sys/kernel/arch"), loader_machine(system))
    if isinstance(found, str):
        return found
    image = host_answer(system, "image")
    if isinstance(image, dict) and isinstance(image.get("machine"), str):
        return str(image["machine"])
    return found if found is not None else Unknown("no loader in /lib or /lib64 tells the architecture")


def _system_by_files(release: Release | Unknown, kernel: str | Unknown, machine: str | Unknown) -> str | Unknown:
    """An image with a Linux loader, a Linux kernel's /proc or an os-release is one of Linux."""
    stated = isinstance(release, Release) and (release.id or release.name)
    if stated or isinstance(kernel, str) or isinstance(machine, str):
        return "linux"
    return Unknown("neither os-release nor a loader tells the operating system")


def _libc(system: System) -> Answer:
    stated = host_answer(system, "libc")
    name, _, number = stated.partition(" ") if isinstance(stated, str) else ("", "", "")
    parts = number.split(".")
    is_glibc = name == "glibc" and len(parts) > 1 and all(map(str.isdecimal, parts))
    return ("glibc", Version(number)) if is_glibc else libc_by_files(system)


def _macos(uname: dict[str, str], version: str | Unknown) -> OperatingSystem:
    return OperatingSystem(
        system="macos",
        machine=uname["machine"],
        id="macos",
        version=version,
        name=version if isinstance(version, Unknown) else f"macOS {version}",
        kernel=uname["release"],
        virtual_machine=Unknown("not looked at on macOS"),
        source="uname, mac_ver",
    )


def _windows(uname: dict[str, str], version: dict[str, Any] | Unknown) -> OperatingSystem:
    return OperatingSystem(
        system="windows",
        machine=uname["machine"],
        id="windows",
        version=version if isinstance(version, Unknown) else str(version["version"]),
        name=version if isinstance(version, Unknown) else f"Windows {version['product']} {version['edition'] or ''}".strip(),
        kernel=uname["release"],
        virtual_machine=Unknown("not looked at on Windows"),
        source="uname, GetVersionEx",
    )
