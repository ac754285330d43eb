"""uv: one program for every environment. It does not read pip's configuration, so that is passed to it."""

from __future__ import annotations

import ntpath

from envdoctor.install.backends import environment_python, once_more, packages_of, secrets_in
from envdoctor.install.backends.sources import uv_sources
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Step

_PLAIN = ("--color", "never", "--no-progress")


class Uv:
    """uv's command lines."""

    name = "uv"
    resolves_to = "pylock.toml"

    def __init__(self, windows: bool, settings: IndexSettings, command: tuple[str, ...]) -> None:
        self._windows = windows
        self._settings = settings
        self._uv = command

    def commands(self, step: Step) -> tuple[Command, ...]:
        """What to run for a step.

        New environments get pip as well: people expect it there. It is the one that Python itself brings, for not every
        index has pip, which uv's own `--seed` would fetch. uv puts it there in a moment; `ensurepip` takes seconds, more
        than all the rest of an install from a warm cache.
        """
        python = environment_python(step.environment, self._windows)
        if step.action == "create-environment":
            made = self._command(("venv", "--python", step.python), (step.environment,), step)
            return (made, self._pip(python, step)) if step.with_pip else (made,)
        if step.action == "install-packages":
            if step.pins == ():
                return ()
            named = (*once_more(step, "--reinstall", "--no-cache"), *self._sources(step), *packages_of(step))
            return (self._command(("pip", "install", "--python", python), named, step),)
        if step.action == "remove-packages":
            return (self._command(("pip", "uninstall", "--python", python), step.requirements, step),)
        return ()

    def resolve(self, step: Step, workspace: str, packages_folder: str | None = None) -> Command:
        """Write a lock of what would be installed, `pylock.toml`, from the workspace's `requirements.in`."""
        python = step.python or environment_python(step.environment, self._windows)
        verb = ("pip", "compile", "--python", python, "--format", "pylock.toml", "--no-header", "--quiet")
        places = ("--output-file", f"{workspace}/pylock.toml", f"{workspace}/requirements.in")
        return self._command(verb, (*self._sources(step), *places), step)

    def preview(self, step: Step) -> Command | None:
        """A lock knows nothing of what is installed; a dry run does."""
        python = environment_python(step.environment, self._windows)
        upgrade = tuple(word for name in step.upgrade for word in ("--upgrade-package", name))
        arguments = (*upgrade, *self._sources(step), *step.requirements)
        return self._command(("pip", "install", "--dry-run", "--python", python), arguments, step)

    def _pip(self, python: str, step: Step) -> Command:
        """Puts Python's own pip, and setuptools where it comes along, into a new environment."""
        names = [ntpath.basename(path).split("-") for path in step.pip_wheels]  # knows the slashes of every system
        releases = {parts[0]: parts[1] for parts in names}
        if "pip" not in releases or len(releases) != len(names):
            return Command((python, "-I", "-m", "ensurepip", "--default-pip"))
        pins = tuple(f"{name}=={version}" for name, version in sorted(releases.items()))
        places = ("--no-index", "--find-links", ntpath.dirname(step.pip_wheels[0]), "--no-deps")
        return Command((*self._uv, "pip", "install", "--python", python, *_PLAIN, *places, *pins), self._variables())

    def _command(self, verb: tuple[str, ...], arguments: tuple[str, ...], step: Step) -> Command:
        addresses = (*self._addresses(step), self._settings.proxy or "")
        argv = (*self._uv, *verb, *_PLAIN, *arguments)
        return Command(argv, self._variables(), secret=secrets_in(addresses))

    def _addresses(self, step: Step) -> tuple[str, ...]:
        settings = self._settings
        configured = (settings.index_url, *settings.extra_index_urls, *settings.find_links)
        return (step.index or "", *step.extra_indexes, *step.find_links, *configured)

    def _variables(self) -> tuple[tuple[str, str], ...]:
        settings = self._settings
        variables = [("VIRTUAL_ENV", ""), ("UV_SYSTEM_PYTHON", "0"), ("UV_BREAK_SYSTEM_PACKAGES", "0")]
        if settings.certificate:
            variables.append(("SSL_CERT_FILE", settings.certificate))
        if settings.proxy:
            variables += [("HTTPS_PROXY", settings.proxy), ("HTTP_PROXY", settings.proxy)]
        return tuple(variables)

    def _sources(self, step: Step) -> tuple[str, ...]:
        return uv_sources(step, self._settings)
