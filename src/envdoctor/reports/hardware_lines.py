"""Lines about hardware anywhere in a report: the kernel's log, and nvidia-smi's matrix of links; by the probes' parsers."""

from __future__ import annotations

from collections.abc import Sequence

from envdoctor.model.facts import Interconnect, KernelLog, Unknown
from envdoctor.probes.kernel_events import parse_kernel_log
from envdoctor.probes.smi_topology import parse_topology

_UNSAID = Unknown("the report does not say")


def gather_kernel_log(lines: Sequence[str]) -> KernelLog | Unknown:
    """What lines of the kernel's log say; a text without such lines says nothing of the log."""
    found = parse_kernel_log("\n".join(filter(None, lines)), "the kernel's log, in the report")
    return found if found.events else _UNSAID


def gather_interconnect(lines: Sequence[str]) -> Interconnect | Unknown:
    """How devices are linked, where the matrix of `nvidia-smi topo -m` is in the text."""
    return parse_topology("\n".join(lines)) or _UNSAID
