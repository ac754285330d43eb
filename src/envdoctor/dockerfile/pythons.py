"""Which Python a stage has, as its commands and base image state it."""

from __future__ import annotations

import re

from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.parent_images import system_python
from envdoctor.model.recipe import BaseImage
from envdoctor.model.unknown import Unknown

_VERSIONED = re.compile(r"(?:^|/)(?:python|pip)(?P<version>3\.\d+)$")
_OWN = re.compile(r"^python3?(-(pip|venv|dev|devel|minimal|full|virtualenv|setuptools|wheel|is-python3))?$")
"""Packages that bring, or need, the distribution's own Python."""
_SYSTEM_FOLDERS = ("/usr/bin/", "/bin/")


class Pythons:
    """What is known of the interpreters while the commands of a stage are read in order."""

    def __init__(self, base: BaseImage, knowledge: Knowledge) -> None:
        self._base = base
        self._own = self._of_distribution(base, knowledge)
        self.environment: str | None = None
        """The folder of the virtual environment that is on PATH; None for none."""
        self._of_environment: str | Unknown | None = None
        self._linked: str | None = None
        self._is_installed = False

    def created(self, argv: tuple[str, ...]) -> None:
        """Take note of `python -m venv DIR`, `virtualenv DIR` and `uv venv --python X.Y`."""
        version = _after(argv, ("--python", "-p"))
        match = re.search(r"3\.\d+", version) if version else None
        if match is not None:
            self._of_environment = match[0]
        elif argv[0].rpartition("/")[2] in {"uv", "virtualenv"} and version is None:
            self._of_environment = self._default()
        else:
            self._of_environment = self.of(argv[0])

    def linked(self, argv: tuple[str, ...]) -> None:
        """Take note of `ln -s /usr/bin/python3.11 /usr/bin/python3` and `update-alternatives --install`."""
        if any(word.rpartition("/")[2] in {"python", "python3", "pip", "pip3"} for word in argv):
            found = [match["version"] for word in argv if (match := _VERSIONED.search(word))]
            self._linked = found[0] if found else self._linked

    def installed(self, package: str) -> None:
        """Take note of a system package: where none of them is Python, it came in a way that nobody told."""
        self._is_installed = self._is_installed or _OWN.match(package) is not None

    def created_by_conda(self, argv: tuple[str, ...]) -> None:
        """Take note of `conda install python=3.11` and `conda create ... python=3.11`."""
        found = [match[1] for word in argv if (match := re.match(r"python=+(3\.\d+)", word))]
        self._of_environment = found[0] if found else self._of_environment

    def of(self, program: str) -> str | Unknown:
        """The release line of the interpreter that a program belongs to."""
        match = _VERSIONED.search(program)
        if match is not None:
            return match["version"]
        return self._default()

    def is_system(self, program: str) -> bool:
        """Whether a program belongs to the distribution's own Python, which pip may refuse to change."""
        if self._base.python is not None or self._own is None or not self._own[1]:
            return False
        if self.environment is not None and "/" not in program:
            return False
        if "/" in program and not program.startswith(_SYSTEM_FOLDERS):
            return False
        return self.of(program) == self._own[0]

    def _default(self) -> str | Unknown:
        if self.environment is not None or self._of_environment is not None:
            known = self._of_environment
            return Unknown("nothing says which Python the environment has") if known is None else known
        if self._linked is not None:
            return self._linked
        if self._base.python is not None:
            return self._base.python
        if self._own is not None and self._is_installed:
            return self._own[0]
        return Unknown("nothing says which Python the base image has")

    @staticmethod
    def _of_distribution(base: BaseImage, knowledge: Knowledge) -> tuple[str, bool] | None:
        if base.distribution is None or isinstance(base.distribution, Unknown) or isinstance(base.version, Unknown):
            return None
        return system_python(knowledge, base.distribution, base.version)


def _after(argv: tuple[str, ...], flags: tuple[str, ...]) -> str | None:
    """The value of an option, in the same word or the next."""
    for place, word in enumerate(argv):
        for flag in flags:
            if word == flag and place + 1 < len(argv):
                return argv[place + 1]
            if word.startswith(f"{flag}="):
                return word.partition("=")[2]
    return None
