"""What the tables of the knowledge base say to people: titles, consequences and fixes of messages, names of Xid errors."""

from __future__ import annotations

import re
from typing import Any

import yaml

from envdoctor.language.templates import split_sentences
from tests.conftest import REPOSITORY
from tests.language.templates import GAP, numbered

DATA = REPOSITORY / "src" / "envdoctor" / "knowledge" / "data"
SAID = {
    "messages": ("title", "follows", "fix", "fixes"),
    "xid": ("name", "title", "text"),
    **dict.fromkeys(("extensions", "tensorflow", "drivers", "driver_packages"), ("note",)),
}


def table_templates() -> dict[str, str]:
    """Every sentence of the tables as a template, with the table that it is in."""
    found: dict[str, str] = {}
    for name, keys in SAID.items():
        table = yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for text in _texts(table, keys):
            for sentence in (sentence for part in text.split("|", 1) for sentence in split_sentences(part.strip())):
                template = numbered(re.sub(r"\{\w+\}", GAP, sentence))
                if re.search(r"[a-z]{2,} \w", template):
                    found.setdefault(template, name)
    return found


def _texts(value: Any, keys: tuple[str, ...], said: bool = False) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in _texts(inner, keys, said or key in keys)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner, keys, said)]
    return [value] if said and isinstance(value, str) else []
