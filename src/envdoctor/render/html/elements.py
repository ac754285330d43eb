"""HTML elements as text. Whatever is not an element itself is escaped: what a machine says is shown, never obeyed."""

from __future__ import annotations

import re
from html import escape

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_EMPTY = frozenset({"br", "hr", "input", "link", "meta"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: str | None, **attributes: str | bool | None) -> Markup:
    """One element.

    Args:
        tag: its name.
        children: markup as it is, other text escaped; None is left out.
        attributes: `class_` for `class`, `aria_label` for `aria-label`; True for one without a value; False and None are
            left out.
    """
    opened = tag + "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _EMPTY:
        return Markup(f"<{opened}>")
    return Markup(f"<{opened}>{text(*children)}</{tag}>")


def text(*children: str | None) -> Markup:
    """Children side by side, without an element around them."""
    return Markup(
        "".join(child if isinstance(child, Markup) else escape(legal(child)) for child in children if child is not None)
    )


def legal(text: str) -> str:
    """A text without what HTML forbids: control characters, and halves of characters, which no file can hold."""
    return text if text.isprintable() else _FORBIDDEN.sub("\ufffd", text)


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(legal(value))}"'
