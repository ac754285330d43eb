"""What verifying found out, for programs: JSON (`envdoctor.verify/1`)."""

from __future__ import annotations

from typing import Any

from envdoctor import __version__
from envdoctor.verify.results import STATUSES, Result, Verification

SCHEMA = "envdoctor.verify/1"


def verification_document(
    verification: Verification, *, subject: dict[str, str], profile: str | None, device: str, level: str, knowledge: str
) -> dict[str, Any]:
    """The whole document; seconds and bytes.

    Args:
        verification: what to tell.
        subject: `kind` and `name`, as in a report.
        profile: the profile's name, if there is one.
        device: what `--device` said.
        level: `quick`, `default`, `full`.
        knowledge: date of the knowledge base that explained the failures.
    """
    return {
        "schema": SCHEMA,
        "tool": {"version": __version__, "knowledge": knowledge},
        "subject": subject,
        "profile": profile,
        "device": device,
        "level": level,
        "verdict": verification.verdict,
        "summary": {status: verification.count(status) for status in STATUSES},
        "frameworks": [
            {"name": one.subject, "version": one.version, "details": dict(one.details)} for one in verification.identities
        ],
        "results": [_result(result) for result in verification.results],
    }


def _result(result: Result) -> dict[str, Any]:
    loss = {"first": result.loss[0], "last": result.loss[1]} if result.loss is not None else None
    cause = result.cause
    return {
        "framework": result.subject,
        "workload": result.workload,
        "device": result.device,
        "status": result.status,
        "seconds": result.seconds,
        "memory_bytes": result.memory_bytes,
        "loss": loss,
        "gradient_error": result.gradient_error,
        "detail": result.detail,
        "reason": result.reason,
        "rule": cause.rule if cause is not None else None,
        "finding": {"title": cause.title, "fix": cause.fix} if cause is not None else None,
    }
