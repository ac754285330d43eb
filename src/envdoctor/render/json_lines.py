"""A report as JSON Lines: one object a line, for log collectors and for `jq` over many machines.

Each line says what it is (`type`) and of whom it speaks, so that the lines of many reports can stand in one file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from envdoctor.model.findings import Report
from envdoctor.render.json_report import report_document


def render_json_lines(report: Report, *, facts: bool = False) -> str:
    """The whole report; the last line is the summary.

    Args:
        report: what to show.
        facts: every fact as well, a line for each subject.
    """
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in _lines(report, facts))


def _lines(report: Report, facts: bool) -> Iterator[dict[str, Any]]:
    document = report_document(report, facts=facts)
    common = {"schema": document["schema"], "subject": document["subject"], "profile": document["profile"]}
    for finding in document["findings"]:
        yield {"type": "finding", **common, **finding}
    for undecided in document["undecided"]:
        yield {"type": "undecided", **common, **undecided}
    for name, value in document["facts"].items():
        yield {"type": "fact", **common, "fact": name, "value": value}
    yield {"type": "summary", **common, "tool": document["tool"], **document["summary"], "exit_status": report.exit_code}
