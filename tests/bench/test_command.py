"""`envdoctor bench` as people call it, and what it prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from envdoctor.bench.demands import Demand
from envdoctor.bench.expecting import judge_figures
from envdoctor.bench.outcome import Outcome
from envdoctor.cli import run
from envdoctor.render.bench_json import bench_document, render_bench_lines
from envdoctor.render.bench_text import bench_lines, number
from envdoctor.render.paint import paint
from tests.bench.scenes import measured, run_of, scene

DEVICES: tuple[dict[str, object], ...] = tuple({"index": index, "name": "NVIDIA H100 80GB HBM3"} for index in (0, 1))


def outcome(*demands: Demand, profile: str | None = None) -> Outcome:
    figures = (
        measured("disk.sequential_read", 3456.7, values=(3400.0, 3500.0, 3450.0)),
        measured("memory.triad", None),
        measured("gpu.matmul_bf16", 700.0, gpu=0),
        measured("gpu.matmul_bf16", 100.0, gpu=1),
    )
    judged = judge_figures(run_of(*figures, gpus=DEVICES), scene())
    gpus = tuple((index, str(device["name"])) for index, device in enumerate(DEVICES))
    return Outcome(judged, demands, profile, "/data", "ext4, nvme", None, gpus, (), 31.0)


MET = Demand("disk.read_mb_per_s", ">=1000", True, 3456.7)
UNMET = Demand("disk.read_mb_per_s", ">=9000", False, 3456.7)
OPEN = Demand("gpu.fp8_tflops", ">=600", None, None, "no fp8")


@pytest.mark.parametrize(("demands", "status"), [((), 0), ((MET,), 0), ((MET, OPEN), 3), ((UNMET, OPEN), 1)])
def test_exit_statuses(demands: tuple[Demand, ...], status: int) -> None:
    assert outcome(*demands, profile="lab").exit_status == status


def test_nothing_measured_is_no_pass() -> None:
    figures = run_of(measured("disk.sequential_read", None))
    assert Outcome(judge_figures(figures, scene()), (), None, "/", "", None, (), (), 1.0).exit_status == 3


def test_people_see_figures_shares_and_reasons() -> None:
    text = paint(list(bench_lines(outcome(MET, OPEN, profile="lab"))), 120, False, False)
    for words in (
        "Disk /data, ext4, nvme", "3,457 MB/s", "as it should be", "not measured: no", "GPU 1: matrix product, bf16",
        "10% of the peak",
        "low: no cause of it was found", "✓ disk.read_mb_per_s >=1000: found 3,457",
        "? gpu.fp8_tflops >=600: not measured: no fp8",
    ):  # fmt: skip
        assert words in text


def test_a_bound_is_shown_as_one() -> None:
    busy = "asking for the reads took all the time of a processor"
    figures = (
        measured("disk.random_read", 425000.0, may_be_better=busy), measured("disk.random_read_latency", 95.4, may_be_better=busy)
    )  # fmt: skip
    demand = Demand("disk.random_read_iops", ">=900000", None, 425000.0, busy)
    shown = Outcome(judge_figures(run_of(*figures), scene()), (demand,), "lab", "/data", "", None, (), (), 1.0)
    text = paint(list(bench_lines(shown)), 140, False, False)
    for words in (
        "≥ 425,000 IOPS", "≤ 95.4 µs", f"What has ≥ or ≤ may be better than that: {busy}.",
        f"? disk.random_read_iops >=900000: found 425,000; it may be better: {busy}",
    ):  # fmt: skip
        assert words in text
    assert [one["may_be_better"] for one in bench_document(shown)["figures"]] == [busy, busy]
    assert shown.exit_status == 3


@pytest.mark.parametrize(("value", "text"), [(0.712, "0.71"), (38.12, "38.1"), (13204.4, "13,204"), (100.0, "100")])
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


def test_programs_get_the_same() -> None:
    document = bench_document(outcome(UNMET, profile="lab"))
    assert (document["schema"], document["verdict"], document["exit_status"]) == ("envdoctor.bench/1", "low", 1)
    assert [one["verdict"] for one in document["figures"]] == ["good", "not measured", "good", "low"]
    assert document["demands"][0]["met"] is False
    lines = [json.loads(line) for line in render_bench_lines(outcome(UNMET, profile="lab")).splitlines()]
    assert [one["type"] for one in lines] == ["figure"] * 4 + ["demand", "summary"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "disc"], "did you mean disk"),
        (["--path", "/no/such/folder"], "--path /no/such/folder: no such folder"),
        (["no-such-profile"], "no-such-profile"),
    ],
)
def test_bad_input(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", *arguments]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures a disk past the page cache")
def test_a_profile_is_measured_and_check_says_that_it_cannot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab = tmp_path / "lab.yaml"
    lab.write_text('title: Lab\ndisk:\n  write_mb_per_s: ">=999999999"\n  random_read_iops: ">=1"\n')
    arguments = ["bench", str(lab), "--quick", "--path", str(tmp_path), "--format", "json", "--python", sys.executable]
    assert run(arguments) == 1
    document = json.loads(capsys.readouterr().out)
    assert {one["figure"].partition(".")[0] for one in document["figures"]} == {"disk"}
    assert {one["key"]: one["met"] for one in document["demands"]} == {
        "disk.write_mb_per_s": False,
        "disk.random_read_iops": True,
    }
    assert list(tmp_path.iterdir()) == [lab]
    run(["check", str(lab), "--format", "json", "--python", sys.executable, "--select", "profile-figures-unmet"])
    undecided = json.loads(capsys.readouterr().out)["undecided"]
    assert [one["rule"] for one in undecided] == ["profile-figures-unmet"]
    assert "disk.write_mb_per_s >=999999999" in undecided[0]["reason"]
    assert f"envdoctor bench {lab}" in undecided[0]["reason"]
