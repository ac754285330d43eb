"""Which builds of a framework a machine can run, and the newest of them: shared by the planner and by fixes.

A build is one release compiled for one CUDA, ROCm or processor. What cannot be judged is Unknown, never a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.cuda import driver_floor, ptx_version
from envdoctor.knowledge.gpu_code import serves
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import ComputeCapability, Facts, Gpu, NvidiaDriver, Unknown, known
from envdoctor.model.record import record

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_NO_TABLE = Unknown("the knowledge base does not say what GPU code it holds")


@record
class Build:
    """One build of one release."""

    package: str
    version: Version
    """Without a local part."""
    name: str
    """`cu126`, `cpu`, `rocm7.2`."""
    cuda: Version | Unknown | None
    """None for builds without CUDA."""
    code: tuple[str, ...] | Unknown | None = None
    gpu_floor: ComputeCapability | None = None
    """The lowest compute capability, where only that is known."""
    default: bool = False
    """Whether the package index itself gives this build."""


@record
class Hardware:
    """What decides whether a build runs."""

    system: str
    machine: str
    driver: NvidiaDriver | None = None
    """The NVIDIA driver."""
    gpus: tuple[Gpu, ...] = ()
    """The NVIDIA GPUs."""


def hardware_of(facts: Facts) -> Hardware:
    """The part of the facts that decides; what is Unknown there refuses nothing here."""
    os, driver = facts.os, facts.driver
    system = "linux" if isinstance(os, Unknown) else known(os.system, "linux")
    machine = "x86_64" if isinstance(os, Unknown) else known(os.machine, "x86_64")
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus_of("nvidia")
    return Hardware(system, machine, driver if isinstance(driver, NvidiaDriver) else None, gpus)


def platform_key(system: str, machine: str) -> str:
    """How tables name a platform: `linux-x86_64`, `macos-arm64`."""
    name = _MACHINES.get(machine.lower(), machine.lower())
    return f"{system}-{'arm64' if system == 'macos' and name == 'aarch64' else name}"


def torch_builds(knowledge: Knowledge, platform: str) -> tuple[Build, ...]:
    """Every build of PyTorch for a platform, oldest release first."""
    return knowledge.once(f"choosing.torch.{platform}", lambda: tuple(_torch_builds(knowledge, platform)))


def release_builds(knowledge: Knowledge, package: str) -> tuple[Build, ...]:
    """The builds of a package that has one CUDA build for each release: onnxruntime-gpu, tensorflow."""
    table = next((t for t in knowledge.tables.values() if isinstance(t, dict) and t.get("package") == package), None)
    if table is None or "releases" not in table or package == "torch":
        return ()
    return tuple(
        Build(package, Version(version), "cuda", Version(row["cuda"]), _code(row.get("code")), default=True)
        for row in table["releases"]["rows"]
        for version in row["versions"].split()
        if "cuda" in row
    )


def build_since(knowledge: Knowledge, package: str, version: Version) -> Build | None:
    """The build of a release by a table of changes (vLLM, CuPy, RAPIDS); None where the table begins later, or there is none."""
    rows = knowledge.tables["extensions"]["builds"].get(package, {}).get("rows", ())
    row = next((row for row in reversed(rows) if Version(row["from"]) <= version), None)
    if row is None or "cuda" not in row:
        return None
    floor = row.get("gpu_floor")
    return Build(package, version, "cuda", Version(row["cuda"]), _code(row.get("code")), _capability(floor) if floor else None)


def companion(knowledge: Knowledge, torch: Version, name: str) -> Version | None:
    """The release of torchvision, torchaudio or torchtext made for a torch release; None where there is none."""
    wanted = Version(torch.public)
    for row in knowledge.tables["torch"]["releases"]["rows"]:
        if wanted in map(Version, row["versions"].split()):
            found = row.get("companions", {}).get(name)
            return Version(found) if found else None
    return None


def refusal(knowledge: Knowledge, build: Build, hardware: Hardware) -> str | Unknown | None:
    """Why this hardware cannot run a build; None where it can, Unknown where that cannot be told."""
    if build.cuda is None or not hardware.gpus:
        return None
    verdicts = [
        _driver_refusal(knowledge, build, hardware),
        *(_code_refusal(knowledge, build, gpu, hardware) for gpu in hardware.gpus),
    ]
    said = next((verdict for verdict in verdicts if isinstance(verdict, str)), None)
    return said or next((verdict for verdict in verdicts if verdict is not None), None)


def newest_build(builds: Iterable[Build], refused: Callable[[Build], str | Unknown | None]) -> Build | None:
    """The newest release that is not refused; of one release the build for the newest CUDA."""
    running = [build for build in builds if refused(build) is None]
    return max(running, key=_rank, default=None)


def _rank(build: Build) -> tuple[Version, Version]:
    return build.version, build.cuda if isinstance(build.cuda, Version) else Version("0")


def _driver_refusal(knowledge: Knowledge, build: Build, hardware: Hardware) -> str | Unknown | None:
    """What the driver itself reports comes first; then the minor-version rule."""
    driver, cuda = hardware.driver, build.cuda
    if not isinstance(cuda, Version):
        return cuda
    if driver is None:
        return "there is no NVIDIA driver"
    if isinstance(driver.cuda_version, Version) and driver.cuda_version >= cuda:
        return None
    if isinstance(driver.version, Unknown):
        return driver.version
    floor = driver_floor(knowledge, cuda, hardware.system)
    if isinstance(floor, Unknown):
        return floor
    admitted = floor.admits(driver.version)
    if isinstance(admitted, Unknown):
        return admitted
    return None if admitted else f"{floor.cuda} needs a driver {floor.version} or newer, and this one is {driver.version}"


def _code_refusal(knowledge: Knowledge, build: Build, gpu: Gpu, hardware: Hardware) -> str | Unknown | None:
    capability = gpu.compute_capability
    label = known(gpu.name, f"GPU {gpu.index}")
    if not isinstance(capability, tuple):
        return capability if isinstance(capability, Unknown) else Unknown(f"the compute capability of {label} is not known")
    shown = f"{label} ({capability[0]}.{capability[1]})"
    if build.gpu_floor is not None and capability < build.gpu_floor:
        return f"it holds no code for {shown}: its oldest is {build.gpu_floor[0]}.{build.gpu_floor[1]}"
    if build.code is None:
        return None
    if isinstance(build.code, Unknown):
        return build.code if build.gpu_floor is None else None
    verdict = serves(build.code, capability)
    if verdict.native or (verdict.ptx is not None and _compiles_ptx(knowledge, build, hardware)):
        return None
    return f"it holds no code for {shown}, only {' '.join(build.code)}"


def _compiles_ptx(knowledge: Knowledge, build: Build, hardware: Hardware) -> bool:
    """Whether the driver understands the PTX that the build's CUDA emits; not without knowing both."""
    driver = hardware.driver
    if driver is None or not isinstance(driver.cuda_version, Version) or not isinstance(build.cuda, Version):
        return False
    emitted, understood = ptx_version(knowledge, build.cuda), ptx_version(knowledge, driver.cuda_version)
    return isinstance(emitted, Version) and isinstance(understood, Version) and emitted <= understood


def _torch_builds(knowledge: Knowledge, platform: str) -> Iterable[Build]:
    table = knowledge.tables["torch"]
    code = {
        (version, row["build"]): tuple(row["code"].split())
        for row in table["code"]["rows"]
        if row["platform"] == platform
        for version in row["versions"].split()
    }
    for row in table["releases"]["rows"]:
        default = row["default"].get(platform)
        names = dict.fromkeys([*row.get("index", {}).get(platform, "").split(), *([default] if default else [])])
        for version in row["versions"].split():
            for name in names:
                cuda = build_cuda(name)
                held = code.get((version, name), _NO_TABLE) if cuda else None
                yield Build("torch", Version(version), name, cuda, held, default=name == default)


def build_cuda(name: str) -> Version | None:
    """`cu126` is CUDA 12.6; None for builds without CUDA."""
    digits = name.removeprefix("cu")
    return Version(f"{digits[:-1]}.{digits[-1]}") if name.startswith("cu") and digits.isdecimal() and len(digits) >= 2 else None


def _code(text: Any) -> tuple[str, ...] | Unknown:
    return tuple(str(text).split()) if text else _NO_TABLE


def _capability(text: str) -> ComputeCapability:
    major, _, minor = text.partition(".")
    return int(major), int(minor)
