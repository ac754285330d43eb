"""Parses /proc/self/mountinfo (proc_pid_mountinfo(5)) and finds the mount that a path lies on."""

from __future__ import annotations

import re

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.system.port import System

MOUNTINFO = "/proc/self/mountinfo"


@record
class Mount:
    """One mount."""

    point: str
    root: str
    """The folder of the file system that is mounted here; `/` unless it is a bind mount."""
    device: str
    """`major:minor`."""
    file_system: str
    origin: str
    """What is mounted: a device, `server:/export`, or a word."""
    options: frozenset[str]
    """Of the mount and of the file system."""


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """All mounts, in the order of the file; lines that are none are passed over."""
    mounts = (_parse_line(line) for line in text.splitlines())
    return tuple(mount for mount in mounts if mount is not None)


def _parse_line(line: str) -> Mount | None:
    before, separator, after = line.partition(" - ")
    own, others = before.split(" "), after.split(" ")
    if not separator or len(own) < 6 or len(others) < 2:
        return None
    return Mount(
        point=_unescape(own[4]),
        root=_unescape(own[3]),
        device=own[2],
        file_system=others[0],
        origin=_unescape(others[1]),
        options=frozenset(own[5].split(",")) | frozenset(others[2].split(",") if len(others) > 2 else ()),
    )


def _unescape(text: str) -> str:
    r"""Undo the octal escapes of the kernel (`\040` for a space)."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text) if "\\" in text else text


def mount_of(path: str, mounts: tuple[Mount, ...]) -> Mount | None:
    """The mount that a path without links lies on: the longest point above it, of several on one point the last."""
    best: Mount | None = None
    for mount in mounts:
        if is_below(path, mount.point) and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return folder == "/" or path == folder or path.startswith(folder.rstrip("/") + "/")


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """All mounts of /proc/mounts or /etc/mtab (fstab(5)), which name no device numbers and no root."""
    rows = (line.split() for line in text.splitlines())
    return tuple(
        Mount(_unescape(row[1]), "/", "", row[2], _unescape(row[0]), frozenset(row[3].split(",")))
        for row in rows
        if len(row) >= 4 and row[1].startswith("/")
    )


def read_mounts(system: System) -> tuple[Mount, ...] | Unknown:
    """The mounts that this process sees."""
    text = read_text(system, MOUNTINFO)
    if isinstance(text, str):
        return parse_mountinfo(text)
    older = read_text(system, "/proc/mounts")
    if isinstance(older, str):
        return parse_mounts(older)
    return text if isinstance(text, Unknown) else Unknown(f"{MOUNTINFO} is not there")
