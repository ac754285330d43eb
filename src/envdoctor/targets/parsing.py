"""Reads `--target "gpu=NVIDIA H100,driver=550.54.15,..."`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from packaging.version import Version

from envdoctor.errors import BadInput
from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.target import Target
from envdoctor.profiles.values import parse_level, parse_size
from envdoctor.profiles.written import nearest, shown

TEXT_LIMIT = 2000
COUNT_LIMIT = 1024
KEYS = ("gpu", "driver", "count", "memory", "os", "os_version", "machine", "glibc", "python", "cpu")
WSL = {"wsl": 2, "wsl1": 1, "wsl2": 2}
"""Words for Linux under Windows, to the version of WSL: the driver's number is Windows's there."""
SYSTEMS = {"linux": "linux", "windows": "windows", "win": "windows", "macos": "macos", "darwin": "macos", "osx": "macos"}
DISTRIBUTIONS = {
    **{name: name for name in (
        "alpine", "almalinux", "amzn", "arch", "centos", "debian", "fedora", "gentoo", "kali", "linuxmint", "manjaro", "nixos",
        "ol", "opensuse-leap", "pop", "raspbian", "rhel", "rocky", "sles", "ubuntu", "void",
    )},
    "amazon": "amzn", "amazonlinux": "amzn", "oracle": "ol", "oraclelinux": "ol", "redhat": "rhel", "rockylinux": "rocky",
    "opensuse": "opensuse-leap", "mint": "linuxmint",
}  # fmt: skip
"""Words for a distribution, to its id in os-release."""
MACHINES = {
    "x86_64": "x86_64", "amd64": "x86_64", "x64": "x86_64", "x86-64": "x86_64", "aarch64": "aarch64", "arm64": "arm64",
    **{name: name for name in ("ppc64le", "s390x", "armv7l", "riscv64", "loongarch64", "i686")},
}  # fmt: skip
"""Words for a processor's architecture; for the last few hardly anything has wheels, which is what is to be told."""
_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,5}){0,3}")
_PYTHON = re.compile(r"(3\.\d{1,2}(?:\.\d{1,2})?)(t?)")


def parse_target(text: str) -> Target:
    """What `--target` states: `key=value` pairs with commas between; a value may hold commas itself.

    Raises:
        BadInput: a key or value that cannot be read; the message names the key and the nearest word.
    """
    if len(text) > TEXT_LIMIT:
        raise BadInput(f"--target: longer than {TEXT_LIMIT} characters; state the hardware only")
    fields: dict[str, Any] = {}
    for key, value in _pairs(text).items():
        try:
            fields.update(_READERS[key](value))
        except ValueError as error:
            raise BadInput(f"--target: {key}: {error}") from None
    return Target(**fields)


def _pairs(text: str) -> dict[str, str]:
    """Keys to values. A part without `=` belongs to the value before it: names may hold commas."""
    pairs: dict[str, str] = {}
    last = ""
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals and last and part.strip():
            pairs[last] += f", {part.strip()}"
            continue
        last = _key(name, bool(equals))
        if last in pairs:
            raise BadInput(f"--target: {last}: stated twice; leave one out")
        if not value.strip():
            raise BadInput(f"--target: {last}: nothing after `=`; write {last}={_EXAMPLES[last]}")
        pairs[last] = value.strip()
    return pairs


def _key(name: str, has_value: bool) -> str:
    key = name.strip().lower().replace("-", "_")
    if has_value and key in KEYS:
        return key
    if not has_value and not key:
        raise BadInput('--target: empty where `key=value` is wanted; write --target "gpu=NVIDIA A100,driver=550.54.15"')
    near = nearest(key, KEYS)
    if key in KEYS:
        raise BadInput(f"--target: {key}: no value; write {key}={_EXAMPLES[key]}")
    advice = f"did you mean {near}?" if near else f"known: {', '.join(KEYS)}"
    raise BadInput(f"--target: {shown(name.strip())}: no such key; {advice}")


def _read_gpu(value: str) -> dict[str, Any]:
    return {"gpu": "none" if value.lower() == "none" else value}


def _read_count(value: str) -> dict[str, Any]:
    if not value.isdecimal() or not 1 <= int(value) <= COUNT_LIMIT:
        raise ValueError(f"{shown(value)} is no number of GPUs from 1 to {COUNT_LIMIT}")
    return {"count": int(value)}


def _read_os(value: str) -> dict[str, Any]:
    """`linux`, `windows`, `macos`, `wsl2`, or a distribution; a version may follow: `macos 13`, `ubuntu 22.04`."""
    word, _, version = value.lower().partition(" ")
    fields: dict[str, Any] = {}
    if word in WSL:
        fields.update(os="linux", wsl=WSL[word])
    elif word in SYSTEMS:
        fields["os"] = SYSTEMS[word]
    elif word in DISTRIBUTIONS:
        fields.update(os="linux", distribution=DISTRIBUTIONS[word])
    else:
        near = nearest(word, [*SYSTEMS, *DISTRIBUTIONS])
        raise ValueError(f"{shown(word)} is not known; " + (f"did you mean {near}?" if near else "known: linux, windows, macos"))
    if version.strip():
        fields["os_version"] = _version_text(version.strip())
    return fields


def _read_machine(value: str) -> dict[str, Any]:
    machine = MACHINES.get(value.lower())
    if machine is None:
        near = nearest(value, list(MACHINES))
        raise ValueError(f"{shown(value)} is not known; {f'did you mean {near}?' if near else 'known: x86_64, aarch64, arm64'}")
    return {"machine": machine}


def _read_python(value: str) -> dict[str, Any]:
    """`3.12`, or `3.13t` for a free-threaded build."""
    found = _PYTHON.fullmatch(value)
    if found is None:
        raise ValueError(f"{shown(value)} is no Python version; write it like 3.12")
    return {"python": Version(found[1]), "free_threaded": bool(found[2])}


def _version_text(value: str) -> str:
    if not _VERSION.fullmatch(value):
        raise ValueError(f"{shown(value)} is no version; write numbers with dots between")
    return value


def _version_reader(field: str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {field: Version(_version_text(value))}


_READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "gpu": _read_gpu,
    "driver": lambda value: {"driver": DriverVersion(_version_text(value))},
    "count": _read_count,
    "memory": lambda value: {"memory_bytes": parse_size(value)},
    "os": _read_os,
    "os_version": lambda value: {"os_version": _version_text(value)},
    "machine": _read_machine,
    "glibc": _version_reader("glibc"),
    "python": _read_python,
    "cpu": lambda value: {"cpu_level": parse_level(value)},
}
_EXAMPLES = {
    "gpu": "NVIDIA A100", "driver": "550.54.15", "count": "8", "memory": "80GiB", "os": "linux", "os_version": "22.04",
    "machine": "x86_64", "glibc": "2.31", "python": "3.12", "cpu": "x86-64-v3",
}  # fmt: skip
