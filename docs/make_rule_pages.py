"""Writes docs/rules/ from the rules themselves: `python docs/make_rule_pages.py` after a rule's page changed."""

from __future__ import annotations

import sys
from pathlib import Path

from envdoctor.render.rule_markdown import index_markdown, rule_markdown
from envdoctor.rules import load_rules
from envdoctor.rules.pages import load_page

FOLDER = Path(__file__).resolve().parent / "rules"


def rule_pages() -> dict[str, str]:
    """Every page by its file name."""
    rules = load_rules(for_recipe=True)
    titled = tuple((rule, load_page(rule)) for rule in rules)
    pages = {f"{rule.name}.md": rule_markdown(rule, page.title, page.sections) for rule, page in titled}
    return {**pages, "README.md": index_markdown(tuple((rule, page.title) for rule, page in titled))}


def main() -> int:
    """Write all pages, and remove those of rules that are gone."""
    pages = rule_pages()
    FOLDER.mkdir(exist_ok=True)
    for stale in {path.name for path in FOLDER.glob("*.md")} - set(pages):
        (FOLDER / stale).unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(pages) - 1} pages and their index in {FOLDER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
