"""The rule peermem-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import interconnect_of, is_active

DMA_BUF = (5, 12)


@rule(Severity.WARNING)
def peermem_missing(case: Case) -> Iterator[Finding]:
    """Network adapters cannot read GPU memory: GPUDirect RDMA is not set up.

    What it checks
        On machines with NVIDIA data center GPUs and active InfiniBand or RoCE ports: whether the kernel module nvidia-peermem is
        loaded, or dma-buf (open kernel module, Linux 5.12) can do the same.

    Why it matters
        Without either, NCCL copies all traffic between machines through main memory: half the bandwidth or less.

    How to fix
        Load nvidia-peermem, which comes with the driver.

    References
        https://docs.nvidia.com/cuda/gpudirect-rdma/index.html
        https://docs.nvidia.com/networking/display/gpudirectrdmav18
    """
    interconnect = interconnect_of(case)
    ports = [port for port in need(interconnect.rdma_ports) if is_active(port.state)]
    if not ports:
        raise skip("no InfiniBand or RoCE port is active")
    if need(interconnect.peermem_loaded):
        return
    open_module = need(nvidia_driver(case).open_kernel_module)
    if open_module and _has_dma_buf(case):
        return
    yield Finding(
        title="The kernel module nvidia-peermem is not loaded",
        detail=f"{len(ports)} ports with RDMA are active, and neither nvidia-peermem nor dma-buf (open kernel module) lets them "
        "reach GPU memory. Traffic between machines goes through main memory.",
        evidence=(
            evidence("interconnect.peermem_loaded", "no", "/sys/module"),
            evidence("driver.open_kernel_module", "no" if not open_module else "yes", "/proc/driver/nvidia/version"),
        ),
        fixes=(
            Fix(
                "Load it, now and at each start",
                commands=(("sudo", "modprobe", "nvidia-peermem"),),
                text="For each start: echo nvidia-peermem | sudo tee /etc/modules-load.d/nvidia-peermem.conf",
            ),
        ),
        confidence=Confidence.LIKELY,
    )


def _has_dma_buf(case: Case) -> bool:
    """Whether the kernel is new enough; one that does not tell counts as old."""
    kernel = need(case.facts.os).kernel
    parts = kernel.split(".") if isinstance(kernel, str) else []
    numbers = [int(part) for part in parts[:2] if part.isdecimal()]
    return len(numbers) == 2 and tuple(numbers) >= DMA_BUF
