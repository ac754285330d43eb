"""What would have to change for a profile to run here: the nearest hardware or system, requirement by requirement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import Version

from envdoctor.install.planner.machine import VENDORS, driver_reasons, needs_gpu, reasons_against
from envdoctor.model.facts import Facts, OperatingSystem, Unknown
from envdoctor.model.plan import Exclusion
from envdoctor.model.profile import Profile

_FLOOR = re.compile(r">=\s*([\d.]+)")
_GLIBC = {"2.17": "RHEL 7", "2.27": "Ubuntu 18.04", "2.28": "Debian 10, RHEL 8", "2.31": "Ubuntu 20.04", "2.34": "RHEL 9"}
"""The first widespread systems with a glibc."""


def needed_changes(facts: Facts, profile: Profile) -> Iterator[str]:
    """The changes of hardware and system that the profile asks for, all of which it needs."""
    vendor = needs_gpu(profile)
    if vendor is not None and not isinstance(facts.gpus, Unknown):
        gpus, capability = facts.gpus_of(vendor), profile.gpu.compute_capability if profile.gpu else None
        fitting = f" of compute capability {capability}" if vendor == "nvidia" and capability else ""
        if not gpus:
            driver = f", with driver {profile.driver}" if vendor == "nvidia" and profile.driver else ""
            yield f"an {VENDORS[vendor]} GPU{fitting}{driver}"
        elif vendor == "nvidia" and capability and not all(_has(gpu.compute_capability, str(capability)) for gpu in gpus):
            yield f"another GPU:{fitting}"
        if gpus and vendor == "nvidia" and any(driver_reasons(facts.driver, profile)):
            floor = _FLOOR.search(str(profile.driver))
            yield f"a newer NVIDIA driver: {floor[1] if floor else profile.driver} or newer; envdoctor check says how to get one"
    if isinstance(facts.os, OperatingSystem):
        yield from _system_changes(facts.os, profile)


def machine_proof(facts: Facts, profile: Profile) -> tuple[Exclusion, ...]:
    """Which requirement of the profile this machine does not meet."""
    return tuple(Exclusion(f"{profile.name} on this machine", reason) for reason in reasons_against(facts, profile))


def _system_changes(os: OperatingSystem, profile: Profile) -> Iterator[str]:
    if profile.systems and isinstance(os.system, str) and os.system not in profile.systems:
        yield f"another system: {' or '.join(profile.systems)}"
    floor = _FLOOR.search(str(profile.glibc))
    if os.system == "linux" and floor and (os.libc == "musl" or _is_older(os.libc_version, floor[1])):
        known = f" ({_GLIBC[floor[1]]}, or newer)" if floor[1] in _GLIBC else ""
        yield f"a system, or a container, with glibc {floor[1]} or newer{known}"


def _is_older(version: Version | Unknown | None, floor: str) -> bool:
    return isinstance(version, Version) and version < Version(floor)


def _has(capability: object, wanted: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return not isinstance(capability, tuple) or SpecifierSet(wanted).contains(".".join(map(str, capability)))
