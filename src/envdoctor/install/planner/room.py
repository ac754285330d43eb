"""Whether there is room for an install, place by place."""

from __future__ import annotations

from envdoctor.model.offers import Room
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class Need:
    """What an install writes, in bytes; a lower bound where sizes are not stated."""

    download_bytes: int
    unpacked_bytes: int
    copy_bytes: int = 0
    """Of an existing environment, which is copied before it is changed."""


def needed_by_place(need: Need, backend: str, one_device: bool) -> dict[str, int]:
    """Bytes for each place.

    uv unpacks while it downloads, into its cache, and links from there into environments on the same file system. pip
    keeps what it downloads in its cache and once more in a temporary folder, and unpacks into the environment.
    """
    if backend == "uv":
        linked = 0 if one_device else need.unpacked_bytes
        return {"cache": need.unpacked_bytes, "environment": linked + need.copy_bytes, "temporary": 0}
    environment = need.unpacked_bytes + need.copy_bytes
    return {"cache": need.download_bytes, "environment": environment, "temporary": need.download_bytes}


def shortage(need: Need, backend: str, rooms: tuple[Room, ...]) -> str | None:
    """What there is too little room for, in a sentence; None where it fits. Places on one device share its free space."""
    wanted = needed_by_place(need, backend, is_one_device(rooms))
    for device in dict.fromkeys(room.device or room.path for room in rooms):
        here = [room for room in rooms if (room.device or room.path) == device]
        total = sum(wanted.get(room.purpose, 0) for room in here)
        free = min((room.free_bytes for room in here if not isinstance(room.free_bytes, Unknown)), default=None)
        if free is not None and total > free:
            places = " and ".join(room.path for room in here if wanted.get(room.purpose))
            return f"{size_text(total)} are needed for {places}, and {size_text(free)} are free there"
    return None


def is_one_device(rooms: tuple[Room, ...]) -> bool:
    """Whether the package manager's cache and the environment surely lie on one file system, so that files can be linked."""
    devices = {room.purpose: room.device for room in rooms}
    return bool(devices.get("cache")) and devices.get("cache") == devices.get("environment")


def size_text(count: int) -> str:
    """Bytes as a person reads them: `3.0 GiB`, `12 MiB`, `5 KiB`."""
    if count < 1 << 20:
        return f"{-(-count // (1 << 10))} KiB"
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 29 else f"{count / (1 << 20):.0f} MiB"
