"""pip: the environment's own (`python -m pip`), which reads its own configuration."""

from __future__ import annotations

from envdoctor.install.backends import environment_python, once_more, packages_of, secrets_in
from envdoctor.install.backends.sources import pip_sources, pip_variables
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Step

_QUIET = (("PIP_DISABLE_PIP_VERSION_CHECK", "1"), ("PIP_NO_INPUT", "1"), ("PYTHONUNBUFFERED", "1"))
_NOWHERE_ELSE = (("PIP_TARGET", ""), ("PIP_PREFIX", ""), ("PIP_ROOT", ""), ("PIP_USER", "0"), ("PIP_REQUIRE_VIRTUALENV", "0"))
"""Variables that would send an install to another place than the environment; pip ignores empty ones."""
FAST = "--use-feature=fast-deps"
"""Reads the metadata of a wheel without the wheel, from servers that send parts of files."""
DRY_RUN_SINCE = (25, 3)
"""From this version on `pip install --dry-run` reads metadata only; older ones download every wheel for it (measured)."""


class Pip:
    """pip's command lines."""

    name = "pip"
    resolves_to = "report.json"

    def __init__(self, windows: bool, settings: IndexSettings) -> None:
        self._windows = windows
        self._settings = settings

    def commands(self, step: Step) -> tuple[Command, ...]:
        """What to run for a step. `-I` keeps PYTHONPATH and the user's site out."""
        if step.action == "create-environment":
            return (Command((step.python, "-I", "-m", "venv", step.environment)),)
        python = environment_python(step.environment, self._windows)
        if step.action == "install-packages":
            if step.pins == ():
                return ()
            named = (*once_more(step, "--force-reinstall", "--no-cache-dir"), *self._sources(step), *packages_of(step))
            arguments = ("--progress-bar", "off", "--no-warn-script-location", *named)
            return (self._command(python, "install", arguments, step),)
        if step.action == "remove-packages":
            return (self._command(python, "uninstall", ("--yes", *step.requirements), step),)
        return ()

    def resolve(self, step: Step, workspace: str, packages_folder: str | None = None) -> Command:
        """Write a report of what would be installed, `report.json` in the workspace, without downloading it.

        `packages_folder` holds a pip to use in place of the interpreter's own, which may be older than DRY_RUN_SINCE.
        """
        fresh = bool(step.python)
        python = step.python or environment_python(step.environment, self._windows)
        report = ("--report", f"{workspace}/report.json")
        options = ("--dry-run", "--no-color", *report, FAST, *(("--ignore-installed",) if fresh else ()), *_upgrade(step))
        command = self._command(python, "install", (*options, *self._sources(step), *step.requirements), step)
        if packages_folder is None:
            return command
        argv = (python, *command.argv[2:])  # without -I, which would hide PYTHONPATH
        return Command(argv, (*command.variables, ("PYTHONPATH", packages_folder)), secret=command.secret)

    def preview(self, step: Step) -> Command | None:
        """Nothing: pip's report is about what would change."""
        return None

    def _command(self, python: str, verb: str, arguments: tuple[str, ...], step: Step) -> Command:
        settings = self._settings
        configured = (settings.index_url, *settings.extra_index_urls, *settings.find_links, settings.proxy or "")
        addresses = (step.index or "", *step.extra_indexes, *step.find_links, *configured)
        variables = (*_QUIET, *_NOWHERE_ELSE, *pip_variables(settings, self._windows))
        return Command((python, "-I", "-m", "pip", verb, *arguments), variables, secret=secrets_in(addresses))

    def _sources(self, step: Step) -> tuple[str, ...]:
        return pip_sources(step, self._settings)


def _upgrade(step: Step) -> tuple[str, ...]:
    """Pip upgrades all that it is asked for, or nothing; what these need moves only where it must."""
    return ("--upgrade", "--upgrade-strategy", "only-if-needed") if step.upgrade else ()
