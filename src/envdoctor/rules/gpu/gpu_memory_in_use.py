"""The rule gpu-memory-in-use."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import in_units

MUCH = 0.9
"""Share of the memory in use from which a new program is likely to find too little."""


@rule(Severity.INFO)
def gpu_memory_in_use(case: Case) -> Iterator[Finding]:
    """Other programs already hold most of a GPU's memory.

    What it checks
        Memory in use on each NVIDIA GPU: more than nine tenths.

    Why it matters
        A new program gets "CUDA out of memory" at once, however small it is.

    How to fix
        Wait for the other programs, use another GPU (CUDA_VISIBLE_DEVICES), or end a forgotten process of your own.

    References
        https://docs.pytorch.org/docs/stable/notes/cuda.html#memory-management
    """
    of_this_machine(case, "gpus")
    yield from apart(nvidia_gpus(case), _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    total, used = need(gpu.memory_total_bytes), need(gpu.memory_used_bytes)
    if not total or used is None:
        raise skip("this GPU does not report its memory")
    if used <= total * MUCH:
        return
    holders = () if gpu.processes is None or isinstance(gpu.processes, Unknown) else gpu.processes
    who = f" by process(es) {', '.join(str(process.pid) for process in holders[:5])}" if holders else ""
    yield Finding(
        title=f"{in_units(used)} of {in_units(total)} on {gpu_label(gpu)} are in use",
        detail=f"{in_units(used)} of {in_units(total)} are held{who}. A new program may find too little memory.",
        evidence=(evidence(f"gpus[{gpu.index}].memory_used_bytes", used, gpu.source),),
        fixes=(Fix("See who holds it", commands=(("nvidia-smi", "--query-compute-apps=pid,name,used_memory", "--format=csv"),)),),
    )
