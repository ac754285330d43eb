"""The lines that the programs in `workloads/` print, read: anything else that a library prints is no event. Pure."""

from __future__ import annotations

import json
import math
from typing import Any

from envdoctor.model.record import record
from envdoctor.verify.results import FAILED, PASSED, SKIPPED, Identity, Result

KINDS = ("begin", "result", "framework", "end")
_MARK = '"envdoctor": "'


@record
class Event:
    """One line of the protocol."""

    kind: str
    """One of KINDS."""
    values: dict[str, Any]


def parse_event(line: str) -> Event | None:
    """The event that a line states; None for anything else."""
    text = line.strip()
    if not text.startswith("{") or _MARK not in text:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    kind = values.get("envdoctor")
    return Event(kind, values) if kind in KINDS else None


def parse_identity(event: Event, subject: str) -> Identity:
    """What a framework says of itself."""
    details = event.values.get("details")
    rows = details.items() if isinstance(details, dict) else ()
    told = tuple((str(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for name, value in rows)
    return Identity(subject, _text(event, "version"), told)


def parse_result(event: Event, subject: str) -> Result | None:
    """How a workload ended; None where the line does not say so."""
    status, workload = event.values.get("status"), event.values.get("workload")
    if status not in (PASSED, FAILED, SKIPPED) or not isinstance(workload, str):
        return None
    return Result(
        subject=subject,
        workload=workload,
        device=_text(event, "device"),
        status=str(status),
        seconds=_number(event.values.get("seconds")),
        memory_bytes=_count(event.values.get("memory_bytes")),
        loss=_pair(event.values.get("loss")),
        gradient_error=_number(event.values.get("gradient_error")),
        detail=_text(event, "detail"),
        reason=_text(event, "error") or _text(event, "reason"),
        trace=_text(event, "trace"),
    )


def _text(event: Event, name: str) -> str:
    value = event.values.get(name)
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """A finite number; what is none says nothing."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or abs(value) > 1e300 or not math.isfinite(value):  # type: ignore[arg-type]
        return None
    return float(value)  # type: ignore[arg-type]


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None


def _pair(value: object) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    first, last = _number(value[0]), _number(value[1])
    return None if first is None or last is None else (first, last)
