"""The facts of a machine on which the chosen packages were installed, as far as the tables tell."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.compat.choosing import Chosen
from envdoctor.compat.place import Stated
from envdoctor.knowledge.cudnn import highest_floor
from envdoctor.knowledge.extensions import bitsandbytes_library
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Framework, Package, PythonEnvironment, Unknown
from envdoctor.model.record import replace

FRAMEWORKS = {
    "torch": "torch", "tensorflow": "tensorflow", "tensorflow-cpu": "tensorflow", "jax": "jax", "onnxruntime": "onnxruntime",
    "onnxruntime-gpu": "onnxruntime", "cupy-cuda11x": "cupy", "cupy-cuda12x": "cupy", "cupy-cuda13x": "cupy",
    "cudf-cu12": "cudf", "cudf-cu13": "cudf", "cuml-cu12": "cuml", "cuml-cu13": "cuml", "tensorflow-gpu": "tensorflow",
    "vllm": "vllm", "sgl-kernel": "sgl-kernel", "sglang-kernel": "sglang-kernel", "bitsandbytes": "bitsandbytes",
    "mxnet": "mxnet", "mxnet-cu110": "mxnet", "mxnet-cu112": "mxnet", "mxnet-cu117": "mxnet", "keras": "keras",
    "paddlepaddle": "paddle", "paddlepaddle-gpu": "paddle",
}  # fmt: skip
"""Distributions that bring a framework, and its name."""
ANY_DEVICE = {"bitsandbytes", "keras"}
COMPILES_AT_RUN_TIME = {"cupy"}
"""They hold no code for a GPU but compile it, as JAX does; what they start at is told by a limit."""


def with_packages(stated: Stated, chosen: tuple[Chosen, ...], knowledge: Knowledge) -> Facts:
    """The stated machine with the packages in its environment."""
    environment = stated.facts.environment
    if not isinstance(environment, PythonEnvironment):
        raise ValueError("a stated machine has an environment")
    source = f"the knowledge base of {knowledge.date}"
    names = {one.asked.name for one in chosen}
    packages: list[Package] = []
    for one in chosen:
        if one.installed_version is not None:
            requires = tuple(f"{name}{text}" for name, text in one.needs.ranges.items() if name in names)
            packages.append(Package(one.asked.name, one.installed_version, requires, tags=None, installer="pip", source=source))
        packages += _brought(one, names, source)
    packages += _plugins(chosen, source) + _unknown_cudnn(chosen, stated, knowledge, source)
    frameworks = tuple(_framework(one, stated, knowledge, source) for one in chosen if _has_framework(one))
    return replace(stated.facts, environment=replace(environment, packages=tuple(packages), frameworks=frameworks))


def _has_framework(one: Chosen) -> bool:
    return one.asked.name in FRAMEWORKS and one.version is not None and one.release is not None


def _framework(one: Chosen, stated: Stated, knowledge: Knowledge, source: str) -> Framework:
    release, name = one.release, FRAMEWORKS[one.asked.name]
    if release is None or one.installed_version is None:
        raise ValueError(f"{one.asked.text}: nothing was chosen")
    flavour, cuda = "any" if name in ANY_DEVICE else release.flavour, release.cuda
    if name in {"vllm"} and isinstance(cuda, Unknown):
        flavour, cuda = "any", None  # the torch that it pins tells which driver it needs
    return Framework(
        name=name,
        version=one.installed_version,
        flavour=flavour,
        cuda_version=cuda if flavour == "cuda" else None,
        rocm_version=release.rocm,
        source=f"{source}: {release.source}" if release.source else source,
        distribution=one.asked.name,
        libraries=_libraries(one, stated, knowledge) if name == "bitsandbytes" else (),
    )


def _libraries(one: Chosen, stated: Stated, knowledge: Knowledge) -> tuple[str, ...]:
    system = stated.place.hardware.system
    found = bitsandbytes_library(knowledge, one.version or Version("0"), Version("12.4"), system)
    ending = "dll" if system == "windows" else "so"
    return () if isinstance(found, Unknown) else tuple(f"libbitsandbytes_{name}.{ending}" for name in found.offered)


def _brought(one: Chosen, names: set[str], source: str) -> list[Package]:
    unsaid = Unknown("it comes with another package, in a version that does not matter here")
    return [Package(name, unsaid, tags=None, source=source) for name in one.needs.brings if name not in names]


def _plugins(chosen: tuple[Chosen, ...], source: str) -> list[Package]:
    """JAX's extra brings plugin and pjrt of one release."""
    jaxlib = next((one.version for one in chosen if one.asked.name == "jaxlib"), None)
    jax = next((one for one in chosen if one.asked.name == "jax" and one.release is not None), None)
    if jax is None or jax.release is None or jax.release.extra is None or jaxlib is None or jax.version is None:
        return []
    parts = ("plugin", "pjrt")
    return [Package(f"jax-{jax.release.extra}-{part}", jaxlib, tags=None, installer="pip", source=source) for part in parts]


def _unknown_cudnn(chosen: tuple[Chosen, ...], stated: Stated, knowledge: Knowledge, source: str) -> list[Package]:
    """The cuDNN of a torch build that the tables do not know, where there is a GPU that not every cuDNN serves."""
    torch = next((one.release for one in chosen if one.asked.name == "torch" and one.release is not None), None)
    if torch is None or torch.flavour != "cuda" or not isinstance(torch.cuda, Version):
        return []
    name = f"nvidia-cudnn-cu{torch.cuda.major}"
    if any(one.asked.name == name for one in chosen) or not _is_any_old(stated, knowledge):
        return []
    version = Version(torch.cudnn.removeprefix("==")) if isinstance(torch.cudnn, str) else torch.cudnn
    inside = "inside the torch wheel" if isinstance(version, Version) else source
    return [Package(name, version, tags=None, source=inside)] if version is not None else []


def _is_any_old(stated: Stated, knowledge: Knowledge) -> bool:
    """Whether a GPU is older than what every cuDNN in the tables still serves, or cannot be told."""
    floor = highest_floor(knowledge)
    capabilities = [gpu.compute_capability for gpu in stated.place.hardware.gpus if gpu.vendor == "nvidia"]
    return any(not isinstance(capability, tuple) or capability < floor for capability in capabilities)
