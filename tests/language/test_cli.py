"""`--lang` and the locale on the command line; what programs read stays English."""

from __future__ import annotations

import json
import re

import pytest

from envdoctor.cli import run
from tests.conftest import REPOSITORY

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def english_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "ENVDOCTOR_LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("arguments", [["explain", "driver-too-old"], ["rules"], ["check", "--fail-on", "never"], ["--help"]])
def test_text_is_chinese_where_it_is_asked_for(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments)
    assert not CHINESE.search(capsys.readouterr().out)
    run([*arguments, "--lang", "zh"])
    assert CHINESE.search(capsys.readouterr().out)
    run(arguments)
    assert not CHINESE.search(capsys.readouterr().out)


def test_asked_nothing_it_says_every_line_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--lang", "zh"])
    lines = [re.split(r" {2,}", line.strip())[-1] for line in capsys.readouterr().out.splitlines() if line]
    assert [line for line in lines if not CHINESE.search(line)] == ["envdoctor install pytorch-cpu --env DIR"]


def test_the_locale_and_the_variable_choose(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    run(["explain", "disk-full"])
    assert CHINESE.search(capsys.readouterr().out)
    monkeypatch.setenv("ENVDOCTOR_LANG", "en")
    run(["explain", "disk-full"])
    assert not CHINESE.search(capsys.readouterr().out)
    run(["explain", "disk-full", "--lang=zh"])
    assert CHINESE.search(capsys.readouterr().out)


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github", "jsonl"])
def test_what_programs_read_is_english(form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    run(["check", "--fail-on", "never", "--format", form, "--lang", "zh"])
    assert not CHINESE.search(capsys.readouterr().out)


def test_html_follows_the_option_and_not_the_locale(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    run(["check", "--fail-on", "never", "--format", "html"])
    assert '<html lang="en">' in capsys.readouterr().out
    run(["check", "--fail-on", "never", "--format", "html", "--lang", "zh"])
    page = capsys.readouterr().out
    assert '<html lang="zh">' in page
    assert CHINESE.search(page)


def test_an_unknown_language_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--lang", "xx"]) == 2
    assert "--lang xx" in capsys.readouterr().err


def test_an_explained_rule_as_json_is_english(capsys: pytest.CaptureFixture[str]) -> None:
    run(["explain", "disk-full", "--format", "json", "--lang", "zh"])
    assert json.loads(capsys.readouterr().out)["title"].isascii()


def test_the_chinese_readme_shows_the_same_commands() -> None:
    def blocks(path: str) -> list[str]:
        return re.findall(r"^```\w+\n.*?^```$", (REPOSITORY / path).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    assert blocks("docs/zh/README.md") == blocks("README.md")
