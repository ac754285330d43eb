"""The rule bar1-too-small."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_gpus
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import interconnect_of, is_active
from envdoctor.rules.wording import in_units


@rule(Severity.INFO)
def bar1_too_small(case: Case) -> Iterator[Finding]:
    """The window into a GPU's memory is too small for GPUDirect RDMA.

    What it checks
        The size of BAR1 against the memory of each NVIDIA GPU, where InfiniBand or RoCE ports are active.

    Why it matters
        Network adapters reach GPU memory through this window; 256 MiB of it do not hold the buffers of NCCL and its like.

    How to fix
        Turn "Above 4G Decoding" and "Resizable BAR" on in the BIOS.

    References
        https://docs.nvidia.com/cuda/gpudirect-rdma/index.html
    """
    interconnect = interconnect_of(case)
    if not any(is_active(port.state) for port in need(interconnect.rdma_ports)):
        raise skip("no InfiniBand or RoCE port is active")
    yield from apart(nvidia_gpus(case), _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    window, memory = need(gpu.bar1_total_bytes), need(gpu.memory_total_bytes)
    if not window or not memory:
        raise skip("this GPU does not report its window")
    if window >= memory // 2:
        return
    yield Finding(
        title=f"The PCI window of {gpu_label(gpu)} shows {in_units(window)} of {in_units(memory)}",
        detail=f"BAR1 has {in_units(window)}, the memory {in_units(memory)}. GPUDirect RDMA runs short of it.",
        evidence=(evidence(f"gpus[{gpu.index}].bar1_total_bytes", window, gpu.source),),
        fixes=(Fix("Turn on Above 4G Decoding and Resizable BAR", text="Both are settings of the BIOS, for PCI."),),
    )
