"""The receipt: what an install put into an environment, when, from what; kept in the environment itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from envdoctor import __version__
from envdoctor.install.leaving import FOLDER, now, read_document, without_secrets
from envdoctor.model.plan import Command, Plan
from envdoctor.model.record import fields
from envdoctor.model.unknown import Unknown
from envdoctor.system.writing import make_folder, write_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from envdoctor.install.changes import Changes
    from envdoctor.install.provenance import Origin
    from envdoctor.verify.running import Proof

SCHEMA = "envdoctor.receipt/1"


def receipt_path(environment: str) -> str:
    """In the environment, so that it goes where that goes."""
    return os.path.join(environment, FOLDER, "receipt.json")


def make_receipt(
    plan: Plan, plan_document: dict[str, Any] | None, changes: Changes, proofs: tuple[Proof, ...],
    packages: tuple[Origin, ...], before: tuple[Origin, ...] | None, knowledge_date: str, identity: str,
) -> dict[str, Any]:  # fmt: skip
    """The document; nothing in it is secret. `plan_document` is what `describe_plan` made of the plan."""
    backend = next((choice.value for choice in plan.choices if choice.what == "backend"), plan.backend)
    python = next((choice.value for choice in plan.choices if choice.what == "python"), plan.python)
    document = {
        "schema": SCHEMA,
        "identity": identity,
        "environment": plan.environment,
        "profile": plan.profile,
        "installed_at": now(),
        "created_environment": plan.creates_environment,
        "tool": {"version": __version__, "knowledge": knowledge_date},
        "backend": backend,
        "python": python,
        "changes": {
            "added": [{"name": name, "version": version} for name, version in changes.added],
            "removed": [{"name": name, "version": version} for name, version in changes.removed],
            "changed": [{"name": name, "from": old, "to": new} for name, old, new in changes.changed],
        },
        "verification": [plain(proof) for proof in proofs],
        "packages": list(packages),
        "before": None if before is None else {"packages": list(before)},
    }
    return {**without_secrets(document), "plan": describe_plan(plan, None) if plan_document is None else plan_document}


def describe_plan(plan: Plan, describe: Callable[[Plan], dict[str, Any]] | None) -> dict[str, Any]:
    """The plan for the receipt, in the words of `describe` or as its fields stand; nothing in it is secret."""
    described: dict[str, Any] = without_secrets(plain(plan) if describe is None else describe(plan))
    return described


def leave_receipt(environment: str, receipt: dict[str, Any]) -> None:
    """Write it to disk.

    Raises:
        SourceError: it cannot be written.
    """
    import json

    make_folder(os.path.join(environment, FOLDER))
    write_text(receipt_path(environment), json.dumps(receipt, indent=2, ensure_ascii=False) + "\n")


def read_receipt(environment: str) -> dict[str, Any] | None:
    """The receipt of the last install; None where there is none.

    Raises:
        SourceError: it cannot be read, or is something else.
    """
    return read_document(receipt_path(environment), SCHEMA)


def plain(value: Any) -> Any:
    """Records as JSON values; of commands what a person may see."""
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    if isinstance(value, Command):
        return list(value.shown())
    if fields(value):
        return {name: plain(getattr(value, name)) for name in fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, (str, int, float, bool, dict)) else str(value)
