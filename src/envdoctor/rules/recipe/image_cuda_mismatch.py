"""The rule image-cuda-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.recipe import Recipe
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._cuda import cuda_of, torch_of
from envdoctor.rules.recipe._reading import Wanted, at, recipe_of, wanted_packages

COMPILED = frozenset(
    {"flash-attn", "apex", "deepspeed", "causal-conv1d", "mamba-ssm", "pytorch3d", "detectron2", "tiny-cuda-nn", "nvdiffrast"}
)
"""Packages that are compiled against torch where they are installed."""


@rule(Severity.WARNING)
def image_cuda_mismatch(case: Case) -> Iterator[Finding]:
    """A Dockerfile starts from one CUDA and installs a torch that was built with another.

    What it checks
        The CUDA of the base image against the one that torch is built with, by major version; any difference in major version
        where an extension is compiled in the image.

    Why it matters
        torch brings its own CUDA, so the base image's is some gigabytes of nothing. Compiling an extension fails: "The
        detected CUDA version mismatches the version that was used to compile PyTorch".

    How to fix
        Make both of one CUDA: choose the index of torch after the base image, or the base image after torch. Where nothing is
        compiled, a plain python image is enough.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
        https://hub.docker.com/r/nvidia/cuda
    """
    recipe, torch = recipe_of(case), torch_of(case)
    base = recipe.base.cuda
    if torch is None:
        raise skip("torch is not installed by name")
    if not isinstance(base, Version):
        raise skip("the base image brings no CUDA that its name states")
    cuda = cuda_of(torch, case.knowledge)
    if cuda is None:
        raise skip("nothing says which CUDA torch is built with")
    if cuda.major == base.major:
        return
    compiled = _compiled(recipe)
    build = f"cu{base.major}{base.minor}"
    yield Finding(
        title=f"The base image is CUDA {base}, torch is built with {cuda}",
        detail=f"{recipe.base.name} brings CUDA {base}; the torch that is installed has {cuda}. "
        + (f"Compiling {compiled.name} fails." if compiled is not None else "The image carries both."),
        evidence=(
            at(recipe, torch.installed.line, "requirement", torch.installed.requirement),
            at(recipe, recipe.base.line, "base", str(recipe.base.name)),
        ),
        fixes=(
            Fix(
                f"Make both of one CUDA: a base image with CUDA {cuda}, or torch from the {build} index",
                text="Where nothing is compiled, a python image without CUDA is enough: the wheels bring it.",
            ),
        ),
        severity=Severity.ERROR if compiled is not None else None,
        about=("torch",),
    )  # fmt: skip


def _compiled(recipe: Recipe) -> Wanted | None:
    return next((one for one in wanted_packages(recipe) if one.name in COMPILED or one.installed.builds), None)
