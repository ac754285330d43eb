"""The device files that programs open to compute on AMD and Intel GPUs, and whether this user may."""

from __future__ import annotations

from envdoctor.model.facts import DeviceFile
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer
from envdoctor.system.port import System


def probe_device_files(system: System) -> tuple[DeviceFile, ...] | Unknown:
    """/dev/kfd and the render nodes, as far as they are there."""
    answer = host_answer(system, "compute_devices")
    if isinstance(answer, Unknown):
        return answer
    return tuple(DeviceFile(path, bool(found["is_writable"]), found["group"]) for path, found in sorted(answer.items()))
