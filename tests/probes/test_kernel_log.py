"""The kernel's log about GPUs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import KernelLog, Unknown
from envdoctor.probes.kernel_events import parse_kernel_log, parse_line, short_address
from envdoctor.probes.kernel_log import probe_kernel_log
from envdoctor.system.kernel_log import parse_record
from envdoctor.system.port import Denied, Output
from tests.machines import Machine

RECORDED: dict[str, list[tuple[str, int | None, str | None, int]]] = {
    "dmesg-h100-boot.log": [],
    "dmesg-nccl-segfault.log": [("crash", None, None, 2)],
    "dmesg-oom.log": [("xid", 13, "0000:38:00.0", 16), ("xid", 43, "0000:38:00.0", 1)],
    "dmesg-peermem.log": [
        ("peermem", None, None, 30), ("xid", 48, "0000:19:00.0", 1), ("xid", 63, "0000:19:00.0", 1),
        ("xid", 94, "0000:19:00.0", 9),
    ],
    "dmesg-xid-119.log": [("xid", 119, "0000:9b:00.0", 5)],
    "fabricmanager.log": [("sxid", 12028, "0000:86:00.0", 1)],
    "k2200-510.kernel-nvidia-lines.log": [],
    "kmsg-1.log": [],
    "xid79-a4000.txt": [("xid", 79, "0000:5f:00.0", 2)],
}  # fmt: skip
"""Kind, number, address and count of lines, in the order of the log."""


def test_recorded_logs(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "gpu-logs"
    assert {path.name for path in folder.iterdir()} == set(RECORDED)
    for name, expected in RECORDED.items():
        text = (folder / name).read_text(encoding="utf-8")
        found = parse_kernel_log(text, name)
        assert [(event.kind, event.number, event.pci_address, event.count) for event in found.events] == expected, name
        xids = [event for event in found.events if event.kind == "xid" and event.number != 79]
        assert sum(event.count for event in xids) == text.count("NVRM: Xid (") - (1 if "xid79" in name else 0), name


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NVRM: Xid (PCI:0000:9b:00): 119, pid=1, name=x, Timeout", ("xid", 119, "0000:9b:00.0", "")),
        ("[ 12.5] NVRM: Xid (0000:01:00): 62, 0096(1c54) 00000000", ("xid", 62, "0000:01:00.0", "12.5")),
        ("[1.0] NVRM: Xid (PCI:0008:01:00 GPU-I:02): 94, Contained", ("xid", 94, "0008:01:00.0", "1.0")),
        ("Mar  3 12:00:01 host kernel: NVRM: Xid (PCI:0000:3b:00): 31, MMU", ("xid", 31, "0000:3b:00.0", "Mar  3 12:00:01")),
        ("NVRM: GPU at 0000:01:00.0 has fallen off the bus.", ("xid", 79, "0000:01:00.0", "")),
        ("NVRM: GPU 0000:01:00.0: GPU has fallen off the bus.", ("xid", 79, "0000:01:00.0", "")),
        ("nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 20034, Fatal, Link 30 LTSSM Fault Up", ("sxid", 20034, "0000:c1:00.0", "")),
        ("pcieport 0000:00:03.1: AER: PCIe Bus Error: severity=Corrected, type=Data Link Layer, (Transmitter ID)",
         ("aer", None, "0000:00:03.1", "")),
        ("nvidia 0000:3b:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer",
         ("aer", None, "0000:3b:00.0", "")),
        ("usb 1-1: new high-speed USB device", None),
        ("", None),
    ],
)  # fmt: skip
def test_lines(line: str, expected: tuple[str, int | None, str, str] | None) -> None:
    found = parse_line(line)
    assert (None if found is None else (found.kind, found.number, found.pci_address, found.time)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [("00000000:9B:00.0", "0000:9b:00.0"), ("9b:00", "0000:9b:00.0"), ("0008:01:00", "0008:01:00.0"), (None, None)],
)
def test_addresses(address: str | None, expected: str | None) -> None:
    assert short_address(address) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("4,100,12500000,-;NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus.\n SUBSYSTEM=pci\n",
         "[   12.500000] NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus."),
        ("6,101,12500000,-;usb 1-1: new device of somebody", None),
        ("6,102,1,-;NVRM: loading NVIDIA UNIX x86_64 Kernel Module  550.90.07", None),
        ("no record", None),
    ],
)  # fmt: skip
def test_records_of_the_log(record: str, expected: str | None) -> None:
    """Only lines about GPUs leave the system."""
    assert parse_record(record) == expected


def test_a_log_that_is_read() -> None:
    answer = {"source": "/dev/kmsg", "lines": ["[   12.500000] NVRM: Xid (PCI:0000:9b:00): 48, DBE"], "left_out": 0}
    found = probe_kernel_log(Machine({}, host={"kernel_log": answer}))
    assert isinstance(found, KernelLog)
    assert (found.source, found.events[0].number, found.events[0].time) == ("/dev/kmsg", 48, "12.500000")


def test_a_log_that_may_not_be_read() -> None:
    host = {"kernel_log": Denied("kernel_log", "Operation not permitted")}
    refused = probe_kernel_log(Machine({}, host=host))
    assert isinstance(refused, Unknown)
    assert "not permitted" in refused.reason
    commands = {
        "dmesg": Output(1, "", "dmesg: read kernel buffer failed: Operation not permitted\n"),
        "journalctl --dmesg --boot --no-pager --output=short-iso": Output(
            0, "2026-11-22T01:02:03+0000 node kernel: NVRM: Xid (PCI:0000:9b:00): 94, Contained\n", ""
        ),
    }
    found = probe_kernel_log(Machine({}, host=host, commands=commands), deep=True)
    assert isinstance(found, KernelLog)
    assert (found.source, found.events[0].number) == ("journalctl", 94)
    assert isinstance(probe_kernel_log(Machine({}, host=host), deep=True), Unknown)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="NVRM: Xid(PC0123456789abcf.,)[]\n", max_size=200))
def test_any_log_is_read(text: str) -> None:
    assert isinstance(parse_kernel_log(text, "x"), KernelLog)
    parse_record(text)
