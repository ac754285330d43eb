"""Every rule's page in Chinese, one file a subject: complete, and with everything that is not prose unchanged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from envdoctor.model.findings import Rule
from envdoctor.rules import load_rules
from envdoctor.rules.pages import load_page
from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "src" / "envdoctor" / "language" / "data" / "zh" / "pages"
RULES = load_rules(for_recipe=True)
SUBJECTS = sorted({rule.subject for rule in RULES})
KEPT = re.compile(r'"[^"\n]{3,}"|`[^`]+`|(?<![\w-])--[a-z][a-z-]+|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b\d+\.\d+(?:\.\d+)*\b', re.ASCII)
"""What a translation repeats as it stands: quoted messages, code, options, variables, dotted numbers."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def pages_of(subject: str) -> dict[str, dict[str, str]]:
    path = FOLDER / f"{subject}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def english(rule: Rule) -> dict[str, str]:
    page = load_page(rule)
    named = {"checks": "What it checks", "matters": "Why it matters", "fix": "How to fix"}
    return {"title": page.title, **{key: page.section(heading) for key, heading in named.items()}}


def test_there_is_a_file_for_each_subject_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} - set(SUBJECTS) == set()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_rule_of_a_subject_has_its_page(subject: str) -> None:
    if not (FOLDER / f"{subject}.yaml").exists():
        pytest.skip("no page of this subject has been translated yet")
    assert sorted(pages_of(subject)) == sorted(rule.name for rule in RULES if rule.subject == subject)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_page_says_everything_and_in_chinese(subject: str) -> None:
    wrong = []
    for name, page in pages_of(subject).items():
        if list(page) != ["title", "checks", "matters", "fix"]:
            wrong.append(f"{name}: the keys are title, checks, matters, fix")
            continue
        wrong += [f"{name}.{key}: not in Chinese" for key, text in page.items() if not CHINESE.search(text)]
        wrong += [f"{name}.title: one sentence on one line" for text in [page["title"]] if not re.fullmatch(r".+[。？]", text)]
    assert wrong == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_not_prose_is_repeated_as_it_stands(subject: str) -> None:
    pages = pages_of(subject)
    lost = []
    for rule in (rule for rule in RULES if rule.subject == subject and rule.name in pages):
        for key, text in english(rule).items():
            translated = " ".join(str(pages[rule.name][key]).split())
            kept = KEPT.findall(" ".join(text.split()))
            lost += [f"{rule.name}.{key}: {token}" for token in kept if token not in translated]
    assert lost == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_chinese_and_latin_are_set_apart(subject: str) -> None:
    tight = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]|[\u4e00-\u9fff][,;:?!]|[\u4e00-\u9fff]\.(?!\w)")
    wrong = [
        f"{name}.{key}: …{text[max(0, found.start() - 8) : found.end() + 8]}…"
        for name, page in pages_of(subject).items()
        for key, text in page.items()
        for found in tight.finditer(text)
    ]
    assert wrong == [], "a space between Chinese and Latin, full-width punctuation after Chinese"


def test_the_sources_compile(tmp_path: Path) -> None:
    from envdoctor.language.compiling import compile_languages

    compile_languages(str(FOLDER.parent.parent), str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"zh-messages.json", "zh-pages.json"}
