"""What an install leaves behind for later: in the environment what it is now, beside it what was there before."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from envdoctor.model.record import fields, record
from envdoctor.system.port import Malformed, Missing
from envdoctor.system.redact_patterns import SECRETS, apply_rows
from envdoctor.system.surveying import Packed, Survey, read_survey, repack, survey
from envdoctor.system.writing import make_folder, write_bytes, write_text

if TYPE_CHECKING:
    from envdoctor.install.journal import Journal

FOLDER = ".envdoctor"
"""In the environment; counted as no part of it."""
STATE_SCHEMA = "envdoctor.state/1"
NOT_PART = frozenset({FOLDER, "__pycache__"})
"""Folders whose contents come and go without anybody changing the environment."""


@record
class State:
    """An environment as the last install left it."""

    identity: str
    """Of that install."""
    environment: str
    profile: str
    created: bool
    """Whether that install made the environment."""
    at: str
    """UTC, as ISO 8601 says it."""


def leave_state(journal: Journal, known: Packed | None = None) -> None:
    """Note in the environment what is in it now, and which install left it so.

    `known` is what was found in it a moment ago: reading it once more takes a tenth of the time.

    Raises:
        SourceError: it cannot be read, or written to.
    """
    folder = os.path.join(journal.environment, FOLDER)
    make_folder(folder)
    write_bytes(os.path.join(folder, "files"), repack(journal.environment, NOT_PART, known))
    state = State(journal.identity, journal.environment, journal.profile, journal.stage == "building", now())
    document = {"schema": STATE_SCHEMA, **{name: getattr(state, name) for name in fields(state)}}
    write_text(os.path.join(folder, "state.json"), json.dumps(document, indent=2) + "\n")


def read_state(environment: str) -> State | None:
    """How the last install left it; None where there was none.

    Raises:
        SourceError: the note cannot be understood.
    """
    document = read_document(os.path.join(environment, FOLDER, "state.json"), STATE_SCHEMA)
    if document is None:
        return None
    try:
        return State(**{name: value for name, value in document.items() if name != "schema"})
    except TypeError as error:
        raise Malformed(environment, f"its note of the last install cannot be understood: {error}") from error


def survey_then(environment: str) -> Survey:
    """What was in the environment when the last install was done.

    Raises:
        SourceError: that was not noted, or the note is damaged.
    """
    return read_survey(os.path.join(environment, FOLDER, "files"))


def survey_now(environment: str) -> Survey:
    """What is in the environment.

    Raises:
        SourceError: it cannot be read.
    """
    return survey(environment, NOT_PART)


def save_packages(folder: str, packages: Sequence[Mapping[str, Any]]) -> None:
    """Write down what was installed before a change: exact packages, with origins and hashes.

    Raises:
        SourceError: it cannot be written.
    """
    write_text(os.path.join(folder, "packages.json"), json.dumps(without_secrets(list(packages)), indent=1) + "\n")


def read_document(path: str, schema: str) -> dict[str, Any] | None:
    """A JSON document of a schema; None where there is no such file.

    Raises:
        SourceError: it cannot be read, or is something else.
    """
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise Malformed(path, f"it cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise Malformed(path, f"it is not of the schema {schema}")
    return document


def without_secrets(value: Any) -> Any:
    """A document with everything blanked that looks like a secret, above all user and password in addresses."""
    if isinstance(value, str):
        return apply_rows(SECRETS, value)
    if isinstance(value, Mapping):
        return {key: without_secrets(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_secrets(one) for one in value]
    return value


def now() -> str:
    """The time, UTC, as ISO 8601 says it."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def need_state(environment: str) -> State:
    """How the last install left it.

    Raises:
        SourceError: there was none, or its note cannot be understood.
    """
    state = read_state(environment)
    if state is None:
        raise Missing(environment, "envdoctor has installed nothing there")
    return state
