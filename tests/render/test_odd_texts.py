"""Every format with no findings and with 200 of them, whose texts are as odd as what programs print."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from envdoctor.model.findings import Evidence, Fix, Report
from envdoctor.model.record import replace
from envdoctor.render.github import render_github
from envdoctor.render.html.page import render_html
from envdoctor.render.json_lines import render_json_lines
from envdoctor.render.json_report import report_document
from envdoctor.render.junit import render_junit
from envdoctor.render.markdown import render_markdown
from envdoctor.render.sarif import sarif_document
from tests.render.samples import a_report

ODD = (
    "模型 🚀 \u202eright to left\u202c",
    "x" * 20_000,
    "a\x00b\x1b[31mred\x07",
    "::error title=x::y\n::warning::z",
    ']]> <script>alert(1)</script> &amp; "q"',
    "| pipe | `code` ``` fence",
    "line 1\r\nline 2\u2028line 3\u0085",
    "##[command]rm",
    "half \ud800 of a character",
    "",
)


def odd_report(count: int = 200) -> Report:
    report = a_report()
    first = report.findings[0]
    text = [ODD[place % len(ODD)] for place in range(count + 6)]
    return replace(
        report,
        findings=tuple(
            replace(
                first,
                title=f"{text[place]} {place}",
                detail=text[place + 1],
                evidence=(Evidence("fact[x]", text[place + 2], text[place + 3]),),
                fixes=(Fix(text[place + 4], commands=(("pip", "install", text[place + 5]),)),),
            )
            for place in range(count)
        ),
    )


REPORTS = {"none": replace(a_report(), findings=()), "200": odd_report()}


@pytest.mark.parametrize("name", REPORTS)
def test_junit_is_read_by_a_parser(name: str) -> None:
    document = ElementTree.fromstring(render_junit(REPORTS[name]).encode("utf-8", "replace"))
    assert list(document.iter("testcase"))


@pytest.mark.parametrize("name", REPORTS)
def test_annotations_are_a_line_each_and_of_a_length_that_is_taken(name: str) -> None:
    text = render_github(REPORTS[name])
    lines = text.split("\n")[:-1]
    assert lines == text.splitlines(), "no other end of a line"
    assert len([line for line in lines if not line.startswith("::")]) == 1
    for line in lines:
        found = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line)
        assert len(line) < 30_000
        assert found is None or "\x1b" not in line
        assert found or not re.search(r"##\[", line)


@pytest.mark.parametrize("name", REPORTS)
def test_json_is_a_document_and_lines_are_documents(name: str) -> None:
    report = REPORTS[name]
    assert len(json.loads(json.dumps(report_document(report)))["findings"]) == len(report.findings)
    lines = [json.loads(line) for line in render_json_lines(report).split("\n") if line]
    assert len([line for line in lines if line.get("kind", line.get("type")) == "finding"]) in {0, len(report.findings)}
    assert len(json.loads(json.dumps(sarif_document(report, {})))["runs"][0]["results"]) >= len(report.findings)


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_becomes_markup_or_steers_a_terminal(name: str) -> None:
    for text in (render_markdown(REPORTS[name]), render_html(REPORTS[name], made="now")):
        assert "\x1b" not in text
    assert "<script>alert" not in render_html(REPORTS[name], made="now")
