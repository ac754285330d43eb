"""`envdoctor knowledge`: what the knowledge base holds, and how old it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, OUTPUT, Values

if TYPE_CHECKING:
    import typer

HELP = """Show what the knowledge base holds, and how old it is.

\b
Examples:
  envdoctor knowledge
  envdoctor knowledge --format json
"""
OPTIONS = (FORMAT, OUTPUT)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "knowledge", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Show the tables."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.render.knowledge_text import knowledge_document, knowledge_lines

    said: dict[str, Any] = dict(values)
    knowledge = load_knowledge()
    if said["format"] == "json":
        show_document(knowledge_document(knowledge.date, knowledge.tables), said["output"])
    else:
        show_lines(knowledge_lines(knowledge.date, knowledge.tables), said["output"])
    return 0
