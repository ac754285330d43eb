"""The journal: a file beside an environment that says an install is under way, and how to undo it.

It is written before anything changes and removed when all is done. What is found there at the next start, by one who
holds the lock of the environment, is of an install that was killed: `recover` puts back what was, or finishes.
"""

from __future__ import annotations

import json
import os
import re
import time

from envdoctor.errors import InstallFailed
from envdoctor.model.record import fields, record
from envdoctor.system.commands import end_marked
from envdoctor.system.locking import processes_naming
from envdoctor.system.port import Malformed, Missing, SourceError
from envdoctor.system.twins import Mended, mend
from envdoctor.system.writing import make_folder, remove_tree, rename_folder, write_text

SCHEMA = "envdoctor.journal/2"
MARK = "ENVDOCTOR_INSTALL"
"""A variable of every process that an install starts; its value is the install's identity."""
_BEGINNING_S = 300.0
"""From the journal to the environment's `pyvenv.cfg`: making an environment is the first step, and takes seconds."""
_IDENTITY = re.compile(r"[0-9a-f]+-[0-9a-f]+")


@record
class Journal:
    """An install that has begun."""

    environment: str
    """Absolute path."""
    profile: str
    process: int
    """For a person who reads it."""
    stage: str
    """`building`: nothing was there before; `copying`: the old environment is in place, a second tree is being made;
    `changing`: the old one is aside, the second tree is in its place and being changed; `passed`: only what an earlier
    install had kept is left to remove; `removing`: a rollback removes an environment that an install had made."""
    identity: str
    """Tells this install from every other; part of the name of its folder."""
    had_folder: bool = False
    """Whether there was an empty folder where a new environment is made."""

    @property
    def folder(self) -> str:
        """Beside the environment: where the old one waits, and what makes it safe."""
        return work_folder(self.environment, self.identity)

    @property
    def aside(self) -> str:
        """The old environment, while the new one is in its place and afterwards."""
        return os.path.join(self.folder, "old")

    @property
    def twin(self) -> str:
        """The second tree, until it is in the environment's place; and once more when it has to leave that."""
        return os.path.join(self.folder, "new")


def new_identity() -> str:
    """One that no other install has."""
    return f"{os.getpid():x}-{time.time_ns():x}"


def work_folder(environment: str, identity: str) -> str:
    """The folder beside an environment that belongs to one install."""
    folder, name = os.path.split(environment)
    return os.path.join(folder, f".{name}.envdoctor-{identity}")


def kept_folders(environment: str) -> list[str]:
    """The folders of earlier installs that hold what was there before them."""
    folder, name = os.path.split(environment)
    pattern = re.compile(rf"\.{re.escape(name)}\.envdoctor-({_IDENTITY.pattern})")
    try:
        return [os.path.join(folder, found) for found in sorted(os.listdir(folder)) if pattern.fullmatch(found)]
    except OSError:
        return []


def journal_path(environment: str) -> str:
    """Beside the environment, so that it survives whatever happens inside."""
    folder, name = os.path.split(environment)
    return os.path.join(folder, f".{name}.envdoctor-install.json")


def undone_path(environment: str) -> str:
    """Beside the environment: says that its last install was undone."""
    folder, name = os.path.split(environment)
    return os.path.join(folder, f".{name}.envdoctor-undone.json")


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
    if journal.environment != environment or not _IDENTITY.fullmatch(journal.identity):
        raise ValueError("it speaks of other folders")
    return journal


def end_journal(environment: str) -> None:
    """Remove it: all is done."""
    try:
        os.unlink(journal_path(environment))
    except FileNotFoundError:
        return


def recover(environment: str) -> str | None:
    """Undo or finish an install that was killed; what was done, for a person, or None where there was nothing to do.

    To be called by whoever holds the environment's lock: another install that runs now has a journal, too.

    Raises:
        InstallFailed: the old state cannot be put back.
    """
    try:
        journal = read_journal(environment)
        if journal is None:
            return None
        end_marked(MARK, journal.identity)  # a package manager outlives an envdoctor that was killed
        writing = processes_naming(environment, "install")
        if writing:
            raise InstallFailed(
                f"{environment}: an install was cut off, but what it had started still writes there (process {writing[0]}); "
                f"wait for its end, or end it: kill {writing[0]}"
            )
        if journal.stage == "building" and not _is_of(journal):
            end_journal(environment)
            return f"{environment} has been made anew since then, and stays as it is"
        if journal.stage == "removing" and not os.path.lexists(journal.folder):
            end_journal(environment)
            return f"{environment} was to be removed by a rollback that had not begun, and is still there"
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
    """Put back what was there before, or finish what had passed; may be repeated, and cut off anywhere.

    Raises:
        SourceError: something cannot be renamed or removed.
    """
    environment = journal.environment
    if journal.stage == "building":
        remove_tree(environment)
        if journal.had_folder:
            make_folder(environment)
        told = f"removed the unfinished environment {environment}"
    elif journal.stage == "passed":
        finish(journal)
        return f"{environment} had been installed and had passed verification; the rest of the work is done"
    elif journal.stage == "removing":
        told = _remove(journal)
    else:
        mended = _put_back(journal)
        told = f"{environment} is again as it was before{_what_is_lost(mended)}"
    end_journal(environment)
    return told


def give_up(journal: Journal) -> None:
    """Undo what was begun before anybody had agreed to a plan.

    Raises:
        InstallFailed: that is not possible.
    """
    try:
        undo(journal)
    except SourceError as error:
        raise InstallFailed(
            f"{journal.environment}: what was begun could not be undone ({error}); the next install tries again"
        ) from error


def finish(journal: Journal) -> None:
    """Remove what earlier installs had kept: only the last one can be undone.

    Raises:
        SourceError: something cannot be removed.
    """
    for folder in kept_folders(journal.environment):
        if folder != journal.folder:
            remove_tree(folder)
    _forget_undone(journal.environment)
    end_journal(journal.environment)


def _forget_undone(environment: str) -> None:
    try:
        os.unlink(undone_path(environment))
    except FileNotFoundError:
        return


def _remove(journal: Journal) -> str:
    """Take it aside in one step first: half an environment is worse than either."""
    if os.path.lexists(journal.environment) and not os.path.lexists(journal.folder):
        make_folder(journal.folder)
        rename_folder(journal.environment, journal.aside)
    remove_tree(journal.folder)
    _forget_undone(journal.environment)
    return f"removed {journal.environment}"


def _put_back(journal: Journal) -> Mended:
    if os.path.lexists(journal.aside):
        remove_tree(journal.twin)
        if os.path.lexists(journal.environment):
            rename_folder(journal.environment, journal.twin)
        rename_folder(journal.aside, journal.environment)
    mended = mend(journal.environment, journal.folder)
    remove_tree(journal.folder)
    return mended


def _what_is_lost(mended: Mended) -> str:
    if not mended.lost:
        return ""
    return (
        f", but for {len(mended.lost)} large files that were written into in place (install the packages anew that they are of): "
        + ", ".join(mended.lost[:5])
    )


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
