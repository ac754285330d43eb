"""Compiled companions and extensions: what their versions and files state of the torch and CUDA they were built with."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.build_tags import tagged_cuda, tagged_torch
from envdoctor.model.record import record
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.probes.assignments import parse_assignments, parse_json, parse_version
from envdoctor.probes.frameworks.distribution import Installed, is_for, site_of, tagged_rocm
from envdoctor.probes.frameworks.gpu_libraries import HeldCode, gpu_libraries, probe_library_code
from envdoctor.system.port import System

_VERSION_FILES = ("torchvision", "torchaudio", "torchtext", "torchcodec")
_ANY_DEVICE = frozenset({"triton", "pytorch-triton", "triton-windows", "mmcv-lite", "torchdata", "sglang"})
_DEEPSPEED_TORCH = r"torch_info\s*=\s*\{[^}]*?'version':\s*'([^']*)'(?:[^}]*?'cuda_version':\s*'([^']*)')?"


@record
class Build:
    """What an extension states of its build."""

    version: Version | Unknown
    cuda: Version | None = None
    rocm: Version | None = None
    torch: str | None = None
    gpu_code: tuple[str, ...] | None = None
    cpu: bool = False
    source: str = ""


def probe_extensions(system: System, package: Package, installed: Installed) -> Framework:
    """One extension.

    Sources: its own version file (torchvision, torchaudio), `xformers/cpp_lib.json`, DeepSpeed's build record, and the
    local part of its version (`+pt29cu128`, `+cu12torch2.8cxx11abiTRUE`).
    """
    build = _stated_build(system, package) or _tagged_build(package.version, package)
    flavour = _flavour(package, build)
    unsaid = Unknown(f"{package.name} does not state what it was built with")
    held = _held_code(system, package, build)
    code = unsaid if held.gpu_code is None else held.gpu_code
    if isinstance(flavour, Unknown) and isinstance(code, tuple):
        flavour = "rocm" if code[0].startswith("gfx") else "cuda"
    return Framework(
        name=package.name,
        version=build.version,
        flavour=flavour,
        cuda_version=build.cuda or (unsaid if isinstance(flavour, Unknown) or flavour == "cuda" else None),
        rocm_version=build.rocm,
        gpu_code=code if isinstance(flavour, Unknown) or flavour in {"cuda", "rocm"} else None,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=build.source or package.path,
        distribution=package.name,
        built_with=(("torch", build.torch),) if build.torch else (),
    )


def _held_code(system: System, package: Package, build: Build) -> HeldCode:
    """What its record of the build states, else what its libraries hold; None where neither is there."""
    if build.gpu_code:
        return HeldCode(build.gpu_code, build.source)
    libraries = gpu_libraries(system, site_of(package), package.name)
    return probe_library_code(system, libraries) if libraries else HeldCode(None)


def _flavour(package: Package, build: Build) -> str | Unknown:
    if package.name in _ANY_DEVICE:
        return "any"
    if build.cuda:
        return "cuda"
    if build.rocm or package.name.endswith("-rocm"):
        return "rocm"
    if build.cpu:
        return "cpu"
    if is_for(package, "none-any"):
        return "any"
    return Unknown(f"{package.name} does not state what it was built for")


def _stated_build(system: System, package: Package) -> Build | None:
    site = site_of(package)
    if package.name in _VERSION_FILES:
        path = f"{site}/{package.name}/version.py"
        text = read_text(system, path)
        version = parse_version(parse_assignments(text).get("__version__")) if isinstance(text, str) else None
        return _tagged_build(version, package, path) if version else None
    if package.name == "xformers":
        path = f"{site}/xformers/cpp_lib.json"
        text = read_text(system, path)
        return parse_xformers(text, package.version, path) if isinstance(text, str) else None
    if package.name == "deepspeed":
        path = f"{site}/deepspeed/git_version_info_installed.py"
        text = read_text(system, path)
        return parse_deepspeed(text, package.version, path) if isinstance(text, str) else None
    return None


def parse_xformers(text: str, version: Version | Unknown, source: str) -> Build | None:
    """The build record that xformers writes: CUDA as 1208, torch with its local part, the architecture list."""
    try:
        stated = parse_json(text)
        built, env = stated["version"], stated.get("env", {})
        number, archs = built.get("cuda"), env.get("TORCH_CUDA_ARCH_LIST")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    cuda = parse_version(f"{number // 100}.{number % 100}") if isinstance(number, int) and number >= 100 else None
    return Build(
        version, cuda, parse_version(str(built.get("hip"))), built.get("torch") if isinstance(built.get("torch"), str) else None,
        parse_arch_list(archs) if isinstance(archs, str) else None, source=source,
    )  # fmt: skip


def parse_deepspeed(text: str, version: Version | Unknown, source: str) -> Build | None:
    """DeepSpeed's record of the torch its operators were compiled with; `0.0` where they are compiled on first use."""
    found = re.search(_DEEPSPEED_TORCH, text)
    if not found or found.group(1) in {"", "0.0"}:
        return Build(version, cpu=False, source=source) if found else None
    return Build(version, parse_version(found.group(2)), torch=found.group(1), source=source)


def parse_arch_list(text: str) -> tuple[str, ...] | None:
    """GPU code out of a TORCH_CUDA_ARCH_LIST: `8.0+PTX 9.0a` is sm_80, compute_80 and sm_90a."""
    codes: list[str] = []
    for major, minor, suffix, ptx in re.findall(r"(\d+)\.(\d)([af]?)(\+PTX)?", text):
        codes += [f"sm_{major}{minor}{suffix}"] + ([f"compute_{major}{minor}{suffix}"] if ptx else [])
    return tuple(dict.fromkeys(codes)) or None


def _tagged_build(version: Version | Unknown, package: Package, source: str = "") -> Build:
    local = version.local if isinstance(version, Version) else None
    cuda = tagged_cuda(local) or tagged_cuda(package.name)
    cpu = bool(local and re.search(r"(?:^|[^a-z])cpu|\dcpu", local))
    return Build(version, cuda, tagged_rocm(local), tagged_torch(local), cpu=cpu, source=source)
