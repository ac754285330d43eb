"""The work of `lint`: read the Dockerfile and what it copies requirements from, judge, show."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.dockerfile.judging import Lint

_LIMIT_BYTES = 1 << 20


def lint_file(said: dict[str, Any]) -> Lint:
    """Judge the Dockerfile that the command line names.

    Raises:
        BadInput: it is not there, or no Dockerfile; or the target, a build argument or the stage cannot be read.
    """
    from envdoctor.dockerfile.judging import lint_recipes
    from envdoctor.dockerfile.reading import read_recipes
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.model.target import Target
    from envdoctor.targets import parse_target

    path: str = said["file"]
    target = parse_target(said["target"]) if said["target"] is not None else Target()
    knowledge = load_knowledge()
    shown = "standard input" if path == "-" else path
    recipes = read_recipes(
        _read(path), knowledge, path=shown, arguments=_arguments(said["build_arg"]), stage=said["stage"], read_file=_context(path)
    )
    return lint_recipes(recipes, target, knowledge)


def show_lint(lint: Lint, said: dict[str, Any]) -> None:
    """Write it in the format that was asked for.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.output import write_text
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.render import lint_text

    if said["format"] == "json":
        show_document(lint_text.lint_document(lint), said["output"])
    elif said["format"] == "sarif":
        show_document(lint_text.lint_sarif(lint), said["output"])
    elif said["format"] == "github":
        write_text(lint_text.render_lint_github(lint), said["output"])
    else:
        show_lines(lint_text.lint_lines(lint, verbose=said["verbose"]), said["output"])


def _read(path: str) -> str:
    """The text of the Dockerfile; bytes that are no UTF-8 are replaced."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(_LIMIT_BYTES + 1).decode("utf-8", "replace")
        with open(path, "rb") as file:
            return file.read(_LIMIT_BYTES + 1).decode("utf-8", "replace")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}; name a Dockerfile") from error


def _context(path: str) -> Any:
    """Reads requirement files beside the Dockerfile or in the current folder, and nothing outside of these."""
    roots = [os.path.realpath(os.path.dirname(path) or "."), os.path.realpath(".")] if path != "-" else []

    def read_file(name: str) -> str | None:
        for root in roots:
            found = os.path.realpath(os.path.join(root, name))
            if os.path.commonpath((root, found)) == root and os.path.isfile(found) and os.path.getsize(found) <= _LIMIT_BYTES:
                with open(found, encoding="utf-8", errors="replace") as file:
                    return file.read()
        return None

    return read_file


def _arguments(said: list[str]) -> dict[str, str]:
    for text in said:
        if "=" not in text:
            raise BadInput(f"--build-arg {text}: no value; say {text}=VALUE")
    return dict(text.split("=", 1) for text in said)
