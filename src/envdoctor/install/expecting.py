"""How long an install takes: a range, from what is known of its sizes, and what it rests on. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from envdoctor.install.planner.room import size_text
from envdoctor.model.plan import Download, Expected, Plan
from envdoctor.model.unknown import Unknown

MIB = 1 << 20
NETWORK_BYTES_PER_S = (2 * MIB, 50 * MIB)
"""A slow home line and a fast one in a data centre; a file in the package manager's cache takes no time at all."""
UNPACK_BYTES_PER_S = (40 * MIB, 250 * MIB)
"""Seen for torch and its CUDA libraries: pip on a busy disk, and uv on a fast one."""
CREATE_S = (2, 10)
"""Making an environment, with pip in it."""
VERIFY_S = (3, 30)
"""Looking at all packages again, and for each framework a process that imports and trains."""


def expected_time(plan: Plan, imports: int) -> Expected | Unknown:
    """The seconds that carrying out a plan takes; Unknown where its sizes are."""
    if isinstance(plan.downloads, Unknown):
        return plan.downloads
    fetched, unpacked = fetched_bytes(plan.downloads), plan.installed_bytes
    if isinstance(fetched, Unknown):
        return fetched
    if isinstance(unpacked, Unknown):
        return unpacked
    made = 1 if plan.creates_environment else 0
    proofs = max(imports, 1)
    least, most = (
        fetched / NETWORK_BYTES_PER_S[fast] + unpacked / UNPACK_BYTES_PER_S[fast]
        + CREATE_S[1 - fast] * made + VERIFY_S[1 - fast] * proofs
        for fast in (1, 0)
    )  # fmt: skip
    network = f"{size_text(fetched)} from the network at {_rate(NETWORK_BYTES_PER_S)}" if fetched else "nothing from a network"
    unpacking = f"{size_text(unpacked)} unpacked at {_rate(UNPACK_BYTES_PER_S)}"
    proving = f"{VERIFY_S[0] * proofs} to {VERIFY_S[1] * proofs} s to verify"
    return Expected(round(least), round(most), f"{network}, {unpacking}, {proving}; less where files are cached")


def fetched_bytes(downloads: tuple[Download, ...]) -> int | Unknown:
    """What comes over a network: files on this machine do not count."""
    total = 0
    for download in downloads:
        if urlsplit(download.source).scheme not in {"http", "https"} and download.source:
            continue
        if isinstance(download.size_bytes, Unknown):
            return Unknown(f"the size of {download.name} is not stated")
        total += download.size_bytes
    return total


def _rate(rates: tuple[int, int]) -> str:
    return f"{rates[0] // MIB} to {rates[1] // MIB} MiB/s"
