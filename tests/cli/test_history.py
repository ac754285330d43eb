"""The history: off until it is wanted, bounded, and good for `diff`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.system import history

pytestmark = pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the folder is chosen by a variable of Linux")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "envdoctor" / "history"


def kept(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert run(["history", "--format", "json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_nothing_is_kept_unless_that_is_wanted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", "--select", "disk-full"])
    assert not folder.exists()
    assert kept(capsys)["on"] is False
    assert run(["diff"]) == 2
    assert "envdoctor history on" in capsys.readouterr().err


def test_what_is_kept_can_be_compared_and_removed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "on"]) == 0
    run(["check", "--select", "disk-full"])
    rows = kept(capsys)["kept"]
    assert isinstance(rows, list)
    assert len(rows) == 1
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert run(["diff"]) == 0
    assert "last (20" in capsys.readouterr().out
    assert run(["history", "off"]) == 0
    run(["check", "--select", "disk-full"])
    assert len(kept(capsys)["kept"]) == 1  # type: ignore[arg-type]
    assert run(["history", "clear"]) == 0
    assert kept(capsys)["kept"] == []


def test_recordings_and_images_are_not_kept(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(["history", "on"])
    run(["check", "--rootfs", str(tmp_path)])
    assert kept(capsys)["kept"] == []


def test_the_oldest_go(folder: Path) -> None:
    folder.mkdir(parents=True)
    for day in range(1, 31):
        (folder / f"2026-01-{day:02}T00-00-00Z.json").write_text("{}")
    history.prune(str(folder))
    left = history.list_kept(str(folder))
    assert len(left) == history.LIMIT
    assert left[0].when == "2026-01-30T00:00:00Z"


def test_one_that_is_too_large_pushes_out_older_ones_only(folder: Path) -> None:
    folder.mkdir(parents=True)
    for day in (1, 2):
        (folder / f"2026-01-0{day}T00-00-00Z.json").write_text("{}")
    with open(folder / "2026-01-03T00-00-00Z.json", "wb") as file:
        file.truncate(history.LIMIT_BYTES + 1)
    history.prune(str(folder))
    assert [each.when for each in history.list_kept(str(folder))] == ["2026-01-03T00:00:00Z"]


def test_a_check_stands_where_the_history_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["history", "on"])
    for minute in range(3):  # names that recordings of this second would take are folders
        from datetime import datetime, timedelta, timezone

        moment = datetime.now(timezone.utc) + timedelta(seconds=minute)
        (folder / moment.strftime("%Y-%m-%dT%H-%M-%SZ.json")).mkdir(exist_ok=True)
    status = run(["check", "--select", "disk-full"])
    assert status in {0, 1}
    assert "the history was not kept" in capsys.readouterr().err


def test_an_action_that_is_none_is_bad_input(folder: Path) -> None:
    assert run(["history", "of"]) == 2
