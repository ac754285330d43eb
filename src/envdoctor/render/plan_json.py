"""Plans, refusals and outcomes as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.model.plan import Command, Derivation, Download, Plan, Refusal, Step
from envdoctor.model.unknown import Unknown
from envdoctor.render.json_report import report_document

if TYPE_CHECKING:
    from envdoctor.install.apply import Applied
    from envdoctor.install.changes import Changes
    from envdoctor.verify.running import Proof

PLAN_SCHEMA = "envdoctor.plan/1"
INSTALL_SCHEMA = "envdoctor.install/1"


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan."""
    downloads = plan.downloads
    return {
        "schema": PLAN_SCHEMA,
        "profile": plan.profile,
        "refused": None,
        "environment": plan.environment,
        "creates_environment": plan.creates_environment,
        "backend": plan.backend,
        "choices": [{"what": choice.what, "value": choice.value, "reason": choice.reason} for choice in plan.choices],
        "steps": [_step(step) for step in plan.steps],
        "downloads": _told(downloads) if isinstance(downloads, Unknown) else [
            _download(download) for download in downloads
        ],
        "download_bytes": _told(plan.download_bytes),
        "installed_bytes": _told(plan.installed_bytes),
        "notes": list(plan.notes),
        "unchanged": list(plan.unchanged),
        "python": plan.python,
        "prefer": plan.prefer,
        "moves": [
            {"name": move.name, "from": move.before, "to": move.after, "because": move.because} for move in plan.moves
        ],
        "expected_seconds": _told(plan.expected) if isinstance(plan.expected, Unknown) else {
            "least": plan.expected.least_s, "most": plan.expected.most_s, "basis": plan.expected.basis,
        },
        "derivations": [_derivation(derivation) for derivation in plan.derivations],
    }  # fmt: skip


def refusal_document(refusal: Refusal) -> dict[str, Any]:
    """A refusal: a plan document without a plan."""
    return {
        "schema": PLAN_SCHEMA,
        "profile": refusal.profile,
        "refused": {
            "reasons": list(refusal.reasons),
            "instead": list(refusal.instead),
            "proof": [{"excluded": one.what, "because": one.because} for one in refusal.proof],
        },
        "derivations": [_derivation(derivation) for derivation in refusal.derivations],
    }


def applied_document(plan: Plan, applied: Applied) -> dict[str, Any]:
    """What came of an install."""
    return {
        "schema": INSTALL_SCHEMA,
        "plan": plan_document(plan),
        "changes": changes_document(applied.changes),
        "verification": proofs_document(applied.proofs),
        "report": report_document(applied.report),
        "seconds": {part: round(seconds, 3) for part, seconds in applied.seconds},
    }


def changes_document(changes: Changes) -> dict[str, Any]:
    """The packages that were added, removed and changed."""
    return {
        "added": [{"name": name, "version": version} for name, version in changes.added],
        "removed": [{"name": name, "version": version} for name, version in changes.removed],
        "changed": [{"name": name, "from": before, "to": after} for name, before, after in changes.changed],
    }


def proofs_document(proofs: tuple[Proof, ...]) -> list[dict[str, Any]]:
    """What was proved."""
    return [
        {"name": proof.name, "passed": proof.passed, "device": proof.device, "detail": proof.detail, "version": proof.version}
        for proof in proofs
    ]


def _download(download: Download) -> dict[str, Any]:
    return {
        "name": download.name,
        "version": download.version,
        "size_bytes": _told(download.size_bytes),
        "source": download.source,
        "index": download.index or None,
        "files": [{"url": archive.url, "sha256": archive.sha256} for archive in download.archives],
    }


def _derivation(derivation: Derivation) -> dict[str, Any]:
    return {
        "name": derivation.name,
        "version": derivation.version,
        "because": list(derivation.because),
        "excluded": [{"version": one.what, "because": one.because} for one in derivation.excluded],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "title": step.title,
        "why": step.why,
        "requirements": list(step.requirements),
        "pins": None if step.pins is None else list(step.pins),
        "index": step.index,
        "extra_indexes": list(step.extra_indexes),
        "find_links": list(step.find_links),
        "commands": [_command(command) for command in step.commands],
    }


def _command(command: Command) -> list[str]:
    return list(command.shown())


def _told(value: int | str | Unknown) -> Any:
    return {"unknown": value.reason} if isinstance(value, Unknown) else value
