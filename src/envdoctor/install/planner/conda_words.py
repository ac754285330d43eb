"""Python's words and the machine's facts in conda's words: packages, channels, platforms, virtual packages. Pure."""

from __future__ import annotations

import re

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.install.planner.wheels import Platform
from envdoctor.model.conda import CondaSettings
from envdoctor.model.facts import Facts, NvidiaDriver, Unknown
from envdoctor.model.profile import Profile

DEFAULT_CHANNEL = "conda-forge"
_NAMES = {
    "torch": "pytorch", "opencv-python": "opencv", "opencv-python-headless": "opencv", "tables": "pytables",
    "msgpack": "msgpack-python", "ruamel-yaml": "ruamel.yaml", "build": "python-build", "graphviz": "python-graphviz",
    "lmdb": "python-lmdb", "xxhash": "python-xxhash", "flatbuffers": "python-flatbuffers", "snappy": "python-snappy",
    "typing-extensions": "typing_extensions", "jupyter-core": "jupyter_core", "jupyter-client": "jupyter_client",
    "prometheus-client": "prometheus_client", "stack-data": "stack_data", "pure-eval": "pure_eval",
}  # fmt: skip
"""Distributions whose package has another name on conda-forge, as the feedstocks name them."""
_SUBDIRS = {
    ("linux", "x86_64"): "linux-64", ("linux", "aarch64"): "linux-aarch64", ("linux", "ppc64le"): "linux-ppc64le",
    ("macos", "x86_64"): "osx-64", ("macos", "arm64"): "osx-arm64", ("macos", "aarch64"): "osx-arm64",
    ("windows", "x86_64"): "win-64", ("windows", "amd64"): "win-64", ("windows", "arm64"): "win-arm64",
}  # fmt: skip


def conda_name(name: str) -> str:
    """What a distribution is called on conda-forge."""
    return _NAMES.get(name, name)


def conda_spec(name: str, specifier: SpecifierSet) -> str:
    """A package with its range, as one word that every conda takes: `numpy>=1.26,<3`; `==1.*` is `=1`, and `===` is `==`."""
    clauses = sorted((_clause(clause.operator, clause.version) for clause in specifier), key=_upper_last)
    if len(clauses) == 1 and clauses[0].endswith(".*") and clauses[0][0].isdigit():
        return f"{name}={clauses[0].removesuffix('.*')}"
    space = " " if clauses and clauses[0][0].isdigit() else ""
    return f"{name}{space}{','.join(clauses)}"


def _upper_last(clause: str) -> tuple[bool, str]:
    """Sorts `>=3.6,<3.11` as people write it."""
    return clause.startswith("<"), clause


def _clause(operator: str, version: str) -> str:
    if operator == "==" and version.endswith(".*"):
        return version
    return f"{'==' if operator == '===' else operator}{version}"


def name_of_spec(spec: str) -> str:
    """The name in a package of conda's."""
    found = re.match(r"[A-Za-z0-9_.-]*[A-Za-z0-9_]", spec)
    return found[0] if found else spec


def channels_for(profile: Profile, settings: CondaSettings) -> tuple[str, ...]:
    """The profile's channels, else those that conda is configured to, else conda-forge.

    Where conda is configured to a channel by an address that ends in the name of a profile's (`https://mirror/conda-forge`),
    that one is meant: it is how mirrors are most often written down.
    """
    if not profile.conda_channels:
        return settings.channels or (DEFAULT_CHANNEL,)
    mirrors = {address.rstrip("/").rpartition("/")[2]: address for address in settings.channels if "://" in address}
    return tuple(mirrors.get(channel, channel) for channel in profile.conda_channels)


def subdir_of(platform: Platform) -> str | None:
    """`linux-64`; None where conda has no such platform, as with musl."""
    if platform.libc == "musl":
        return None
    return _SUBDIRS.get((platform.system, platform.machine))


def virtual_packages(facts: Facts) -> tuple[str, ...]:
    """What a machine is in conda's words; what is not known is left out, and packages that ask for it do not fit then."""
    os, cpu, driver = facts.os, facts.cpu, facts.driver
    if isinstance(os, Unknown):
        return ()
    found = {"linux": ["__unix=0", "__linux=" + _number(os.kernel)], "macos": ["__unix=0", "__osx=" + _number(os.version)]}.get(
        str(os.system), ["__win=0"]
    )
    if os.system == "linux" and isinstance(os.libc_version, Version):
        found.append(f"__glibc={os.libc_version}")
    level = None if isinstance(cpu, Unknown) or isinstance(cpu.x86_64_level, Unknown) else cpu.x86_64_level
    machine = "" if isinstance(os.machine, Unknown) else os.machine.lower()
    if level and machine in {"x86_64", "amd64"}:
        found.append(f"__archspec=1=x86_64_v{level}" if level > 1 else "__archspec=1=x86_64")
    elif machine:
        found.append(f"__archspec=1={machine}")
    if isinstance(driver, NvidiaDriver) and isinstance(driver.cuda_version, Version):
        found.append(f"__cuda={driver.cuda_version.major}.{driver.cuda_version.minor}")
    return tuple(found)


def _number(text: object) -> str:
    """The version at the start of a text such as `6.8.0-45-generic`; 0 where there is none."""
    found = re.match(r"\d+(\.\d+)*", text if isinstance(text, str) else "")
    return found[0] if found else "0"
