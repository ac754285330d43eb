"""The rule nvswitch-errors."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import RESET, events_of, interconnect_of


@rule(Severity.WARNING)
def nvswitch_errors(case: Case) -> Iterator[Finding]:
    """The log holds errors (SXid) of an NVSwitch.

    What it checks
        The SXid lines of NVSwitches in the kernel's log since the machine started.

    Why it matters
        Fatal ones stop the NVLink traffic of every GPU on the switch; programs on several GPUs hang or die.

    How to fix
        After a fatal error end all programs, reset all GPUs and NVSwitches together or restart the machine; have the board
        checked where it comes again.

    References
        https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/index.html
    """
    interconnect = interconnect_of(case)
    events = events_of(case, "sxid")
    if not events and need(interconnect.nvswitches) == 0:
        raise skip("there is no NVSwitch")
    for event in events:
        fatal = "fatal" in event.message.lower() and "non-fatal" not in event.message.lower()
        yield Finding(
            title=f"SXid {event.number} of the NVSwitch at {event.pci_address}{' (fatal)' if fatal else ''}",
            detail=f"The log says: {event.message} ({event.count} lines). None is wanted; traffic between GPUs suffers.",
            evidence=(evidence("kernel_log.events", f"SXid {event.number} {event.pci_address}", "the kernel's log"),),
            fixes=(RESET,),
            severity=Severity.ERROR if fatal else Severity.WARNING,
            confidence=Confidence.LIKELY,
        )
