"""What the kernel's log says of GPUs, NVSwitches and PCI Express.

Sources, in order: the log itself (`/dev/kmsg`), and with --deep `dmesg` and the journal, which some users may read who
may not read the log. Where none may be read, what the log says is Unknown.
"""

from __future__ import annotations

from envdoctor.model.facts import KernelLog
from envdoctor.model.unknown import Unknown
from envdoctor.probes.kernel_events import parse_kernel_log
from envdoctor.system.port import SourceError, System

_COMMANDS = (("dmesg",), ("journalctl", "--dmesg", "--boot", "--no-pager", "--output=short-iso"))
_LIMIT_S = 8.0


def probe_kernel_log(system: System, *, deep: bool = False) -> KernelLog | Unknown:
    """The events in the log; Unknown where it may not be read."""
    try:
        answer = system.host("kernel_log")
    except SourceError as error:
        refused = Unknown(f"the kernel's log: {error.reason}")
        return (_by_commands(system) or refused) if deep else refused
    return parse_kernel_log("\n".join(answer["lines"]), str(answer["source"]))


def _by_commands(system: System) -> KernelLog | None:
    for argv in _COMMANDS:
        try:
            output = system.run(argv, _LIMIT_S)
        except SourceError:
            continue
        if output.status == 0 and output.stdout.strip():
            return parse_kernel_log(output.stdout, argv[0])
    return None
