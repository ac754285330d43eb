"""Backends: Step → Command, one file for each package manager. Pure: they only word what is to be run."""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import unquote, urlsplit

from packaging.version import Version

from envdoctor.errors import BadInput
from envdoctor.model.conda import FAMILY, CondaSettings
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Step
from envdoctor.model.unknown import Unknown

NAMES = ("auto", "uv", "pip", *FAMILY)
"""What `--backend` takes."""
_TELLING_LETTERS = 4
"""A shorter password is part of too many words to be blanked by itself."""


class Backend(Protocol):
    """One package manager."""

    name: str
    resolves_to: str
    """The file that `resolve` writes: `report.json`, `pylock.toml`."""

    def commands(self, step: Step) -> tuple[Command, ...]:
        """What to run for a step; empty for steps that are not the package manager's."""

    def resolve(self, step: Step, workspace: str, packages_folder: str | None = None) -> Command:
        """What writes down, in a folder, the exact files that a step would install, without installing them.

        The folder holds the step's requirements in `requirements.in`.
        """

    def preview(self, step: Step) -> Command | None:
        """What tells, as lines `+ name==version`, which of them an existing environment does not have yet.

        None where `resolve` looks at what is installed already.
        """


def open_backend(
    name: str, windows: bool, settings: IndexSettings, command: tuple[str, ...] = (), conda: CondaSettings | None = None,
    version: Version | Unknown | None = None,
) -> Backend:  # fmt: skip
    """The backend of that name. `command` starts its program where it has one of its own, of this `version`.

    Raises:
        BadInput: there is no such backend.
    """
    from envdoctor.install.backends.pip import Pip
    from envdoctor.install.backends.uv import Uv

    if name == "pip":
        return Pip(windows, settings)
    if name == "uv":
        return Uv(windows, settings, command or ("uv",))
    if name == "rattler":
        from envdoctor.install.backends.rattler import Rattler

        return Rattler(windows, settings, command, conda or CondaSettings())
    if name in FAMILY:
        from envdoctor.install.backends.conda import Conda

        return Conda(name, windows, settings, command, conda or CondaSettings(), version or Unknown("not asked"))
    raise BadInput(f"--backend: there is no backend {name!r}; choose one of {', '.join(NAMES)}")


def environment_python(prefix: str, windows: bool) -> str:
    """The interpreter of an environment, by where every venv has it."""
    return f"{prefix}\\Scripts\\python.exe" if windows else f"{prefix}/bin/python"


def packages_of(step: Step) -> tuple[str, ...]:
    """What of a step follows the options: the exact packages and no others where they are known, else what was asked for."""
    if step.lock_file:
        return ("--no-deps", "--require-hashes", "-r", step.lock_file)
    return step.requirements if step.pins is None else ("--no-deps", *step.pins)


def once_more(step: Step, reinstall: str, no_cache: str) -> tuple[str, ...]:
    """The options of a step that takes packages that are there already, in the words of a package manager."""
    again = (reinstall, "--no-deps") if step.again else ()
    if not step.from_source:
        return again
    names = (re.split(r"[\[<>=!~@ ;]", line)[0] for line in step.requirements)
    return (*again, no_cache, "--no-build-isolation", *(word for name in names for word in ("--no-binary", name)))


def secrets_in(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """The user names and passwords inside addresses, together and the password alone, as written and as meant."""
    found: list[str] = []
    for address in addresses:
        if "@" in address:
            parts = urlsplit(address)
            both, password = parts.netloc.rpartition("@")[0], parts.password or ""
            found += [both, *(word for word in (password, unquote(password)) if len(word) >= _TELLING_LETTERS)]
    return tuple(dict.fromkeys(secret for secret in found if secret))
