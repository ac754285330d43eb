"""Programs that matter to a deep-learning environment: where they are, and their versions where a file tells."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping

from packaging.version import Version

from envdoctor.model.record import replace
from envdoctor.model.software import CudaToolkit, Tool
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none
from envdoctor.probes.assignments import parse_version
from envdoctor.probes.cuda import root_of_nvcc, toolkit_version
from envdoctor.probes.metadata import parse_conda_name
from envdoctor.probes.places import find_program, name_of, parent_of, resolved, search_path
from envdoctor.system.port import SourceError, System

VERSION_COMMANDS: dict[str, tuple[str, ...] | None] = {
    "gcc": ("-dumpfullversion", "-dumpversion"),
    "g++": ("-dumpfullversion", "-dumpversion"),
    "clang": ("--version",),
    "cl": (),
    "nvcc": ("--version",),
    "hipcc": ("--version",),
    "gfortran": ("-dumpfullversion", "-dumpversion"),
    "cmake": ("--version",),
    "ninja": ("--version",),
    "make": ("--version",),
    "ld": ("--version",),
    "git": ("--version",),
    "conda": ("--version",),
    "mamba": ("--version",),
    "micromamba": ("--version",),
    "pixi": ("--version",),
    "uv": ("--version",),
    "pip": ("--version",),
    "pipx": ("--version",),
    "poetry": ("--version",),
    "docker": ("--version",),
    "podman": ("--version",),
    "apptainer": ("--version",),
    "nvidia-container-cli": ("--version",),
    "nvidia-ctk": ("--version",),
    "nvidia-smi": ("--version",),
    "rocm-smi": ("--version",),
    "amd-smi": ("version",),
    "xpu-smi": ("--version",),
    "jupyter": None,
    "code": None,
    "ffmpeg": ("-version",),
    "ldconfig": ("--version",),
    "lspci": None,
    "sudo": None,
}
"""Tool to the arguments that make it print its version; None for one that takes long or opens windows when asked."""

_NUMBER = r"(?<![\w.])[vV]?(\d+(?:\.\d+)+)"
_Stated = tuple[Version | Unknown | None, str]
"""A version, and the file that states it."""
_NOT_ASKED = "its version was not asked for: no file states it, and `check` starts no program to find out"


def probe_tools(system: System, *, versions: bool = False, toolkits: tuple[CudaToolkit, ...] = ()) -> tuple[Tool, ...]:
    """Every tool of VERSION_COMMANDS; path None where it is not on PATH.

    PATH is searched with stat alone. Versions come from files (nvcc's is that of its toolkit: one of `toolkits`, or read
    anew); with `versions`, what no file states is asked of the tools themselves, side by side. Otherwise it is Unknown.
    """
    folders = search_path(system)
    known = {kit.path: (kit.version, kit.source) for kit in toolkits}
    tools = [_found(system, name, folders, known) for name in VERSION_COMMANDS]
    if versions:
        _ask_side_by_side(system, tools)
    return tuple(tools)


def parse_tool_version(name: str, text: str) -> Version | None:
    """The version in what a tool prints about itself."""
    if name == "nvcc":
        found = re.search(r"\bV(\d+(?:\.\d+)+)", text)
    else:
        found = re.search(_NUMBER, text) or re.search(r"^(\d+)$", text.strip())
    return parse_version(found.group(1)) if found else None


def _found(system: System, name: str, folders: tuple[str, ...], toolkits: Mapping[str, _Stated]) -> Tool:
    path = find_program(system, name, folders)
    if path is None:
        return Tool(name, None, None, source="PATH")
    if name == "nvcc":
        version, source = _nvcc_version(system, path, toolkits)
    else:
        look = _FILE_VERSIONS.get(name)
        version, source = look(system, path) if look else (None, "")
    return Tool(name, path, version or Unknown(_NOT_ASKED), source or "PATH")


def _gcc_version(system: System, path: str) -> tuple[Version | None, str]:
    """GCC's private folder, `lib/gcc/TRIPLE/VERSION`: the major on Debian and RHEL, the full version elsewhere."""
    real = resolved(system, path)
    prefix = parent_of(parent_of(real))
    wanted = name_of(real).rpartition("-")[2]  # gcc-12
    for root in (f"{prefix}/lib/gcc", f"{prefix}/lib64/gcc", f"{prefix}/libexec/gcc"):
        for triple in names_or_none(system, root):
            names = [name for name in names_or_none(system, f"{root}/{triple}") if _is_numbers(name)]
            if _is_numbers(wanted):
                names = [name for name in names if name == wanted or name.startswith(wanted + ".")]
            if len(names) == 1:
                return Version(names[0]), f"{root}/{triple}/{names[0]}"
    return None, ""


def _is_numbers(text: str) -> bool:
    return all(map(str.isdecimal, text.split(".")))


def _clang_version(system: System, path: str) -> tuple[Version | None, str]:
    """Clang's resource folder, `lib/clang/VERSION`."""
    root = f"{parent_of(parent_of(resolved(system, path)))}/lib/clang"
    versions = [version for name in names_or_none(system, root) if (version := parse_version(name))]
    return (max(versions), root) if len({one.major for one in versions}) == 1 else (None, "")


def _cmake_version(system: System, path: str) -> tuple[Version | None, str]:
    """CMake's modules, `share/cmake-3.25`: major and minor."""
    root = f"{parent_of(parent_of(resolved(system, path)))}/share"
    names = [
        name
        for name in names_or_none(system, root)
        if name.startswith("cmake-") and name.count(".") == 1 and _is_numbers(name[6:])
    ]
    return (parse_version(names[0].partition("-")[2]), f"{root}/{names[0]}") if len(names) == 1 else (None, "")


def _nvcc_version(system: System, path: str, toolkits: Mapping[str, _Stated]) -> tuple[Version | None, str]:
    root = root_of_nvcc(system, path)
    version, source = toolkits.get(root, (None, ""))
    if isinstance(version, Version) and not source.endswith(" --version"):
        return version, source
    return toolkit_version(system, root)


def _conda_recorded(name: str) -> Callable[[System, str], tuple[Version | None, str]]:
    """A version look-up in the conda-meta of the prefix that a tool lies in (`bin` or `condabin`)."""

    def look(system: System, path: str) -> tuple[Version | None, str]:
        folder = f"{parent_of(parent_of(resolved(system, path)))}/conda-meta"
        for file_name in names_or_none(system, folder):
            pair = parse_conda_name(file_name) if file_name.startswith(f"{name}-") else None
            if pair and pair[0] == name:
                return parse_version(pair[1]), f"{folder}/{file_name}"
        return None, ""

    return look


_FILE_VERSIONS: dict[str, Callable[[System, str], tuple[Version | None, str]]] = {
    "gcc": _gcc_version,
    "g++": _gcc_version,
    "gfortran": _gcc_version,
    "clang": _clang_version,
    "cmake": _cmake_version,
    "conda": _conda_recorded("conda"),
    "mamba": _conda_recorded("mamba"),
}


def _ask_side_by_side(system: System, tools: list[Tool]) -> None:
    def ask(place: int) -> None:
        tools[place] = _asked(system, tools[place])

    waiting = [place for place, tool in enumerate(tools) if tool.path is not None and isinstance(tool.version, Unknown)]
    threads = [threading.Thread(target=ask, args=(place,), daemon=True) for place in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _asked(system: System, tool: Tool) -> Tool:
    arguments = VERSION_COMMANDS[tool.name]
    if arguments is None or not isinstance(tool.path, str):
        return replace(tool, version=Unknown(f"{tool.name} is not started to ask for its version: that takes long"))
    argv = (tool.path, *arguments)
    try:
        output = system.run(argv)
    except SourceError as error:
        return replace(tool, version=Unknown(str(error)))
    version = parse_tool_version(tool.name, f"{output.stdout}\n{output.stderr}")
    return replace(tool, version=version or Unknown(f"{' '.join(argv)} prints no version"), source=" ".join(argv))
