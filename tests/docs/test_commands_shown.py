"""Every command that the documentation shows is run: here what needs no package index, with `-m registry` what does."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.conftest import REPOSITORY
from tests.docs.place import furnish

PAGES = [
    REPOSITORY / "README.md",
    *sorted(path for path in (REPOSITORY / "docs").rglob("*.md") if path.parent.name not in {"rules", "profiles", "decisions"}),
]
_BLOCK = re.compile(r"^```(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
INDEXED = (
    "install",
    "plan",
    "fix",
    "rollback",
    "receipt",
    "verify",
    "bench",
    "profiles test",
    "profiles capture",
    "knowledge update",
)
"""Commands that ask a package index, or need an environment that one of these made."""
SOURCES = ("docker ", "podman ")
"""What writes an image to the command behind it; an archive stands in for it."""


def shown_lines() -> list[tuple[str, str]]:
    """Every line of a console block that a person would type, by its page."""
    found: dict[tuple[str, str], None] = {}
    for page in PAGES:
        for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            if block["kind"] == "console":
                lines = [re.split(r"\s+#\s", line[2:])[0].strip() for line in block["text"].splitlines() if line.startswith("$ ")]
                found.update(dict.fromkeys((page.relative_to(REPOSITORY).as_posix(), line) for line in lines))
    return list(found)


def arguments_of(line: str) -> list[str]:
    """The words behind `envdoctor`, of a pipeline those of its last command."""
    words = shlex.split(line.rpartition(" | ")[2])
    assert words[0] == "envdoctor", f"not a command of ours: {line}"
    return words[1:]


def is_indexed(line: str) -> bool:
    words = line.rpartition(" | ")[2].removeprefix("envdoctor ")
    return words.startswith(INDEXED)


def is_ours(line: str) -> bool:
    return "envdoctor " in line and not line.startswith("pip ")


OFFLINE = [(page, line) for page, line in shown_lines() if is_ours(line) and not is_indexed(line)]


@pytest.mark.parametrize(("page", "line"), OFFLINE, ids=[f"{page}: {line}"[:120] for page, line in OFFLINE])
def test_a_command_that_is_shown_does_what_it_should(
    page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if line.startswith("envdoctor record") and "--force" not in line:
        (tmp_path / "machine.json").unlink()  # it never overwrites one that is there
    if line.startswith(SOURCES):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((tmp_path / "image.tar").read_bytes())))
    status = run(arguments_of(line))
    said = capsys.readouterr()
    assert status in {0, 1, 3}, f"{page}: {line}\n{said.err}"
    assert said.err == ""


def test_there_are_commands_in_every_kind_of_page() -> None:
    pages = {page for page, _line in shown_lines()}
    assert {"README.md", "docs/tour.md", "docs/how-to/ci-images.md", "docs/explanation/knowledge.md"} <= pages
    assert len(OFFLINE) > 30


@pytest.mark.parametrize(("page", "line"), [pair for pair in shown_lines() if is_ours(pair[1]) and is_indexed(pair[1])])
def test_commands_that_ask_an_index_can_at_least_be_read(
    page: str, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Their words are known: an option that is not there is told before anything is asked."""
    monkeypatch.chdir(tmp_path)
    words = arguments_of(line)
    assert run([*words[: 2 if words[0] in {"profiles", "knowledge"} else 1], "--help"]) == 0
    import typer.main

    from envdoctor.cli.app import build_app

    group = typer.main.get_command(build_app())
    context = group.make_context("envdoctor", list(words), resilient_parsing=True)
    name, command, rest = group.resolve_command(context, list(words))  # type: ignore[attr-defined]
    assert name is not None
    command.make_context(name, rest, parent=context, resilient_parsing=False).close()
