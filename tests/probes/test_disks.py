"""The places on disk that matter."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Disk, Unknown
from envdoctor.probes.disks import file_system_kind, probe_disks
from envdoctor.probes.mounts import mount_of, parse_mountinfo, parse_mounts
from envdoctor.system.port import Denied, Usage
from tests.machines import Machine

ROOM = Usage(1000, 400)
DISK = "/sys/devices/pci0/block"


def _mount(point: str, file_system: str = "ext4", origin: str = "/dev/sda1", device: str = "8:1", options: str = "rw") -> str:
    return f"22 1 {device} / {point} {options},relatime shared:1 - {file_system} {origin} rw\n"


def _disks(mountinfo: str, *, environment: str | None = None, variables: dict[str, str] | None = None,
           files: dict[str, str] | None = None, links: dict[str, str] | None = None,
           usages: dict[str, Usage | Denied] | None = None) -> dict[str, Disk]:  # fmt: skip
    machine = Machine(
        {"/proc/self/mountinfo": mountinfo, **(files or {})},
        links=links,
        folders=("/home/ada", "/tmp", "/data/env"),
        variables=variables or {"HOME": "/home/ada"},
        usages={"/": ROOM, "/home/ada": ROOM, "/tmp": ROOM, "/data/env": Usage(5000, 50), **(usages or {})},
    )
    found = probe_disks(machine, environment)
    assert isinstance(found, tuple)
    return {disk.purpose: disk for disk in found}


def test_each_place_has_its_own_file_system() -> None:
    mountinfo = _mount("/") + _mount("/data", "xfs", "/dev/sdb1", "8:17") + _mount("/dev/shm", "tmpfs", "shm", "0:50")
    found = _disks(
        mountinfo, environment="/data/env", files={"/dev/shm/.keep": ""}, usages={"/dev/shm": Usage(64 << 20, 64 << 20)}
    )
    assert set(found) == {"environment", "home", "temporary", "cache", "shared memory"}
    environment = found["environment"]
    assert (environment.mount_point, environment.file_system, environment.free_bytes) == ("/data", "xfs", 50)
    assert (found["shared memory"].kind, found["shared memory"].total_bytes) == ("tmpfs", 64 << 20)
    assert found["home"].path == "/home/ada"


def test_a_folder_that_is_not_there_yet_is_measured_where_it_would_be_made() -> None:
    found = _disks(_mount("/"), environment="/data/env/new/one")
    assert (found["environment"].path, found["environment"].free_bytes) == ("/data/env/new/one", 50)


def test_links_are_followed() -> None:
    mountinfo = _mount("/") + _mount("/data", "nfs4", "server:/export", "0:60")
    found = _disks(mountinfo, links={"/home/ada/.cache": "/data/env"})
    assert (found["cache"].mount_point, found["cache"].kind) == ("/data", "network")


def test_variables_name_caches_and_the_temporary_folder() -> None:
    variables = {"HOME": "/home/ada", "HF_HOME": "/data/env", "TORCH_HOME": "/data/env", "TMPDIR": "/data/env"}
    machine = Machine({"/proc/self/mountinfo": _mount("/")}, folders=("/data/env", "/home/ada"), variables=variables,
                      usages={"/": ROOM, "/data/env": ROOM, "/home/ada": ROOM})  # fmt: skip
    found = probe_disks(machine)
    assert isinstance(found, tuple)
    places = [(disk.purpose, disk.path) for disk in found]
    assert places == [("home", "/home/ada"), ("temporary", "/data/env"), ("cache", "/data/env"), ("cache", "/home/ada/.cache")]


def test_windows_paths() -> None:
    variables = {"USERPROFILE": "C:\\Users\\ada", "TEMP": "D:\\temp"}
    found = probe_disks(Machine({}, variables=variables, usages={"/": ROOM}))
    assert isinstance(found, tuple)
    assert [disk.path for disk in found] == ["C:/Users/ada", "D:/temp", "C:/Users/ada/.cache"]


def test_read_only_mounts() -> None:
    found = _disks(_mount("/", options="ro"))
    assert found["home"].read_only is True


def test_an_image_has_no_disks() -> None:
    assert isinstance(probe_disks(Machine({"/etc/os-release": "ID=x"})), Unknown)


def test_what_may_not_be_measured_is_unknown() -> None:
    found = _disks(_mount("/"), usages={"/home/ada": Denied("/home/ada", "no permission")})
    assert isinstance(found["home"].total_bytes, Unknown)
    assert found["home"].file_system == "ext4"


def test_without_mounts_the_room_is_known() -> None:
    machine = Machine({}, folders=("/home/ada",), variables={"HOME": "/home/ada"}, usages={"/": ROOM, "/home/ada": ROOM})
    found = probe_disks(machine)
    assert isinstance(found, tuple)
    assert found[0].free_bytes == 400
    assert isinstance(found[0].kind, Unknown)


def _kind(files: dict[str, str], links: dict[str, str], device: str = "8:1", origin: str = "/dev/sda1") -> object:
    return _disks(_mount("/", origin=origin, device=device), files=files, links=links)["home"].kind


def test_a_partition_is_of_its_disk_s_kind() -> None:
    files = {f"{DISK}/sda/queue/rotational": "1\n", f"{DISK}/sda/device/vendor": "ATA\n", f"{DISK}/sda/sda1/partition": "1\n"}
    assert _kind(files, {"/sys/dev/block/8:1": "../../devices/pci0/block/sda/sda1"}) == "hdd"
    files[f"{DISK}/sda/queue/rotational"] = "0\n"
    assert _kind(files, {"/sys/dev/block/8:1": "../../devices/pci0/block/sda/sda1"}) == "ssd"


def test_nvme_by_name() -> None:
    files = {f"{DISK}/nvme0n1/nvme0n1p2/partition": "2\n"}
    assert _kind(files, {"/sys/dev/block/259:2": "../../devices/pci0/block/nvme0n1/nvme0n1p2"}, "259:2") == "nvme"


def test_btrfs_numbers_itself_and_is_found_by_what_is_mounted() -> None:
    files = {f"{DISK}/nvme0n1/queue/rotational": "0\n"}
    assert _kind(files, {"/sys/class/block/nvme0n1": "../../devices/pci0/block/nvme0n1"}, "0:31", "/dev/nvme0n1") == "nvme"


def test_a_volume_is_as_slow_as_its_slowest_disk() -> None:
    files = {
        "/sys/devices/virtual/block/dm-0/queue/rotational": "1\n",
        f"{DISK}/nvme0n1/queue/rotational": "0\n",
        f"{DISK}/sda/queue/rotational": "1\n",
        f"{DISK}/sda/device/vendor": "ATA\n",
    }
    links = {
        "/sys/dev/block/253:0": "../../devices/virtual/block/dm-0",
        "/sys/devices/virtual/block/dm-0/slaves/nvme0n1": f"{DISK}/nvme0n1",
        "/sys/devices/virtual/block/dm-0/slaves/sda": f"{DISK}/sda",
    }
    assert _kind(files, links, "253:0", "/dev/mapper/vg-root") == "hdd"


@pytest.mark.parametrize(("name", "vendor"), [("vda", None), ("xvda", None), ("sda", "QEMU"), ("sda", "Msft")])
def test_rotation_of_a_made_up_disk_means_nothing(name: str, vendor: str | None) -> None:
    files = {f"{DISK}/{name}/queue/rotational": "1\n", **({f"{DISK}/{name}/device/vendor": vendor} if vendor else {})}
    assert _kind(files, {"/sys/dev/block/8:1": f"../../devices/pci0/block/{name}"}) is None


@pytest.mark.parametrize(
    ("file_system", "kind"),
    [
        ("nfs4", "network"), ("cifs", "network"), ("lustre", "network"), ("ceph", "network"), ("gpfs", "network"),
        ("fuse.sshfs", "network"), ("fuse.gcsfuse", "network"), ("9p", "network"), ("tmpfs", "tmpfs"), ("overlay", "overlay"),
        ("fuse.fuse-overlayfs", "overlay"), ("ext4", None), ("xfs", None), ("zfs", None), ("fuseblk", None),
    ],
)  # fmt: skip
def test_kinds_by_file_system(file_system: str, kind: str | None) -> None:
    assert file_system_kind(file_system) == kind


def test_mount_points_with_spaces() -> None:
    assert parse_mountinfo(_mount("/mnt/my\\040disk"))[0].point == "/mnt/my disk"


def test_the_longest_prefix_and_the_last_of_equals() -> None:
    mounts = parse_mountinfo(_mount("/") + _mount("/data", "xfs") + _mount("/data", "nfs4") + _mount("/database", "zfs"))
    found = [mount_of(path, mounts) for path in ("/data/x", "/data", "/database/x", "/datab")]
    assert [mount.file_system for mount in found if mount] == ["nfs4", "nfs4", "zfs", "ext4"]
    assert mount_of("/x", ()) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_failure(text: str) -> None:
    assert isinstance(parse_mountinfo(text), tuple)
    assert isinstance(parse_mounts(text), tuple)


def test_recorded_mounts(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "mounts"
    slurm = parse_mountinfo((folder / "mountinfo-slurm-node-gcm.txt").read_text())
    logs = mount_of("/logs/today", slurm)
    assert logs is not None
    assert (logs.file_system, logs.origin, file_system_kind(logs.file_system)) == ("nfs", "node101:/syslog", "network")
    wsl = parse_mounts((folder / "wsl2-2020-mtab.txt").read_text())
    windows = mount_of("/mnt/c/Users", wsl)
    assert windows is not None
    assert (windows.point, windows.origin, file_system_kind(windows.file_system)) == ("/mnt/c", "C:\\", "network")
    for name in ("jc-pid_mountinfo.txt", "mountinfo-lxc-host-gpud.txt"):
        assert mount_of("/etc", parse_mountinfo((folder / name).read_text())) is not None, name
