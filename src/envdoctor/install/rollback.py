"""Undoing the last install: an environment that it made is removed, one that it changed is put back as it was."""

from __future__ import annotations

import json
import os

from envdoctor.errors import InstallFailed
from envdoctor.install.journal import (
    Journal,
    kept_folders,
    read_journal,
    recover,
    undo,
    undone_path,
    work_folder,
    write_journal,
)
from envdoctor.install.leaving import State, read_document, read_state, survey_now, survey_then
from envdoctor.model.record import record
from envdoctor.system.port import SourceError
from envdoctor.system.surveying import Differences, compare
from envdoctor.system.writing import remove_tree, write_text

UNDONE_SCHEMA = "envdoctor.undone/1"
_SHOWN = 6


@record
class Undoable:
    """The last install into an environment, and what has changed since."""

    state: State
    kept: str
    """The folder that holds what was there before; empty where nothing was."""
    since: Differences

    def does(self) -> str:
        """What undoing does, for a person."""
        made = f"{self.state.environment}, made by the install of {self.state.profile} at {self.state.at}"
        changed = f"{self.state.environment} to what it was before the install of {self.state.profile} at {self.state.at}"
        return f"remove {made}" if self.state.created else f"put back {changed}"


def read_undoable(environment: str) -> Undoable:
    """What can be undone there.

    Raises:
        InstallFailed: nothing can, and why.
    """
    try:
        state = read_state(environment)
        if state is None:
            raise InstallFailed(f"{environment}: envdoctor has installed nothing there that could be undone")
        if state.environment != environment:
            raise InstallFailed(
                f"{environment}: its receipt is of {state.environment}, so this is a copy, or was moved; nothing was changed"
            )
        kept = "" if state.created else work_folder(environment, state.identity)
        if kept and not os.path.isdir(os.path.join(kept, "old")):
            raise InstallFailed(
                f"{environment}: what was there before the install of {state.profile} at {state.at} is no longer kept; "
                "only the last install can be undone, and only once"
            )
        return Undoable(state, kept, compare(survey_then(environment), survey_now(environment)))
    except SourceError as error:
        raise InstallFailed(f"{environment}: what the last install left there cannot be read: {error.reason}") from error


def need_unchanged(undoable: Undoable) -> None:
    """Refuse where undoing would lose what was done since, or would be a second step back.

    Raises:
        InstallFailed: something was.
    """
    since = undoable.since
    if _is_undone(undoable.state):
        raise InstallFailed(
            f"{undoable.state.environment}: the last install was undone already, and only one can be; to undo the one before "
            f"as well ({undoable.does()}): --force"
        )
    if since.count():
        raise InstallFailed(
            f"{undoable.state.environment} has changed since the install ({changes_text(since)}), and that would be lost; "
            "to undo it all the same: --force"
        )


def changes_text(since: Differences) -> str:
    """What has changed, in few words."""
    parts = []
    for word, paths in (("added", since.added), ("removed", since.removed), ("changed", since.changed)):
        if paths:
            more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
            parts.append(f"{word}: {', '.join(paths[:_SHOWN])}{more}")
    return "; ".join(parts)


def undo_install(undoable: Undoable) -> str:
    """Undo it, by the journal, so that it can be cut off anywhere; says what is there now.

    Raises:
        InstallFailed: something could not be renamed or removed.
    """
    state = undoable.state
    stage = "removing" if state.created else "changing"
    journal = Journal(state.environment, state.profile, os.getpid(), stage, state.identity)
    try:
        write_journal(journal)
        told = undo(journal)
        _note_undone(state.environment)
        return told
    except SourceError as error:
        raise InstallFailed(
            f"{state.environment}: the install could not be undone: {error}; `envdoctor rollback` tries again"
        ) from error


def _note_undone(environment: str) -> None:
    """Note, beside the environment, that it is one step back: in it, nothing may differ from what it was.

    Raises:
        SourceError: that cannot be written.
    """
    state = read_state(environment)
    if state is not None:
        write_text(undone_path(environment), json.dumps({"schema": UNDONE_SCHEMA, "identity": state.identity}) + "\n")


def _is_undone(state: State) -> bool:
    document = read_document(undone_path(state.environment), UNDONE_SCHEMA)
    return document is not None and document.get("identity") == state.identity


def recover_first(environment: str) -> tuple[str | None, bool]:
    """Put an install right that was cut off; what was done, and whether that was to undo it.

    Raises:
        InstallFailed: it cannot be put right.
    """
    try:
        journal = read_journal(environment)
    except SourceError as error:
        raise InstallFailed(f"{environment}: {error.reason}") from error
    told = recover(environment)
    return told, journal is not None and journal.stage != "passed"


def discard(environment: str) -> int:
    """Remove what is kept for undoing; how many bytes that took.

    Raises:
        InstallFailed: it cannot be removed.
    """
    freed = kept_bytes(environment)
    try:
        for folder in kept_folders(environment):
            remove_tree(folder)
    except SourceError as error:
        raise InstallFailed(f"what is kept for undoing could not be removed: {error}") from error
    return freed


def kept_bytes(environment: str) -> int:
    """The room that is taken by what is kept for undoing, beyond what the environment shares with it."""
    shared = _blocks(environment)
    kept: dict[tuple[int, int], int] = {}
    for folder in kept_folders(environment):
        kept.update(_blocks(folder))
    return sum(size for inode, size in kept.items() if inode not in shared)


def _blocks(path: str) -> dict[tuple[int, int], int]:
    """Bytes on disk of every file below a folder, by inode."""
    found = {}
    for folder, _folders, names in os.walk(path):
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            found[status.st_dev, status.st_ino] = getattr(status, "st_blocks", -(-status.st_size // 512)) * 512
    return found
