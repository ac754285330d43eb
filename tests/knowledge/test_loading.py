"""Loading: compiled tables say what the YAML says; a changed table is seen; what is worked out once is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envdoctor.knowledge.compiling import compile_tables, read_sources
from envdoctor.knowledge.loading import Knowledge, load_knowledge, split_tables
from tests.conftest import REPOSITORY

DATA = REPOSITORY / "src" / "envdoctor" / "knowledge" / "data"


def test_what_is_loaded_is_what_the_tables_say(knowledge: Knowledge) -> None:
    assert knowledge.tables == read_sources(str(DATA))


def test_compiled_tables_survive_the_way_through_json(tmp_path: Path) -> None:
    target = tmp_path / "compiled" / "knowledge.json"
    compile_tables(str(DATA), str(target))
    sources, text = read_sources(str(DATA)), target.read_text(encoding="utf-8")
    newest = max(table["checked"] for table in sources.values())
    assert json.loads(text) == {**sources, "checked": newest}
    assert split_tables(text.encode()) == (newest, sources)
    assert [path.name for path in target.parent.iterdir()] == ["knowledge.json"]


def test_what_was_compiled_in_one_line_is_compiled_anew() -> None:
    assert split_tables(b'{"cuda":{"checked":"2026-11-21"}}') is None


def test_the_date_is_that_of_the_newest_table(knowledge: Knowledge) -> None:
    assert knowledge.date == max(table["checked"] for table in knowledge.tables.values())


@pytest.mark.parametrize("text", ["rows: []\n", "checked: 2026-11-21\n", "- a\n", ""])
def test_a_table_needs_a_date_in_quotes(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.yaml: a table is a mapping with a `checked:"):
        read_sources(str(tmp_path))


def test_other_files_are_no_tables(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert read_sources(str(tmp_path)) == {}


def test_what_is_worked_out_once_is_kept() -> None:
    knowledge, calls = Knowledge({}, "", {}), []
    for _ in range(2):
        assert knowledge.once("answer", lambda: calls.append(1) or 42) == 42
    assert calls == [1]


def test_two_loads_are_equal_and_share_nothing() -> None:
    first, second = load_knowledge(), load_knowledge()
    assert first.tables == second.tables
    assert first.memory is not second.memory
