"""The rule image-hides-gpu."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._reading import at, recipe_of

HIDING = {
    "CUDA_VISIBLE_DEVICES": frozenset({"", "-1", "none"}),
    "NVIDIA_VISIBLE_DEVICES": frozenset({"", "none", "void"}),
    "HIP_VISIBLE_DEVICES": frozenset({"", "-1"}),
}
_NEEDED = "compute"


@rule(Severity.ERROR)
def image_hides_gpu(case: Case) -> Iterator[Finding]:
    """A Dockerfile sets variables that keep every GPU from the container.

    What it checks
        CUDA_VISIBLE_DEVICES, NVIDIA_VISIBLE_DEVICES and HIP_VISIBLE_DEVICES, and whether NVIDIA_DRIVER_CAPABILITIES has
        compute in it.

    Why it matters
        Frameworks see no GPU in such a container, whatever docker run says.

    How to fix
        Take the variable out of the Dockerfile; who runs the container sets it.

    References
        https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
    """
    recipe = recipe_of(case)
    if not recipe.variables:
        raise skip("it sets no environment variables")
    for name, values in HIDING.items():
        said = recipe.variable(name)
        if said is None or said[0].lower() not in values:
            continue
        yield Finding(
            title=f"{name}={said[0]} hides every GPU from the container",
            detail=f"The image sets {name} to {said[0] or 'nothing'}; no value is wanted. Frameworks in it see no GPU.",
            evidence=(at(recipe, said[1], f"variables[{name}]", said[0]),),
            fixes=(Fix(f"Take {name} out"),),
        )
    said = recipe.variable("NVIDIA_DRIVER_CAPABILITIES")
    if said is not None and not {"all", _NEEDED} & {part.strip() for part in said[0].split(",")}:
        yield Finding(
            title="NVIDIA_DRIVER_CAPABILITIES leaves compute out",
            detail=f"It is {said[0] or 'empty'}; compute,utility is wanted. libcuda.so.1 is not mounted: no CUDA.",
            evidence=(at(recipe, said[1], "variables[NVIDIA_DRIVER_CAPABILITIES]", said[0]),),
            fixes=(Fix("Set NVIDIA_DRIVER_CAPABILITIES to compute,utility"),),
        )
