"""Questions to NVML about what a GPU is connected with: its NVLinks, the other GPUs, its parts in MIG mode."""

from __future__ import annotations

from typing import Any

from envdoctor.system.nvml_asking import FUNCTION_NOT_FOUND, LOST, NOT_SUPPORTED, field_values, part, part_of

_MOST_LINKS = 36
_INVALID_ARGUMENT = 2
_NOT_FOUND = 6
_SPEED_FIELD = 164
_COUNTERS = (("replays", 0), ("recoveries", 1), ("crc_errors", 2))
_REMOTE = {0: "gpu", 1: "cpu", 2: "switch"}
_PATHS = {0: "PIX", 10: "PIX", 20: "PXB", 30: "PHB", 40: "NODE", 50: "SYS"}
"""nvmlGpuTopologyLevel_t; boards with two GPUs (0) share a switch."""
_READ = 0
_PEER_ACCESS = (
    "ok", "chipset not supported", "gpu not supported", "topology not supported", "disabled by regkey", "not supported",
)  # fmt: skip
"""nvmlGpuP2PStatus_t."""
_PROFILES = 18


def ask_nvlinks(library: Any, handle: Any) -> list[dict[str, Any]] | None:
    """Every NVLink of a GPU; null where it has none.

    Raises:
        NVMLError: as NVML raises it for the first link.
    """
    links: list[dict[str, Any]] = []
    for index in range(_MOST_LINKS):
        try:
            is_active = bool(library.nvmlDeviceGetNvLinkState(handle, index))
        except library.NVMLError as error:
            if error.value not in (NOT_SUPPORTED, _INVALID_ARGUMENT) and not links:
                raise
            if error.value in LOST:
                raise
            if error.value == _INVALID_ARGUMENT:
                break
            continue  # a link that this board does not wire
        links.append({"index": index, "is_active": is_active, **_link(library, handle, index, is_active)})
    _note_speeds(library, handle, [link for link in links if link["is_active"]])
    return links or None


def _note_speeds(library: Any, handle: Any, links: list[dict[str, Any]]) -> None:
    """Ask for the speeds of links that are active, all in one call."""
    asked = [(_SPEED_FIELD, link["index"]) for link in links]
    speeds = part_of(library, lambda: field_values(library, handle, asked)) if asked else []
    for place, link in enumerate(links):
        link["speed_mb_per_s"] = speeds[place] if isinstance(speeds, list) else speeds


def _link(library: Any, handle: Any, index: int, is_active: bool) -> dict[str, Any]:
    counters = {name: part(library, "nvmlDeviceGetNvLinkErrorCounter", handle, index, number) for name, number in _COUNTERS}
    version = part(library, "nvmlDeviceGetNvLinkVersion", handle, index)
    if not is_active:
        return {"version": version, "speed_mb_per_s": None, "remote_kind": None, "remote_address": None, **counters}
    remote = part(library, "nvmlDeviceGetNvLinkRemoteDeviceType", handle, index)
    return {
        "version": version,
        "speed_mb_per_s": None,
        "remote_kind": _REMOTE.get(remote) if isinstance(remote, int) else remote,
        "remote_address": part_of(library, lambda: address_of(library.nvmlDeviceGetNvLinkRemotePciInfo(handle, index))),
        **counters,
    }


def address_of(info: Any) -> str:
    """The PCI address in NVML's description of a device, in lower case."""
    found = info.busId
    return (found.decode("ascii", "replace") if isinstance(found, bytes) else str(found)).lower()


def ask_peers(library: Any, handle: Any, index: int) -> list[dict[str, Any]]:
    """How a GPU reaches each other one.

    Raises:
        NVMLError: the GPUs cannot be counted, or one is lost.
    """
    peers = []
    for other in range(library.nvmlDeviceGetCount()):
        if other == index:
            continue
        there = part(library, "nvmlDeviceGetHandleByIndex", other)
        if isinstance(there, dict) or there is None:
            peers.append({"index": other, "path": there, "peer_access": there})
            continue
        level = part(library, "nvmlDeviceGetTopologyCommonAncestor", handle, there)
        status = part(library, "nvmlDeviceGetP2PStatus", handle, there, _READ)
        peers.append({"index": other, "path": _named_path(level), "peer_access": _access(status)})
    return peers


def _named_path(level: Any) -> Any:
    return _PATHS.get(level, f"level {level}") if isinstance(level, int) else level


def _access(status: Any) -> Any:
    if not isinstance(status, int):
        return status
    return _PEER_ACCESS[status] if status < len(_PEER_ACCESS) else "unknown"


def ask_mig_instances(library: Any, handle: Any) -> list[dict[str, Any]] | None:
    """The parts of a GPU in MIG mode; null where the mode is off.

    GPU instances without a compute instance are told to administrators only; where they may not be seen they are left out.

    Raises:
        NVMLError: as NVML raises it.
    """
    current, _ = library.nvmlDeviceGetMigMode(handle)
    if not current:
        return None
    found = list(_mig_devices(library, handle))
    used = {instance["gpu_instance"] for instance in found}
    rest = part_of(library, lambda: _gpu_instances(library, handle))
    empty = [one for one in rest if one["gpu_instance"] not in used] if isinstance(rest, list) else []
    return sorted([*found, *empty], key=lambda one: (one["gpu_instance"], one["compute_instance"] or 0))


def _mig_devices(library: Any, handle: Any) -> list[dict[str, Any]]:
    devices = []
    for index in range(library.nvmlDeviceGetMaxMigDeviceCount(handle)):
        try:
            device = library.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)
        except library.NVMLError as error:
            if error.value not in (_NOT_FOUND, _INVALID_ARGUMENT, NOT_SUPPORTED):
                raise
            continue
        devices.append(_mig_device(library, device))
    return devices


def _mig_device(library: Any, device: Any) -> dict[str, Any]:
    memory = part(library, "nvmlDeviceGetMemoryInfo", device)
    name = part(library, "nvmlDeviceGetName", device)
    return {
        "gpu_instance": library.nvmlDeviceGetGpuInstanceId(device),
        "compute_instance": part(library, "nvmlDeviceGetComputeInstanceId", device),
        "profile": name.rpartition(" MIG ")[2] if isinstance(name, str) and " MIG " in name else None,
        "memory_total_bytes": memory if not hasattr(memory, "total") else memory.total,
        "memory_used_bytes": memory if not hasattr(memory, "used") else memory.used,
        "uuid": part(library, "nvmlDeviceGetUUID", device),
    }


def _gpu_instances(library: Any, handle: Any) -> list[dict[str, Any]]:
    """Every GPU instance of every profile.

    Raises:
        NVMLError: this user may not see them.
    """
    found = []
    for profile in range(_PROFILES):
        try:
            info = library.nvmlDeviceGetGpuInstanceProfileInfo(handle, profile, version=1)
        except library.NVMLError as error:
            if error.value not in (NOT_SUPPORTED, _INVALID_ARGUMENT, FUNCTION_NOT_FOUND):
                raise
            continue
        there = (library.c_nvmlGpuInstance_t * max(info.instanceCount, 1))()
        count = library.c_uint(0)
        library.nvmlDeviceGetGpuInstances(handle, info.id, there, library.byref(count))
        for instance in there[: count.value]:
            number = library.nvmlGpuInstanceGetInfo(instance).id
            found.append({
                "gpu_instance": number, "compute_instance": None, "profile": None,
                "memory_total_bytes": info.memorySizeMB << 20, "memory_used_bytes": None, "uuid": None,
            })  # fmt: skip
    return found
