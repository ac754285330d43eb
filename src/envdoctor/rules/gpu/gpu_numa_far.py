"""The rule gpu-numa-far."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import interconnect_of
from envdoctor.rules.wording import shown


@rule(Severity.INFO)
def gpu_numa_far(case: Case) -> Iterator[Finding]:
    """This process may not run on the processors next to a GPU.

    What it checks
        The processors that this process may run on against those next to each NVIDIA GPU, on machines with several NUMA nodes.

    Why it matters
        Data for the GPU cross the link between the sockets: copies are slower, most of all with several GPUs at once.

    How to fix
        Start the program on the processors of the GPU's node, or choose a GPU of this one.

    References
        https://docs.nvidia.com/deploy/nvidia-smi/index.html
    """
    interconnect = interconnect_of(case)
    nodes = need(need(case.facts.cpu).numa_nodes)
    if not nodes or nodes < 2:
        raise skip("there is one NUMA node only")
    allowed = processors(need(interconnect.allowed_cpus))
    for place in need(interconnect.places):
        local = processors(need(place.local_cpus) or "") if place.kind == "gpu" else allowed
        if local and not local & allowed:
            yield Finding(
                title=f"This process may not run next to {place.name} (NUMA node {shown(place.numa_node)})",
                detail=f"Next to it are processors {place.local_cpus}; this process may use {interconnect.allowed_cpus} only.",
                evidence=(evidence(f"interconnect.places[{place.name}].local_cpus", place.local_cpus, "sysfs"),),
                fixes=(
                    Fix(
                        "Start the program next to its GPU",
                        commands=(("numactl", f"--cpunodebind={shown(place.numa_node)}", "--localalloc", "python", "train.py"),),
                    ),
                ),
            )


def processors(text: str) -> frozenset[int]:
    """The numbers of `0-3,8`."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal():
            found.update(range(int(first), int(last if last.isdecimal() else first) + 1))
    return frozenset(found)
