"""What the package index offers of an installed framework, for where the wheel's own tags are not known (a pasted report)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import Version

from envdoctor.model.facts import Interpreter, Package, PythonEnvironment, Unknown
from envdoctor.model.findings import Case
from envdoctor.model.record import derived, record

if TYPE_CHECKING:
    from envdoctor.knowledge.wheels import WheelSet

SOURCE = "file names on the package index"
_LISTED_LOCAL = r"cpu|cu\d{3}|rocm[\d.]+"
"""Builds that PyTorch's indexes have for the same Pythons; of other local parts (`nv24.8`) nothing is known."""


@record
class ListedWheels:
    """The wheels of a release for this platform, by the table of the index."""

    wheels: tuple[WheelSet, ...]
    """Empty where there are none for this platform."""
    platform: str
    source: str

    @property
    def pythons(self) -> tuple[str, ...]:
        """The Pythons that there are wheels for: `3.12`, `3.13t`, `3.9+`."""
        return tuple(dict.fromkeys(python for wheels in self.wheels for python in wheels.pythons))

    def fits(self, python: str) -> bool:
        """Whether there is a wheel for that Python."""
        return any(wheels.fits(python) for wheels in self.wheels)

    def floor(self, python: str | None) -> Version | None:
        """The oldest glibc, musl or macOS that some wheel (for that Python) runs on."""
        fitting = [wheels.floor for wheels in self.wheels if python is None or wheels.fits(python)]
        return min((floor for floor in fitting if floor is not None), default=None)


def untold_packages(environment: PythonEnvironment) -> list[Package]:
    """The packages whose own wheel tags are not known; none where the packages are not."""
    packages = () if isinstance(environment.packages, Unknown) else environment.packages
    return derived(environment, "untold", lambda: [one for one in packages if isinstance(one.tags, Unknown)])


def listed_wheels(case: Case, package: Package) -> ListedWheels | None:
    """The wheels of an installed framework's release on the package index; None where its own tags tell, or no table does.

    What conda or a vendor built is not what the index has: nothing is said of it.
    """
    os, version = case.facts.os, package.version
    if not isinstance(package.tags, Unknown) or package.installer == "conda" or isinstance(version, Unknown):
        return None
    if isinstance(os, Unknown) or not isinstance(os.system, str) or not isinstance(os.machine, str):
        return None
    if not _is_framework(case, package.name) or not re.fullmatch(_LISTED_LOCAL, version.local or "cpu"):
        return None
    from envdoctor.knowledge.wheels import PackageRelease, listed_release, platform_name

    release = listed_release(case.knowledge, package.name, version)
    if not isinstance(release, PackageRelease) or not release.wheels:
        return None
    platform = platform_name(os.system, os.machine, os.libc if isinstance(os.libc, str) else None)
    return ListedWheels(release.on(platform), platform, SOURCE)


def is_of_the_index(case: Case, name: str) -> bool:
    """Whether nothing says that an installed package is another build than the one on the package index."""
    here = case.facts.environment
    package = here.package(name) if isinstance(here, PythonEnvironment) else None
    if not isinstance(package, Package) or isinstance(package.version, Unknown):
        return True
    return package.installer != "conda" and re.fullmatch(_LISTED_LOCAL, package.version.local or "cpu") is not None


def python_name(interpreter: Interpreter) -> str | None:
    """An interpreter in the words of the tables: `3.12`, `3.13t`; None where its version is not known."""
    if isinstance(interpreter.version, Unknown):
        return None
    threads = "t" if isinstance(interpreter.abi, str) and interpreter.abi.endswith("t") else ""
    return f"{interpreter.version.major}.{interpreter.version.minor}{threads}"


def _is_framework(case: Case, name: str) -> bool:
    environment = case.facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.frameworks, Unknown):
        return False
    return any(name in (framework.name, framework.distribution) for framework in environment.frameworks)
