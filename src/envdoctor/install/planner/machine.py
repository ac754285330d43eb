"""Whether a profile can run on this hardware and system at all, before anything is chosen."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from envdoctor.install.planner.wheels import Platform
from envdoctor.model.facts import Facts, Gpu, NvidiaDriver, OperatingSystem, Unknown, known
from envdoctor.model.profile import Profile

VENDORS = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple"}
_SAME_MACHINE = {"amd64": "x86_64", "arm64": "aarch64"}


def reasons_against(facts: Facts, profile: Profile) -> tuple[str, ...]:
    """What of this machine the profile cannot live with; what is not known is no reason, but for the GPU itself."""
    return (
        *_system_reasons(facts, profile),
        *_cpu_reasons(facts, profile),
        *_gpu_reasons(facts, profile),
        *_tpu_reasons(facts, profile),
    )


def platform_of(facts: Facts) -> Platform | None:
    """The platform that wheels must fit; None where the system or architecture is not known."""
    os = facts.os
    if isinstance(os, Unknown) or isinstance(os.system, Unknown) or isinstance(os.machine, Unknown):
        return None
    libc = None if isinstance(os.libc, Unknown) else os.libc
    libc_version = None if isinstance(os.libc_version, Unknown) else os.libc_version
    return Platform(os.system, os.machine.lower(), libc, libc_version, _version(known(os.version, "")))


def needs_gpu(profile: Profile) -> str | None:
    """The vendor whose GPU the profile is for; None for those that run anywhere."""
    vendor = profile.gpu.vendor if profile.gpu else None
    return vendor if vendor in VENDORS else None


def _system_reasons(facts: Facts, profile: Profile) -> Iterator[str]:
    os = facts.os
    if isinstance(os, Unknown):
        return
    if profile.systems and isinstance(os.system, str) and os.system not in profile.systems:
        yield f"it is for {' and '.join(profile.systems)}, and this is {os.system}"
    if profile.architectures and isinstance(os.machine, str):
        wanted = {_machine(name) for name in profile.architectures}
        if _machine(os.machine) not in wanted:
            yield f"it is for {' and '.join(profile.architectures)}, and this machine is {os.machine}"
    yield from _libc_reasons(os, profile.glibc)


def _libc_reasons(os: OperatingSystem, wanted: SpecifierSet) -> Iterator[str]:
    if os.system != "linux" or not wanted:
        return
    if os.libc == "musl":
        yield "its packages need glibc, and this system has musl (as Alpine does)"
    elif isinstance(os.libc_version, Version) and not wanted.contains(os.libc_version):
        yield f"its packages need glibc {wanted}, and this system has {os.libc_version}"


def _cpu_reasons(facts: Facts, profile: Profile) -> Iterator[str]:
    cpu = facts.cpu
    if isinstance(cpu, Unknown):
        return
    if profile.cpu_features and not isinstance(cpu.features, Unknown) and _machine(_name(facts)) == "x86_64":
        missing = [feature for feature in profile.cpu_features if feature not in cpu.features]
        if missing:
            yield f"it needs a processor with {', '.join(missing)}, which this one lacks"
    if profile.x86_64_level and isinstance(cpu.x86_64_level, int) and cpu.x86_64_level < profile.x86_64_level:
        yield f"it needs a processor of level x86-64-v{profile.x86_64_level}, and this one is v{cpu.x86_64_level}"


def _gpu_reasons(facts: Facts, profile: Profile) -> Iterator[str]:
    vendor = needs_gpu(profile)
    if vendor is None:
        return
    if isinstance(facts.gpus, Unknown):
        yield f"it is for {_an(vendor)} GPU, and whether there is one could not be told ({facts.gpus.reason})"
        return
    gpus = facts.gpus_of(vendor)
    if not gpus:
        yield f"it is for {_an(vendor)} GPU, and this machine has none"
        return
    if vendor == "nvidia":
        yield from driver_reasons(facts.driver, profile)
        yield from _capability_reasons(gpus, profile)


def _tpu_reasons(facts: Facts, profile: Profile) -> Iterator[str]:
    if profile.accelerator is None:
        return
    devices = () if isinstance(facts.devices, Unknown) else facts.devices
    if not devices:
        yield f"it is for a machine with a {profile.accelerator.upper()}, and none was found here"


def driver_reasons(driver: NvidiaDriver | Unknown | None, profile: Profile) -> Iterator[str]:
    """What of the NVIDIA driver speaks against a profile."""
    if driver is None:
        yield "there is an NVIDIA GPU, but no NVIDIA driver"
    elif isinstance(driver, NvidiaDriver) and isinstance(driver.version, Version) and driver.version not in profile.driver:
        yield f"it needs an NVIDIA driver {profile.driver}, and this one is {driver.version}"


def _capability_reasons(gpus: tuple[Gpu, ...], profile: Profile) -> Iterator[str]:
    wanted = profile.gpu.compute_capability if profile.gpu else SpecifierSet()
    for gpu in gpus:
        capability = gpu.compute_capability
        if isinstance(capability, tuple) and not wanted.contains(".".join(map(str, capability))):
            shown = known(gpu.name, f"GPU {gpu.index}")
            yield f"it needs compute capability {wanted}, and {shown} has {capability[0]}.{capability[1]}"


def _machine(name: str) -> str:
    return _SAME_MACHINE.get(name.lower(), name.lower())


def _name(facts: Facts) -> str:
    return "" if isinstance(facts.os, Unknown) else known(facts.os.machine, "")


def _an(vendor: str) -> str:
    return f"an {VENDORS[vendor]}"


def _version(text: str) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None
