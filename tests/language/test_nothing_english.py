"""Whole outputs in Chinese: no sentence is left in English but messages of others, names and commands."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.cli.app import build_app
from envdoctor.cli.overview import COMMANDS
from envdoctor.language.layouts import translated_layout
from envdoctor.language.translating import load_catalogue
from tests.conftest import REPOSITORY
from tests.dockerfile.further import FURTHER, PLANTED
from tests.language.reading import english_left

RECORDINGS = sorted((REPOSITORY / "tests" / "recordings").glob("*.json"))
PROFILES = sorted(path.stem for path in (REPOSITORY / "profiles").glob("*.yaml"))
ZH = load_catalogue("zh")


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVDOCTOR_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "100000")  # no sentence is broken


def subcommands() -> list[tuple[str, ...]]:
    import typer

    group = typer.main.get_command(build_app())
    profiles = group.commands["profiles"]  # type: ignore[attr-defined]
    return [(), *((name,) for name in COMMANDS), *(("profiles", name) for name in profiles.commands)]


@pytest.mark.parametrize("path", subcommands(), ids=lambda path: "-".join(path) or "all")
def test_help(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*path, "--help"]) == 0
    assert english_left(capsys.readouterr().out) == []


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_recorded_machine(recording: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", "--recording", str(recording), "-v", "--format", form, "--lang", "zh"])
    assert english_left(capsys.readouterr().out) == []


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_the_page_of_a_recorded_machine(recording: Path, tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    run(["check", "pytorch-cuda12", "--recording", str(recording), "--format", "html", "-o", str(written), "--lang", "zh"])
    page = re.sub(r"<(script|style|code|pre)\b.*?</\1>", "", written.read_text(encoding="utf-8"), flags=re.DOTALL)
    labels = re.findall(r' (?:aria-label|placeholder|title)="([^"]*)"', page)
    text = unescape(re.sub(r"<[^>]*>", "\n", page))
    assert english_left("\n".join([text, *labels])) == []


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_and_a_machine_judged_by_it(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles", "show", profile]) == 0
    run(["check", profile, "--recording", str(RECORDINGS[0]), "-v"])
    assert english_left(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["rules"],
        ["profiles", "list"],
        ["knowledge"],
        ["knowledge", "torch==2.9.1"],
        ["knowledge", "tensorflow==2.18.0"],
        ["compat", "torch==2.9.1", "--target", "gpu=GeForce GTX 1080,driver=580.95.05", "--python", "3.12", "--best"],
        ["compat", "torch==9", "jax", "foo", "--target", "gpu=Foo 9000"],
        ["fit", "--params", "7B", "--target", "gpu=NVIDIA L4"],
        ["fit", "--params", "70B", "--mode", "qlora", "--target", "gpu=NVIDIA H100,count=2"],
    ],
    ids=" ".join,
)
def test_what_needs_no_machine(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments)
    captured = capsys.readouterr()
    assert english_left(captured.out + captured.err) == []


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("later", RECORDINGS, ids=lambda path: path.stem)
def test_what_changed(later: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["diff", str(RECORDINGS[2]), str(later), "--format", form, "-v"])
    assert english_left(capsys.readouterr().out) == []


@pytest.mark.parametrize(("name", "old", "new"), [row[:3] for row in PLANTED], ids=[f"{row[0]}-{row[3]}" for row in PLANTED])
def test_what_a_dockerfile_gets_wrong(name: str, old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text(FURTHER[name].replace(old, new, 1), encoding="utf-8")
    run(["lint", str(tmp_path / "Dockerfile"), "-v", "--target", "gpu=GeForce RTX 5090,driver=550.54.15"])
    assert english_left(capsys.readouterr().out) == []


WRONG = [
    ["chekc"],
    ["check", "--foo"],
    ["check", "--format", "xml"],
    ["check", "--python"],
    ["check", "a", "b"],
    ["check", "no-such-profile"],
    ["check", "./no-such-profile.yaml"],
    ["check", "--select", "driver-too-odl"],
    ["check", "--rootfs", "nowhere"],
    ["check", "--image", "nowhere"],
    ["check", "--recording", "nowhere"],
    ["check", "--report", "nowhere"],
    ["check", "--rootfs", ".", "--image", "."],
    ["check", "--python", "nowhere"],
    ["check", "--also", "sarif"],
    ["check", "--also", "xml=a"],
    ["check", "--target", "foo=1"],
    ["check", "--target", "gpu=NVIDIA L4,driver=abc"],
    ["check", "--target", "driver"],
    ["check", "--target", "driver="],
    ["check", "--target", ""],
    ["check", "--lang", "xx"],
    ["explain"],
    ["explain", "driver-too-odl"],
    ["record"],
    ["lint", "nowhere"],
    ["inspect", "nowhere"],
    ["diff", "a"],
    ["diff", "a", "b", "c"],
    ["history", "of"],
    ["fit"],
    ["fit", "--params", "many"],
    ["fit", "--params", "7B", "--batch", "0"],
    ["knowledge", "nix==1"],
    ["knowledge", "torch==x"],
    ["compat"],
    ["compat", "torch=="],
    ["verify", "--python", "nowhere"],
    ["verify", "--only", "caffe3"],
    ["bench", "--only", "gpus"],
    ["receipt", "--env", "nowhere"],
    ["rollback", "--env", "nowhere"],
    ["profiles", "show", "pytorch-cuda99"],
    ["profiles", "validate", "nowhere.yaml"],
    ["plan"],
    ["plan", "pytorch-cpu", "--format", "xml"],
    ["install", "--locked", "nowhere", "--yes"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_bad_input(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) in {1, 2}
    captured = capsys.readouterr()
    assert english_left(captured.out + captured.err) == []


def test_plans_refusals_and_what_came_of_an_install() -> None:
    from envdoctor.render.applied_text import render_applied
    from envdoctor.render.plan_text import render_plan
    from tests.install.test_rendering import APPLIED, PLAN

    check = ("envdoctor", "check", "jax-cpu")
    for render in (
        lambda width: render_plan(PLAN, width),
        lambda width: render_plan(PLAN, width, verbose=True),
        lambda _width: render_applied(PLAN, APPLIED, check),
    ):
        assert english_left(translated_layout(render, 100_000, ZH).replace("创建 it", "创建")) == []
        assert any("\u4e00" <= mark <= "\u9fff" for mark in translated_layout(render, 60, ZH))
