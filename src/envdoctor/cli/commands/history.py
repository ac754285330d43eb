"""`envdoctor history`: keep recordings of this machine, so that `diff` needs no forethought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.nearest import did_you_mean
from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values
from envdoctor.errors import BadInput

if TYPE_CHECKING:
    import typer

ACTIONS = ("list", "on", "off", "clear")
HELP = """Keep the last recordings of this machine, if you want that.

Once it is on, each `envdoctor check` of this machine or of an environment on it keeps a redacted recording in your own
state folder: the last 20, never more than 32 MiB. `envdoctor diff` then tells what changed since. Nothing leaves the
machine. It is off until you say `on`.

\b
Examples:
  envdoctor history on       keep recordings from now on
  envdoctor history          what is kept
  envdoctor diff last live   what changed since the last check
  envdoctor history off      keep no more; those that are there stay
  envdoctor history clear    remove them
"""
OPTIONS = (
    Option("action", "argument", "list (the default), on, off or clear.", metavar="ACTION", default=None),
    FORMAT,
    OUTPUT,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "history", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """List what is kept, or change whether anything is."""
    from envdoctor.render.words import counted
    from envdoctor.system.history import clear, history_folder, switch
    from envdoctor.system.port import SourceError

    said: dict[str, Any] = dict(values)
    action, folder = said["action"] or "list", history_folder()
    if action not in ACTIONS:
        raise BadInput(f"history {action}: it is one of {', '.join(ACTIONS)}; {did_you_mean(action, ACTIONS, 'say list')}")
    done = ""
    try:
        if action in {"on", "off"}:
            switch(folder, action == "on")
        elif action == "clear":
            done = f"Removed {counted(clear(folder), 'recording')}."
    except SourceError as error:
        raise BadInput(f"history {action}: {error}") from error
    _show(folder, said, done)
    return 0


def _show(folder: str, said: dict[str, Any], done: str) -> None:
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.render.layout import Line, plain
    from envdoctor.render.words import size
    from envdoctor.system.history import is_on, list_kept

    kept, on = list_kept(folder), is_on(folder)
    if said["format"] == "json":
        rows = [{"when": each.when, "path": each.path, "size_bytes": each.size_bytes} for each in kept]
        show_document({"schema": "envdoctor.history/1", "on": on, "folder": folder, "kept": rows}, said["output"])
        return
    lines = [plain(done)] if done else []
    state = "on: each check keeps a recording" if on else "off: nothing is kept; to change that: envdoctor history on"
    lines.append(plain(f"History is {state}"))
    for place, each in enumerate(kept):
        lines.append(Line(((f"{each.when}  {size(each.size_bytes)}", ""),), lead=(f"last~{place}".ljust(9), "strong"), indent=2))
    if kept:
        lines.append(plain("What changed since the last one: envdoctor diff"))
    show_lines(lines, said["output"])
