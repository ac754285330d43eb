"""The journal: a file beside an environment that says an install is under way, and how to undo it.

It is written before anything changes and removed when all is done. What is found there at the next start, by one who
holds the lock of the environment, is of an install that was killed: `recover` puts back what was.
"""

from __future__ import annotations

import json
import os

from envdoctor.errors import InstallFailed
from envdoctor.model.record import fields, record
from envdoctor.system.locking import processes_naming
from envdoctor.system.port import Malformed, Missing, SourceError
from envdoctor.system.writing import remove_tree, rename_folder, write_text

SCHEMA = "envdoctor.journal/1"
_BEGINNING_S = 300.0
"""From the journal to the environment's `pyvenv.cfg`: making an environment is the first step, and takes seconds."""


@record
class Journal:
    """An install that has begun."""

    environment: str
    """Absolute path."""
    profile: str
    process: int
    """For a person who reads it."""
    stage: str
    """`building`: nothing was there before; `copying`: the old environment is in place, a copy is being made;
    `changing`: the old environment is aside, the copy is being changed; `passed`: only the old one is left to remove."""
    aside: str = ""
    """Where the old environment waits."""
    copy: str = ""
    """Where the copy is made."""


def journal_path(environment: str) -> str:
    """Beside the environment, so that it survives whatever happens inside."""
    folder, name = os.path.split(environment)
    return os.path.join(folder, f".{name}.envdoctor-install.json")


def write_journal(journal: Journal) -> None:
    """Write it to disk.

    Raises:
        SourceError: it cannot be written.
    """
    document = {"schema": SCHEMA, **{name: getattr(journal, name) for name in fields(journal)}}
    write_text(journal_path(journal.environment), json.dumps(document, indent=2) + "\n")


def read_journal(environment: str) -> Journal | None:
    """The journal beside an environment; None where there is none.

    Raises:
        SourceError: there is one, and it cannot be understood.
    """
    path = journal_path(environment)
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        if document.pop("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        return _checked(Journal(**document), environment)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(path, f"this journal of an unfinished install cannot be read ({error}); remove it to go on") from error


def _checked(journal: Journal, environment: str) -> Journal:
    """A journal that speaks of this environment and of nothing but its neighbours: what it names is renamed and removed.

    Raises:
        ValueError: it does not.
    """
    folder, name = os.path.split(environment)
    neighbours = [place for place in (journal.aside, journal.copy) if place]
    own = f".{name}.envdoctor-"
    if journal.environment != environment or not all(
        os.path.dirname(place) == folder and os.path.basename(place).startswith(own) for place in neighbours
    ):
        raise ValueError("it speaks of other folders")
    return journal


def end_journal(environment: str) -> None:
    """Remove it: all is done."""
    try:
        os.unlink(journal_path(environment))
    except FileNotFoundError:
        return


def recover(environment: str) -> str | None:
    """Undo an install that was killed; what was done, for a person, or None where there was nothing to do.

    To be called by whoever holds the environment's lock: another install that runs now has a journal, too.

    Raises:
        InstallFailed: the old state cannot be put back.
    """
    try:
        journal = read_journal(environment)
        if journal is None:
            return None
        writing = processes_naming(environment, "install")
        if writing:
            raise InstallFailed(
                f"{environment}: an install was cut off, but what it had started still writes there (process {writing[0]}); "
                f"wait for its end, or end it: kill {writing[0]}"
            )
        if journal.stage == "building" and not _is_of(journal):
            end_journal(environment)
            return f"{environment} has been made anew since then, and stays as it is"
        return undo(journal)
    except SourceError as error:
        raise InstallFailed(f"{environment}: an unfinished install could not be undone: {error}") from error


def _is_of(journal: Journal) -> bool:
    """Whether what is in the environment's place was begun when the journal was written.

    Somebody may have cleared the remains away and made an environment of his own there: that is not to be removed.
    """
    marks = (os.path.join(journal.environment, "pyvenv.cfg"), journal.environment)
    mark = next((path for path in marks if os.path.lexists(path)), None)
    if mark is None:
        return True
    return abs(os.lstat(mark).st_mtime - os.lstat(journal_path(journal.environment)).st_mtime) <= _BEGINNING_S


def undo(journal: Journal) -> str:
    """Put back what was there before; may be repeated.

    Raises:
        SourceError: something cannot be renamed or removed.
    """
    if journal.stage == "building":
        remove_tree(journal.environment)
        told = f"removed the unfinished environment {journal.environment}"
    elif journal.stage == "passed":
        remove_tree(journal.aside)
        told = f"{journal.environment} had been changed successfully; removed what was left of the old one"
    else:
        if journal.aside and os.path.lexists(journal.aside):
            remove_tree(journal.copy)
            if os.path.lexists(journal.environment):
                rename_folder(journal.environment, journal.copy)
            rename_folder(journal.aside, journal.environment)
        remove_tree(journal.copy)
        told = f"{journal.environment} is again as it was before"
    end_journal(journal.environment)
    return told


def is_unfinished(environment: str) -> bool:
    """Whether what is there is the beginning of an environment whose install was killed, and which the next one removes."""
    try:
        journal = read_journal(environment)
    except SourceError:  # `recover` says so
        return False
    return journal is not None and journal.stage == "building" and _is_of(journal)


def has_environment(path: str) -> bool:
    """Whether a folder is a Python environment: a venv, or one of conda.

    Raises:
        Missing: there is no such folder.
    """
    if not os.path.isdir(path):
        raise Missing(path, "no such folder")
    return os.path.isfile(os.path.join(path, "pyvenv.cfg")) or os.path.isdir(os.path.join(path, "conda-meta"))
