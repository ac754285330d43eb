"""Fixtures for every test."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("ENVDOCTOR_SHARED", REPOSITORY.parent / "shared"))


def pytest_configure() -> None:
    """A shell without job control starts what runs in the background with Ctrl-C ignored, and every child inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Recordings of real machines that live beside the project; tests that read them skip where they are absent."""
    if not (SHARED / "hardware").is_dir():
        pytest.skip("no shared/ folder with recordings beside the project")
    return SHARED
