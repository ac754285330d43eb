"""Laws over all rules: pages, names, and what they say they explain."""

from __future__ import annotations

import re

import pytest

from envdoctor.model.findings import Rule, Severity
from envdoctor.rules import ALL, load_rule, load_rules
from envdoctor.rules.pages import HEADINGS, load_page

RULES = load_rules()
NAMES = [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_every_rule_has_a_whole_page(rule):
    page = load_page(rule)
    assert page.title.endswith(".")
    assert len(page.title) < 140
    assert [heading for heading, _ in page.sections] == list(HEADINGS)
    assert all(text for _, text in page.sections), page
    assert re.search(r"https://\S+", page.section("References"))


@pytest.mark.parametrize("path", ALL)
def test_a_rule_is_named_like_its_file_and_folder(path):
    rule = load_rule(path)
    folder, _, file = path.rpartition(".")
    assert (rule.subject, rule.name) == (folder, file.replace("_", "-"))


def test_rules_explain_rules_that_exist_and_never_in_a_circle():
    explains = {rule.name: rule.explains for rule in RULES}
    assert {name: set(others) - set(NAMES) for name, others in explains.items() if set(others) - set(NAMES)} == {}
    for name in explains:
        ahead, seen = list(explains[name]), set()
        while ahead:
            other = ahead.pop()
            assert other != name, f"{name} explains itself, through {seen}"
            if other not in seen:
                seen.add(other)
                ahead.extend(explains[other])


def test_rule_names_are_their_own():
    assert len(set(NAMES)) == len(NAMES)


def page_of(doc):
    def judge(_case):
        yield

    judge.__doc__ = doc
    return load_page(Rule("a-rule", "driver", Severity.ERROR, judge))


BODY = "    What it checks\n        This.\n\n    Why it matters\n        That.\n"


@pytest.mark.parametrize(
    "doc", [None, "", "Title.", f"Title.\n\n{BODY}", f"\n\n{BODY}    How to fix\n    x\n    References\n    y"]
)
def test_a_page_without_its_headings_is_refused(doc):
    with pytest.raises(ValueError, match="a-rule: a page is"):
        page_of(doc)


def test_a_page_is_read_in_sections():
    page = page_of(
        f"Title.\n\n{BODY}\n    How to fix\n        Do.\n\n        And do.\n\n    References\n        https://a.example/\n"
    )
    assert page.section("How to fix") == "Do.\n\nAnd do."
    with pytest.raises(KeyError):
        page.section("Nothing")
