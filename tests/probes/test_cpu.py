"""The processor."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Cpu, Unknown
from envdoctor.probes.cpu import probe_cpu
from envdoctor.probes.cpu_levels import LEVELS, plain_features, x86_64_level
from envdoctor.probes.cpu_topology import parse_list, parse_mask
from envdoctor.probes.cpuinfo import Cpuinfo, parse_cpuinfo
from envdoctor.system.port import READ_LIMIT_BYTES, Denied
from tests.machines import Machine, load_tree, trees

CPU = "/sys/devices/system/cpu"
BLOCK = (
    "processor\t: {number}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Platinum 8480+\n"
    "physical id\t: {socket}\ncore id\t\t: {core}\ncpu cores\t: 2\nflags\t\t: {flags}\n\n"
)
FLAGS = "lm cmov cx8 fpu fxsr mmx syscall sse sse2 cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
TWO_SOCKETS = "".join(BLOCK.format(number=number, socket=number // 4, core=number // 2 % 2, flags=FLAGS) for number in range(8))


def _known(machine: Machine) -> Cpu:
    found = probe_cpu(machine)
    assert isinstance(found, Cpu)
    return found


def test_counts_by_cpuinfo_alone() -> None:
    found = _known(Machine({"/proc/cpuinfo": TWO_SOCKETS}))
    assert (found.sockets, found.cores, found.threads, found.x86_64_level) == (2, 4, 8, 2)
    assert found.model == "Intel(R) Xeon(R) Platinum 8480+"
    assert found.governor is None
    assert isinstance(found.numa_nodes, Unknown)


def test_sysfs_comes_first() -> None:
    files = {"/proc/cpuinfo": BLOCK.format(number=0, socket=0, core=0, flags=FLAGS), f"{CPU}/online": "0-3\n"}
    for number in range(4):
        pair = "0-1" if number < 2 else "2-3"
        files[f"{CPU}/cpu{number}/topology/thread_siblings_list"] = pair
        files[f"{CPU}/cpu{number}/topology/package_cpus_list"] = "0-3"
    files[f"{CPU}/cpu0/cpufreq/scaling_governor"] = "powersave\n"
    files["/sys/devices/system/node/online"] = "0-1\n"
    found = _known(Machine(files))
    assert (found.sockets, found.cores, found.threads, found.governor, found.numa_nodes) == (1, 2, 4, "powersave", 2)


def test_a_cpuinfo_too_long_to_read_whole() -> None:
    machine = Machine({"/proc/cpuinfo": TWO_SOCKETS + "x" * READ_LIMIT_BYTES})
    found = _known(machine)
    assert found.model == "Intel(R) Xeon(R) Platinum 8480+"
    assert isinstance(found.cores, Unknown)


def test_a_cpuinfo_that_may_not_be_read() -> None:
    found = probe_cpu(Machine({"/proc/cpuinfo": Denied("/proc/cpuinfo", "no permission")}))
    assert isinstance(found, Unknown)
    assert "no permission" in found.reason


def test_sysfs_alone_tells_how_many() -> None:
    """As of trees of sysfs without /proc: sockets, cores and nodes, and nothing of what the processor is."""
    files = {f"{CPU}/online": "0-7\n", "/sys/devices/system/node/online": "0-1\n"}
    for number in range(8):
        first = number - number % 2
        files[f"{CPU}/cpu{number}/topology/thread_siblings_list"] = f"{first}-{first + 1}"
        files[f"{CPU}/cpu{number}/topology/package_cpus_list"] = "0-3" if number < 4 else "4-7"
    found = _known(Machine(files))
    assert (found.sockets, found.cores, found.threads, found.numa_nodes) == (2, 4, 8, 2)
    assert all(isinstance(value, Unknown) for value in (found.model, found.vendor, found.features, found.x86_64_level))


def test_a_mac() -> None:
    answer = {"vendor": None, "model": "Apple M3 Max", "machine": "arm64", "features": [], "cores": 16, "threads": 16}
    found = _known(Machine({}, host={"cpu": answer}))
    assert (found.model, found.cores, found.threads, found.x86_64_level) == ("Apple M3 Max", 16, 16, None)
    assert isinstance(found.sockets, Unknown)
    assert isinstance(found.features, Unknown)


def test_windows_words_its_flags_otherwise() -> None:
    flags = sorted({*LEVELS[1], *LEVELS[2]} - {"sse3", "abm", "xsave"} | {"pni", "lzcnt", "osxsave"})
    answer = {"vendor": "AuthenticAMD", "model": "x", "machine": "AMD64", "features": flags, "cores": 8, "threads": 16}
    assert _known(Machine({}, host={"cpu": answer})).x86_64_level == 3


@pytest.mark.parametrize(
    ("flags", "level"),
    [
        (LEVELS[0], 1),
        (LEVELS[0] | LEVELS[1], 2),
        (LEVELS[0] | LEVELS[1] | LEVELS[2], 3),
        (LEVELS[0] | LEVELS[1] | LEVELS[2] | LEVELS[3], 4),
        (LEVELS[0] | LEVELS[1] | LEVELS[2] | LEVELS[3] - {"avx512vl"}, 3),
        (LEVELS[0] | LEVELS[2], 1),
        (LEVELS[0] - {"lm"}, None),
        (frozenset({"fp", "asimd", "sve"}), None),
        (frozenset(), None),
    ],
)
def test_levels(flags: frozenset[str], level: int | None) -> None:
    assert x86_64_level(flags) == level


def test_the_words_of_macos() -> None:
    words = [*LEVELS[1], "AVX1.0", "AVX2", "BMI1", "BMI2", "F16C", "FMA", "LZCNT", "MOVBE", "OSXSAVE", "SSE4.2"]
    assert x86_64_level(plain_features(words, "x86_64")) == 3


@pytest.mark.parametrize(
    ("implementer", "part", "vendor", "model"),
    [
        ("0x41", "0xd4f", "ARM", "Neoverse-V2"),
        ("0x41", "0xd0c", "ARM", "Neoverse-N1"),
        ("0xc0", "0xac3", "Ampere", "Ampere-1"),
        ("0x4e", "0x004", "NVIDIA", "Carmel"),
        ("0x61", "0x024", "Apple", "Icestorm-M1-Pro"),
        ("0x41", "0xc0f", "ARM", "Cortex-A15"),
        ("0x46", "0x001", "Fujitsu", "A64FX"),
        ("0x61", "0xfff", "Apple", None),
        ("0x99", "0x001", "0x99", None),
    ],
)
def test_arm(implementer: str, part: str, vendor: str, model: str | None) -> None:
    text = f"processor\t: 0\nFeatures\t: fp asimd sve\nCPU implementer\t: {implementer}\nCPU part\t: {part}\n"
    found = parse_cpuinfo(text)
    assert (found.vendor, found.model, found.features) == (vendor, model, {"fp", "asimd", "sve"})


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0-3", [0, 1, 2, 3]), ("0,2-3,8\n", [0, 2, 3, 8]), ("5", [5]), ("", []), ("x", []), ("3-1", []), ("0-999999", [])],
)
def test_lists_of_the_kernel(text: str, numbers: list[int]) -> None:
    assert parse_list(text) == numbers


def test_masks_of_the_kernel() -> None:
    assert parse_mask("00000001,00000003\n") == [0, 1, 32]
    assert parse_mask("0000") == []
    assert parse_mask("zz") == []


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300), st.text(alphabet="0123456789-,: \nabflags", max_size=200))
def test_any_text_is_read_without_failure(text: str, numbers: str) -> None:
    assert isinstance(parse_cpuinfo(text), Cpuinfo)
    assert isinstance(parse_cpuinfo(numbers), Cpuinfo)
    assert isinstance(parse_list(numbers), list)


NOT_NUMBERED = ("glpi-linux-armel-1", "pcp-cpuinfo-1cpu-powermac")
"""Kernels for one processor do not number it."""


def test_every_recorded_cpuinfo_is_read(shared_folder: Path) -> None:
    for path in sorted((shared_folder / "hardware" / "cpu-cpuinfo").iterdir()):
        found = parse_cpuinfo(path.read_text(encoding="utf-8", errors="replace"))
        assert found.threads or path.name in NOT_NUMBERED, path.name
        assert found.model or found.vendor or found.features, path.name


LEVELS_RECORDED = {
    "facter-cpuinfo": 3, "glpi-linux-686-1": None, "glpi-rhel-5.6": 2, "glpi-rhel-6.3-esx-1vcpu": 2, "k2200-510.cpuinfo": 3,
    "glpi-oracle-server-6.7-oda": 2, "telegraf-intel_powerstat": 4, "util-linux-x86_64-64cpu.cpuinfo": 2,
    "util-linux-x86_64-epyc_7451.cpuinfo": 3, "util-linux-x86_64-64cpu-linux6.2.cpuinfo": 4,
    "util-linux-s390-kvm.cpuinfo": None, "glpi-linux-raspberry-pi-3-model-b": None,
}  # fmt: skip


def test_levels_of_recorded_processors(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "cpu-cpuinfo"
    found = {}
    for name in LEVELS_RECORDED:
        features = parse_cpuinfo((folder / name).read_text(encoding="utf-8")).features
        found[name] = x86_64_level(features or frozenset())
    assert found == LEVELS_RECORDED
    powerstat = parse_cpuinfo((folder / "telegraf-intel_powerstat").read_text()).features
    assert powerstat is not None
    assert {"amx_tile", "amx_bf16", "amx_int8"} <= powerstat


def _lscpu(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([^:]+):\s+(.+)$", text, re.MULTILINE))


def test_recorded_trees_agree_with_lscpu(shared_folder: Path) -> None:
    """lscpu counts sockets within a book and prints several kinds of processor apart: those trees are left out."""
    compared = 0
    for path in trees(shared_folder, "cpu-tree"):
        text = path.with_name(path.name.replace(".tree.json", ".lscpu-output.txt")).read_text(encoding="utf-8")
        stated = _lscpu(text)
        found = _known(load_tree(path))
        assert found.threads == int(stated["CPU(s)"]), path.name
        if "NUMA node(s)" in stated:
            assert found.numa_nodes == int(stated["NUMA node(s)"]), path.name
        if "Socket(s)" in stated and text.count("Model name:") == 1:
            assert found.sockets == int(stated["Socket(s)"]), path.name
            assert found.cores == int(stated["Core(s) per socket"]) * int(stated["Socket(s)"]), path.name
            compared += 1
    assert compared >= 8


def test_every_recorded_tree_is_read(shared_folder: Path) -> None:
    for path in [*trees(shared_folder, "topology"), *trees(shared_folder, "meminfo"), *trees(shared_folder, "proc")]:
        machine = load_tree(path)
        if "/proc/cpuinfo" in machine.files:
            assert isinstance(_known(machine).threads, int), path.name


def test_offline_processors_do_not_count(shared_folder: Path) -> None:
    found = _known(load_tree(shared_folder / "hardware" / "topology" / "ghw-linux-amd64-offlineCPUs.tree.json"))
    assert (found.threads, found.cores) == (2, 2)
