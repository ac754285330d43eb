"""Libraries above a framework, in pure Python: they have a version and no build."""

from __future__ import annotations

from envdoctor.model.software import Framework, Package
from envdoctor.probes.frameworks.distribution import Installed
from envdoctor.system.port import System


def probe_pure(system: System, package: Package, installed: Installed) -> Framework:
    """A library that runs on whatever its framework runs on: flavour `any`."""
    return Framework(package.name, package.version, "any", source=package.path, distribution=package.name)
