"""Which of the tests with a package index are run on every change, and which only once a week."""

from __future__ import annotations

import pytest

LONG = frozenset({"test_profiles", "test_forms", "test_dockerfiles", "test_repairs", "test_locks", "test_verify"})
"""Modules whose tests install one large environment after the other: together they take most of an hour."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them."""
    for item in items:
        if item.path.stem in LONG and item.path.parent.name == "registry":
            item.add_marker(pytest.mark.long)
