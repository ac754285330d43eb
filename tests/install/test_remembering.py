"""Unpacked sizes are remembered by hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.install.remembering import MOST, hash_of, remember_bytes, remembered_bytes
from envdoctor.model.plan import Archive, Download


def test_what_is_noted_is_known_the_next_time(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    assert remembered_bytes(cache) == {}
    remember_bytes(cache, {}, {"ab": 5})
    remember_bytes(cache, remembered_bytes(cache), {"cd": 7})
    remember_bytes(cache, remembered_bytes(cache), {})
    assert remembered_bytes(cache) == {"ab": 5, "cd": 7}


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    remember_bytes(str(tmp_path), {str(number): number for number in range(MOST)}, {"new": 1})
    kept = remembered_bytes(str(tmp_path))
    assert len(kept) == MOST
    assert "new" in kept
    assert "0" not in kept


@pytest.mark.parametrize("text", ["", "[]", "{", '{"ab": "5", "cd": -1, "ef": null}'])
def test_what_is_damaged_counts_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "unpacked.json").write_text(text)
    assert remembered_bytes(str(tmp_path)) == {}


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    remember_bytes(str(tmp_path / "file"), {}, {"ab": 5})
    assert remembered_bytes(str(tmp_path / "file")) == {}


def test_the_hash_is_that_of_the_file_that_is_taken() -> None:
    archives = (Archive("https://host/a.whl", "ab"), Archive("https://host/b.whl", "cd"), Archive("https://host/c.whl"))
    assert hash_of(Download("a", "1", 5, "https://host/b.whl", archives)) == "cd"
    assert hash_of(Download("a", "1", 5, "https://host/c.whl", archives)) is None
    assert hash_of(Download("a", "1", 5)) is None
