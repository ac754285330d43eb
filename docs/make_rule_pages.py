"""Writes docs/rules/ and docs/zh/rules/ from the rules: `python docs/make_rule_pages.py` after a rule's page changed."""

from __future__ import annotations

import sys
from pathlib import Path

from envdoctor.language.markdown import translated_markdown
from envdoctor.language.pages import load_pages, translated_page
from envdoctor.language.translating import load_catalogue
from envdoctor.render.rule_markdown import index_markdown, rule_markdown
from envdoctor.rules import load_rules
from envdoctor.rules.pages import load_page

FOLDER = Path(__file__).resolve().parent / "rules"
CHINESE = FOLDER.parent / "zh" / "rules"


def rule_pages() -> dict[str, str]:
    """Every page by its file name."""
    rules = load_rules(for_recipe=True)
    titled = tuple((rule, load_page(rule)) for rule in rules)
    pages = {f"{rule.name}.md": rule_markdown(rule, page.title, page.sections) for rule, page in titled}
    return {**pages, "README.md": index_markdown(tuple((rule, page.title) for rule, page in titled))}


def chinese_pages() -> dict[str, str]:
    """The same in Chinese, by file name."""
    catalogue, pages = load_catalogue("zh"), load_pages("zh")
    rules = load_rules(for_recipe=True)
    read = {rule.name: load_page(rule) for rule in rules}
    told = {rule.name: translated_page(pages, rule.name, read[rule.name].title, read[rule.name].sections) for rule in rules}
    written = {f"{rule.name}.md": translated_markdown(rule_markdown(rule, *told[rule.name]), catalogue) for rule in rules}
    index = index_markdown(tuple((rule, told[rule.name][0]) for rule in rules))
    return {**written, "README.md": translated_markdown(index, catalogue)}


def main() -> int:
    """Write all pages, and remove those of rules that are gone."""
    for folder, pages in ((FOLDER, rule_pages()), (CHINESE, chinese_pages())):
        folder.mkdir(exist_ok=True)
        for stale in {path.name for path in folder.glob("*.md")} - set(pages):
            (folder / stale).unlink()
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{len(pages) - 1} pages and their index in {folder.relative_to(FOLDER.parent)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
