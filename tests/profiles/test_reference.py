"""docs/reference/profiles.md is made from the schema."""

from __future__ import annotations

import re

from envdoctor.profiles.parsing import parse_document
from envdoctor.profiles.reference import render_reference
from envdoctor.profiles.understanding import judge_document
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "reference" / "profiles.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_reference(), (
        "python -m envdoctor.profiles.reference > docs/reference/profiles.md"
    )


def test_the_example_on_the_page_is_a_profile() -> None:
    example = re.search(r"```yaml\n(.*?)```", render_reference(), re.DOTALL)
    assert example is not None
    assert judge_document(parse_document(example[1].encode(), "lab.yaml"))[0] == ()


def test_every_key_is_on_the_page() -> None:
    page = render_reference()
    for key in ("gpu.compute_capability", "packages[].build", "os.version", "disk.free", "cpu.level", "variables"):
        assert f"| `{key}` |" in page
