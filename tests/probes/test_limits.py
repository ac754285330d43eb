"""What this process may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Limits, Unknown
from envdoctor.probes.cgroups import Group, cpu_limit_cores, memory_limit_bytes, parse_memberships
from envdoctor.probes.limits import probe_limits
from envdoctor.system.port import Denied
from tests.machines import LINUX, Machine, load_tree

CGROUP2 = "30 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
TOP = "/sys/fs/cgroup"
HYBRID = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
    "32 31 0:29 {root} /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
    "33 31 0:32 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
)
LIMITS = (
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max open files            1024                 524288               files     \n"
    "Max locked memory         8388608              unlimited            bytes     \n"
)


def _limits(files: dict[str, str], mountinfo: str) -> Limits:
    found = probe_limits(Machine({"/proc/self/mountinfo": mountinfo, **files}))
    assert isinstance(found, Limits)
    return found


def test_version_2_takes_the_lowest_on_the_way_up() -> None:
    found = _limits(
        {
            "/proc/self/cgroup": "0::/a.slice/b.scope\n",
            f"{TOP}/a.slice/cpu.max": "200000 100000\n",
            f"{TOP}/a.slice/memory.max": "1000000\n",
            f"{TOP}/a.slice/b.scope/cpu.max": "max 100000\n",
            f"{TOP}/a.slice/b.scope/memory.max": "2000000\n",
            f"{TOP}/a.slice/b.scope/memory.current": "5000\n",
        },
        CGROUP2,
    )
    assert (found.cgroup_version, found.cpu_cores, found.memory_bytes, found.memory_used_bytes) == (2, 2.0, 1000000, 5000)


def test_version_2_without_limits() -> None:
    files = {"/proc/self/cgroup": "0::/a\n", f"{TOP}/a/cpu.max": "max 100000\n", f"{TOP}/a/memory.max": "max\n"}
    found = _limits(files, CGROUP2)
    assert (found.cgroup_version, found.cpu_cores, found.memory_bytes, found.memory_used_bytes) == (2, None, None, None)


@pytest.mark.parametrize(
    ("path", "mountinfo"),
    [
        ("0::/", CGROUP2),
        ("0::/../../outside", CGROUP2),
        ("0::/docker/0123", CGROUP2.replace("0:26 / ", "0:26 /docker/0123 ")),
        ("0::/not/below/the/mount", CGROUP2.replace("0:26 / ", "0:26 /docker/0123 ")),
    ],
)
def test_a_namespaced_mount_shows_the_own_cgroup_at_its_top(path: str, mountinfo: str) -> None:
    found = _limits({"/proc/self/cgroup": path, f"{TOP}/memory.max": "12345\n", f"{TOP}/cpu.max": "50000 100000"}, mountinfo)
    assert (found.memory_bytes, found.cpu_cores) == (12345, 0.5)


def test_version_1() -> None:
    found = _limits(
        {
            "/proc/self/cgroup": "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
            f"{TOP}/cpu/cpu.cfs_quota_us": "150000\n",
            f"{TOP}/cpu/cpu.cfs_period_us": "100000\n",
            f"{TOP}/memory/memory.limit_in_bytes": "536870912\n",
            f"{TOP}/memory/memory.usage_in_bytes": "1024\n",
        },
        HYBRID.format(root="/docker/abc"),
    )
    assert (found.cgroup_version, found.cpu_cores, found.memory_bytes, found.memory_used_bytes) == (1, 1.5, 536870912, 1024)


def test_version_1_says_no_limit_with_a_huge_number() -> None:
    found = _limits(
        {
            "/proc/self/cgroup": "4:memory:/\n1:cpu:/\n",
            f"{TOP}/cpu/cpu.cfs_quota_us": "-1\n",
            f"{TOP}/cpu/cpu.cfs_period_us": "100000\n",
            f"{TOP}/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
        HYBRID.format(root="/"),
    )
    assert (found.cgroup_version, found.cpu_cores, found.memory_bytes) == (1, None, None)


def test_version_1_knows_limits_above_what_can_be_seen() -> None:
    files = {
        "/proc/self/cgroup": "4:memory:/docker/abc\n",
        f"{TOP}/memory/memory.limit_in_bytes": "9223372036854771712\n",
        f"{TOP}/memory/memory.stat": "cache 1\nhierarchical_memory_limit 4096\n",
    }
    assert _limits(files, HYBRID.format(root="/docker/abc")).memory_bytes == 4096


def test_a_cgroup_that_is_not_mounted() -> None:
    found = _limits({"/proc/self/cgroup": "0::/a\n"}, "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    assert isinstance(found.memory_bytes, Unknown)
    assert isinstance(found.cpu_cores, Unknown)
    assert isinstance(found.cgroup_version, Unknown)


def test_affinity_and_resource_limits() -> None:
    found = _limits({"/proc/self/status": "Cpus_allowed_list:\t0-2,7\n", "/proc/self/limits": LIMITS}, CGROUP2)
    assert (found.affinity_cores, found.open_files, found.locked_memory_bytes) == (4, 1024, 8388608)
    assert isinstance(found.cgroup_version, Unknown)


def test_unlimited_is_none() -> None:
    text = "Max locked memory         unlimited            unlimited            bytes\n"
    found = _limits({"/proc/self/status": "Name: x\n", "/proc/self/limits": text}, CGROUP2)
    assert found.locked_memory_bytes is None
    assert isinstance(found.open_files, Unknown)
    assert isinstance(found.affinity_cores, Unknown)


def test_files_that_may_not_be_read() -> None:
    machine = Machine({"/proc/self/cgroup": Denied("/proc/self/cgroup", "no permission"), "/proc/self/status": "Name: x\n"})
    found = probe_limits(machine)
    assert isinstance(found, Limits)
    assert isinstance(found.memory_bytes, Unknown)
    assert "no permission" in found.memory_bytes.reason


def test_an_image_has_no_limits() -> None:
    assert isinstance(probe_limits(Machine({"/etc/os-release": "ID=x"})), Unknown)


def test_a_system_without_proc() -> None:
    host = {"uname": {**LINUX, "system": "Darwin"}, "rlimits": {"locked_memory_bytes": None, "open_files": 256}}
    found = probe_limits(Machine({}, host=host))
    assert isinstance(found, Limits)
    assert (found.open_files, found.locked_memory_bytes, found.memory_bytes) == (256, None, None)
    assert isinstance(found.affinity_cores, Unknown)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789:/.,abcpumemory\n", max_size=120))
def test_any_cgroup_file_is_read_without_failure(text: str) -> None:
    files = {"/proc/self/cgroup": text, "/proc/self/mountinfo": CGROUP2 + HYBRID.format(root="/")}
    assert isinstance(probe_limits(Machine(files)), Limits)
    assert all(membership.path.startswith("/") for membership in parse_memberships(text))


def test_recorded_cgroups(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "cgroup"
    cpu = load_tree(folder / "telegraf-v1-cpu.tree.json", at="/v1")
    assert cpu_limit_cores(cpu, Group(1, ("/v1",))) == _quota(cpu)
    memory = load_tree(folder / "telegraf-v1-memory.tree.json", at="/v1")
    own = "/v1/group_1/group_1_1"
    limit = memory_limit_bytes(memory, Group(1, (own, "/v1/group_1", "/v1")))
    assert limit is None or limit <= int(memory.read(f"{own}/memory.limit_in_bytes"))
    unified = load_tree(folder / "telegraf-v2.tree.json", at="/v2")
    quota, period = unified.read("/v2/cpu.max").split()
    assert cpu_limit_cores(unified, Group(2, ("/v2",))) == (None if quota == "max" else round(int(quota) / int(period), 3))


def _quota(machine: Machine) -> float | None:
    if "/v1/cpu.cfs_period_us" not in machine.files:
        return None
    quota = int(machine.read("/v1/cpu.cfs_quota_us"))
    return None if quota < 0 else round(quota / int(machine.read("/v1/cpu.cfs_period_us")), 3)


def test_a_recorded_pod(shared_folder: Path) -> None:
    """Every cgroup of a host with pods: each limit is read, and none is above a limit of the cgroups over it."""
    machine = load_tree(shared_folder / "hardware" / "cgroup" / "pcp-cgroups-root-004.tree.json")
    mounts = "30 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
    machine.files["/proc/self/mountinfo"] = mounts
    machine.names["/proc/self"].add("mountinfo")
    leaves = sorted({path.rpartition("/")[0] for path in machine.files if path.endswith("/memory.max")}, key=len)[-20:]
    for leaf in leaves:
        machine.files["/proc/self/cgroup"] = f"0::{leaf.removeprefix(TOP)}\n"
        machine.names["/proc/self"].add("cgroup")
        found = probe_limits(machine)
        assert isinstance(found, Limits)
        stated = machine.read(f"{leaf}/memory.max").strip()
        assert found.memory_bytes is None or stated == "max" or found.memory_bytes <= int(stated)
        assert stated == "max" or found.memory_bytes is not None
