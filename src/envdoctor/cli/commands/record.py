"""`envdoctor record`: this machine's answers in a file that `check --recording` judges anywhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import DEEP, OUTPUT, PYTHON, Option, Values
from envdoctor.errors import BadInput
from envdoctor.model.record import replace

if TYPE_CHECKING:
    import typer

HELP = """Write a redacted recording of this machine.

The file holds what the probes asked and what the machine answered: no names of people or machines, no secrets, no
addresses. Read it before you pass it on. `envdoctor check --recording FILE` gives the same report on any machine.

\b
Examples:
  envdoctor record -o machine.json
  envdoctor record -o machine.json --python .venv
"""
OPTIONS = (
    replace(OUTPUT, help="The file to write; one that exists is not overwritten.", required=True),
    PYTHON,
    DEEP,
    Option("force", "flag", "Overwrite the file.", ("--force",)),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "record", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Collect the facts through a recorder and save what was answered."""
    from envdoctor.cli.looking import open_subject
    from envdoctor.cli.output import STANDARD_OUTPUT, write_text
    from envdoctor.cli.showing import show_document
    from envdoctor.cli.speaking import spoken_text
    from envdoctor.probes.collecting import collect_facts
    from envdoctor.system.port import SourceError
    from envdoctor.system.recorder import Recorder

    said: dict[str, Any] = dict(values)
    path: str = said["output"]
    if path != STANDARD_OUTPUT and os.path.lexists(path) and not said["force"]:
        raise BadInput(f"-o {path}: exists already; choose another name, or say --force")
    system, subject, python = open_subject({"python": said["python"]})
    recorder = Recorder(system)
    collect_facts(recorder, subject, python=python, deep=said["deep"], whole=True)
    if path == STANDARD_OUTPUT:
        show_document(recorder.recording(subject, _today()))
        return 0
    try:
        recorder.save(path, subject, _today())
    except SourceError as error:
        raise BadInput(f"-o {path}: cannot be written: {error.reason}") from error
    told = f"Wrote {path}. Read it before you pass it on; judge it with: envdoctor check --recording {path}"
    write_text(f"{spoken_text(told)}\n")
    return 0


def _today() -> str:
    from datetime import datetime, timezone

    return datetime.now(timezone.utc).date().isoformat()
