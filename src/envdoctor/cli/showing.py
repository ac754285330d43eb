"""Shows what a command has to say, as text for this terminal or as JSON, wherever `-o` leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from envdoctor.cli.output import write_text

if TYPE_CHECKING:
    from envdoctor.render.layout import Line


def show_lines(lines: Iterable[Line], output: str | None = None) -> None:
    """Lay lines out for where they go, in the language of who reads them, and write them.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.speaking import spoken
    from envdoctor.cli.terminal import terminal_for
    from envdoctor.render.paint import paint

    screen = terminal_for(output)
    write_text(paint(spoken(lines, output), screen.width, screen.color, screen.ascii_only), output)


def show_layout(render: Callable[[int], str], output: str | None = None) -> None:
    """Write what `render` lays out for a width, in the language of who reads it.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.speaking import spoken_layout
    from envdoctor.cli.terminal import terminal_for

    write_text(spoken_layout(render, terminal_for(output).width, output), output)


def show_document(document: dict[str, Any], output: str | None = None) -> None:
    """Write a document as JSON.

    Raises:
        BadInput: the file cannot be written.
    """
    import json

    write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", output)
