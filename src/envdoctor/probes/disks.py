"""The places on disk that matter: where the environment lies, home, temporary files, caches and shared memory.

Sources: `system.usage` for the room, /proc/self/mountinfo for the file system, /sys/dev/block for the kind of disk.
"""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Disk
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, variable
from envdoctor.probes.block_devices import block_kind
from envdoctor.probes.mounts import MOUNTINFO, Mount, mount_of, read_mounts
from envdoctor.system.port import SourceError, System, Unsupported

CACHE_VARIABLES = (
    "HF_HOME", "HF_HUB_CACHE", "TRANSFORMERS_CACHE", "TORCH_HOME", "XDG_CACHE_HOME", "PIP_CACHE_DIR", "UV_CACHE_DIR",
    "TRITON_CACHE_DIR", "KERAS_HOME", "VLLM_CACHE_ROOT",
)  # fmt: skip
TEMPORARY_VARIABLES = ("TMPDIR", "TEMP", "TMP")
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - looked at, never written

_NETWORK = frozenset({
    "nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "lustre", "lustre_lite", "ceph", "gpfs", "beegfs", "panfs",
    "wekafs", "orangefs", "pvfs2", "afs", "9p", "drvfs", "virtiofs", "vboxsf", "ocfs2", "gfs2", "webdav", "glusterfs",
})  # fmt: skip
_LOCAL_FUSE = ("fuseblk", "fuse.ntfs", "fuse.exfat", "fuse.zfs", "fuse.lxcfs", "fuse.portal")
_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs"})
_OVERLAY = frozenset({"overlay", "overlayfs", "aufs", "fuse.fuse-overlayfs"})


def probe_disks(system: System, environment: str | None = None) -> tuple[Disk, ...] | Unknown:
    """One Disk for each place, `environment` being the prefix of the one under examination; Unknown for an image."""
    mounts = read_mounts(system)
    try:
        system.usage("/")
    except Unsupported as error:
        return Unknown(f"the disks that matter are those of the machine it will run on: {error.reason}")
    except SourceError:
        pass
    return tuple(_disk(system, purpose, path, mounts) for purpose, path in _places(system, environment))


def _places(system: System, environment: str | None) -> Iterator[tuple[str, str]]:
    home = (variable(system, "HOME") or variable(system, "USERPROFILE") or "").replace("\\", "/") or None
    if environment:
        yield "environment", environment
    if home:
        yield "home", home
    named = (variable(system, name) for name in TEMPORARY_VARIABLES)
    yield "temporary", next((path.replace("\\", "/") for path in named if path), "/tmp")  # noqa: S108 - looked at, never written
    seen = set()
    for path in (*(variable(system, name) for name in CACHE_VARIABLES), f"{home}/.cache" if home else None):
        if path and path not in seen:
            seen.add(path)
            yield "cache", path
    if is_there(system, SHARED_MEMORY):
        yield "shared memory", SHARED_MEMORY


def _disk(system: System, purpose: str, path: str, mounts: tuple[Mount, ...] | Unknown) -> Disk:
    lying = _existing(system, path)
    mount = mounts if isinstance(mounts, Unknown) else mount_of(lying, mounts)
    total, free = _room(system, lying)
    if not isinstance(mount, Mount):
        missing = mount if mount is not None else Unknown(f"{MOUNTINFO} names no mount above {path}")
        return Disk(purpose, path, missing, total, free, missing, missing, missing, source="statvfs")
    return Disk(
        purpose=purpose,
        path=path,
        mount_point=mount.point,
        total_bytes=total,
        free_bytes=free,
        file_system=mount.file_system,
        kind=_kind(system, mount),
        read_only="ro" in mount.options,
        source=f"statvfs, {MOUNTINFO}",
    )


def _existing(system: System, path: str) -> str:
    """The path without links, or the nearest folder above it that exists: where the path would be made."""
    while path not in ("", "/"):
        try:
            return system.resolve(path)
        except SourceError:
            path = path.rstrip("/").rpartition("/")[0]
    return "/"


def _room(system: System, path: str) -> tuple[int | Unknown, int | Unknown]:
    try:
        usage = system.usage(path)
    except SourceError as error:
        return Unknown(str(error)), Unknown(str(error))
    return usage.total_bytes, usage.free_bytes


def _kind(system: System, mount: Mount) -> str | None:
    kind = file_system_kind(mount.file_system)
    return kind if kind is not None else block_kind(system, mount.device, mount.origin)


def file_system_kind(file_system: str) -> str | None:
    """`network`, `overlay` or `tmpfs` where the file system's type alone tells."""
    if file_system in _MEMORY:
        return "tmpfs"
    if file_system in _OVERLAY:
        return "overlay"
    is_fuse = file_system.startswith("fuse.") and not file_system.startswith(_LOCAL_FUSE)
    return "network" if file_system in _NETWORK or is_fuse else None
