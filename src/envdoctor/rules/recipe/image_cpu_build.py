"""The rule image-cpu-build."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._cuda import build_of
from envdoctor.rules.recipe._reading import Wanted, at, recipe_of, wanted_packages

GPU_INSTEAD = {"onnxruntime": "onnxruntime-gpu", "tensorflow-cpu": "tensorflow[and-cuda]", "faiss-cpu": "faiss-gpu-cu12"}


@rule(Severity.WARNING)
def image_cpu_build(case: Case) -> Iterator[Finding]:
    """A Dockerfile starts from CUDA and installs a build for the processor.

    What it checks
        On a base image with CUDA: torch from PyTorch's cpu index, and packages whose name is that of the processor's build.

    Why it matters
        The image is gigabytes larger, and the GPU is not used.

    How to fix
        Install the GPU build, or start from an image without CUDA.

    References
        https://pytorch.org/get-started/locally/
        https://onnxruntime.ai/docs/install/
    """
    recipe = recipe_of(case)
    if not isinstance(recipe.base.cuda, Version):
        raise skip("the base image brings no CUDA that its name states")
    packages = wanted_packages(recipe)
    names = {one.name for one in packages}
    for one in packages:
        instead = _instead(one, recipe.base.cuda)
        if instead is None or instead.partition("[")[0] in names - {one.name}:
            continue
        yield Finding(
            title=f"{one.name} is a build for the processor, on a base image with CUDA",
            detail=f"{recipe.base.name} brings CUDA {recipe.base.cuda}; {one.installed.requirement} does not use a GPU.",
            evidence=(
                at(recipe, one.installed.line, "requirement", one.installed.requirement),
                at(recipe, recipe.base.line, "base", str(recipe.base.name)),
            ),
            fixes=(Fix(f"Install {instead}, or start from an image without CUDA"),),
            about=(one.name,),
        )


def _instead(one: Wanted, cuda: Version) -> str | None:
    if one.name == "torch":
        return f"torch from https://download.pytorch.org/whl/cu{cuda.major}{cuda.minor}" if build_of(one) == "cpu" else None
    return GPU_INSTEAD.get(one.name)
