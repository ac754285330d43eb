"""Xid numbers in the kernel's log: what they mean, how bad they are, and what to try first."""

from __future__ import annotations

from typing import Any

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record


@record
class Xid:
    """One number of NVIDIA's catalogue."""

    number: int
    name: str
    """What happened, as part of a sentence: `an uncorrectable (double bit) ECC error`."""
    severity: str
    """`error`, `warning`, `info`."""
    cause: str
    """Whose fault it usually is: `hardware`, `driver`, `program`, `either` of hardware and program."""
    cure_title: str
    cure_text: str
    source: str

    @property
    def is_hardware_fault(self) -> bool:
        """Whether the card is not fit for work until something is done about it."""
        return self.cause == "hardware" and self.severity == "error"


def find_xid(knowledge: Knowledge, number: int) -> Xid | None:
    """The meaning of a number; None for one that the catalogue does not explain."""
    table = knowledge.tables["xid"]
    row: dict[str, Any] | None = knowledge.once(
        "xid rows", lambda: {row["xid"]: row for row in table["xids"]["rows"]}
    ).get(number)  # fmt: skip
    if row is None:
        return None
    cure = table["cures"][row["cure"]]
    return Xid(number, row["name"], row["severity"], row["cause"], cure["title"], cure["text"], table["xids"]["source"])
