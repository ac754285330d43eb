"""The rule container-no-gpu."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Container, NvmlFailure, Unknown, known, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import need_machine, of_this_machine
from envdoctor.rules.declaring import evidence, rule

TOOLKIT = "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html"
DOCKER = Fix(
    "Start the container with its GPUs",
    commands=(("docker", "run", "--gpus", "all", "IMAGE"),),
    text=f"The host needs the NVIDIA Container Toolkit ({TOOLKIT}); in Compose, reserve a device with driver nvidia.",
)
PODMAN = Fix(
    "Start the container with its GPUs",
    commands=(("podman", "run", "--device", "nvidia.com/gpu=all", "IMAGE"),),
    text=f"The host needs the NVIDIA Container Toolkit and a CDI file (`sudo nvidia-ctk cdi generate`): {TOOLKIT}",
)
KUBERNETES = Fix(
    "Ask for a GPU in the pod",
    text="Add `resources: {limits: {nvidia.com/gpu: 1}}` to the container; the node needs NVIDIA's device plugin "
    "(https://github.com/NVIDIA/k8s-device-plugin).",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-driver-unmet", "profile-gpu-unmet"))
def container_no_gpu(case: Case) -> Iterator[Finding]:
    """The host has an NVIDIA GPU, and this container was started without it.

    What it checks
        Inside a container: whether the NVIDIA runtime brought the driver in, where the PCI bus shows an NVIDIA GPU or the
        image asks for one (NVIDIA_VISIBLE_DEVICES). Where nothing in it is built for a GPU it is a remark.

    Why it matters
        A container sees only the devices and driver libraries that were passed on at its start.

    How to fix
        Start it again with `--gpus all` (Docker), `--device nvidia.com/gpu=all` (Podman), or a GPU resource (Kubernetes).

    References
        https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
    """
    container = need_machine(case, "container")
    if not isinstance(container, Container):
        raise skip("not inside a container")
    of_this_machine(case, "gpus")
    need_machine(case, "gpus")
    gpus = case.facts.gpus_of("nvidia")
    if not gpus:
        raise skip("the host shows no NVIDIA GPU")
    if need(container.nvidia_injected) or _answers(case):
        return
    if need(case.facts.variables).get("NVIDIA_VISIBLE_DEVICES") in {"void", "none"}:
        raise skip("NVIDIA_VISIBLE_DEVICES asks for no GPU: cuda-hidden speaks of that")
    fix = {"podman": PODMAN, "kubernetes": KUBERNETES}.get(container.runtime, DOCKER)
    yield Finding(
        title=f"This {container.runtime} container was started without the host's GPU",
        detail=f"The PCI bus shows {len(gpus)} NVIDIA GPU(s), and the container holds neither /dev/nvidia* nor driver libraries. "
        "The container runtime must pass them on; until then programs in here run on the CPU.",
        evidence=(
            evidence("container.nvidia_injected", "no", container.source),
            evidence("gpus[0].pci_id", gpus[0].pci_id, gpus[0].source),
        ),
        fixes=(fix,),
        severity=None if _asks_for_gpu(case) else Severity.INFO,
    )


def _asks_for_gpu(case: Case) -> bool:
    """Whether something in here wants a GPU: the profile, the image, a framework; where packages are unknown it may."""
    if case.profile is not None:
        return case.profile.gpu is None or case.profile.gpu.vendor != "none"
    if known(case.facts.variables, {}).get("NVIDIA_VISIBLE_DEVICES"):
        return True
    here = case.facts.environment
    if here is None:
        return False
    frameworks = here if isinstance(here, Unknown) else here.frameworks
    return isinstance(frameworks, Unknown) or any(one.flavour not in ("cpu", "any") for one in frameworks)


def _answers(case: Case) -> bool:
    """Whether the driver answers in here all the same (privileged containers, LXC with devices passed on)."""
    driver = case.facts.driver
    return driver is not None and not isinstance(driver, Unknown) and driver.nvml_failure in (None, NvmlFailure.GPU_LOST)
