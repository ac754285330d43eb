"""`envdoctor probe`: the facts, without a judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import DEEP, FORMAT, IMAGE, IMAGE_NAME, OUTPUT, PYTHON, RECORDING, ROOTFS, Values

if TYPE_CHECKING:
    import typer

HELP = """Draw the machine and print the facts: what was found on it.

The picture shows sockets, NUMA nodes and memory, GPUs, network adapters and disks with their links, and what links GPUs.

A fact is a value, "none" where it was looked for and is not there, or "unknown" with the reason.

\b
Examples:
  envdoctor probe
  envdoctor probe --format json --python .venv
"""
OPTIONS = (PYTHON, ROOTFS, IMAGE, IMAGE_NAME, RECORDING, FORMAT, OUTPUT, DEEP)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "probe", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Collect the facts and show them."""
    from envdoctor.cli.looking import look
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.cli.speaking import spoken_text
    from envdoctor.cli.terminal import terminal_for
    from envdoctor.render.facts_document import facts_document
    from envdoctor.render.facts_text import facts_lines
    from envdoctor.render.layout import BLANK
    from envdoctor.render.topology.text import topology_lines

    said: dict[str, Any] = dict(values)
    facts = look({**said, "whole": True})
    if said["format"] == "json":
        show_document(facts_document(facts), said["output"])
    else:
        width = terminal_for(said["output"]).width
        show_lines([*topology_lines(facts, width, spoken_text), BLANK, *facts_lines(facts)], said["output"])
    return 0
