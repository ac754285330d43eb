"""The embedded rattler: command lines for envdoctor's own small program, which needs no conda on the machine."""

from __future__ import annotations

from envdoctor.install.backends.conda import at_prefix
from envdoctor.install.backends.pip import Pip
from envdoctor.model.conda import CondaSettings, channel_secrets
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Step


class Rattler:
    """Command lines of `python -m envdoctor.install.rattler`."""

    name = "rattler"
    resolves_to = "solution.json"

    def __init__(self, windows: bool, wheels: IndexSettings, command: tuple[str, ...], settings: CondaSettings) -> None:
        self._windows = windows
        self._command = command
        self._settings = settings
        self._pip = Pip(windows, wheels)

    def commands(self, step: Step) -> tuple[Command, ...]:
        """What to run for a step: its own, or pip's for wheels."""
        if step.manager != "conda":
            found = self._pip.commands(step)
            return tuple(at_prefix(command, step.environment) for command in found) if self._windows else found
        if step.pins == () or step.action == "verify":
            return ()
        if step.action == "remove-packages":
            return (self._command_of("remove", step, step.requirements),)
        asked = tuple(word for line in step.requirements for word in ("--asked", line))
        packages = step.requirements if step.pins is None else ("--exact", *asked, *step.pins)
        return (self._command_of("install", step, packages),)

    def resolve(self, step: Step, workspace: str, packages_folder: str | None = None) -> Command:
        """Tell as JSON, on standard output, what a step would fetch and link."""
        if step.manager != "conda":
            return self._pip.resolve(step, workspace, packages_folder)
        return self._command_of("solve", step, step.requirements)

    def preview(self, step: Step) -> Command | None:
        """Nothing: a solution is about what would change."""
        return None

    def _command_of(self, verb: str, step: Step, arguments: tuple[str, ...]) -> Command:
        settings = self._settings
        addresses = [address for channel in step.channels for address in settings.addresses(channel)]
        options = [word for address in addresses for word in ("--channel", address)]
        options += [word for one in step.virtual_packages for word in ("--virtual", one)]
        options += ["--priority", "disabled"] if settings.priority in {"disabled", "false"} else []
        options += ["--offline"] if settings.offline else []
        options += ["--insecure"] if settings.insecure else []
        argv = (*self._command, verb, "--prefix", step.environment, "--platform", step.subdir, *options, *arguments)
        secret = (*settings.secrets(), *(word for channel in step.channels for word in channel_secrets(channel)))
        return Command(argv, self._variables(), secret=secret)

    def _variables(self) -> tuple[tuple[str, str], ...]:
        """Proxies and certificates by the names under which the library looks for them."""
        variables = [(f"{kind.upper()}_PROXY", address) for kind, address in self._settings.proxies]
        if self._settings.certificate:
            variables.append(("SSL_CERT_FILE", self._settings.certificate))
        return tuple(variables)
