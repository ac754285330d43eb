"""The operating system, processor and tools of a report's machine, from what its lines state."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.version import Version

from envdoctor.model.facts import Cpu, OperatingSystem, Tool, Unknown
from envdoctor.reports.stating import FILLED_IN, MENTIONED, Stated, about
from envdoctor.reports.versions import find_version

NOT_SAID = Unknown("the report does not say")
_LINUX = (
    r"linux|ubuntu|debian|centos|red ?hat|rhel|fedora|rocky|alma|suse|arch\b|alpine|mint|manjaro|pop!?_os|amazon|wsl|gentoo"
    r"|nixos|kali"
)
_SYSTEMS = ((r"wsl|microsoft-standard", "linux"), (r"\bwin(?:dows|32|10|11|-64|_amd64|_arm64)?\b|windows", "windows"),
            (r"darwin|mac ?os|macos|osx|\bmac\b|macosx", "macos"), (_LINUX, "linux"))  # fmt: skip
_DISTRIBUTIONS = ("ubuntu", "debian", "centos", "fedora", "rocky", "almalinux", "alpine", "arch", "opensuse", "gentoo", "nixos")
_MACHINE = re.compile(
    r"x86_64|aarch64|arm64|amd64|ppc64le|(?<=win-|-osx)64\b|(?<=linux-)64\b|(?<=osx-)64\b|AMD64|linux-64|win-64"
)
_FIRST_WSL = re.compile(r"\b4\.4\.0-\d{4,5}-Microsoft\b|\bWSL ?1\b")
"""WSL 1 names itself by the kernel that it imitates. Source: https://learn.microsoft.com/en-us/windows/wsl/compare-versions"""
_MACHINES = {"amd64": "x86_64", "64": "x86_64", "linux-64": "x86_64", "win-64": "x86_64", "osx-64": "x86_64"}


def system_of(text: str) -> str | None:
    """The kind of system that a text names: `linux`, `windows`, `macos`; None where it names none."""
    lowered = text.lower()
    return next((system for pattern, system in _SYSTEMS if re.search(pattern, lowered)), None)


def gather_os(stated: Sequence[Stated]) -> OperatingSystem | Unknown:
    """The operating system; Unknown where nothing gives it away."""
    said = _first_system(stated)
    if said is None:
        return NOT_SAID
    system, source = said
    wsl = _wsl(stated, system)
    names = [one.value for one in about(stated, "os") if system_of(one.value) == system]
    name = next((one for one in names if isinstance(_distribution(one), str)), next(iter(names), None))
    kernel = next((one.value for one in about(stated, "kernel")), None)
    libc, version = _libc(stated, system, name)
    return OperatingSystem(
        system=system,
        machine=_machine(stated, system),
        id=_distribution(name) if system == "linux" else None,
        version=_version(stated, system, name),
        name=name or NOT_SAID,
        kernel=kernel or _kernel_of_platform(stated) or NOT_SAID,
        libc=libc,
        libc_version=version,
        wsl=wsl,
        virtual_machine=NOT_SAID,
        source=source,
    )


def _first_system(stated: Sequence[Stated]) -> tuple[str, str] | None:
    """The system that most weight stands for. WSL counts as Linux where a form or a kernel says so."""
    if any(_says_wsl(one) for one in stated if one.weight >= FILLED_IN):
        return "linux", next(one.source for one in stated if _says_wsl(one) and one.weight >= FILLED_IN)
    mentioned = _mentioned_wsl(stated)
    if mentioned is not None:
        return "linux", mentioned.source
    topics = ("platform", "os", "kernel", "windows", "conda.platform", "uname", "darwin", "macos", "wheel.platform", "os.hint")
    fixed = {"kernel": "linux", "windows": "windows", "darwin": "macos", "macos": "macos"}
    for one in about(stated, *topics):
        system = fixed.get(one.topic) or system_of(one.value)
        if system is not None:
            return system, one.source
    apple = next(about(stated, "gpu.apple"), None)
    if apple is not None:
        return "macos", apple.source
    named_so = next((one for one in about(stated, "machine") if re.search("aarch64|ppc64le", one.value)), None)
    return None if named_so is None else ("linux", named_so.source)  # the words of Linux; macOS and Windows say arm64


def _mentioned_wsl(stated: Sequence[Stated]) -> Stated | None:
    """Where prose speaks of WSL, of a Linux distribution and of Windows around it, and nothing weighs more: WSL."""
    named = [one for one in stated if one.topic in {"os", "platform", "os.hint"}]
    said = next((one for one in named if _says_wsl(one)), None)
    if said is None or any(one.weight >= FILLED_IN for one in named):
        return None
    if any(one.topic == "os.hint" and one.value == "windows" and one.line != said.line for one in named):
        return None
    systems = {system_of(one.value) for one in named if one is not said}
    return said if {"linux", "windows"} <= systems else None


def _says_wsl(one: Stated) -> bool:
    said = one.value.lower()
    if one.topic in {"kernel", "platform"}:
        return "microsoft" in said
    return (one.topic == "os" and "wsl" in said) or (one.topic == "wsl" and said[:1].isdigit()) or one.topic == "wsl.sign"


def _wsl(stated: Sequence[Stated], system: str) -> int | Unknown | None:
    if system != "linux":
        return None
    said = [one for one in stated if one.weight >= MENTIONED and _says_wsl(one)]
    if said:
        return 1 if any(_FIRST_WSL.search(one.value) for one in said) else 2
    return None if any(one.topic in {"kernel", "platform"} for one in stated) else NOT_SAID


def _machine(stated: Sequence[Stated], system: str) -> str | Unknown:
    """The architecture that something states outright, in Python's platform string or in the name of a wheel."""
    for one in about(stated, "machine", "platform", "uname", "os", "python", "conda.platform", "wheel.platform"):
        match = _MACHINE.search(one.value) or _MACHINE.search(one.value.lower())
        if match is not None:
            found = _MACHINES.get(match[0].lower(), match[0])
            if found in {"arm64", "aarch64"}:
                return "aarch64" if system == "linux" else "arm64"
            return found
    if any(one.topic == "gpu.apple" for one in stated) and system == "macos":
        return "arm64"
    return NOT_SAID


def _distribution(name: str | None) -> str | Unknown:
    lowered = (name or "").lower()
    if "red hat" in lowered or "rhel" in lowered:
        return "rhel"
    return next((id for id in _DISTRIBUTIONS if id in lowered), NOT_SAID)


def _version(stated: Sequence[Stated], system: str, name: str | None) -> str | Unknown | None:
    said = [one.value for one in about(stated, "macos" if system == "macos" else "os.version")]
    if system == "macos":
        said += [match[1] for one in about(stated, "platform") if (match := re.search(r"mac[oO][sS]X?-(\d+[\d.]*)", one.value))]
    for text in (name or "", *said):
        named = re.search(r"win(?:dows)?[^\d,;]{0,12}(\d+(?:\.\d+)*)", text, re.I) if system == "windows" else None
        found = named or re.search(r"(\d+(?:\.\d+)*)", text.replace("x86_64", ""))
        if found:
            return found[1]
    return NOT_SAID


def _kernel_of_platform(stated: Sequence[Stated]) -> str | None:
    for one in about(stated, "platform", "uname"):
        match = re.match(r"Linux-(\d[\w.+-]*?)-(?:x86_64|aarch64|with)", one.value) or re.search(r"release='([^']+)'", one.value)
        if match and system_of(one.value) == "linux":
            return match[1]
    return None


def _libc(stated: Sequence[Stated], system: str, name: str | None) -> tuple[str | Unknown | None, Version | Unknown | None]:
    if system != "linux":
        return None, None
    for one in about(stated, "libc", "platform"):
        match = re.search(r"(?:g?libc[- ]?)?(\d+\.\d+)$" if one.topic == "libc" else r"glibc(\d+\.\d+)", one.value)
        if match:
            return "glibc", Version(match[1])
    if any(one.topic == "libc.musl" for one in stated) or "alpine" in (name or "").lower():
        return "musl", NOT_SAID
    return NOT_SAID, NOT_SAID


def gather_cpu(stated: Sequence[Stated]) -> Cpu | Unknown:
    """The processor, as far as /proc/cpuinfo or lscpu is in the report."""
    model = next(
        (
            one
            for one in about(stated, "cpu.model")
            if re.search(r"intel|amd|core|xeon|ryzen|epyc|arm|apple|cpu", one.value, re.I)
        ),
        None,
    )
    flags = next((one for one in about(stated, "cpu.flags") if " sse2 " in f" {one.value} " or " asimd" in one.value), None)
    if model is None and flags is None:
        return NOT_SAID
    return Cpu(
        vendor=NOT_SAID,
        model=model.value if model else NOT_SAID,
        sockets=NOT_SAID,
        cores=NOT_SAID,
        threads=NOT_SAID,
        features=frozenset(flags.value.split()) if flags else NOT_SAID,
        x86_64_level=NOT_SAID,
        numa_nodes=NOT_SAID,
        source=(flags or model).source,  # type: ignore[union-attr]
    )


def gather_tools(stated: Sequence[Stated]) -> tuple[Tool, ...] | Unknown:
    """Compilers and cmake, where their version is stated."""
    found = []
    for name in ("gcc", "cmake"):
        said = next(
            ((version, one) for one in about(stated, name) if (version := find_version(one.value.rpartition(") ")[2]))), None
        )
        if said is not None:
            found.append(Tool(name, NOT_SAID, said[0], said[1].source))
    return tuple(found) or NOT_SAID
