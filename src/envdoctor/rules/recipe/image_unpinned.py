"""The rule image-unpinned."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._reading import at, recipe_of, wanted_packages

FRAMEWORKS = frozenset({
    "torch", "torchvision", "torchaudio", "tensorflow", "jax", "jaxlib", "vllm", "xformers", "flash-attn", "onnxruntime",
    "onnxruntime-gpu", "transformers", "bitsandbytes", "deepspeed", "keras", "numpy", "paddlepaddle-gpu",
})  # fmt: skip


@rule(Severity.INFO)
def image_unpinned(case: Case) -> Iterator[Finding]:
    """A Dockerfile does not say which base image or framework it means.

    What it checks
        Whether the base image has a tag other than latest or a digest, and whether frameworks are installed with a version.

    Why it matters
        The same Dockerfile gives another image tomorrow: a new CUDA that the hosts' driver is too old for, a new NumPy.

    How to fix
        Name the tag or digest of the base image and the versions of frameworks, or install from a lock file
        (envdoctor plan PROFILE --format requirements).

    References
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    recipe = recipe_of(case)
    base = recipe.base
    if not base.is_pinned:
        yield Finding(
            title=f"The base image {base.name} may be another one tomorrow",
            detail=f"{base.name} names no version; a tag or digest is wanted. The next build may start from something else.",
            evidence=(at(recipe, base.line, "base", str(base.name)),),
            fixes=(Fix("Name a tag or a digest"),),
        )
    loose = [one for one in wanted_packages(recipe) if one.name in FRAMEWORKS and not one.specifier]
    if loose:
        names = ", ".join(one.name for one in loose)
        yield Finding(
            title=f"No version is asked for of {names}",
            detail=f"{names}: the newest of the day is installed; versions are wanted. The next build may differ.",
            evidence=tuple(at(recipe, one.installed.line, "requirement", one.installed.requirement) for one in loose),
            fixes=(Fix("Name their versions, or install from a lock file"),),
            about=tuple(one.name for one in loose),
        )
