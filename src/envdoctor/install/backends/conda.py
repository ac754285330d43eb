"""conda, mamba and micromamba: one command line with three accents; wheels come by the environment's own pip afterwards."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.install.backends.pip import Pip
from envdoctor.model.conda import CondaSettings, channel_secrets
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Step
from envdoctor.model.unknown import Unknown

_STRICT_SINCE = Version("4.6")
"""The first conda with `--strict-channel-priority`. https://docs.conda.io/projects/conda/en/4.6.1/commands/create.html"""
_OWN_CLI_SINCE = Version("2")
"""From this version on mamba is micromamba by another name, not conda with another solver."""
_OVERRIDES = {"__cuda": "CONDA_OVERRIDE_CUDA", "__glibc": "CONDA_OVERRIDE_GLIBC", "__linux": "CONDA_OVERRIDE_LINUX",
              "__osx": "CONDA_OVERRIDE_OSX", "__archspec": "CONDA_OVERRIDE_ARCHSPEC", "__win": "CONDA_OVERRIDE_WIN"}  # fmt: skip
"""The variables by which all of them take another machine's word for what this one is."""


class Conda:
    """The command lines of conda, mamba and micromamba."""

    resolves_to = "solution.json"

    def __init__(
        self, name: str, windows: bool, wheels: IndexSettings, command: tuple[str, ...], settings: CondaSettings,
        version: Version | Unknown,
    ) -> None:  # fmt: skip
        self.name = name
        self._windows = windows
        self._command = command or (name,)
        self._settings = settings
        self._version = version
        self._pip = Pip(windows, wheels)

    def commands(self, step: Step) -> tuple[Command, ...]:
        """What to run for a step: conda's own, or pip's for wheels."""
        if step.manager != "conda":
            return tuple(self._in_conda(command, step) for command in self._pip.commands(step))
        if step.pins == ():
            return ()
        if step.action == "create-environment":
            return (self._command_of("create", step, (*self._no_extras(), *self._channels(step), *self._packages(step))),)
        if step.action == "install-packages":
            return (self._command_of("install", step, (*self._channels(step), *self._packages(step))),)
        if step.action == "remove-packages":
            return (self._command_of("remove", step, step.requirements),)
        return ()

    def resolve(self, step: Step, workspace: str, packages_folder: str | None = None) -> Command:
        """Tell as JSON, on standard output, what a step would fetch and link."""
        if step.manager != "conda":
            return self._pip.resolve(step, workspace, packages_folder)
        verb = "create" if step.action == "create-environment" else "install"
        extras = self._no_extras() if verb == "create" else ()
        arguments = ("--dry-run", "--json", *extras, *self._channels(step), *step.requirements)
        return self._command_of(verb, step, arguments, quiet=False)

    def preview(self, step: Step) -> Command | None:
        """Nothing: a dry run is about what would change."""
        return None

    def _command_of(self, verb: str, step: Step, arguments: tuple[str, ...], *, quiet: bool = True) -> Command:
        options = ("--yes", *(("--quiet",) if quiet else ()), "--prefix", step.environment)
        offline = ("--offline",) if self._settings.offline else ()
        argv = (*self._command, verb, *options, *offline, *self._platform(step, verb), *arguments)
        secret = (*self._settings.secrets(), *(word for channel in step.channels for word in channel_secrets(channel)))
        return Command(argv, self._variables(step), secret=secret)

    def _channels(self, step: Step) -> tuple[str, ...]:
        """The plan's channels and no others; by name, so that conda's own configuration says where each of them is."""
        named = tuple(word for channel in step.channels for word in ("--channel", channel))
        return ("--override-channels", *named, *self._priority()) if named else self._priority()

    def _priority(self) -> tuple[str, ...]:
        """Strict, unless conda is configured to something else; older ones know no such option and are strict enough."""
        if self._settings.priority not in (None, "strict", "true"):
            return ()
        knows = self.name != "conda" or not isinstance(self._version, Version) or self._version >= _STRICT_SINCE
        return ("--strict-channel-priority",) if knows else ()

    def _no_extras(self) -> tuple[str, ...]:
        """Without the packages that a person has told conda to put into every environment; the others know no such thing."""
        return ("--no-default-packages",) if self._is_conda_like() else ()

    def _packages(self, step: Step) -> tuple[str, ...]:
        """The very builds that were resolved and nothing else; what was asked for where nothing could be resolved."""
        return step.requirements if step.pins is None else ("--no-deps", *step.pins)

    def _platform(self, step: Step, verb: str) -> tuple[str, ...]:
        return ("--platform", step.subdir) if step.subdir and verb == "create" and not self._is_conda_like() else ()

    def _variables(self, step: Step) -> tuple[tuple[str, str], ...]:
        stated = tuple(one.split("=") for one in step.virtual_packages)
        variables = [(_OVERRIDES[parts[0]], _value_of(parts)) for parts in stated if parts[0] in _OVERRIDES]
        if step.subdir and self._is_conda_like():
            variables.append(("CONDA_SUBDIR", step.subdir))
        return tuple(variables)

    def _is_conda_like(self) -> bool:
        """Whether it has conda's own command line: conda, and mamba before 2."""
        version = self._version
        return self.name == "conda" or (self.name == "mamba" and isinstance(version, Version) and version < _OWN_CLI_SINCE)

    def _in_conda(self, command: Command, step: Step) -> Command:
        return at_prefix(command, step.environment) if self._windows else command


def at_prefix(command: Command, prefix: str) -> Command:
    """The command with the interpreter where conda has it on Windows: in the prefix itself, not in `Scripts`."""
    if command.argv[:1] != (f"{prefix}\\Scripts\\python.exe",):
        return command
    argv = (f"{prefix}\\python.exe", *command.argv[1:])
    return Command(argv, command.variables, command.working_folder, command.secret)


def _value_of(parts: list[str]) -> str:
    """What an override takes: the version; of the processor its build, as in `__archspec=1=x86_64_v3`."""
    return parts[2] if parts[0] == "__archspec" and len(parts) > 2 else parts[1] if len(parts) > 1 else ""
