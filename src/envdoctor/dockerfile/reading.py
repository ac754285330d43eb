"""Stages → recipes: every package that a stage gets, with the line that asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from envdoctor.dockerfile.expanding import expand
from envdoctor.dockerfile.installs import UNTOLD, PipCommand, parse_pip
from envdoctor.dockerfile.parsing import Instruction, parse_dockerfile
from envdoctor.dockerfile.pythons import Pythons
from envdoctor.dockerfile.shell import ShellCommand, commands_of
from envdoctor.dockerfile.stages import Stage, declare, needed_stages, split_stages
from envdoctor.dockerfile.words import assignments
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.parent_images import base_image
from envdoctor.model.recipe import BaseImage, Installed, Recipe, SystemPackage
from envdoctor.model.unknown import Unknown

_SYSTEM = frozenset({"apt", "apt-get", "aptitude", "dnf", "yum", "microdnf", "tdnf", "apk", "zypper"})
_ADDING = frozenset({"install", "add", "in"})
_MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64", "linux/arm64/v8": "aarch64"}
_ENVIRONMENT_MAKERS = frozenset({"virtualenv", "uv"})

ReadFile = Callable[[str], "str | None"]
"""A file of the build context by its path there; None where it cannot be read."""


def read_recipes(
    text: str, knowledge: Knowledge, *, path: str = "Dockerfile", arguments: Mapping[str, str] | None = None,
    stage: str | None = None, read_file: ReadFile = lambda _path: None,
) -> tuple[Recipe, ...]:  # fmt: skip
    """A recipe for every stage that ends up in the image, the last one first.

    Args:
        text: the Dockerfile.
        knowledge: what base images bring.
        path: how the file is called.
        arguments: `--build-arg`.
        stage: the stage to build; None for the last.
        read_file: reads requirement files of the build context.

    Raises:
        BadInput: it is no Dockerfile, or there is no such stage.
    """
    stages = split_stages(parse_dockerfile(text, path), arguments or {})
    return tuple(
        _Reader(stages, one, knowledge, path, arguments or {}, read_file).recipe() for one in needed_stages(stages, stage)
    )


class _Reader:
    """Walks through a stage and its ancestors, first to last."""

    def __init__(
        self, stages: tuple[Stage, ...], stage: Stage, knowledge: Knowledge, path: str, arguments: Mapping[str, str],
        read_file: ReadFile,
    ) -> None:  # fmt: skip
        self._chain = _chain(stages, stage)
        self._stage, self._path, self._arguments, self._read_file = stage, path, arguments, read_file
        self._base = _base(self._chain[0], knowledge)
        self._pythons = Pythons(self._base, knowledge)
        self._scope: dict[str, str | None] = {}
        self._variables: list[tuple[str, str, int]] = []
        self._installed: list[Installed] = []
        self._system: list[SystemPackage] = []
        self._copied: dict[str, str] = {}

    def recipe(self) -> Recipe:
        """The stage with all that it is built on."""
        for stage in self._chain:
            outer = dict(stage.scope)
            for instruction in stage.instructions:
                self._take(instruction, outer)
        platform = self._chain[0].platform
        return Recipe(
            self._path, self._stage.name, self._stage.line, self._base, tuple(self._installed), tuple(self._system),
            tuple(self._variables), _MACHINES.get(platform or ""),
        )  # fmt: skip

    def _take(self, instruction: Instruction, outer: Mapping[str, str | None]) -> None:
        if instruction.keyword == "ARG":
            declare(instruction, self._scope, self._arguments, outer)
        elif instruction.keyword == "ENV":
            self._set(instruction)
        elif instruction.keyword in {"COPY", "ADD"} and instruction.flag("from") is None:
            self._copy(instruction)
        elif instruction.keyword == "RUN":
            shell = dict(self._scope)
            for command in commands_of(instruction):
                self._run(command, shell)

    def _set(self, instruction: Instruction) -> None:
        for name, value in assignments(instruction.text):
            known = expand(value or "", self._scope)
            self._scope[name] = known
            if known is not None:
                self._variables.append((name, known, _line_of(name, instruction)))
            if name == "VIRTUAL_ENV" and known:
                self._pythons.environment = known
            elif name == "PATH" and known is not None and "/bin" in known:
                self._enter(known.split(":")[0])

    def _enter(self, folder: str) -> None:
        """A folder in front of the others on PATH is that of an environment, unless it is a system's own."""
        if folder.endswith("/bin") and folder not in {"/usr/bin", "/usr/local/bin", "/bin"} and "cuda" not in folder:
            self._pythons.environment = folder.removesuffix("/bin")

    def _copy(self, instruction: Instruction) -> None:
        words = [word for word in (expand(word, self._scope) for word in instruction.text.split()) if word]
        for source in words[:-1]:
            self._copied[source.rpartition("/")[2]] = source.removeprefix("./")

    def _run(self, command: ShellCommand, scope: dict[str, str | None]) -> None:
        if not command.argv:
            scope.update({name: expand(value, scope, None) for name, value in command.assigned})
            return
        words = [(expand(word, scope, None), command.line_of(place)) for place, word in enumerate(command.argv)]
        if words[0][0] is None:
            return
        told = tuple(UNTOLD if word is None else word for word, _line in words)
        plain = ShellCommand(command.line, told, (), tuple(line for _word, line in words))
        name = plain.argv[0].rpartition("/")[2]
        if name == "export":
            scope.update({word.partition("=")[0]: word.partition("=")[2] for word in plain.argv[1:] if "=" in word})
        elif name in _SYSTEM:
            self._add_system(plain)
        elif name == "ln" or name == "update-alternatives":
            self._pythons.linked(plain.argv)
        elif name in {"conda", "mamba", "micromamba"}:
            self._pythons.created_by_conda(plain.argv)
        elif name.startswith("NVIDIA-Linux-") or (name in {"sh", "bash"} and any("NVIDIA-Linux-" in word for word in plain.argv)):
            self._system.append(SystemPackage("NVIDIA-Linux", command.line))
        elif _makes_environment(plain.argv):
            self._pythons.created(plain.argv)
        else:
            found = parse_pip(plain)
            if found is not None:
                self._add(found, dict(command.assigned))

    def _add_system(self, command: ShellCommand) -> None:
        place = next((place for place, word in enumerate(command.argv) if word in _ADDING), None)
        if place is None:
            return
        for offset, word in enumerate(command.argv[place + 1 :], place + 1):
            if not word.startswith("-") and word != UNTOLD:
                self._system.append(SystemPackage(word.partition("=")[0], command.line_of(offset)))
                self._pythons.installed(word.partition("=")[0])

    def _add(self, found: PipCommand, assigned: Mapping[str, str]) -> None:
        variables = {**{name: value for name, value, _line in self._variables}, **assigned}
        program = found.python if found.program.endswith("uv") and found.python else found.program
        by_uv = found.program.endswith("uv")
        python = self._pythons.of(program)
        common = {
            "command_line": found.line,
            "python": python,
            "system_python": self._pythons.is_system(program) and (not by_uv or "--system" in found.flags),
            "may_break_system": "--break-system-packages" in found.flags
            or variables.get("PIP_BREAK_SYSTEM_PACKAGES", "") not in {"", "0"},
            "index": found.index or variables.get("UV_DEFAULT_INDEX" if by_uv else "PIP_INDEX_URL") or None,
            "extra_indexes": found.extra_indexes or tuple(variables.get("PIP_EXTRA_INDEX_URL", "").split()),
            "pre": "--pre" in found.flags,
            "builds": found.builds,
        }
        for text, line in found.requirements:
            self._installed.append(Installed(text, line, **common))  # type: ignore[arg-type]
        for name, line in found.files:
            for text in self._listed(name):
                self._installed.append(Installed(text, line, **common))  # type: ignore[arg-type]

    def _listed(self, name: str) -> list[str]:
        """The requirements of a file of the build context; none where it is not there."""
        text = self._read_file(self._copied.get(name.rpartition("/")[2], name))
        rows = [row.split(" #")[0].strip() for row in (text or "").splitlines()]
        return [row for row in rows if row and not row.startswith(("#", "-"))]


def _makes_environment(argv: tuple[str, ...]) -> bool:
    name = argv[0].rpartition("/")[2]
    return argv[1:3] == ("-m", "venv") or argv[1:3] == ("-m", "virtualenv") or (
        name in _ENVIRONMENT_MAKERS and (name == "virtualenv" or argv[1:2] == ("venv",))
    )  # fmt: skip


def _chain(stages: tuple[Stage, ...], stage: Stage) -> tuple[Stage, ...]:
    """A stage's ancestors, the first one first, and itself."""
    chain = [stage]
    while chain[0].parent is not None:
        chain.insert(0, stages[chain[0].parent])
    return tuple(chain)


def _base(first: Stage, knowledge: Knowledge) -> BaseImage:
    if first.base is None:
        reason = Unknown(f"{first.written} has a variable without a value; state it with --build-arg")
        return BaseImage(reason, first.line, distribution=reason, version=reason, python=reason, cuda=reason)
    return base_image(knowledge, first.base, first.line)


def _line_of(name: str, instruction: Instruction) -> int:
    """The line of an ENV that sets a variable: it may go on over several."""
    begin = re.compile(rf"(?:^|\s){re.escape(name)}(?:=|\s|$)")
    rows = zip(instruction.text.split("\n"), instruction.lines, strict=False)
    return next((line for row, line in rows if begin.search(row)), instruction.line)
