"""A repair as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.model.findings import Report
from envdoctor.render.json_report import report_document
from envdoctor.render.plan_json import changes_document, plan_document, proofs_document

if TYPE_CHECKING:
    from envdoctor.install.fixing import Repair, Repaired
    from envdoctor.install.planner.fixing import LeftAlone, Remedy

FIX_SCHEMA = "envdoctor.fix/1"


def repair_document(repair: Repair) -> dict[str, Any]:
    """What would be done; `plan` is null where nothing can be."""
    return {
        "schema": FIX_SCHEMA,
        "environment": repair.plan.environment,
        "remedies": [_remedy(one) for one in repair.remedies],
        "waiting": [_remedy(one) for one in repair.waiting],
        "not_touched": [_left(one) for one in repair.left],
        "plan": plan_document(repair.plan) if repair.remedies else None,
    }


def repaired_document(repaired: Repaired) -> dict[str, Any]:
    """What was done, and what came of it."""
    first = repair_document(repaired.rounds[0])
    return {
        **first,
        "not_touched": [_left(one) for one in repaired.remaining],
        "rounds": [plan_document(one.plan) for one in repaired.rounds],
        "cured": [_remedy(one) for one in repaired.cured],
        "changes": changes_document(repaired.changes),
        "verification": proofs_document(repaired.proofs),
        "report": report_document(repaired.report),
    }


def nothing_document(repair: Repair, report: Report) -> dict[str, Any]:
    """Nothing was to be repaired, or nothing could be."""
    return {**repair_document(repair), "cured": [], "report": report_document(report)}


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "rule": remedy.rule,
        "finding": remedy.finding,
        "severity": remedy.severity.value,
        "title": remedy.title,
        "safe": remedy.safe,
        "requirements": list(remedy.lines),
        "remove": list(remedy.remove),
        "again": [*remedy.again, *remedy.build],
        "delete": list(remedy.delete),
        "edits": [edit.path for edit in remedy.edits],
    }


def _left(left: LeftAlone) -> dict[str, Any]:
    fix = left.fix
    return {
        "rule": left.rule,
        "finding": left.finding,
        "severity": left.severity.value,
        "reason": left.reason,
        "title": fix.title if fix else "",
        "text": fix.text if fix else "",
        "commands": [list(argv) for argv in fix.commands] if fix else [],
        "shell": left.shell or None,
    }
