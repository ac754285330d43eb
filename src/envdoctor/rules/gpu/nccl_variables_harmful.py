"""The rule nccl-variables-harmful."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, Interconnect, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import is_active

Row = tuple[str, "frozenset[str] | None", str, bool]
"""Variable, the values that hurt (None for any), what they do, and whether that matters here."""
ON = frozenset({"1", "TRUE", "YES", "ON"})
ALWAYS: tuple[Row, ...] = (
    ("NCCL_SOCKET_IFNAME", frozenset({"LO", "=LO"}), "lets NCCL reach no other machine", True),
    ("NCCL_DEBUG", frozenset({"TRACE"}), "makes NCCL write out every call", True),
    ("NCCL_PROTO", frozenset({"LL", "LL128", "SIMPLE"}), "takes the choice of the protocol from NCCL", True),
    ("NCCL_ALGO", frozenset({"RING", "TREE"}), "takes the choice of the algorithm from NCCL", True),
)


@rule(Severity.WARNING)
def nccl_variables_harmful(case: Case) -> Iterator[Finding]:
    """Variables for NCCL switch off what this machine has.

    What it checks
        NCCL_* variables that turn off NVLink and peer access, InfiniBand, GPUDirect RDMA or shared memory where they are
        there, that name the loopback device, or that fix the algorithm or write out every call.

    Why it matters
        They are left over from other machines or from a search for an error; collective operations become many times slower.

    How to fix
        Unset them.

    References
        https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html
    """
    of_this_machine(case, "gpus")
    gpus = nvidia_gpus(case)
    variables = need(case.facts.variables)
    if not any(name.startswith("NCCL_") for name in variables):
        raise skip("no variable for NCCL is set")
    for name, values, why, there in (*ALWAYS, *_where_there(case, gpus)):
        value = variables.get(name)
        if value is not None and there and (values is None or value.strip().upper() in values):
            yield Finding(
                title=f"{name}={value} {why}",
                detail=f"{name} is {value!r}; it is wanted unset. Collective operations of several GPUs or machines are slower.",
                evidence=(evidence(f"variables[{name}]", value, "environment"),),
                fixes=(
                    Fix(f"Unset {name}", text=f"unset {name}, and remove it where it is set: shell start files, job scripts."),
                ),
                confidence=Confidence.LIKELY,
            )


def _where_there(case: Case, gpus: tuple[Gpu, ...]) -> list[Row]:
    """What hurts only where the machine has what it switches off."""
    interconnect = case.facts.interconnect
    ports = interconnect.rdma_ports if isinstance(interconnect, Interconnect) else ()
    rdma = isinstance(ports, tuple) and any(is_active(port.state) for port in ports)
    linked = any(isinstance(gpu.nvlinks, tuple) and any(link.is_active is True for link in gpu.nvlinks) for gpu in gpus)
    return [
        ("NCCL_P2P_DISABLE", ON, "turns off the NVLinks of this machine", linked),
        ("NCCL_P2P_LEVEL", frozenset({"LOC", "0"}), "turns off the NVLinks of this machine", linked),
        ("NCCL_IB_DISABLE", ON, "turns off the InfiniBand or RoCE ports of this machine", rdma),
        ("NCCL_NET_GDR_LEVEL", frozenset({"LOC", "0"}), "turns off GPUDirect RDMA", rdma),
        ("NCCL_SHM_DISABLE", ON, "turns off shared memory between GPUs", len(gpus) > 1),
    ]
