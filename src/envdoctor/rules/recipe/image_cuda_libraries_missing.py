"""The rule image-cuda-libraries-missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.parent_images import needs_cuda_libraries
from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.recipe import Recipe
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._reading import Wanted, at, recipe_of, wanted_packages


@rule(Severity.ERROR, explains=("image-unpinned",))
def image_cuda_libraries_missing(case: Case) -> Iterator[Finding]:
    """A Dockerfile installs a GPU build that brings no CUDA libraries, on a base image that has none.

    What it checks
        Packages whose GPU build loads CUDA and cuDNN from the system (ONNX Runtime, CuPy, TensorFlow without and-cuda)
        against what the base image, system packages and nvidia-* wheels bring.

    Why it matters
        The image builds, and then runs on the processor, or stops with "libcublasLt.so.12: cannot open shared object file".
        PyTorch and JAX are not meant: their wheels bring the libraries along.

    How to fix
        Install the package with the extra that brings the libraries, or start from an nvidia/cuda runtime image (with cudnn).

    References
        https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements
        https://www.tensorflow.org/install/pip
        https://docs.cupy.dev/en/stable/install.html
    """
    recipe = recipe_of(case)
    packages = wanted_packages(recipe)
    for one in packages:
        row = needs_cuda_libraries(case.knowledge, one.name)
        if row is None or _is_served(row, one, packages, recipe):
            continue
        extra = row.get("extra")
        base = f"{recipe.base.name}"
        instead = f"{one.name}[{extra}]{one.specifier}" if extra else ""
        yield Finding(
            title=f"{one.name} finds no CUDA libraries in this image",
            detail=f"{one.name} loads CUDA from the system, and {base} has none; a base image with CUDA or the wheels of the "
            "libraries are wanted. It runs on the processor, or stops when it loads.",
            evidence=(
                at(recipe, one.installed.line, "requirement", one.installed.requirement),
                at(recipe, recipe.base.line, "base", base),
            ),
            fixes=(Fix(f"Install {instead}" if instead else "Start from an nvidia/cuda runtime image with cuDNN"),),
            confidence=Confidence.LIKELY,
            about=(one.name,),
        )


def _is_served(row: dict[str, Any], one: Wanted, packages: tuple[Wanted, ...], recipe: Recipe) -> bool:
    """Whether libraries are there, or nobody knows, or no GPU is meant."""
    extra = row.get("extra")
    if extra and any(said.startswith(extra) for said in one.extras):
        return True
    if one.name == "tensorflow":
        since = row.get("since")
        if not _means_gpu(recipe, packages) or (one.pin and since and Version(one.pin) < Version(since)):
            return True  # plain tensorflow on a plain image is how one asks for the processor
    cuda = recipe.base.cuda
    if isinstance(cuda, Unknown):
        return True
    if cuda is not None and recipe.base.parts != "base":
        return "cuda" not in row or str(cuda.major) == row["cuda"]
    brought = any(
        package.name.startswith(("cuda-toolkit", "cuda-libraries", "libcublas", "nvidia-cuda-toolkit"))
        for package in recipe.system_packages
    )
    wheels = any(package.name.startswith(("nvidia-cublas", "nvidia-cuda-runtime", "cuda-toolkit")) for package in packages)
    torch = any(package.name == "torch" for package in packages) and one.name == "onnxruntime-gpu"
    return brought or wheels or torch


def _means_gpu(recipe: Recipe, packages: tuple[Wanted, ...]) -> bool:
    """Whether something else in the file says that a GPU is meant."""
    said = recipe.variable("NVIDIA_VISIBLE_DEVICES")
    return (said is not None and said[0] not in {"", "none", "void"}) or any(
        package.name == "tensorflow-gpu" for package in packages
    )
