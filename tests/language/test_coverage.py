"""Every sentence that the program can say, and of the tables and profiles that ship, has its translation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from envdoctor.language.compiling import read_kind
from envdoctor.language.templates import split_sentences
from tests.conftest import REPOSITORY
from tests.language.tables import table_templates
from tests.language.templates import SOURCE, numbered, templates_of

KNOWN = read_kind(str(SOURCE / "language" / "data" / "zh"), "messages")
SCHEMA = "profiles/schema.py"
"""The descriptions of keys, which stand in a JSON Schema for editors."""
PATTERNS = "reports"
"""Its texts are what it looks for in reports; only what it reports itself is said."""
COVERED = tuple(
    path.name
    for path in sorted(SOURCE.iterdir())
    if path.name not in {PATTERNS, "language", "__pycache__"} and (path.is_dir() or path.suffix == ".py")
)
GAP = re.compile(r"\{(\d)[#=]?\}")


@pytest.mark.parametrize("folder", COVERED)
def test_every_sentence_of_a_folder_is_in_the_catalogue(folder: str) -> None:
    lost = [
        f'{place}: add to messages/*.yaml:  "{text}": ...'
        for text, place in templates_of(folder).items()
        if text not in KNOWN and not place.startswith(SCHEMA)
    ]
    assert lost == [], "an empty translation says that there is nothing to translate"


def test_what_reading_a_report_says_is_in_the_catalogue() -> None:
    assert {text: place for text, place in templates_of(PATTERNS, said=True).items() if text not in KNOWN} == {}


@pytest.mark.parametrize("path", sorted((REPOSITORY / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_sentence_of_a_profile_is_in_the_catalogue(path: Path) -> None:
    profile = yaml.safe_load(path.read_text(encoding="utf-8"))
    texts = [profile["title"], profile["description"], profile.get("retired", ""), *profile.get("notes", [])]
    sentences = [sentence for text in texts for sentence in split_sentences(" ".join(text.split())) if " " in sentence]
    assert [sentence for sentence in sentences if sentence not in KNOWN] == []


def test_every_sentence_of_the_tables_is_in_the_catalogue() -> None:
    assert [f"{table}: {text}" for text, table in table_templates().items() if text not in KNOWN] == []


def test_a_translation_fills_no_gap_that_its_sentence_does_not_have() -> None:
    assert [text for text, told in KNOWN.items() if told and not set(GAP.findall(told)) <= set(GAP.findall(text))] == []


def test_what_a_sentence_has_in_backticks_stays() -> None:
    code = [(text, part) for text, told in KNOWN.items() if told for part in text.split("`")[1::2]]
    lost = [(text, part) for text, part in code if "{" not in part and part not in KNOWN[text]]
    assert lost == []


@pytest.mark.parametrize(
    ("source", "templates"),
    [
        ("def f(a, n):\n    return f'The driver is {a}; {n} is wanted.'", ["The driver is {1}; {2} is wanted."]),
        ("T = f'{a} is' + (' too old' if b else ' too new')", ["{1} is too old", "{1} is too new"]),
        ("T = 'One sentence. Another one.'", ["One sentence.", "Another one."]),
        ("'''A docstring of words.'''", []),
        ("import re\nP = re.compile('no module named here')", []),
        ("N = 'driver-too-old'", []),
    ],
)
def test_templates_are_read_from_source(source: str, templates: list[str]) -> None:
    import ast

    from envdoctor.language.templates import split_sentences
    from tests.language.templates import is_prose, texts_of

    texts = (numbered(part) for _line, text in texts_of(ast.parse(source)) for part in split_sentences(text))
    assert [text for text in texts if is_prose(text)] == templates
