"""`envdoctor rules`: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, OUTPUT, Values

if TYPE_CHECKING:
    import typer

HELP = """List every rule: its name, its severity and what it finds.

\b
Examples:
  envdoctor rules
  envdoctor rules --format json
"""
OPTIONS = (FORMAT, OUTPUT)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "rules", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Show the catalogue."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.cli.speaking import spoken_page
    from envdoctor.render.catalogue import catalogue_document, catalogue_lines
    from envdoctor.rules import load_rules
    from envdoctor.rules.pages import load_page

    said: dict[str, Any] = dict(values)
    rules = tuple((rule, load_page(rule).title) for rule in load_rules(for_recipe=True))
    if said["format"] == "json":
        show_document(catalogue_document(rules), said["output"])
    else:
        titled = tuple((rule, spoken_page(rule.name, title, (), said["output"])[0]) for rule, title in rules)
        show_lines(catalogue_lines(titled), said["output"])
    return 0
