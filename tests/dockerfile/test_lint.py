"""Working Dockerfiles get no complaint; a mistake planted in one is found on its line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.cli import run
from envdoctor.dockerfile.judging import Lint, lint_recipes
from envdoctor.dockerfile.reading import read_recipes
from envdoctor.errors import BadInput
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.findings import Severity
from envdoctor.model.target import Target
from envdoctor.targets import parse_target
from tests.dockerfile.further import FURTHER, PLANTED
from tests.dockerfile.patterns import CUDA_RUNTIME, DEVEL, HEALTHY, LOOSE, MISTAKES, SLIM, VARIABLE_BASE

KNOWLEDGE = load_knowledge(shipped_only=True)


def lint(text: str, target: str | None = None, **more: object) -> Lint:
    recipes = read_recipes(text, KNOWLEDGE, **more)  # type: ignore[arg-type]
    return lint_recipes(recipes, parse_target(target) if target else Target(), KNOWLEDGE)


def complaints(found: Lint) -> list[tuple[int, str]]:
    return [(one.line, one.finding.rule) for one in found.located if one.finding.severity is not Severity.INFO]


@pytest.mark.parametrize("name", HEALTHY)
def test_working_dockerfiles_get_no_complaint(name: str) -> None:
    assert complaints(lint(HEALTHY[name])) == []


@pytest.mark.parametrize("name", [name for name in HEALTHY if name != "variable-base"])
def test_nor_do_they_for_a_machine_that_fits(name: str) -> None:
    target = "gpu=NVIDIA L4,driver=570.86.15" if "cpu" not in name else "gpu=none"
    assert complaints(lint(HEALTHY[name], target)) == []


@pytest.mark.parametrize(("text", "old", "new", "rule", "line"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_planted_mistake_is_found_on_its_line(text: str, old: str, new: str, rule: str, line: int) -> None:
    assert old in text
    found = lint(text.replace(old, new))
    assert (line, rule) in complaints(found)
    assert {place for place, _rule in complaints(found)} <= {line, 1, 2}, "nothing is said of lines that are right"


@pytest.mark.parametrize(("text", "old", "new", "line"), [row[1:] for row in LOOSE], ids=[row[0] for row in LOOSE])
def test_what_is_not_pinned_is_a_remark(text: str, old: str, new: str, line: int) -> None:
    assert old in text
    rules = [(one.line, one.finding.rule, one.finding.severity) for one in lint(text.replace(old, new)).located]
    assert (line, "image-unpinned", Severity.INFO) in rules


@pytest.mark.parametrize(
    ("text", "target", "rule", "line"),
    [
        (SLIM, "gpu=NVIDIA L4,driver=470.82.01", "driver-too-old", 3),
        (SLIM, "gpu=NVIDIA GeForce RTX 5090,driver=580.65.06", "gpu-arch-too-new", 3),
        (CUDA_RUNTIME, "gpu=Tesla K80,driver=470.82.01", "gpu-arch-too-old", 10),
    ],
)
def test_hardware_that_it_is_not_made_for(text: str, target: str, rule: str, line: int) -> None:
    assert (line, rule) in complaints(lint(text, target))


def test_stages_that_do_not_end_up_in_the_image_are_not_judged() -> None:
    text = f"FROM ubuntu:22.04 AS tests\nRUN apt-get install -y nvidia-driver-550\n\n{SLIM}"
    assert complaints(lint(text)) == []
    assert complaints(lint(text, stage="tests")) == [(2, "image-installs-driver")]


def test_stages_that_files_are_copied_from_are_judged() -> None:
    assert (5, "image-cuda-mismatch") in complaints(lint(DEVEL.replace("12.4.1-devel", "11.8.0-devel")))


def test_build_arguments_are_taken() -> None:
    arguments = {"BASE_IMAGE": "python:3.14-slim", "TORCH": "2.6.0"}
    assert set(complaints(lint(VARIABLE_BASE, arguments=arguments))) == {(4, "python-unsupported")}


def test_requirement_files_of_the_context_are_read() -> None:
    text = "FROM python:3.14-slim-bookworm\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n"
    found = lint(text, read_file={"requirements.txt": "# ours\ntorch==2.6.0  # old\n-r other.txt\n"}.get)
    assert complaints(found) == [(3, "python-unsupported")]


def on_disk(tmp_path: Path, text: str) -> str:
    path = tmp_path / "Dockerfile"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_exit_statuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = on_disk(tmp_path, SLIM)
    assert run(["lint", good]) == 0
    assert "Nothing wrong was found" in capsys.readouterr().out
    bad = on_disk(tmp_path, SLIM.replace("whl/cu124", "whl/cu121"))
    assert run(["lint", bad]) == 1
    assert run(["lint", bad, "--fail-on", "never"]) == 0
    assert run(["lint", str(tmp_path / "missing")]) == 2
    assert run(["lint", good, "--build-arg", "X"]) == 2
    assert run(["lint", good, "--stage", "nowhere"]) == 2


def test_files_outside_of_the_context_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outside.txt").write_text("torch==2.6.0\n")
    context = tmp_path / "context"
    context.mkdir()
    monkeypatch.chdir(context)
    path = on_disk(context, "FROM python:3.14-slim-bookworm\nRUN pip install -r ../outside.txt\n")
    assert run(["lint", path]) == 0


def test_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = on_disk(tmp_path, CUDA_RUNTIME.replace("        python3 \\\n", "        python3 \\\n        nvidia-driver-550 \\\n"))
    run(["lint", path, "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "envdoctor.lint/1"
    assert [(finding["line"], finding["rule"]) for finding in document["findings"] if finding["severity"] == "error"] == [
        (7, "image-installs-driver")
    ]
    run(["lint", path, "--format", "github"])
    rows = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"::error file=[^,:]+,line=7,title=[^:,]+\[image-installs-driver\]::\S.*", rows[0])
    run(["lint", path, "--format", "sarif"])
    sarif = json.loads(capsys.readouterr().out)
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 7}
    run(["lint", path])
    assert f"{path}:7:" in capsys.readouterr().out.replace("\n  ", "")


@pytest.mark.parametrize("text", ["", "hello\n", "RUN true\n", "FROM x\n\0", "FROM a\nWHAT is this\n"])
def test_what_is_no_dockerfile_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        lint(text)


WORDS = st.sampled_from(
    [
        "FROM ", "RUN ", "ENV ", "ARG ", "COPY ", "pip install ", "torch==2.6.0", "$X", "${", "}", "\\\n", "\n", "<<EOF\n",
        "EOF\n", '"', "'", " && ", "--index-url ", "apt-get install -y ", "python:3.12", " AS b", "--from=b ", "[", "]", "#", "`",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS | st.text(max_size=4), max_size=30))
def test_any_text_is_judged_or_refused(words: list[str]) -> None:
    try:
        found = lint("FROM python:3.12-slim\n" + "".join(words))
    except BadInput:
        return
    assert all(one.line >= 1 for one in found.located)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HEALTHY)), st.integers(0, 400), st.integers(0, 30))
def test_pieces_missing_from_a_dockerfile_break_nothing(name: str, start: int, size: int) -> None:
    text = HEALTHY[name]
    try:
        lint(text[:start] + text[start + size :])
    except BadInput:
        return


@pytest.mark.parametrize("name", FURTHER)
def test_nor_do_further_kinds_of_dockerfiles(name: str) -> None:
    assert complaints(lint(FURTHER[name])) == []


@pytest.mark.parametrize(("name", "old", "new", "rule", "words"), PLANTED, ids=[f"{row[0]}-{row[3]}-{row[4]}" for row in PLANTED])
def test_a_mistake_in_one_of_those_is_found_on_its_line(name: str, old: str, new: str, rule: str, words: str) -> None:
    assert FURTHER[name].count(old) >= 1
    text = FURTHER[name].replace(old, new, 1)
    lines = [place for place, line in enumerate(text.splitlines(), 1) if words in line]
    found = complaints(lint(text))
    assert any((line, rule) in found for line in lines), found
    assert {line for line, _rule in found} <= set(lines), "nothing is said of lines that are right"


def test_the_framework_of_a_base_image_is_judged_for_the_hardware() -> None:
    text = "FROM pytorch/pytorch:1.13.0-cuda11.6-cudnn8-runtime\nRUN pip install transformers==4.40.0\n"
    assert complaints(lint(text)) == []
    assert (1, "gpu-arch-too-new") in complaints(lint(text, "gpu=GeForce RTX 5090,driver=580.65.06"))
    assert complaints(lint(text, "gpu=NVIDIA A100-SXM4-80GB,driver=550.54.15")) == []
    replaced = text.replace("transformers==4.40.0", "torch==2.7.0 --index-url https://download.pytorch.org/whl/cu128")
    assert (1, "gpu-arch-too-new") not in complaints(lint(replaced, "gpu=GeForce RTX 5090,driver=580.65.06"))
