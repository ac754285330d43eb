"""From an environment that works to a profile that asks for such a one: ranges, and the exact versions as comments."""

from __future__ import annotations

import json
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from envdoctor.model.facts import Facts, Framework, Package, PythonEnvironment, Unknown
from envdoctor.model.record import record

NEVER = frozenset({"pip", "setuptools", "wheel", "uv", "envdoctor", "distribute", "pkg-resources"})
"""What every environment holds, or what looks at it."""
_MODULES = {
    "torch": "torch", "torchvision": "torchvision", "torchaudio": "torchaudio", "tensorflow": "tensorflow", "jax": "jax",
    "keras": "keras", "numpy": "numpy", "onnxruntime": "onnxruntime", "mxnet": "mxnet", "cupy": "cupy", "vllm": "vllm",
    "transformers": "transformers", "scipy": "scipy", "pandas": "pandas", "torch-geometric": "torch_geometric",
    "scikit-learn": "sklearn",
}  # fmt: skip
"""Packages whose module is tried, by the name that imports it."""
_ARCHITECTURES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


@record
class Captured:
    """A profile as text, and what of the environment could not be put into it."""

    text: str
    left_out: tuple[str, ...] = ()


def capture_profile(facts: Facts, name: str, driver_floor: str | None = None) -> Captured | Unknown:
    """The profile of the environment; Unknown where its packages or its Python could not be read.

    `driver_floor` is the oldest NVIDIA driver for the CUDA of its builds.
    """
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment):
        return environment if isinstance(environment, Unknown) else Unknown("there is no Python environment")
    interpreter = environment.interpreter
    if isinstance(interpreter, Unknown) or isinstance(interpreter.version, Unknown):
        return Unknown("the environment's Python could not be told")
    if isinstance(environment.packages, Unknown):
        return environment.packages
    packages = asked_for(environment.packages, _frameworks(environment))
    lines = [
        f"title: {_text(name)}",
        f"description: {_text(f'Captured by envdoctor from an environment with Python {interpreter.version}.')}",
        "",
        *_system_lines(facts, environment),
        *_gpu_lines(facts, environment, driver_floor),
        f"# seen: {interpreter.version}",
        f"python: {_text(_python_range(interpreter.version))}",
        "packages:",
        *(line for package in packages for line in _package_lines(package, environment)),
    ]
    modules = [_MODULES[package.name] for package in packages if package.name in _MODULES]
    lines += [f"imports: [{', '.join(modules)}]"] if modules else []
    if not packages:
        return Unknown("the environment holds no packages that a profile could ask for")
    return Captured("\n".join(lines) + "\n", tuple(_left_out(environment.packages)))


def asked_for(packages: tuple[Package, ...], frameworks: frozenset[str]) -> tuple[Package, ...]:
    """The packages that somebody wanted: those that no other one needs, and all frameworks."""
    needed = {canonicalize_name(name) for package in packages for name in _needs(package)}
    return tuple(
        package
        for package in sorted(packages, key=lambda one: (one.name not in frameworks, one.name))
        if package.name not in NEVER
        and package.editable is False
        and isinstance(package.version, Version)
        and (package.name in frameworks or package.name not in needed)
        and not (package.name.startswith("nvidia-") and "torch" in frameworks)
    )


def range_of(version: Version) -> str:
    """From this release up to the next that may break: the next major one, before 1.0 the next minor one."""
    below = f"0.{version.minor + 1}" if version.major == 0 and version.epoch == 0 else f"{version.major + 1}"
    epoch = f"{version.epoch}!" if version.epoch else ""
    return f">={version.public},<{epoch}{below}"


def _needs(package: Package) -> Iterator[str]:
    for line in () if isinstance(package.requires, Unknown) else package.requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def _frameworks(environment: PythonEnvironment) -> frozenset[str]:
    found = () if isinstance(environment.frameworks, Unknown) else environment.frameworks
    return frozenset(framework.distribution or framework.name for framework in found if framework.name != "triton")


def _system_lines(facts: Facts, environment: PythonEnvironment) -> Iterator[str]:
    os = facts.os
    if isinstance(os, Unknown):
        return
    if isinstance(os.system, str) and os.system in {"linux", "windows", "macos"}:
        yield f"os: {os.system}"
    if isinstance(os.machine, str) and os.machine.lower() in _ARCHITECTURES:
        yield f"architecture: {_ARCHITECTURES[os.machine.lower()]}"
    floors = [need.version for need in environment.compiled_needs if need.family == "GLIBC"]
    if floors and os.system == "linux":
        yield "# what its compiled libraries ask for"
        yield f"glibc: {_text(f'>={max(floors)}')}"


def _gpu_lines(facts: Facts, environment: PythonEnvironment, driver_floor: str | None) -> Iterator[str]:
    """What its CUDA builds need; of GPUs only where there is one, for the profile must pass where it was captured."""
    cuda = _cuda_of(environment)
    if cuda is None:
        return
    yield f"# seen: {cuda}"
    yield f"cuda: {_text(f'>={cuda.major},<{cuda.major + 1}')}"
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus_of("nvidia")
    wanted = [f"driver: {_text(f'>={driver_floor}')}"] if driver_floor else []
    wanted += ["gpu:", "  vendor: nvidia"]
    if gpus:
        yield from wanted
    else:
        yield "# There was no NVIDIA GPU where this was captured. On a machine with one, ask for it:"
        yield from (f"# {line}" for line in wanted)


def _cuda_of(environment: PythonEnvironment) -> Version | None:
    torch = environment.framework("torch")
    return torch.cuda_version if isinstance(torch, Framework) and isinstance(torch.cuda_version, Version) else None


def _package_lines(package: Package, environment: PythonEnvironment) -> Iterator[str]:
    assert isinstance(package.version, Version)  # noqa: S101 - `asked_for` leaves out the others
    build = _build_of(package, environment)
    requirement = _text(f"{package.name}{range_of(package.version)}")
    yield f"  # seen: {package.version}"
    yield f"  - {{requirement: {requirement}, build: {build}}}" if build else f"  - {requirement}"


def _build_of(package: Package, environment: PythonEnvironment) -> str | None:
    """The build of torch, and so of its companions; other frameworks' packages are builds of their own."""
    torch = environment.framework("torch")
    if package.name not in {"torch", "torchvision", "torchaudio"} or not isinstance(torch, Framework):
        return None
    if torch.flavour == "cuda" and isinstance(torch.cuda_version, Version):
        build = f"cuda{torch.cuda_version.major}"
        return build if build in {"cuda11", "cuda12", "cuda13"} else None
    return torch.flavour if torch.flavour in {"cpu", "rocm"} else None


def _left_out(packages: tuple[Package, ...]) -> Iterator[str]:
    for package in packages:
        if package.name in NEVER:
            continue
        if isinstance(package.version, Unknown):
            yield f"{package.name}: its version could not be told ({package.version.reason})"
        elif package.editable is not False:
            yield f"{package.name}: it is installed from a working folder"


def _python_range(version: Version) -> str:
    return f">={version.major}.{version.minor},<{version.major}.{version.minor + 1}"


def _text(value: str) -> str:
    """A quoted scalar: JSON's strings are YAML's."""
    return json.dumps(value)
