"""Compiles the YAML sources of a language to JSON: when the package is built, and when a source has changed."""

from __future__ import annotations

import os
from typing import Any

KINDS = ("messages", "pages")
"""Folders of a language's sources; each becomes one file."""


def read_kind(folder: str, kind: str) -> dict[str, Any]:
    """Every entry of one kind, of all files together.

    Raises:
        ValueError: a file is not a mapping, or an entry stands in two files.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries: dict[str, Any] = {}
    place = os.path.join(folder, kind)
    for name in sorted(name for name in os.listdir(place) if name.endswith(".yaml")):
        with open(os.path.join(place, name), encoding="utf-8") as file:
            found = yaml.load(file, Loader=loader)  # noqa: S506 - CSafeLoader is the safe loader, in C
        if not isinstance(found, dict):
            raise ValueError(f"{kind}/{name}: not a mapping")
        twice = [key for key in found if key in entries]
        if twice:
            raise ValueError(f"{kind}/{name}: stands in another file as well: {twice[0]}")
        entries.update(found)
    return entries


def write_kind(entries: dict[str, Any], target_file: str) -> None:
    """Write the entries of one kind as JSON, in one piece: a reader sees the old file or the new one.

    Raises:
        OSError: the folder cannot be written.
    """
    import json

    os.makedirs(os.path.dirname(target_file), exist_ok=True)
    unfinished = f"{target_file}.{os.getpid()}"
    with open(unfinished, "w", encoding="utf-8") as file:
        json.dump(entries, file, ensure_ascii=False, separators=(",", ":"))
    os.replace(unfinished, target_file)


def compile_languages(data_folder: str, target_folder: str) -> None:
    """Write `<language>-<kind>.json` for every language of the folder."""
    for language in sorted(os.listdir(data_folder)):
        for kind in KINDS:
            write_kind(
                read_kind(os.path.join(data_folder, language), kind), os.path.join(target_folder, f"{language}-{kind}.json")
            )
