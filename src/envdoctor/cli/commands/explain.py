"""`envdoctor explain RULE`: one rule's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.nearest import did_you_mean
from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values
from envdoctor.errors import BadInput

if TYPE_CHECKING:
    import typer

HELP = """Explain one rule.

What it checks, why it matters, how to fix what it finds, and where that is written.

\b
Examples:
  envdoctor explain driver-too-old
  envdoctor explain driver-too-old --format json
"""
RULE = Option("rule", "argument", "Its name, as a report or `envdoctor rules` prints it.", metavar="RULE", required=True)
OPTIONS = (RULE, FORMAT, OUTPUT)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "explain", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Show the page of the rule."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.cli.speaking import spoken_page
    from envdoctor.render.catalogue import page_document, page_lines
    from envdoctor.rules import load_rules
    from envdoctor.rules.pages import load_page

    said: dict[str, Any] = dict(values)
    rules = {rule.name: rule for rule in load_rules(for_recipe=True)}
    rule = rules.get(said["rule"])
    if rule is None:
        raise BadInput(f"there is no rule {said['rule']!r}; {did_you_mean(said['rule'], rules, 'see envdoctor rules')}")
    page = load_page(rule)
    if said["format"] == "json":
        show_document(page_document(rule, page.title, page.sections), said["output"])
    else:
        title, sections = spoken_page(rule.name, page.title, page.sections, said["output"])
        show_lines(page_lines(rule, title, sections), said["output"])
    return 0
