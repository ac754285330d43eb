"""Tools, the search path, and environment variables."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import Tool, Unknown
from envdoctor.probes.places import find_program, joined, parse_search_path, posix
from envdoctor.probes.tools import VERSION_COMMANDS, parse_tool_version, probe_tools
from envdoctor.probes.variables import NAMES, probe_variables, without_credentials
from envdoctor.system.answers import command_key
from envdoctor.system.port import Output, TimedOut
from envdoctor.system.redact import redact_variable
from envdoctor.system.rootfs import Rootfs
from tests.probes.environments import Box


def tool(box: Box, name: str, *, versions: bool = False) -> Tool:
    return next(one for one in probe_tools(box, versions=versions) if one.name == name)


def test_every_tool_is_named_and_what_is_absent_has_no_path() -> None:
    tools = probe_tools(Box({"/usr/bin/git": ""}))
    assert [one.name for one in tools] == list(VERSION_COMMANDS)
    assert [one.name for one in tools if one.path is not None] == ["git"]


def test_a_version_is_not_asked_for_unless_wanted() -> None:
    argv = ("/usr/bin/git", "--version")
    box = Box({"/usr/bin/git": ""}, commands={command_key(argv): Output(0, "git version 2.39.5\n", "")})
    assert isinstance(tool(box, "git").version, Unknown)
    asked = tool(box, "git", versions=True)
    assert (asked.version, asked.source) == (Version("2.39.5"), "/usr/bin/git --version")


@pytest.mark.parametrize("answer", [Output(0, "no number here", ""), TimedOut("git", "5 s"), None])
def test_a_tool_that_does_not_answer_has_an_unknown_version(answer: Output | TimedOut | None) -> None:
    commands = {command_key(("/usr/bin/git", "--version")): answer} if answer else {}
    assert isinstance(tool(Box({"/usr/bin/git": ""}, commands=commands), "git", versions=True).version, Unknown)


@pytest.mark.parametrize("name", ["code", "jupyter"])
def test_slow_tools_are_never_started(name: str) -> None:
    found = tool(Box({f"/usr/bin/{name}": ""}), name, versions=True)
    assert isinstance(found.version, Unknown)
    assert "is not started" in found.version.reason


@pytest.mark.parametrize(
    ("name", "files", "links", "version"),
    [
        ("gcc", {"/usr/bin/x86_64-linux-gnu-gcc-12": "", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1": "",
                 "/usr/lib/gcc/x86_64-linux-gnu/11/libgcc.a": ""},
         {"/usr/bin/gcc": "gcc-12", "/usr/bin/gcc-12": "x86_64-linux-gnu-gcc-12"}, "12"),
        ("g++", {"/usr/bin/g++": "", "/usr/lib/gcc/x86_64-redhat-linux/11/cc1plus": ""}, {}, "11"),
        ("gcc", {"/usr/bin/gcc": "", "/usr/lib/gcc/t/11/cc1": "", "/usr/lib/gcc/t/12/cc1": ""}, {}, None),
        ("clang", {"/usr/lib/llvm-14/bin/clang": "", "/usr/lib/llvm-14/lib/clang/14.0.6/include/x.h": ""},
         {"/usr/bin/clang": "/usr/lib/llvm-14/bin/clang"}, "14.0.6"),
        ("cmake", {"/usr/bin/cmake": "", "/usr/share/cmake-3.25/Modules/x": "", "/usr/share/cmake/y": ""}, {}, "3.25"),
        ("nvcc", {"/usr/local/cuda-12.4/bin/nvcc": "", "/usr/local/cuda-12.4/version.txt": "CUDA Version 12.4.1"},
         {"/usr/bin/nvcc": "/usr/local/cuda-12.4/bin/nvcc"}, "12.4.1"),
        ("conda", {"/opt/conda/bin/conda": "", "/opt/conda/conda-meta/conda-24.1.2-py311_0.json": "",
                   "/opt/conda/conda-meta/conda-libmamba-solver-24.1.0-py_0.json": ""},
         {"/usr/bin/conda": "/opt/conda/bin/conda"}, "24.1.2"),
    ],
)  # fmt: skip
def test_versions_that_files_tell(name: str, files: dict[str, str], links: dict[str, str], version: str | None) -> None:
    found = tool(Box(files, links=links), name)
    assert found.path == f"/usr/bin/{name}"
    assert found.version == Version(version) if version else isinstance(found.version, Unknown)


@pytest.mark.parametrize(
    ("name", "printed", "version"),
    [
        ("gcc", "12\n12.2.0\n", "12.2.0"),
        ("gcc", "12\n", "12"),
        ("nvcc", "Cuda compilation tools, release 12.4, V12.4.131", "12.4.131"),
        ("cl", "\nMicrosoft (R) C/C++ Optimizing Compiler Version 19.38.33133 for x64", "19.38.33133"),
        ("docker", "Docker version 28.2.2, build e6534b4", "28.2.2"),
        ("ffmpeg", "ffmpeg version n6.1.1 Copyright (c) 2000-2023", None),
        ("uv", "uv 0.9.1 (abc 2025-10-01)", "0.9.1"),
        ("make", "", None),
    ],
)
def test_what_tools_print(name: str, printed: str, version: str | None) -> None:
    assert parse_tool_version(name, printed) == (Version(version) if version else None)


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        ("/usr/bin:/bin:/usr/bin/:relative::", ("/usr/bin", "/bin")),
        ("/usr/bin:/mnt/c/Windows/System32:/mnt/wsl/bin:/mnt/d", ("/usr/bin", "/mnt/wsl/bin")),
        ("C:\\Windows;D:\\Tools\\;\\relative", ("C:/Windows", "D:/Tools")),
        ("/", ("/",)),
        ("", ()),
    ],
)
def test_search_path(text: str, folders: tuple[str, ...]) -> None:
    assert parse_search_path(text) == folders


def test_programs_are_files_that_may_be_started() -> None:
    box = Box({"/srv/git": "", "C:/Store/python3.exe": "", "D:/P/python3.exe": "MZ"}, folders=("/opt/bin/git",))
    assert find_program(box, "git", ("/srv", "/opt/bin")) is None
    assert find_program(box, "python3", ("C:/Store", "D:/P")) == "D:/P/python3.exe"


@pytest.mark.parametrize(
    ("folder", "path", "whole"),
    [("/a/b", "../c/./d", "/a/c/d"), ("/a", "/x//y/", "/x/y"), ("/a", "../../..", "/"), ("C:/a", "b", "C:/a/b")],
)
def test_joined(folder: str, path: str, whole: str) -> None:
    assert joined(folder, path) == whole
    assert posix("C:\\a\\b") == "C:/a/b"
    assert posix("/a\\b") == "/a\\b"


def test_variables_that_are_set() -> None:
    box = Box(variables={"CUDA_VISIBLE_DEVICES": "", "LD_LIBRARY_PATH": "/x", "HOME": "/home/ada", "AWS_SECRET_ACCESS_KEY": "s"})
    assert probe_variables(box) == {"CUDA_VISIBLE_DEVICES": "", "LD_LIBRARY_PATH": "/x"}
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("value", ["/usr/local/cuda-12.4", "0,1", "1", "http://***@proxy:3128"])
def test_recordings_keep_what_is_asked_for(value: str) -> None:
    assert [name for name in NAMES if redact_variable(name, value) != value] == []


def test_variables_of_an_image_without_a_configuration_are_unknown(tmp_path: object) -> None:
    assert isinstance(probe_variables(Rootfs(str(tmp_path))), Unknown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://user:pass@proxy:3128", "http://***@proxy:3128"),
        ("https://token@host/simple https://a:b@c/", "https://***@host/simple https://***@c/"),
        ("https://host/?token=abc&x=1", "https://host/?token=***&x=1"),
        ("/usr/lib@2:/opt", "/usr/lib@2:/opt"),
    ],
)
def test_credentials_are_taken_out(value: str, shown: str) -> None:
    assert without_credentials(value) == shown
