"""The whole page: verdict first, then causes, the machine, environments, what is undecided, and every fact."""

from __future__ import annotations

import os

from envdoctor import __version__
from envdoctor.model.findings import Report
from envdoctor.render.closing import verdict_line
from envdoctor.render.html.elements import Markup, element, text
from envdoctor.render.html.environment import environment_section
from envdoctor.render.html.findings import findings_section
from envdoctor.render.html.machine import machine_section
from envdoctor.render.html.rules import rules_section, undecided_section
from envdoctor.render.json_report import summary

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COUNTED = (
    ("error", "error", "errors"), ("warning", "warning", "warnings"), ("info", "remark", "remarks"),
    ("passed", "rule passed", "rules passed"), ("skipped", "did not apply", "did not apply"),
    ("unknown", "undecided", "undecided"), ("crashed", "crashed", "crashed"),
)  # fmt: skip
"""What is counted, and the words for one and for several."""


def render_html(report: Report, *, made: str = "", chosen: bool = False) -> str:
    """The whole report as one file.

    Args:
        report: what to show.
        made: when it was made, as people write it; empty where that is not to be told.
        chosen: whether only some rules were wanted.
    """
    sections = (
        findings_section(report),
        undecided_section(report),
        machine_section(report),
        environment_section(report.facts),
        rules_section(report),
        _facts_section(report),
    )
    shown = [section for section in sections if section]
    body = element(
        "body",
        element("a", "To the findings", href="#findings", class_="skip"),
        _header(report, made, chosen),
        element("main", *shown),
        _footer(report),
        element("p", role="status", aria_live="polite", class_="said", id="said"),
        element("script", Markup(_asset("report.js"))),
    )
    title = f"envdoctor: {report.subject.name}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"envdoctor {__version__}"),
        element("title", title),
        element("style", Markup(_asset("report.css"))),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _header(report: Report, made: str, chosen: bool) -> Markup:
    line = verdict_line(report, chosen)
    verdict = line.pieces[0][0].strip().rstrip(":")
    counts = summary(report)
    numbers = [
        element("li", element("b", str(counts[key])), " ", one if counts[key] == 1 else several, class_=f"count {key}")
        for key, one, several in _COUNTED
        if counts[key]
    ]
    about = ["this machine" if report.subject.kind == "live" else f"{report.subject.kind} {report.subject.name}"]
    about += [f"profile {report.profile}"] if report.profile else []
    about += [made] if made else []
    return element(
        "header",
        element("p", "envdoctor check", class_="brand"),
        element("h1", element("span", line.lead[0].strip(), class_="mark", aria_hidden="true"), " ", verdict),
        element("p", " · ".join(about), class_="about"),
        element("ul", *numbers, class_="counts"),
        class_=f"verdict {line.lead[1]}",
    )


def _footer(report: Report) -> Markup:
    made = f"Made by envdoctor {__version__} with its knowledge of {report.knowledge_date}. "
    return element("footer", element("p", made, "This file needs no network and sends nothing."))


def _facts_section(report: Report) -> Markup:
    import json

    from envdoctor.render.facts_document import facts_document

    facts = json.dumps(facts_document(report.facts), indent=1, ensure_ascii=False)
    return element(
        "section",
        element("h2", "Every fact", id="facts"),
        element(
            "details",
            element("summary", "As data (JSON)"),
            element("div", _copy("Copy all facts", "raw-facts"), class_="row"),
            element("pre", element("code", facts, id="raw-facts"), tabindex="0", aria_label="Every fact as JSON"),
        ),
        aria_labelledby="facts",
    )


def _copy(label: str, of: str) -> Markup:
    return element("button", label, type="button", class_="copy", data_copy=of)


def _asset(name: str) -> str:
    """A file that stands beside this one."""
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return text(Markup(file.read()))
