"""The documentation says what the program does."""

from __future__ import annotations

import importlib.util
import re

import pytest

from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"


def test_rule_pages_are_those_of_the_rules() -> None:
    place = importlib.util.spec_from_file_location("make_rule_pages", DOCS / "make_rule_pages.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    written = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "rules").glob("*.md")}
    assert written == module.rule_pages(), "run: python docs/make_rule_pages.py"


@pytest.mark.parametrize("page", ["README.md", "docs/reference/command-line.md", "docs/decisions/README.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    path = REPOSITORY / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_command_of_the_reference_exists_and_every_command_is_in_it() -> None:
    from envdoctor.cli.overview import COMMANDS

    text = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`envdoctor ([a-z]+)", text))
    assert documented == {row[0] if isinstance(row, tuple) else row for row in COMMANDS}


def test_ci_runs_what_the_readme_says() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    first = re.search(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert first is not None
    assert first.group(1) == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/envdoctor check\n"
    assert ".venv/bin/python .ci/test.py\n```" in readme
    run = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in run
