"""pip and uv commands → requirements with what the command says of indexes and builds."""

from __future__ import annotations

import re

from envdoctor.dockerfile.shell import ShellCommand
from envdoctor.model.record import record

_VALUED = frozenset({
    "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-r", "--requirement", "-c", "--constraint", "-e",
    "--editable", "-t", "--target", "--prefix", "--root", "--src", "--python", "-p", "--python-version", "--platform",
    "--abi", "--implementation", "--no-binary", "--only-binary", "--config-settings", "-C", "--global-option",
    "--build-option", "--cache-dir", "--timeout", "--retries", "--trusted-host", "--proxy", "--cert", "--client-cert",
    "--progress-bar", "--report", "--log", "--upgrade-strategy", "--index-strategy", "--default-index", "--index",
    "--extra", "--group", "--overrides", "--override", "--prerelease", "--resolution", "--link-mode", "--torch-backend",
    "--python-platform", "--exclude-newer", "--no-build-isolation-package",
})  # fmt: skip
"""Options of pip and uv that take a value."""
UNTOLD = "\0"
"""Stands for a word that only a shell can know; as an index it is one, of which nothing is known."""
_PIP = re.compile(r"(?:^|/)pip3?(?:\.\d+)*$")
_PYTHON = re.compile(r"(?:^|/)python3?(?:\.\d+)*$")
_HEADS: tuple[tuple[re.Pattern[str] | str, ...], ...] = (
    (_PIP,), (_PYTHON, "-m", "pip"), (re.compile(r"(?:^|/)uv$"), "pip"),
)  # fmt: skip
"""What an install starts with."""


@record
class PipCommand:
    """One `pip install` or `uv pip install`."""

    program: str
    """`pip3.11`, `/opt/venv/bin/python`, `uv`."""
    requirements: tuple[tuple[str, int], ...]
    """Text and line of each."""
    files: tuple[tuple[str, int], ...]
    """Requirement files."""
    index: str | None
    extra_indexes: tuple[str, ...]
    python: str | None
    flags: frozenset[str]
    line: int
    builds: bool


def parse_pip(command: ShellCommand) -> PipCommand | None:
    """The command as an install; None where it is none."""
    start = _start(command.argv)
    if start is None:
        return None
    requirements: list[tuple[str, int]] = []
    files: list[tuple[str, int]] = []
    values: dict[str, list[str]] = {}
    flags: set[str] = set()
    place = start
    argv = command.argv
    while place < len(argv):
        word, line = argv[place], command.line_of(place)
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word == UNTOLD:
            pass  # a requirement, or an option: nothing is said of it
        elif not word.startswith("-"):
            requirements.append((word, line))
        elif name in _VALUED:
            if not equals:
                place += 1
                value = argv[place] if place < len(argv) else ""
            if name in {"-r", "--requirement"}:
                files.append((value, line))
            values.setdefault(name, []).append(value)
        elif word.startswith("-r") and len(word) > 2:
            files.append((word[2:], line))
        else:
            flags.add(name)
        place += 1
    index = [*values.get("-i", []), *values.get("--index-url", []), *values.get("--default-index", [])]
    pages = (*values.get("-f", []), *values.get("--find-links", []))
    extra = (*values.get("--extra-index-url", []), *values.get("--index", []), *(page for page in pages if "/whl/" in page))
    python = [*values.get("--python", []), *(values.get("-p", []) if argv[0].endswith("uv") else [])]
    builds = bool({"--no-build-isolation"} & flags) or bool(values.get("--no-binary")) or bool(values.get("-e"))
    return PipCommand(
        argv[0], tuple(requirements), tuple(files), index[-1] if index else None, extra, python[-1] if python else None,
        frozenset(flags), command.line, builds,
    )  # fmt: skip


def _start(argv: tuple[str, ...]) -> int | None:
    """Where the words after `install` begin."""
    for head in _HEADS:
        size = len(head)
        if len(argv) <= size or not all(_matches(part, word) for part, word in zip(head, argv, strict=False)):
            continue
        if "install" in argv[size : size + 4]:
            return argv.index("install", size) + 1
    return None


def _matches(part: re.Pattern[str] | str, word: str) -> bool:
    return word == part if isinstance(part, str) else part.search(word) is not None
