"""The lines of the kernel's log about GPUs and what connects them, and no others: a log tells much of a machine."""

from __future__ import annotations

import os
import re
from typing import Any

_LOG = "/dev/kmsg"
_RECORD_BYTES = 8192
_MOST_RECORDS = 100_000
_MOST_LINES = 400
_ABOUT = re.compile(
    r"NVRM:|SXid|nvidia-(?:nvswitch|peermem|uvm|fabricmanager)|nv_peer_mem|libnccl|libcuda\.so|libcudart"
    r"|PCIe Bus Error|AER: .*(?:error|fatal)|amdgpu.*(?:reset|error|fault|lost)|i915.*(?:hang|wedged)|xe .*(?:wedged|reset)"
)
_ROUTINE = re.compile(r"NVRM: loading NVIDIA|RPC history|RPC event history|NVRM:\s+(?:-?\d+|entry)\s")


def ask_kernel_log() -> dict[str, Any]:
    """The lines since the machine started, oldest first, each with seconds since then.

    Raises:
        OSError: there is no such log, or this user may not read it.
    """
    log = os.open(_LOG, os.O_RDONLY | os.O_NONBLOCK)
    try:
        lines = []
        for _ in range(_MOST_RECORDS):
            try:
                record = os.read(log, _RECORD_BYTES)
            except BlockingIOError:
                break
            except BrokenPipeError:  # the oldest lines were overwritten while they were read
                continue
            line = parse_record(record.decode("utf-8", "replace"))
            if line is not None:
                lines.append(line)
    finally:
        os.close(log)
    return {"source": _LOG, "lines": lines[-_MOST_LINES:], "left_out": max(len(lines) - _MOST_LINES, 0)}


def parse_record(record: str) -> str | None:
    """`[  123.456789] text` of one record (`6,3964,123456789,-;text`) that is of interest; None for others."""
    head, _, text = record.partition(";")
    message = text.split("\n", 1)[0]
    parts = head.split(",")
    if len(parts) < 3 or not parts[2].isdecimal() or not _ABOUT.search(message) or _ROUTINE.search(message):
        return None
    seconds, micros = divmod(int(parts[2]), 1_000_000)
    return f"[{seconds:5}.{micros:06}] {message}"
