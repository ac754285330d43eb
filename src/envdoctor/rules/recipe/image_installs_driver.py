"""The rule image-installs-driver."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.parent_images import carries_driver
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._reading import at, recipe_of


@rule(Severity.ERROR)
def image_installs_driver(case: Case) -> Iterator[Finding]:
    """A Dockerfile installs the NVIDIA driver into the image.

    What it checks
        The system packages that it installs, and whether it runs NVIDIA's installer.

    Why it matters
        The driver is the host's: the container toolkit mounts its libraries into the container. A second one in the image
        shadows it, and CUDA ends with "driver/library version mismatch" as soon as the host has another version.

    How to fix
        Leave the driver out. Of NVIDIA's packages install those of the toolkit alone (cuda-toolkit-12-4, not cuda-12-4), or
        start from an nvidia/cuda image.

    References
        https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/index.html
        https://docs.nvidia.com/cuda/cuda-installation-guide-linux/index.html
    """
    recipe = recipe_of(case)
    for package in recipe.system_packages:
        carried = "driver" if package.name == "NVIDIA-Linux" else carries_driver(case.knowledge, package.name)
        if carried is None:
            continue
        instead = package.name.replace("cuda", "cuda-toolkit", 1) if carried == "both" and package.name.startswith("cuda") else ""
        yield Finding(
            title=f"{package.name} puts an NVIDIA driver into the image",
            detail=f"{package.name} {'brings a driver along' if carried == 'both' else 'is a driver'}; in a container the "
            "host's is wanted. Where the two differ, CUDA does not start.",
            evidence=(at(recipe, package.line, "system_packages", package.name),),
            fixes=(Fix(f"Install {instead} in its place" if instead else f"Leave {package.name} out"),),
            severity=Severity.WARNING if carried == "both" else None,
            about=(package.name,),
        )
