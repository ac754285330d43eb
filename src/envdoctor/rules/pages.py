"""A rule's page: its docstring, read once for `envdoctor explain` and for the documentation."""

from __future__ import annotations

from envdoctor.model.findings import Rule
from envdoctor.model.record import record

HEADINGS = ("What it checks", "Why it matters", "How to fix", "References")
"""The headings of a page, in order; each stands alone on its line."""


@record
class Page:
    """What there is to read about a rule."""

    title: str
    """One sentence."""
    sections: tuple[tuple[str, str], ...]
    """Heading and text, in the order of HEADINGS."""

    def section(self, heading: str) -> str:
        """The text under a heading.

        Raises:
            KeyError: there is no such heading.
        """
        return dict(self.sections)[heading]


def load_page(rule: Rule) -> Page:
    """The page of a rule.

    Raises:
        ValueError: the docstring does not have a title and the four headings in their order.
    """
    from inspect import cleandoc
    from textwrap import dedent

    lines = cleandoc(rule.judge.__doc__ or "").splitlines()
    places = [number for number, line in enumerate(lines) if line in HEADINGS]
    if tuple(lines[place] for place in places) != HEADINGS or places[0] == 0 or not lines[0]:
        raise ValueError(f"{rule.name}: a page is a title and the headings {', '.join(HEADINGS)}")
    ends = [*places[1:], len(lines)]
    texts = ("\n".join(lines[start + 1 : end]) for start, end in zip(places, ends, strict=True))
    sections = tuple((heading, dedent(text).strip()) for heading, text in zip(HEADINGS, texts, strict=True))
    return Page(title=lines[0], sections=sections)
