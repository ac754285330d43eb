"""What `lint` found: for people with the lines, as JSON, as annotations of GitHub, and as SARIF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from envdoctor import __version__
from envdoctor.model.findings import Finding, Severity
from envdoctor.render.causes import severity_of
from envdoctor.render.finding_text import MARKS
from envdoctor.render.json_report import finding_document
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import counted, listed

if TYPE_CHECKING:
    from envdoctor.dockerfile.judging import Lint

SCHEMA = "envdoctor.lint/1"
_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_NOUNS = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "remark"))


def lint_lines(lint: Lint, *, verbose: bool = False) -> Iterator[Line]:
    """Findings in the order of the file, then the verdict."""
    for one in lint.located:
        finding, severity = one.finding, severity_of(one.finding)
        pieces = ((f"{lint.path}:{one.line}: ", "dim"), (f"{finding.title} ", "strong"), (f"[{finding.rule}]", "dim"))
        yield Line(pieces, lead=(MARKS[severity], severity.value))
        if finding.detail:
            yield plain(finding.detail, indent=2)
        if verbose:
            for item in finding.evidence:
                yield Line(((f"{item.fact} = {item.value} (from {item.source})", "dim"),), lead=("• ", "dim"), indent=2)
        if finding.fixes:
            fix = finding.fixes[0]
            yield Line(((fix.title, ""),), lead=("Fix: ", "strong"), indent=2)
            if fix.text and fix.text != fix.title:
                yield plain(fix.text, indent=2)
        yield BLANK
    if verbose:
        for line, rule, reason in lint.undecided:
            yield Line(((f"{lint.path}:{line}: {reason} ", ""), (f"[{rule}]", "dim")), lead=("? ", "dim"))
    yield _verdict(lint)


def lint_document(lint: Lint) -> dict[str, Any]:
    """For programs."""
    return {
        "schema": SCHEMA,
        "file": lint.path,
        "findings": [{"line": one.line, **finding_document(one.finding)} for one in lint.located],
        "undecided": [{"line": line, "rule": rule, "reason": reason} for line, rule, reason in lint.undecided],
    }


def render_lint_github(lint: Lint) -> str:
    """A workflow command for each finding, on its line of the file."""
    rows = [
        f"::{_GITHUB[severity_of(one.finding)]} file={_property(lint.path)},line={one.line},"
        f"title={_property(f'{one.finding.title} [{one.finding.rule}]')}::{_message(_told(one.finding))}"
        for one in lint.located
    ]
    return "\n".join([*rows, "".join(text for text, _style in _verdict(lint).pieces)]) + "\n"


def lint_sarif(lint: Lint) -> dict[str, Any]:
    """SARIF 2.1.0 with one run."""
    rules = list(dict.fromkeys(one.finding.rule for one in lint.located))
    results = [
        {
            "ruleId": one.finding.rule,
            "ruleIndex": rules.index(one.finding.rule),
            "level": _LEVELS[severity_of(one.finding)],
            "message": {"text": f"{one.finding.title}. {_told(one.finding)}"},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": _uri(lint.path)}, "region": {"startLine": one.line}}}
            ],
        }
        for one in lint.located
    ]
    driver = {"name": "envdoctor", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _verdict(lint: Lint) -> Line:
    counts = {severity: sum(severity_of(one.finding) is severity for one in lint.located) for severity, _noun in _NOUNS}
    found = [counted(counts[severity], noun) for severity, noun in _NOUNS if counts[severity]]
    packages = f"{counted(lint.judged, 'package')} judged"
    if not found:
        return Line(((f"Nothing wrong was found in {lint.path}: ", "strong"), (f"{packages}.", "")), lead=("✓ ", "good"))
    worst = next(severity for severity, _noun in _NOUNS if counts[severity])
    return Line(
        ((listed(found), "strong"), (f" in {lint.path}: ", "strong"), (f"{packages}.", "")), lead=(MARKS[worst], worst.value)
    )


def _told(finding: Finding) -> str:
    fix = f" Fix: {finding.fixes[0].title}." if finding.fixes else ""
    return f"{finding.detail}{fix}"


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/"))


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
