"""Xid numbers."""

from __future__ import annotations

import pytest

from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.xid import find_xid


@pytest.mark.parametrize(
    ("number", "severity", "cause", "words"),
    [
        (13, "info", "program", "exception"),
        (31, "info", "program", "not mapped"),
        (48, "error", "hardware", "double bit"),
        (63, "warning", "hardware", "spare rows"),
        (64, "error", "hardware", "could not be replaced"),
        (74, "error", "hardware", "NVLink"),
        (79, "error", "hardware", "fallen off the bus"),
        (94, "warning", "hardware", "one program"),
        (95, "error", "hardware", "every program"),
        (119, "error", "hardware", "GSP"),
        (154, "info", "either", "changed"),
    ],
)
def test_numbers(knowledge: Knowledge, number: int, severity: str, cause: str, words: str) -> None:
    found = find_xid(knowledge, number)
    assert found is not None
    assert (found.severity, found.cause) == (severity, cause)
    assert words in found.name
    assert found.cure_title
    assert found.source.startswith("https://docs.nvidia.com/")


def test_a_number_that_nobody_explains(knowledge: Knowledge) -> None:
    assert find_xid(knowledge, 9999) is None


def test_every_row_is_well_formed(knowledge: Knowledge) -> None:
    table = knowledge.tables["xid"]
    numbers = [row["xid"] for row in table["xids"]["rows"]]
    assert numbers == sorted(set(numbers))
    for row in table["xids"]["rows"]:
        assert row["severity"] in {"error", "warning", "info"}
        assert row["cause"] in {"hardware", "driver", "program", "either"}
        assert row["cure"] in table["cures"]
        assert not (row["cause"] == "program" and row["severity"] == "error"), row
    assert set(table["cures"]) == {row["cure"] for row in table["xids"]["rows"]}
