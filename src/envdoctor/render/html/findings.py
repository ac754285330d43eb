"""Findings as cards: causes first, each with what it rests on, what cures it, and what it explains."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Confidence, Evidence, Finding, Fix, Report
from envdoctor.render.causes import consequences, root_causes, severity_of
from envdoctor.render.finding_text import MARKS
from envdoctor.render.html.elements import Markup, element, text
from envdoctor.render.shell import command_line

_WORDS = {"error": "Error", "warning": "Warning", "info": "Remark"}


def findings_section(report: Report) -> Markup:
    """All findings, or that there are none."""
    roots = root_causes(report.findings)
    windows = not isinstance(report.facts.os, Unknown) and report.facts.os.system == "windows"
    inside = list(_cards(roots, report, windows)) or [element("p", "Nothing wrong was found.", class_="quiet")]
    return element("section", element("h2", "What is wrong", id="findings"), *inside, aria_labelledby="findings")


def _cards(roots: tuple[Finding, ...], report: Report, windows: bool) -> Iterator[Markup]:
    told: set[str] = set()
    for number, finding in enumerate(roots):
        explained = () if finding.rule in told else consequences(finding, report.findings)
        told.add(finding.rule)
        yield _card(finding, explained, f"finding-{number}", windows)


def _card(finding: Finding, explained: tuple[Finding, ...], name: str, windows: bool) -> Markup:
    severity = severity_of(finding)
    doubt = "" if finding.confidence is Confidence.CERTAIN else f", {finding.confidence.value}"
    return element(
        "article",
        element("p", element("span", MARKS[severity].strip(), aria_hidden="true"), f" {_WORDS[severity.value]}{doubt} · ",
                element("code", finding.rule), class_="kind"),
        element("h3", finding.title, id=name),
        element("p", finding.detail) if finding.detail else None,
        _evidence(finding.evidence),
        *(_fix(fix, f"{name}-fix-{place}", "Or" if place else "Fix", windows) for place, fix in enumerate(finding.fixes)),
        _explained(explained),
        class_=f"card {severity.value}",
        aria_labelledby=name,
    )  # fmt: skip


def _evidence(evidence: tuple[Evidence, ...]) -> Markup | None:
    if not evidence:
        return None
    rows = [
        element(
            "li",
            element("code", f"{item.fact} = {item.value}"),
            element("span", f" from {item.source}", class_="quiet") if item.source else None,
        )
        for item in evidence
    ]
    return element("div", element("h4", "Evidence"), element("ul", *rows, class_="evidence"))


def _fix(fix: Fix, name: str, word: str, windows: bool) -> Markup:
    commands = "\n".join(command_line(argv, windows) for argv in fix.commands)
    safe = " (changes only this environment)" if fix.safe else ""
    return element(
        "div",
        element("h4", f"{word}: {fix.title}", element("span", safe, class_="quiet") if safe else None),
        element("p", fix.text) if fix.text and fix.text != fix.title else None,
        element(
            "div",
            element("pre", element("code", commands, id=name), tabindex="0", aria_label=f"Command: {fix.title}"),
            element("button", "Copy", type="button", class_="copy", data_copy=name, aria_label=f"Copy the command: {fix.title}"),
            class_="command",
        )
        if commands
        else None,
        class_="fix",
    )


def _explained(explained: tuple[Finding, ...]) -> Markup | None:
    if not explained:
        return None
    rows = [element("li", text(other.title, " "), element("code", other.rule)) for other in explained]
    return element("div", element("h4", "This explains"), element("ul", *rows))
