"""Rules' pages in another language; what a page lacks stays English."""

from __future__ import annotations

from typing import Any

Sections = tuple[tuple[str, str], ...]
_KEYS = {"What it checks": "checks", "Why it matters": "matters", "How to fix": "fix"}


def load_pages(language: str) -> dict[str, Any]:
    """Every page of a language, by the rule's name."""
    from envdoctor.language.loading import load_kind

    return load_kind(language, "pages")


def translated_page(pages: dict[str, Any], rule: str, title: str, sections: Sections) -> tuple[str, Sections]:
    """A page's title and sections; headings stay English, and are translated where they are shown."""
    page = pages.get(rule)
    if page is None:
        return title, sections
    return page["title"], tuple((heading, page.get(_KEYS.get(heading, ""), text)) for heading, text in sections)
