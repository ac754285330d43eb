"""The HTML report as text: nothing from outside, nothing of the machine's words as markup, all findings in it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envdoctor.cli import run
from envdoctor.render.html.elements import Markup, element
from tests.conftest import REPOSITORY

RECORDINGS = sorted((REPOSITORY / "tests" / "recordings").glob("*.json"))


class Outline(HTMLParser):
    """Which elements there are, and whether each is closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attributes if name in {"src", "href"}]
        if tag not in {"meta", "input", "br", "hr", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(recording: Path, tmp_path: Path, *arguments: str) -> str:
    path = tmp_path / "report.html"
    run(["check", "--recording", str(recording), "--format", "html", "-o", str(path), *arguments])
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_it_is_whole_needs_nothing_and_holds_every_finding(recording: Path, tmp_path: Path) -> None:
    page = page_of(recording, tmp_path, "--also", f"json={tmp_path / 'report.json'}")
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.links == ["#findings"]
    assert "@import" not in page
    assert "url(" not in page
    report = json.loads((tmp_path / "report.json").read_text())
    assert {finding["rule"] for finding in report["findings"]} <= set(re.findall(r"<code>([a-z0-9-]+)</code>", page))


def test_the_verdict_stands_before_all_else(tmp_path: Path) -> None:
    page = page_of(REPOSITORY / "tests" / "recordings" / "made-old-driver.json", tmp_path)
    assert re.search(r"<h1>.*2 errors.*</h1>", page)
    assert page.index("<h1>") < page.index("What is wrong") < page.index("The machine") < page.index("Every fact")


@given(st.text(), st.text())
def test_words_of_a_machine_never_become_markup(inside: str, value: str) -> None:
    outline = Outline()
    outline.feed(element("p", inside, title=value))
    assert outline.tags == ["p"]


def test_markup_is_taken_as_it_is() -> None:
    assert (
        element("p", Markup("<b>x</b>"), "<b>", class_="a", hidden=True, id=None) == '<p class="a" hidden><b>x</b>&lt;b&gt;</p>'
    )
    assert element("input", type="search") == '<input type="search">'


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "error", "warning", "info", "good", "link"])
@pytest.mark.parametrize("paper", ["paper", "card"])
def test_text_stands_out_from_what_it_is_on(scheme: int, ink: str, paper: str) -> None:
    style = (REPOSITORY / "src" / "envdoctor" / "render" / "html" / "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    colors = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", blocks[scheme]))
    assert contrast(colors[ink], colors[paper]) >= 4.5
