"""The documentation says what the program does."""

from __future__ import annotations

import importlib.util
import re

import pytest

from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"


@pytest.mark.parametrize("kind", ["rule", "profile"])
def test_generated_pages_are_those_of_their_source(kind: str) -> None:
    place = importlib.util.spec_from_file_location(f"make_{kind}_pages", DOCS / f"make_{kind}_pages.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    written = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / f"{kind}s").glob("*.md")}
    assert written == getattr(module, f"{kind}_pages")(), f"run: python docs/make_{kind}_pages.py"


HAND_WRITTEN = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in (REPOSITORY / "README.md", *DOCS.rglob("*.md"))
    if path.parent.name not in {"rules", "profiles"}
)


@pytest.mark.parametrize("page", HAND_WRITTEN)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    path = REPOSITORY / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_command_of_the_reference_exists_and_every_command_is_in_it() -> None:
    from envdoctor.cli.overview import COMMANDS

    text = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`envdoctor ([a-z]+)", text))
    assert documented == {row[0] if isinstance(row, tuple) else row for row in COMMANDS}


def test_the_readme_sets_up_looks_and_tests() -> None:
    """The blocks that .ci/run takes from it, in this order."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert [block.splitlines() for block in blocks] == [
        ["python3 -m venv .venv", ".venv/bin/pip install .", ".venv/bin/envdoctor check"],
        [".venv/bin/python .ci/test.py"],
    ]
    run = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    assert run.index("block 1") < run.index("block 2")
