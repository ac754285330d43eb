"""Choosing workloads, bounds and demands, memory modules, conditions."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.bench.choosing import TOTAL_S, Place, choose_workloads, file_bytes, gpu_library
from envdoctor.bench.conditions import parse_load, probe_conditions
from envdoctor.bench.demands import asked_parts, judge_demands
from envdoctor.bench.figures import PARTS
from envdoctor.bench.memory_modules import channel_of, modules_gb_per_s
from envdoctor.bench.workloads.memory_modules import parse_module
from envdoctor.model.facts import Facts, Limits, Subject
from envdoctor.model.figures import lies_within, parse_bounds
from envdoctor.model.profile import Profile
from envdoctor.system.rootfs import Rootfs
from tests.bench.scenes import CPU, measured, run_of

PLACE = Place("/data", "/e/bin/python", "/own/python", frozenset({"torch", "numpy"}), 4, 10**12, 1 << 30)


def test_each_part_has_a_program_of_the_right_interpreter() -> None:
    workloads = {one.part: one for one in choose_workloads(PARTS, PLACE, quick=False)}
    assert set(workloads) == set(PARTS)
    assert {part: one.command.argv[0] for part, one in workloads.items() if part != "disk"} == dict.fromkeys(
        ("memory", "cpu", "loader", "gpu"), "/e/bin/python"
    )
    assert workloads["disk"].command.argv[0] == "/own/python"
    assert all(one.command.argv[1] == "-I" for one in workloads.values())
    assert sum(float(one.command.argv[-2] if one.part != "cpu" else one.command.argv[-1]) for one in workloads.values()
               if one.part in {"cpu", "loader", "disk", "gpu"}) < TOTAL_S  # fmt: skip


@pytest.mark.parametrize(
    ("packages", "library"),
    [({"torch", "jax"}, "torch"), ({"cupy-cuda12x"}, "cupy"), ({"jax"}, "jax"), ({"numpy"}, None), (set(), None)],
)
def test_the_library_for_gpus(packages: set[str], library: str | None) -> None:
    assert gpu_library(frozenset(packages)) == library


@pytest.mark.parametrize(
    ("room", "quick", "mebibytes"), [(10**13, False, 1024), (10**13, True, 256), (2**30, False, 102), (0, False, 16)]
)
def test_the_file_is_bounded(room: int, quick: bool, mebibytes: int) -> None:
    assert file_bytes(room, quick) == mebibytes << 20


@pytest.mark.parametrize(
    ("bounds", "value", "met"),
    [
        (">=1000", 1000.0, True),
        (">=1000", 999.9, False),
        (">=0.5,<2", 1.25, True),
        ("<2", 2.0, False),
        (" > 1000 ", 1000.25, True),
    ],
)
def test_bounds(bounds: str, value: float, met: bool) -> None:
    assert lies_within(value, bounds) is met


@given(st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_bounds_are_read_or_refused(text: str) -> None:
    try:
        told = parse_bounds(text)
    except ValueError:
        return
    assert told
    assert all(comparison in {">=", "<=", ">", "<"} and number >= 0 for comparison, number in told)


def test_demands_are_met_by_all_gpus_or_not_at_all() -> None:
    profile = Profile("lab", "Lab", figures=(
        ("disk.read_mb_per_s", ">=1000"), ("gpu.bf16_tflops", ">=300"), ("gpu.fp8_tflops", ">=600"),
        ("ram.copy_gb_per_s", ">=10"),
    ))  # fmt: skip
    run = run_of(
        measured("disk.sequential_read", 1500.0), measured("gpu.matmul_bf16", 400.0, gpu=0),
        measured("gpu.matmul_bf16", 100.0, gpu=1), measured("memory.scale", None),
    )  # fmt: skip
    disk, products, fp8, memory = judge_demands(profile, run)
    assert (disk.met, products.met, products.value, fp8.met, memory.met) == (True, False, 100.0, None, None)
    assert memory.reason == "no"
    assert asked_parts(profile) == ("disk", "memory", "gpu")
    assert asked_parts(Profile("x", "X")) == PARTS


def test_a_bound_leaves_a_demand_undecided_where_it_does_not_meet_it() -> None:
    profile = Profile("lab", "Lab", figures=(("disk.random_read_iops", ">=900000"), ("disk.read_mb_per_s", ">=1000")))
    busy = "asking for the reads took all the time of a processor"
    run = run_of(
        measured("disk.random_read", 4e5, may_be_better=busy), measured("disk.sequential_read", 5000.0, may_be_better=busy)
    )  # fmt: skip
    random, sequential = judge_demands(profile, run)
    assert (random.met, random.value, random.reason) == (None, 4e5, busy)
    assert (sequential.met, sequential.reason) == (True, "")


@pytest.mark.parametrize(
    ("place", "bank", "channel"),
    [
        ("DIMM 0", "P0 CHANNEL A", ("0", "A")),
        ("CPU1_DIMM_B2", "", ("1", "B")),
        ("ChannelA-DIMM0", "BANK 0", ("", "A")),
        ("DIMM_A1", "Bank 0", ("", "A")),
        ("P1-DIMMC1", "P1_Node1_Channel2_Dimm0", ("1", "C")),
        ("DIMM 0", "Bank 0", None),
    ],
)
def test_channels(place: str, bank: str, channel: tuple[str, str] | None) -> None:
    assert channel_of(place, bank) == channel


@pytest.mark.parametrize(
    "modules", [None, [], [{"bits": 64, "mt_per_s": 0}], [{"bits": 64, "mt_per_s": 3200, "place": "DIMM 0"}]]
)
def test_memory_that_cannot_be_told_says_why(modules: object) -> None:
    assert isinstance(modules_gb_per_s(modules), str)


def smbios(size: int, rate: int, *words: str) -> bytes:
    raw = struct.pack("<BBHHHHHHBBBBBHHBBBBBIH", 17, 0x22, 1, 0, 0, 72, 64, size, 9, 0, 1, 2, 26, 0, 4800, 0, 0, 0, 0, 0, 0, rate)
    return raw + b"".join(word.encode() + b"\0" for word in words) + b"\0"


def test_the_firmwares_tables() -> None:
    raw = smbios(16384, 4400, "DIMM 0", "P0 CHANNEL A")
    assert parse_module(raw) == {"bits": 64, "mt_per_s": 4400, "place": "DIMM 0", "bank": "P0 CHANNEL A"}
    assert parse_module(smbios(0, 4400, "DIMM 1", "P0 CHANNEL B")) is None
    assert parse_module(raw[:20]) is None
    assert parse_module(b"") is None


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_module_or_none(raw: bytes) -> None:
    found = parse_module(b"\x11" + raw)
    assert found is None or found["bits"] >= 0


@pytest.mark.parametrize(("text", "load"), [("2.37 1 1 2/3 4", 2.37), ("", None), (None, None), ("x", None)])
def test_load(text: str | None, load: float | None) -> None:
    assert parse_load(text) == load


@pytest.mark.parametrize(("status", "battery"), [("Discharging", True), ("Charging", False), (None, None)])
def test_a_laptop_on_battery(tmp_path: object, status: str | None, battery: bool | None) -> None:
    from pathlib import Path

    root = Path(str(tmp_path))
    if status:
        supply = root / "sys/class/power_supply/BAT0"
        supply.mkdir(parents=True)
        (supply / "type").write_text("Battery\n")
        (supply / "status").write_text(f"{status}\n")
    facts = Facts(Subject("live", "x"), cpu=CPU, limits=Limits(affinity_cores=6, cpu_cores=2.0))
    conditions = probe_conditions(Rootfs(str(root)), facts)
    assert (conditions.on_battery, conditions.processors, conditions.quota_cores) == (battery, 6, 2.0)
    assert any("battery" in cause for cause in conditions.causes("gpu")) is bool(battery)
