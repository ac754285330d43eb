"""A difference as plain data for programs, and as Markdown for an issue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envdoctor.model.difference import Difference
from envdoctor.model.findings import Finding
from envdoctor.render.diff_text import told
from envdoctor.render.json_report import finding_document
from envdoctor.render.markdown_text import code, escaped, table

SCHEMA = "envdoctor.diff/1"
_WORDS = {
    "changed": "changed",
    "added": "new",
    "removed": "gone",
    "lost": "cannot be told now",
    "learned": "could not be told before",
}


def diff_document(difference: Difference) -> dict[str, Any]:
    """The difference in JSON's terms."""
    return {
        "schema": SCHEMA,
        "before": {"kind": difference.before.kind, "name": difference.before.name},
        "after": {"kind": difference.after.kind, "name": difference.after.name},
        "findings": {
            "new": [finding_document(finding) for finding in difference.new],
            "gone": [finding_document(finding) for finding in difference.gone],
            "remaining": [finding_document(finding) for finding in difference.remaining],
        },
        "changes": [
            {"fact": change.fact, "kind": change.kind, "before": change.before, "after": change.after}
            for change in difference.changes
        ],
    }


def render_diff_markdown(difference: Difference) -> str:
    """The difference as Markdown."""
    parts = [f"## envdoctor diff: {escaped(difference.before.name)} → {escaped(difference.after.name)}"]
    parts += _listed("Wrong now, and was not before", difference.new)
    parts += _listed("Was wrong before, and is not now", difference.gone)
    if difference.changes:
        rows: list[tuple[str, ...]] = [("", "what changed, what matters most first")]
        rows += [(_WORDS[change.kind], code(told(change))) for change in difference.changes]
        parts.append(table(rows))
    else:
        parts.append("No fact that lasts has changed.")
    parts += _listed("Wrong in both", difference.remaining)
    return "\n\n".join(parts) + "\n"


def _listed(title: str, findings: Iterable[Finding]) -> list[str]:
    rows = [f"- {escaped(finding.title)} {code(finding.rule)}" for finding in findings]
    return [f"### {title}", "\n".join(rows)] if rows else []
