"""Rules about disks and folders."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Severity
from tests.rules.facts import GIB, UNKNOWN, disk, environment, image, machine, torch_environment
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED


@pytest.mark.parametrize(
    ("disks", "verdict", "words"),
    [
        ((disk("environment", free=10 << 20),), FAIL, ["is full: 10 MiB free", "pip cache purge"]),
        ((disk("environment", free=GIB),), FAIL, ["nearly full"]),
        ((disk("environment"), disk("temporary", free=0)), PASS, []),
        ((disk("home", free=0, read_only=True),), SKIP, ["read-only"]),
        ((disk("home", free=UNKNOWN), disk("cache", free=0, mount_point="/data")), FAIL, ["cache folder is full"]),
        ((disk("home", free=UNKNOWN),), UNDECIDED, []),
        ((), SKIP, []),
    ],
)
def test_disk_full(disks, verdict, words):
    expect("storage.disk_full", machine(disks=disks), verdict, *words)


def test_one_disk_is_told_once_and_a_nearly_full_one_is_a_warning():
    found = outcome("storage.disk_full", machine(disks=(disk("environment", free=GIB), disk("home", free=GIB))))
    assert [finding.severity for finding in found.findings] == [Severity.WARNING]


def test_an_image_has_no_disks():
    expect("storage.disk_full", image(), SKIP, "--target")


@pytest.mark.parametrize(
    ("disks", "verdict", "words"),
    [
        ((disk("temporary", path="/tmp", free=300 << 20),), FAIL, ["/tmp has only 300 MiB", "TMPDIR"]),
        ((disk("temporary", path="/tmp"),), PASS, []),
        ((disk("home", free=0),), SKIP, []),
        ((disk("temporary", free=UNKNOWN),), UNDECIDED, []),
    ],
)
def test_temporary_folder_full(disks, verdict, words):
    expect("storage.temporary_folder_full", machine(disks=disks), verdict, *words)


@pytest.mark.parametrize(
    ("read_only", "verdict"), [(True, FAIL), (False, PASS), (UNKNOWN, UNDECIDED)], ids=["read-only", "writable", "unknown"]
)
def test_read_only_environment(read_only, verdict):
    facts = machine(disks=(disk("environment", read_only=read_only),), environment=environment())
    expect("storage.read_only_environment", facts, verdict)


def test_read_only_environment_needs_an_environment():
    expect("storage.read_only_environment", machine(), SKIP)


@pytest.mark.parametrize(
    ("kind", "verdict", "words"),
    [("network", FAIL, ["network storage"]), ("nvme", PASS, []), (None, PASS, []), (UNKNOWN, UNDECIDED, [])],
    ids=["network", "nvme", "none", "unknown"],
)
def test_environment_on_network_storage(kind, verdict, words):
    facts = machine(disks=(disk("environment", kind=kind, file_system="nfs4"),), environment=torch_environment())
    expect("storage.environment_on_network_storage", facts, verdict, *words)


def test_an_environment_without_a_framework_may_lie_anywhere():
    facts = machine(disks=(disk("environment", kind="network"),), environment=environment())
    expect("storage.environment_on_network_storage", facts, SKIP)
