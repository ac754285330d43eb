"""One rule's page, and the index of all, as Markdown for the documentation.

`python docs/make_rule_pages.py` writes them; a test holds the pages to the rules.
"""

from __future__ import annotations

import re

from envdoctor.model.findings import Rule

Sections = tuple[tuple[str, str], ...]
"""Heading and text."""

_ADDRESS = re.compile(r"(?<![<(])https?://[^\s)>]+[^\s)>.,;]")


def rule_markdown(rule: Rule, title: str, sections: Sections) -> str:
    """One rule's page."""
    parts = [f"# {rule.name}", f"{title}", f"Severity: {rule.severity.value}. Subject: {rule.subject}."]
    for heading, text in sections:
        parts += [f"## {heading}", _listed(text) if heading == "References" else _ADDRESS.sub(r"<\g<0>>", text)]
    if rule.explains:
        names = ", ".join(f"[{name}]({name}.md)" for name in rule.explains)
        parts += ["## Explains", f"Where this rule fails, these follow from it: {names}."]
    parts.append(f"To leave it out: `envdoctor check --ignore {rule.name}`.")
    return "\n\n".join(parts) + "\n"


def index_markdown(rules: tuple[tuple[Rule, str], ...]) -> str:
    """The list of all rules, by subject."""
    parts = ["# Rules", f"{len(rules)} rules. `envdoctor explain NAME` prints the same pages."]
    for subject in sorted({rule.subject for rule, _title in rules}):
        rows = sorted((rule.name, rule.severity.value, title) for rule, title in rules if rule.subject == subject)
        table = [f"| [{name}]({name}.md) | {severity} | {title} |" for name, severity, title in rows]
        parts += [f"## {subject}", "\n".join(["| rule | severity | what it finds |", "| --- | --- | --- |", *table])]
    return "\n\n".join(parts) + "\n"


def _listed(text: str) -> str:
    return "\n".join("- " + _ADDRESS.sub(r"<\g<0>>", line) for line in text.splitlines() if line.strip())
