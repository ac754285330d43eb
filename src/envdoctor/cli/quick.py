"""Reads a well-formed command line without typer, which alone would cost more than all that `check` may take.

Strict on purpose: whatever is not plainly well-formed is left to typer, so that help, completion and errors come from
one place. What this accepts, typer reads the same way.
"""

from __future__ import annotations

from envdoctor.cli.options import Option, Values, defaults

_NAMES = "check compat probe record plan install rules explain knowledge envs diff lint fit receipt rollback verify bench"
COMMANDS = frozenset(_NAMES.split())
"""Commands whose options stand in a table: their file in `commands/` has OPTIONS and `run(values)`."""


def run_quick(arguments: list[str]) -> int | None:
    """Run a command line and return its exit status; None where typer must look at it."""
    if arguments[0] not in COMMANDS:
        return None
    from importlib import import_module

    command = import_module(f"envdoctor.cli.commands.{arguments[0]}")
    values = parse_quick(command.OPTIONS, arguments[1:])
    if values is None:
        return None
    status: int = command.run(values)
    return status


def parse_quick(options: tuple[Option, ...], arguments: list[str]) -> Values | None:
    """What the arguments after the command say; None where typer must look at them."""
    by_flag = {flag: option for option in options for flag in option.flags}
    argument = next((option for option in options if option.kind in {"argument", "arguments"}), None)
    values = defaults(options)
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            if not word or argument is None or not _put(argument, word, values):
                return None
            continue
        flag, equals, text = word.partition("=") if word.startswith("--") else (word, "", "")
        option = by_flag.get(flag)
        if option is None or (option.kind == "flag" and equals):
            return None
        if option.kind == "flag":
            values[option.name] = True
        elif not _take(option, text if equals else next(words, ""), values):
            return None
    return None if any(option.required and values[option.name] in (None, []) for option in options) else values


def _take(option: Option, text: str, values: Values) -> bool:
    """Note the value of an option; False where it is missing, doubtful or none of its choices."""
    if not text or (text.startswith("-") and text != "-") or (option.choices and text not in option.choices):
        return False
    return _put(option, text, values, again=True)


def _put(option: Option, text: str, values: Values, again: bool = False) -> bool:
    """Note a text; False where there is one already, unless it may be said `again`."""
    held = values[option.name]
    if isinstance(held, list):
        held.append(text)
    elif held is not None and not again:
        return False
    else:
        values[option.name] = text
    return True
