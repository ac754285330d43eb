"""PaddlePaddle: `paddle/version/__init__.py` states the build."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.assignments import Value, parse_assignments, parse_version
from envdoctor.probes.frameworks.distribution import Installed, read_stated, site_of
from envdoctor.system.port import System

NOT_STATED = Unknown("paddle/version does not state it")


def probe_paddle(system: System, package: Package, installed: Installed) -> Framework:
    """What Paddle says of itself: CUDA, cuDNN and HIP versions, and the GPU architectures it was compiled for."""
    path = f"{site_of(package)}/paddle/version/__init__.py"
    text = read_stated(system, path)
    stated = {} if isinstance(text, Unknown) else parse_assignments(text)
    flavour = text if isinstance(text, Unknown) else _flavour(stated)
    unsure = flavour if isinstance(flavour, Unknown) else None
    cuda = flavour == "cuda"
    return Framework(
        name="paddlepaddle",
        version=parse_version(stated.get("full_version")) or package.version,
        flavour=flavour,
        cuda_version=parse_version(stated.get("cuda_version")) if cuda else unsure,
        cudnn_version=(parse_version(stated.get("cudnn_version")) or NOT_STATED) if cuda else unsure,
        rocm_version=parse_version(stated.get("hip_version")) if flavour == "rocm" else unsure,
        gpu_code=_gpu_code("" if isinstance(text, Unknown) else text) if cuda else unsure,
        gpu_code_source=path if cuda else "",
        source=path,
        distribution=package.name,
    )


def _flavour(stated: dict[str, Value]) -> str | Unknown:
    """`False` and `None` are written as texts in this file."""
    if "cuda_version" not in stated:
        return NOT_STATED
    if isinstance(parse_version(stated["cuda_version"]), Version):
        return "cuda"
    return "rocm" if parse_version(stated.get("hip_version")) else "cpu"


def _gpu_code(text: str) -> tuple[str, ...] | Unknown:
    """`compiled_cuda_archs = [70, 80, 90]`, with or without quotes; each is machine code for one architecture."""
    found = re.search(r"^compiled_cuda_archs\s*=\s*\[([^\]]*)\]", text, re.MULTILINE)
    numbers = re.findall(r"\d{2,3}[af]?", found.group(1)) if found else []
    return tuple(f"sm_{number}" for number in numbers) or NOT_STATED
