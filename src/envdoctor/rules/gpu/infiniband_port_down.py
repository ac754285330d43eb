"""The rule infiniband-port-down."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import RdmaPort, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import interconnect_of, is_active


@rule(Severity.WARNING)
def infiniband_port_down(case: Case) -> Iterator[Finding]:
    """A port of an InfiniBand or RoCE adapter is down, or slower than its peers.

    What it checks
        The ports under /sys/class/infiniband: down while others of the same kind are up, or up at a lower rate than most.

    Why it matters
        Training over several machines uses all adapters; one that is down or slow holds all of them up.

    How to fix
        Check cable and switch port; enable a port that is disabled.

    References
        https://docs.kernel.org/infiniband/sysfs.html
    """
    ports = need(interconnect_of(case).rdma_ports)
    if not ports:
        raise skip("there is no InfiniBand or RoCE adapter")
    for port in ports:
        alike = [other for other in ports if _kind(other) == _kind(port)]
        up = [other for other in alike if is_active(need(other.state))]
        if not is_active(need(port.state)):
            yield _down(port, bool(up))
        elif _usual_rate(up) > (port.rate_gbit_per_s if isinstance(port.rate_gbit_per_s, float) else _usual_rate(up)):
            yield _slow(port, _usual_rate(up))


def _kind(port: RdmaPort) -> tuple[object, object]:
    return port.hardware, port.link_layer if isinstance(port.link_layer, str) else None


def _usual_rate(ports: list[RdmaPort]) -> float:
    """The rate of more than half of the ports; 0 where they differ."""
    rates = [port.rate_gbit_per_s for port in ports if isinstance(port.rate_gbit_per_s, float)]
    return max((rate for rate in rates if rates.count(rate) * 2 > len(rates)), default=0.0)


def _down(port: RdmaPort, others_up: bool) -> Finding:
    layer = f" ({port.link_layer})" if isinstance(port.link_layer, str) else ""
    return Finding(
        title=f"Port {port.port} of {port.device}{layer} is down",
        detail=f"Its state is {port.state}, its physical state {port.physical_state}; ACTIVE is wanted. "
        f"{'Others of its kind are up.' if others_up else 'No port of its kind is up; it may be unused.'}",
        evidence=(evidence(f"interconnect.rdma_ports[{port.device}].state", port.state, port.source),),
        fixes=(
            Fix(
                "Check cable and switch; enable the port",
                commands=(("ibstat", port.device), ("sudo", "mlxlink", "-d", port.device)),
                text="Disabled: it was switched off here or on the switch. Polling: no signal from the other side.",
            ),
        ),
        severity=Severity.WARNING if others_up else Severity.INFO,
        confidence=Confidence.LIKELY if others_up else Confidence.POSSIBLE,
    )


def _slow(port: RdmaPort, usual: float) -> Finding:
    return Finding(
        title=f"Port {port.port} of {port.device} runs at {port.rate_gbit_per_s:g} instead of {usual:g} Gb/s",
        detail=f"{usual:g} Gb/s is the rate of most ports of its kind. Collective operations wait for the slowest.",
        evidence=(evidence(f"interconnect.rdma_ports[{port.device}].rate_gbit_per_s", port.rate_gbit_per_s, port.source),),
        fixes=(Fix("Check cable and switch port", commands=(("ibstat", port.device),)),),
        confidence=Confidence.LIKELY,
    )
