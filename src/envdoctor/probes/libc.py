"""Which C library programs here are linked with, and its version.

Sources, in order: `system.host("libc")` on a running machine (the C library that this process itself has loaded); the text
of /usr/bin/ldd, which glibc ships with its version written into it; the target of the libc.so.6 link (before glibc 2.34);
the newest symbols that libc.so.6 itself defines (images without a shell have no ldd); the musl loader's name, and apk's
list of packages for its version.
"""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, link_target, names_or_none, read_text
from envdoctor.system.port import SourceError, System

LOADERS = {
    "ld-linux-x86-64.so.2": "x86_64", "ld-linux-aarch64.so.1": "aarch64", "ld64.so.2": "ppc64le",
    "ld-linux-riscv64-lp64d.so.1": "riscv64", "ld-linux-loongarch-lp64d.so.1": "loongarch64", "ld64.so.1": "s390x",
    "ld-linux-armhf.so.3": "armv7l",
}  # fmt: skip
"""File name of glibc's loader to the architecture, as `uname -m` words it."""
_FOLDERS = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")
_MUSL = r"^ld-musl-([a-z0-9_]+)\.so\.1$"
_MACHINES_OF_MUSL = {"armhf": "armv7l", "i386": "i686"}
_APK = "/lib/apk/db/installed"

Answer = tuple[str | Unknown | None, Version | Unknown | None]


def libc_by_files(system: System) -> Answer:
    """The C library's name and version, by files alone."""
    stated = _ldd_version(system)
    if stated:
        return "glibc", stated
    musl = musl_machine(system)
    for folder in _library_folders(system):
        target = link_target(system, f"{folder}/libc.so.6")
        match = re.search(r"libc-(\d+\.\d+)", target or "")
        if match:
            return "glibc", Version(match[1])
        if musl is None and is_there(system, f"{folder}/libc.so.6"):
            return "glibc", _defined_version(system, f"{folder}/libc.so.6")
    if musl is not None:
        return "musl", _musl_version(system)
    unseen = Unknown("neither libc.so.6 nor a musl loader was found")
    return unseen, unseen


def _defined_version(system: System, path: str) -> Version | Unknown:
    """By its symbols: every release of glibc that adds some names their version after itself."""
    try:
        return system.binary(path).glibc_defined or Unknown(f"{path} defines no symbols of glibc's")
    except SourceError as error:
        return Unknown(f"the version is not in /usr/bin/ldd, and {path} does not tell it: {error.reason}")


def _ldd_version(system: System) -> Version | None:
    """`ldd (Ubuntu GLIBC 2.35-0ubuntu3) 2.35`, a line of the shell script that glibc installs."""
    text = read_text(system, "/usr/bin/ldd")
    match = re.search(r"ldd \(.*\) (\d+\.\d+)\b", text) if isinstance(text, str) else None
    return Version(match[1]) if match else None


def _library_folders(system: System) -> list[str]:
    multiarch = [f"/lib/{name}" for name in names_or_none(system, "/lib") if name.endswith("-linux-gnu")]
    return [*multiarch, *_FOLDERS]


def musl_machine(system: System) -> str | None:
    """The architecture in the name of musl's loader; None where there is no musl."""
    found = (re.match(_MUSL, name) for name in names_or_none(system, "/lib"))
    machine = next((match[1] for match in found if match), None)
    return _MACHINES_OF_MUSL.get(machine, machine) if machine else None


def loader_machine(system: System) -> str | None:
    """The architecture by the loader that is installed; None where none is found."""
    for folder in ("/lib64", "/lib"):
        names = names_or_none(system, folder)
        machine = next((LOADERS[name] for name in names if name in LOADERS), None)
        if machine:
            return machine
    return musl_machine(system)


def has_musl_alone(system: System) -> bool:
    """Whether musl's loader is installed and glibc's is not."""
    if musl_machine(system) is None:
        return False
    return not any(name in LOADERS for folder in ("/lib64", "/lib") for name in names_or_none(system, folder))


def _musl_version(system: System) -> Version | Unknown:
    text = read_text(system, _APK)
    match = re.search(r"^P:musl\nV:(\d+(?:\.\d+)+)", text, re.MULTILINE) if isinstance(text, str) else None
    return Version(match[1]) if match else Unknown(f"{_APK} does not state musl's version")
