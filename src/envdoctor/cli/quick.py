"""Reads a well-formed `check` command line without typer, which alone would cost half the time that `check` may take.

Strict on purpose: whatever is not plainly well-formed is left to typer, so that help, completion and errors come from
one place. What this accepts, typer reads the same way.
"""

from __future__ import annotations

from envdoctor.cli.options import CHECK, Option, Values, defaults

_BY_FLAG = {flag: option for option in CHECK for flag in option.flags}
_ARGUMENT = next(option.name for option in CHECK if option.kind == "argument")


def parse_quick(arguments: list[str]) -> Values | None:
    """What the arguments after `check` say; None where typer must look at them."""
    values = defaults()
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            if not word or values[_ARGUMENT] is not None:
                return None
            values[_ARGUMENT] = word
            continue
        flag, equals, text = word.partition("=") if word.startswith("--") else (word, "", "")
        option = _BY_FLAG.get(flag)
        if option is None:
            return None
        if option.kind == "flag":
            if equals:
                return None
            values[option.name] = True
        elif not _take(option, text if equals else next(words, ""), values):
            return None
    return values


def _take(option: Option, text: str, values: Values) -> bool:
    """Note the value of an option; False where it is missing, doubtful or none of its choices."""
    if not text or (text.startswith("-") and text != "-") or (option.choices and text not in option.choices):
        return False
    held = values[option.name]
    if isinstance(held, list):
        held.append(text)
    else:
        values[option.name] = text
    return True
