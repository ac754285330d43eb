"""Unpacked sizes are remembered by hash, and what a plan asked by what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.install.remembering import (
    MOST,
    MOST_QUESTIONS,
    hash_of,
    remember_bytes,
    remember_question,
    remembered_bytes,
    remembered_question,
)
from envdoctor.model.plan import Archive, Download, Step
from envdoctor.model.record import replace


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


NOW = Step("resolve", "Resolve", "", requirements=("torch>=2",), environment="/e", python="/usr/bin/python3")
ASKED = replace(NOW, requirements=("torch>=2,<3",), extra_indexes=("https://index.example/cu128",), find_links=("/wheels",))


def test_a_question_is_known_the_next_time_but_for_what_is_of_this_time(tmp_path: Path) -> None:
    remember_question(str(tmp_path), "pytorch", replace(ASKED, environment="/other", python="/opt/python3"))
    assert remembered_question(str(tmp_path), "pytorch", NOW) == ASKED
    assert remembered_question(str(tmp_path), "jax", NOW) is None


def test_only_the_latest_questions_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_QUESTIONS + 1):
        remember_question(str(tmp_path), str(number), ASKED)
    assert remembered_question(str(tmp_path), "0", NOW) is None
    assert remembered_question(str(tmp_path), str(MOST_QUESTIONS), NOW) == ASKED


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("a index_url=https://me:word@index.example/simple", ASKED),
        ("a", replace(ASKED, extra_indexes=("https://me:word@index.example/simple",))),
        ("a", replace(ASKED, requirements=("gadget @ https://me:word@files.example/gadget.whl",))),
    ],
    ids=["in-the-key", "index", "requirement"],
)
def test_an_address_with_a_password_is_noted_nowhere(tmp_path: Path, key: str, step: Step) -> None:
    remember_question(str(tmp_path), key, step)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', '{"a": [["x"]]}', '{"a": [["x"], [], [], [1]]}', '{"a": [[], [], [], "y"]}'])
def test_a_damaged_question_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "asked.json").write_text(text)
    assert remembered_question(str(tmp_path), "a", NOW) is None
