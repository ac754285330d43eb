"""Makes a typer command from a table of options, so that one table serves typer and whoever else reads it."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from envdoctor.cli.nearest import did_you_mean
from envdoctor.cli.options import LANG, Option, Values
from envdoctor.cli.speaking import spoken_layout

_ANNOTATIONS: dict[str, Any] = {
    "argument": str | None, "arguments": list[str], "flag": bool, "value": str | None, "list": list[str],
}  # fmt: skip


class SpokenCommand(TyperCommand):
    """A command whose help is in the language of whoever reads it."""

    def get_help(self, ctx: Any) -> str:
        """The help, laid out for this terminal."""
        return _spoken_help(super().get_help, ctx)


class SpokenGroup(TyperGroup):
    """A command with sub-commands, likewise."""

    def get_help(self, ctx: Any) -> str:
        """The help, laid out for this terminal."""
        return _spoken_help(super().get_help, ctx)


def _spoken_help(help_of: Callable[[Any], str], context: Any) -> str:
    def render(width: int) -> str:
        context.terminal_width = width
        return help_of(context)

    return spoken_layout(render, context.make_formatter().width).rstrip("\n")


def add_command(app: typer.Typer, name: str, options: tuple[Option, ...], run: Callable[[Values], int], help: str) -> None:  # noqa: A002
    """Add a command whose options stand in a table; `run` gets what was said and returns the exit status.

    The first paragraph of the help is what `envdoctor --help` shows.
    """

    def command(lang: str | None, **values: Any) -> None:
        raise typer.Exit(run(values))  # cli.run took --lang from the command line already: it stands here for the help

    parameters = [
        Parameter(option.name, Parameter.KEYWORD_ONLY, default=_declare(option), annotation=_annotation(option))
        for option in (*options, LANG)
    ]
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: _annotation(option) for option in (*options, LANG)}
    app.command(name, cls=SpokenCommand, help=help)(command)


def _annotation(option: Option) -> Any:
    return str if option.required and option.kind != "arguments" else _ANNOTATIONS[option.kind]


def _declare(option: Option) -> Any:
    """The option in typer's words."""
    settings: dict[str, Any] = {"help": option.help, "metavar": option.metavar or "|".join(option.choices) or None}
    empty: Any = {"flag": False, "list": [], "arguments": []}.get(option.kind, option.default)
    default = ... if option.required else empty
    if option.choices:
        settings["callback"] = _choice_check(option)
    words = _completions(option)
    if words is not None:
        settings["autocompletion"] = words
    if option.kind in {"argument", "arguments"}:
        return typer.Argument(default, show_default=False, **settings)
    return typer.Option(default, *option.flags, show_default=option.kind == "value" and option.default is not None, **settings)


def _completions(option: Option) -> Callable[[str], list[str]] | None:
    """What a shell may complete: choices, rules and profiles; None where it knows better (files)."""
    if option.choices:
        return lambda incomplete: [choice for choice in option.choices if choice.startswith(incomplete)]
    if option.metavar in {"RULE", "RULE,..."}:
        return _complete_rules
    return _complete_profiles if option.metavar == "PROFILE" else None


def _complete_rules(incomplete: str) -> list[str]:
    """Rules, also behind the last comma of a list."""
    from envdoctor.rules import rule_names

    before, comma, begun = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in rule_names() if name.startswith(begun)]


def _complete_profiles(incomplete: str) -> list[str]:
    from envdoctor.profiles.loading import list_profiles

    return [entry.name for entry in list_profiles() if entry.name.startswith(incomplete)]


def _choice_check(option: Option) -> Callable[[str | None], str | None]:
    def check(value: str | None) -> str | None:
        if value is not None and value not in option.choices:
            raise typer.BadParameter(did_you_mean_choice(value, option.choices))
        return value

    return check


def did_you_mean_choice(value: str, choices: tuple[str, ...]) -> str:
    """The message for a value that is none of the choices."""
    listed = ", ".join(choices)
    return f"{value!r} is none of {listed}; {did_you_mean(value, choices, f'choose {choices[0]}')}"
