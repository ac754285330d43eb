"""What a pasted text leaves out and tables tell: builds that a version stands for, targets of AMD GPUs, torch's triton.

Where nothing else is known the most common is supposed, and says so in its source: findings that rest on it are likely,
not certain.
"""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.frameworks import builds_of
from envdoctor.knowledge.gpus import find_gpus
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import triton_range
from envdoctor.knowledge.wheels import platform_name
from envdoctor.model.facts import Facts, Framework, Gpu, NvidiaDriver, OperatingSystem, Package, PythonEnvironment, Unknown
from envdoctor.model.record import fields, replace
from envdoctor.model.unknown import SUPPOSED

_TORCH_TABLE = "release table of PyTorch"
_ON_ARM = ("jetson", "gh200", "gb200", "gb300", "gb10", "orin", "xavier", "thor", "grace")


def suppose_facts(facts: Facts, knowledge: Knowledge) -> Facts:
    """The facts of a text, completed."""
    gpus = facts.gpus
    if isinstance(gpus, tuple):
        gpus = tuple(_gpu(gpu, knowledge) for gpu in gpus)
    elif isinstance(facts.driver, NvidiaDriver) and not isinstance(facts.driver.version, Unknown):
        gpus = (_behind(facts.driver.source, gpus),)
    elif isinstance(facts.toolkits, tuple) and facts.toolkits:
        gpus = (_behind(facts.toolkits[0].source, gpus),)
    os = _os(facts.os, gpus)
    environment = facts.environment
    if isinstance(environment, PythonEnvironment):
        environment = _environment(environment, os, knowledge, _stated_cuda(facts))
    return replace(facts, gpus=gpus, os=os, environment=environment)


def _behind(source: str, unsaid: Unknown) -> Gpu:
    """The NVIDIA GPU that there is where NVIDIA's driver or toolkit is stated; of it nothing more is known."""
    stated = {name: unsaid for name in fields(Gpu) if name not in {"vendor", "index", "gfx_target", "source"}}
    return Gpu(vendor="nvidia", index=0, gfx_target=None, source=f"{source}; the GPU {SUPPOSED}", **stated)


def _gpu(gpu: Gpu, knowledge: Knowledge) -> Gpu:
    """GTX for RTX is a common slip; AMD's targets follow from the name."""
    if not isinstance(gpu.name, str):
        return gpu
    name = gpu.name
    if gpu.vendor == "nvidia" and not find_gpus(knowledge, name):
        other = name.lower().replace("gtx", "rtx") if "gtx" in name.lower() else name.lower().replace("rtx", "gtx")
        models = find_gpus(knowledge, other)
        meant = f"{gpu.source}; the name {SUPPOSED}"
        return replace(gpu, name=models[0].name, source=meant) if models else gpu
    if gpu.vendor == "amd" and isinstance(gpu.gfx_target, Unknown):
        models = find_gpus(knowledge, name)
        targets = {model.gfx_target for model in models if model.gfx_target}
        source = gpu.source if all(model.certain for model in models) else f"{gpu.source}; the target {SUPPOSED}"
        return replace(gpu, gfx_target=targets.pop(), source=source) if len(targets) == 1 else gpu
    return gpu


def _os(os: OperatingSystem | Unknown, gpus: tuple[Gpu, ...] | Unknown) -> OperatingSystem | Unknown:
    """Linux on x86-64 where the text says nothing of the system; x86-64 where it says nothing of the processor."""
    names = " ".join(str(gpu.name).lower() for gpu in gpus) if isinstance(gpus, tuple) else ""
    machine = "aarch64" if any(word in names for word in _ON_ARM) else "x86_64"
    if isinstance(os, Unknown):
        return OperatingSystem("linux", machine, os, (), os, os, os, os, os, os, os, source=SUPPOSED)
    if isinstance(os.machine, Unknown) and os.system in {"linux", "windows"}:
        return replace(os, machine=machine, source=f"{os.source}; the architecture {SUPPOSED}")
    return os


def _stated_cuda(facts: Facts) -> tuple[Version, ...]:
    """The CUDA that a text only names (`CUDA 11.1`), which then may be the toolkit's or that of the framework's build."""
    toolkits = facts.toolkits if isinstance(facts.toolkits, tuple) else ()
    return tuple(one.version for one in toolkits if isinstance(one.version, Version) and one.has_nvcc is not True)


def _environment(
    environment: PythonEnvironment, os: OperatingSystem | Unknown, knowledge: Knowledge, stated: tuple[Version, ...]
) -> PythonEnvironment:
    packages, frameworks = environment.packages, environment.frameworks
    if isinstance(packages, tuple):
        there = {package.name for package in packages}
        packages = tuple(_package(package, os, knowledge, there) for package in packages)
    if isinstance(frameworks, tuple) and isinstance(os, OperatingSystem):
        named = packages if isinstance(packages, tuple) else ()
        from_conda = {package.name for package in named if package.installer == "conda"}
        frameworks = tuple(
            one if one.distribution in from_conda else _framework(one, os, knowledge, stated) for one in frameworks
        )
    return replace(environment, packages=packages, frameworks=frameworks)


def _package(package: Package, os: OperatingSystem | Unknown, knowledge: Knowledge, there: set[str]) -> Package:
    """The triton that torch requires, by the release table, where one is stated."""
    if not isinstance(package.version, Version) or package.version.is_devrelease:
        return package
    if package.name == "torch" and "triton" in there and isinstance(os, OperatingSystem) and os.system == "linux":
        triton = triton_range(knowledge, Version(package.version.public))
        if isinstance(triton, str):
            return replace(package, requires=(f"triton{triton}",), source=f"{package.source}; {_TORCH_TABLE}")
    return package


def _framework(framework: Framework, os: OperatingSystem, knowledge: Knowledge, stated: tuple[Version, ...]) -> Framework:
    """The build that a bare version stands for: that for the CUDA that is named, else the package index's own."""
    open_cuda = framework.flavour == "cuda" and isinstance(framework.cuda_version, Unknown)
    is_open = isinstance(framework.flavour, Unknown) or open_cuda
    if not is_open or not isinstance(framework.version, Version) or not isinstance(os.system, str):
        return framework
    if not isinstance(os.machine, str) or framework.version.local is not None:
        return framework
    platform = platform_name(os.system, os.machine)
    build = _default_build(framework, platform, knowledge, stated)
    if build is None and platform == "linux-x86_64" and framework.name == "torch":
        return _old_torch(framework, knowledge)
    if build is None and platform in {"linux-x86_64", "windows-x86_64"}:
        return _old_build(framework, knowledge)
    if build is None or build.flavour not in {"cuda", "cpu"} or (open_cuda and build.flavour != "cuda"):
        return framework
    source = f"{framework.source}; the package index's default build {SUPPOSED}"
    if framework.name == "torch" and not build.is_default:
        source = f"{framework.source}; the build for the CUDA named {SUPPOSED}"
    cuda = build.cuda if build.flavour == "cuda" else None
    return replace(framework, flavour=build.flavour, cuda_version=cuda, source=source)


def _old_torch(framework: Framework, knowledge: Knowledge) -> Framework:
    """A release before those of the release table: of it only the index's default CUDA is known."""
    release = framework.version.release[:2] if isinstance(framework.version, Version) else ()
    minor = ".".join(str(part) for part in release)
    cuda = next((row["cuda"] for row in knowledge.tables["torch"]["old_defaults"]["rows"] if row["versions"] == minor), None)
    if cuda is None:
        return framework
    source = f"{framework.source}; the package index's default build {SUPPOSED}"
    return replace(framework, flavour="cuda", cuda_version=Version(cuda), source=source)


def _old_build(framework: Framework, knowledge: Knowledge) -> Framework:
    """A GPU build of TensorFlow or ONNX Runtime from before the release tables, by what the distribution's name says."""
    table = knowledge.tables.get(framework.name, {}).get("old_builds")
    if table is None or not isinstance(framework.version, Version):
        return framework
    minor = ".".join(str(part) for part in framework.version.release[:2])
    row = next((row for row in table["rows"] if minor in row["versions"].split()), None)
    unified = framework.name == "tensorflow" and (framework.version >= Version("2.1") or minor == "1.15")
    if row is None or not (framework.flavour == "cuda" or unified):
        return framework
    source = f"{framework.source}; the CUDA of the release {SUPPOSED}"
    return replace(framework, flavour="cuda", cuda_version=Version(row["cuda"]), source=source)


def _default_build(framework: Framework, platform: str, knowledge: Knowledge, stated: tuple[Version, ...]) -> Release | None:
    if framework.name not in {"torch", "tensorflow", "onnxruntime"} or not isinstance(framework.version, Version):
        return None
    package = framework.distribution if framework.name == "onnxruntime" else framework.name
    version = framework.version
    if len(version.release) == 2 and not version.is_prerelease:
        version = Version(f"{version}.0")
    builds = builds_of(knowledge, package, version)
    here = [build for build in builds if build.platform == platform] if isinstance(builds, tuple) else []
    if framework.name == "torch":
        named = [build for build in here if build.flavour == "cuda" and build.cuda in stated]
        here = named or [build for build in here if build.is_default]
    return here[0] if here else None
