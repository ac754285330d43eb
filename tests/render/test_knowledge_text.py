"""The knowledge base in short."""

from __future__ import annotations

import pytest

from envdoctor.knowledge.loading import load_knowledge
from envdoctor.render.knowledge_text import describe_table


@pytest.mark.parametrize(
    ("table", "rows", "sources"),
    [
        ({"checked": "2026-11-21", "source": "a", "rows": [{"x": 1}, {"x": 2}]}, 2, 1),
        ({"floors": {"source": "a", "rows": [{"x": 1}]}, "targets": {"source": "b", "rows": [{"x": 1}, {"x": 2}]}}, 3, 2),
        ({"packages": {"torch": [{"x": 1}], "jax": [{"x": 1}, {"x": 2}]}, "source": "a"}, 3, 1),
        ({"rows": [{"x": 1, "source": "b"}], "source": "a", "names": ["p", "q"], "last": {"version": "1", "source": "c"}}, 2, 3),
    ],
)
def test_rows_are_counted_at_any_depth(table: dict[str, object], rows: int, sources: int) -> None:
    assert describe_table("t", {"checked": "2026-11-21", **table}) == {
        "name": "t", "checked": "2026-11-21", "rows": rows, "sources": sources,
    }  # fmt: skip


def test_every_table_that_ships_has_rows_and_sources() -> None:
    for name, table in load_knowledge().tables.items():
        described = describe_table(name, table)
        assert described["rows"] >= 1, name
        assert described["sources"] >= 1, name
