"""The rules: one file each, one folder per subject. A new rule is a new file and one line here."""

from __future__ import annotations

from importlib import import_module

from envdoctor.model.findings import Rule

ALL: tuple[str, ...] = ()
"""Every rule as `folder.file`; the function in the file has the file's name."""


def load_rules() -> tuple[Rule, ...]:
    """All rules, in the order above."""
    return tuple(load_rule(path) for path in ALL)


def load_rule(path: str) -> Rule:
    """One rule by its `folder.file`."""
    module = import_module(f"envdoctor.rules.{path}")
    loaded = getattr(module, path.rpartition(".")[2])
    if not isinstance(loaded, Rule):
        raise TypeError(f"envdoctor.rules.{path} does not define its rule with @rule")
    return loaded
