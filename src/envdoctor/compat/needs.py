"""What a release asks of other packages, as far as the tables say: ranges by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from packaging.version import Version

from envdoctor.compat.asked import Asked
from envdoctor.knowledge.extensions import Pins, pins
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.requirements import stated_requirements
from envdoctor.knowledge.torch import torch_of_companion, triton_range
from envdoctor.model.record import record

CUDNN_EXTRAS_OF_ORT = Version("1.21")
"""The first onnxruntime-gpu with the extras cuda and cudnn."""
PULLS = {"bitsandbytes": ("torch",)}
"""What packages require in any version, where the tables know no range."""
TENSORFLOW_WHEELS = ("cublas", "cuda-runtime", "cufft", "cusolver", "cusparse")


@record
class Needs:
    """What is needed of other packages."""

    ranges: Mapping[str, str]
    """As the metadata states it: what pip insists on."""
    brings: tuple[str, ...] = ()
    """Packages that come with it, of versions that nobody needs to know."""
    pulls: tuple[str, ...] = ()
    """Packages that come with it in the newest version there is, because the metadata does not name the range that works."""


def needs_of(knowledge: Knowledge, asked: Asked, version: Version, release: Release | None) -> Needs:
    """What one release of a package needs."""
    found = _DESCRIBED.get(asked.name, _pinned)(knowledge, asked, version, release)
    return found if isinstance(found, Needs) else Needs(found)


def _pinned(knowledge: Knowledge, asked: Asked, version: Version, release: Release | None) -> Needs:
    found = pins(knowledge, asked.name, version, release.platform if release is not None else None)
    if not isinstance(found, Pins):
        return Needs({}, pulls=PULLS.get(asked.name, ()))
    if found.unstated:
        return Needs({}, pulls=tuple(found.ranges) if found.brings else ())
    return Needs(found.ranges)


def _torch(knowledge: Knowledge, _asked: Asked, version: Version, release: Release | None) -> dict[str, str]:
    """Linux wheels pin triton and CUDA's libraries: those of the package index as they state; others carry cuDNN inside."""
    ranges: dict[str, str] = {}
    if release is None or not release.platform.startswith("linux"):
        return ranges
    stated = stated_requirements(knowledge, "torch", release.version, release.platform) if release.is_default else None
    if isinstance(stated, dict) and stated:
        return stated
    triton = triton_range(knowledge, version)
    if isinstance(triton, str) and release.flavour == "cuda" and release.platform == "linux-x86_64":
        ranges["triton"] = triton
    if isinstance(release.cudnn, str) and isinstance(release.cuda, Version) and version >= Version("1.13"):
        ranges[f"nvidia-cudnn-cu{release.cuda.major}"] = release.cudnn
    return ranges


def _companion(knowledge: Knowledge, asked: Asked, version: Version, _release: Release | None) -> Needs:
    """The torch that a companion was made for: one release, or a run of them."""
    made_for = torch_of_companion(knowledge, asked.name, version)
    stated = stated_requirements(knowledge, asked.name, version)
    if not made_for and isinstance(stated, dict) and stated.get("torch"):
        return Needs(stated)
    if not made_for:
        return Needs({}, pulls=("torch",))
    return Needs({"torch": f"=={made_for[0]}" if len(made_for) == 1 else f">={made_for[0]},<={made_for[-1]}"})


def _tensorflow(knowledge: Knowledge, asked: Asked, version: Version, release: Release | None) -> Needs:
    stated = stated_requirements(knowledge, asked.name, version)
    ranges: dict[str, str] = stated if isinstance(stated, dict) else {}
    cuda = release.cuda if release is not None and release.extra in asked.extras else None
    if release is None or not isinstance(cuda, Version):
        return Needs(ranges)
    if isinstance(release.cudnn, str):
        ranges[f"nvidia-cudnn-cu{cuda.major}"] = release.cudnn
    return Needs(ranges, tuple(f"nvidia-{wheel}-cu{cuda.major}" for wheel in TENSORFLOW_WHEELS))


def _jax(knowledge: Knowledge, asked: Asked, version: Version, release: Release | None) -> Needs:
    """The jaxlib that it states, else one of the same minor version that is not newer; with an extra the plugin's cuDNN."""
    stated = stated_requirements(knowledge, "jax", version)
    ranges = {"jaxlib": f">={version.major}.{version.minor}.0,<={version}", **(stated if isinstance(stated, dict) else {})}
    if release is None or not isinstance(release.cuda, Version):
        return Needs(ranges)
    if isinstance(release.cudnn, str) and release.extra in asked.extras:
        ranges[f"nvidia-cudnn-cu{release.cuda.major}"] = release.cudnn
    return Needs(ranges)


def _onnxruntime_gpu(knowledge: Knowledge, asked: Asked, version: Version, release: Release | None) -> Needs:
    cuda = release.cuda if release is not None else None
    stated = stated_requirements(knowledge, asked.name, version)
    ranges: dict[str, str] = stated if isinstance(stated, dict) else {}
    if not isinstance(cuda, Version) or version < CUDNN_EXTRAS_OF_ORT:
        return Needs(ranges)
    if "cudnn" in asked.extras:
        ranges[f"nvidia-cudnn-cu{cuda.major}"] = "~=9.0"
    cublas = "nvidia-cublas" if cuda.major >= 13 else f"nvidia-cublas-cu{cuda.major}"
    return Needs(ranges, (cublas,) if {"cuda", "cudnn"} & set(asked.extras) else ())


_Describe = Callable[[Knowledge, Asked, Version, "Release | None"], "Needs | dict[str, str]"]
_DESCRIBED: dict[str, _Describe] = {
    "torch": _torch,
    "torchvision": _companion,
    "torchaudio": _companion,
    "torchtext": _companion,
    "tensorflow": _tensorflow,
    "tensorflow-cpu": _tensorflow,
    "tensorflow-gpu": _tensorflow,
    "jax": _jax,
    "onnxruntime-gpu": _onnxruntime_gpu,
}
