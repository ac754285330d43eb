"""The knowledge base as it ships."""

from __future__ import annotations

import pytest

from envdoctor.knowledge.loading import Knowledge, load_knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge(shipped_only=True)
