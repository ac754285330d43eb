"""The work of `receipt` and `rollback`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from envdoctor.cli.agreeing import ask, need_terminal
from envdoctor.cli.output import show_notice, write_text
from envdoctor.cli.placing import environment_path
from envdoctor.cli.speaking import spoken_text
from envdoctor.errors import BadInput, EnvdoctorError, InstallFailed

if TYPE_CHECKING:
    from envdoctor.install.rollback import Undoable

ROLLBACK_SCHEMA = "envdoctor.rollback/1"


def show_receipt(said: dict[str, Any]) -> int:
    """Print the receipt of an environment; the exit status.

    Raises:
        EnvdoctorError: there is none, or it cannot be read.
    """
    from envdoctor.install.pending import pending_install
    from envdoctor.install.receipt import read_receipt
    from envdoctor.system.port import SourceError

    environment = installed_path(said["env"])
    try:
        receipt = read_receipt(environment)
    except SourceError as error:
        raise InstallFailed(f"{environment}: its receipt cannot be read: {error.reason}") from error
    if receipt is None:
        raise InstallFailed(pending_install(environment) or f"{environment}: no receipt: envdoctor has installed nothing there")
    document = {**receipt, "now": _now(environment, receipt)}
    if said["format"] == "json":
        from envdoctor.cli.showing import show_document

        show_document(document, said["output"])
    else:
        from envdoctor.cli.showing import show_layout
        from envdoctor.render.receipt_text import render_receipt

        show_layout(lambda _width: render_receipt(document, verbose=said["verbose"]), said["output"])
    return 0


def roll_back(said: dict[str, Any]) -> int:
    """Undo the last install; the exit status.

    Raises:
        EnvdoctorError: nothing can be undone, or it was not agreed to.
        KeyboardInterrupt: Ctrl-C; what had begun is finished at the next start.
    """
    from envdoctor.install.locking import alone
    from envdoctor.install.stopping import stoppable

    environment = installed_path(said["env"])
    if not said["yes"]:
        need_terminal()
    with stoppable(), alone(environment):
        return _roll_back(environment, said)


def _roll_back(environment: str, said: dict[str, Any]) -> int:
    from envdoctor.install.rollback import discard, need_unchanged, read_undoable, recover_first, undo_install
    from envdoctor.install.stopping import undisturbed

    recovered, undone = recover_first(environment)
    if recovered:
        show_notice(f"an install was cut off: {recovered}")
        if undone:
            return _show({"did": "recovered", "environment": environment, "told": recovered}, said)
    if said["discard"]:
        freed = discard(environment)
        told = f"removed what was kept for undoing ({freed / (1 << 20):.1f} MiB); the last install can no longer be undone"
        return _show({"did": "discarded", "environment": environment, "freed_bytes": freed, "told": told}, said)
    undoable = read_undoable(environment)
    if not said["force"]:
        need_unchanged(undoable)
    if not said["yes"]:
        ask(_question(undoable))
    with undisturbed():
        told = undo_install(undoable)
    state = undoable.state
    about = {"profile": state.profile, "installed_at": state.at}
    return _show({"did": "removed" if state.created else "restored", "environment": environment, **about, "told": told}, said)


def _question(undoable: Undoable) -> str:
    from envdoctor.install.rollback import changes_text

    lost = f"; lost with it: {changes_text(undoable.since)}" if undoable.since.count() else ""
    return f"This will {undoable.does()}{lost}.\n"


def _show(document: dict[str, Any], said: dict[str, Any]) -> int:
    if said["format"] == "json":
        from envdoctor.cli.showing import show_document

        show_document({"schema": ROLLBACK_SCHEMA, **document}, said["output"])
    else:
        write_text(f"{spoken_text(document['told'])}\n", said["output"])
    return 0


def _now(environment: str, receipt: dict[str, Any]) -> dict[str, Any]:
    """What is so now: whether it can be undone, what that costs, and what has changed since."""
    from envdoctor.install.pending import pending_install
    from envdoctor.install.rollback import changes_text, kept_bytes, read_undoable

    pending = pending_install(environment)
    notes = [pending] if pending else []
    try:
        undoable = read_undoable(environment)
    except EnvdoctorError as error:
        return {"undo": None, "why_not": str(error), "kept_bytes": 0, "notes": notes}
    if undoable.state.identity != receipt.get("identity"):
        notes.append(f"changed once more since, by {undoable.state.profile} at {undoable.state.at}")
    if undoable.since.count():
        notes.append(f"has changed since: {changes_text(undoable.since)}")
    return {"undo": undoable.does(), "why_not": None, "kept_bytes": kept_bytes(environment), "notes": notes}


def installed_path(named: str | None) -> str:
    """The environment that is meant: the one that is named, else the active one, else the only one here that was installed.

    Raises:
        BadInput: that could be none, or more than one.
    """
    from envdoctor.install.journal import journal_path
    from envdoctor.install.leaving import FOLDER

    if named is not None:
        path = environment_path(named, "")
        if not os.path.isdir(path) and not os.path.exists(journal_path(path)):
            raise BadInput(f"--env {path}: there is no such environment")
        return path
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    if active:
        return environment_path(active, "")
    here = [name for name in sorted(os.listdir()) if os.path.isfile(os.path.join(name, FOLDER, "state.json"))]
    if len(here) == 1:
        return environment_path(here[0], "")
    found = f"there are {len(here)} here ({', '.join(here)})" if here else "none is active, and none is here"
    raise BadInput(f"which environment is meant? {found}; say it: --env DIR")
