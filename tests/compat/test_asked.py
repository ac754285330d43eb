"""Questions with their sources, by the hundred: each is asked as `envdoctor compat` would be."""

from __future__ import annotations

import pytest

from tests.compat import asked_again, asked_hardware, asked_more, asked_packages, asked_platforms
from tests.compat.asking import Question, check

TABLES = (asked_hardware, asked_platforms, asked_packages, asked_more, asked_again)
QUESTIONS = [Question(*row, source=page) for table in TABLES for page, rows in table.PAGES.items() for row in rows]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_what_the_sources_say(question: Question) -> None:
    assert question.source
    check(question)
