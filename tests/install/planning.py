"""Facts and offers for tests of plans, as few words as can be."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.wheels import package_release, package_versions
from envdoctor.model.facts import (
    Cpu,
    DriverVersion,
    Facts,
    Gpu,
    NvidiaDriver,
    OperatingSystem,
    PythonEnvironment,
    Subject,
    Unknown,
)
from envdoctor.model.offers import PYTORCH_INDEX, IndexSettings, OfferedBackend, OfferedFile, OfferedPython, Offers
from envdoctor.system.index_pages import offered_file

KNOWLEDGE = load_knowledge()
AWAY = Unknown("it cannot be reached: Name or service not known")
UV = OfferedBackend("uv", ("/usr/bin/uv",), Version("0.9"), "/usr/bin/uv")
PIP = OfferedBackend("pip", (), Unknown("that of the environment"))
CAPABILITIES = {
    "A100": (8, 0), "V100": (7, 0), "GTX 1080": (6, 1), "K80": (3, 7), "RTX 4090": (8, 9), "RTX 5090": (12, 0), "GB10": (12, 1),
    "H100": (9, 0), "RTX 3090": (8, 6), "T4": (7, 5), "B200": (10, 0), "GTX 970": (5, 2),
}  # fmt: skip


def machine(
    gpu: str | None = None,
    driver: str | None = None,
    *,
    system: str = "linux",
    arch: str = "x86_64",
    glibc: str = "2.36",
    libc: str = "glibc",
    environment: PythonEnvironment | None = None,
    os_version: str = "12",
) -> Facts:
    """A machine with one GPU, or none."""
    gpus = (Gpu("nvidia", 0, gpu, compute_capability=CAPABILITIES[gpu]),) if gpu else ()
    linux = system == "linux"
    os = OperatingSystem(
        system, arch, libc=libc if linux else None, libc_version=Version(glibc) if linux else None, version=os_version
    )
    return Facts(
        Subject("live", "a machine"),
        os=os,
        cpu=Cpu("v", "m", 1, 4, 8, frozenset({"avx", "avx2"}), 3),
        gpus=gpus,
        driver=NvidiaDriver(DriverVersion(driver), Unknown("not asked")) if driver else None,
        environment=environment,
    )


def python(version: str = "3.11.7", arch: str = "x86_64", venv: bool = True) -> OfferedPython:
    """An interpreter."""
    found = Version(version)
    return OfferedPython(f"/python{version}", found, f"cp{found.major}{found.minor}", arch, venv, "PATH")


def package_index(
    *names: str, platform: str = "linux-x86_64", tag: str = "manylinux_2_28_x86_64"
) -> dict[str, tuple[OfferedFile, ...]]:
    """What the package index offers of packages, by the tables: a wheel for every Python of every release."""
    offered: dict[str, tuple[OfferedFile, ...]] = {}
    for name in names:
        files: list[OfferedFile | None] = []
        for version in package_versions(KNOWLEDGE, name):
            release = package_release(KNOWLEDGE, name, version)
            sets = () if release is None or isinstance(release, Unknown) else release.on(platform)
            for one in sets:
                for offered_for in one.pythons:
                    files.append(
                        wheel(name, str(version), _tag(offered_for), tag if one.floor is None else _floor(one.floor, platform))
                    )
        offered[name] = tuple(file for file in files if file)
    return offered


def wheel(
    name: str, version: str, python_tag: str = "cp311-cp311", platform: str = "manylinux_2_28_x86_64", origin: str = "index"
) -> OfferedFile:
    """One wheel."""
    file_name = f"{name.replace('-', '_')}-{version}-{python_tag}-{platform}.whl"
    found = offered_file(file_name, f"https://files/{file_name}", origin)
    assert found is not None
    return found


def offers(
    files: dict[str, tuple[OfferedFile, ...]] | None = None,
    *,
    pythons: tuple[OfferedPython, ...] | None = None,
    backends: tuple[OfferedBackend, ...] = (UV, PIP),
    pytorch: bool = False,
    settings: IndexSettings | None = None,
) -> Offers:
    """What is on offer; the PyTorch index is away unless said otherwise."""
    return Offers(
        settings=settings or IndexSettings(),
        package_index="https://pypi.org/simple",
        pytorch_index=PYTORCH_INDEX if pytorch else AWAY,
        files=dict(files or {}),
        pythons=pythons if pythons is not None else (python(),),
        backends=backends,
    )


def _tag(python_version: str) -> str:
    if python_version == "any":
        return "py3-none"
    plain = "cp" + python_version.rstrip("t+").replace(".", "")
    if python_version.endswith("+"):
        return f"{plain}-abi3"
    return f"{plain}-{plain}t" if python_version.endswith("t") else f"{plain}-{plain}"


def _floor(floor: Version, platform: str) -> str:
    system, _, machine_name = platform.partition("-")
    if system == "macos":
        return f"macosx_{floor.major}_{floor.minor}_{machine_name}"
    return f"manylinux_{floor.major}_{floor.minor}_{machine_name}"
