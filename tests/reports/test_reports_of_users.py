"""Reports as people on torch write them, each with its cause: few facts, often only half a line of them."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

IGNORED = "ERROR: Ignored the following versions that require a different python version: "
NOT_FOUND = "ERROR: Could not find a version that satisfies the requirement "

CAUSES = {
    "cpu-only-build": [
        'RTX 2070 8Gb\nthe log shows "2.0.1+cpu Autocast half"\nOS: Win10',
        "device: cpu, 2.4.1+cpu, I have an RTX 4070",
    ],
    "python-unsupported": [
        f"{IGNORED}1.21.4 Requires-Python >=3.7,<3.11; 1.21.5 Requires-Python >=3.7,<3.11\n"
        f"{NOT_FOUND}numpy==1.21.4 (from versions: 1.3.0, 1.26.0)",
        f"{IGNORED}1.21.4 Requires-Python >=3.7,<3.11\n{NOT_FOUND}numba>=0.55 (from versions: none)",
    ],
    "wheel-index-wrong": [
        f"{IGNORED}1.6.2 Requires-Python >=3.7,<3.10; 1.7.1 Requires-Python >=3.7,<3.10\n"
        f"{NOT_FOUND}torch==2.1.1+cu118 (from versions: 2.1.0, 2.1.1, 2.2.0)",
    ],
    "platform-unsupported": [
        f"{NOT_FOUND}torch==2.1.1+cu118 (from versions: 2.1.0, 2.1.1, 2.2.0)\nPython 3.11.4\nApple M3",
    ],
    "torch-companion-mismatch": [
        "Skipping import of cpp extensions due to incompatible torch version 2.7.0+cu128 for torchao version 0.15.0",
    ],
}


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in CAUSES.items() for text in texts])
def test_cause(cause: str, text: str) -> None:
    assert cause_of(text) == cause


@pytest.mark.parametrize(
    "text",
    [
        "RTX 3060\nLooking in indexes\nfrom versions: 2.2.0, 2.2.0+cpu, 2.2.0+cu118, 2.2.1+cu121",
        "RTX 3060\ntorch 2.4.1+cu121, torchaudio 2.4.1+cpu",
    ],
)
def test_builds_of_others_are_not_torch(text: str) -> None:
    assert "cpu-only-build" not in causes_of(text)
