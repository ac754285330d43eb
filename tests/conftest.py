"""Fixtures for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("ENVDOCTOR_SHARED", REPOSITORY.parent / "shared"))


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Recordings of real machines that live beside the project; tests that read them skip where they are absent."""
    if not (SHARED / "hardware").is_dir():
        pytest.skip("no shared/ folder with recordings beside the project")
    return SHARED
