"""The commands of the documentation that ask a package index or change an environment, page by page, in their order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.docs.place import furnish
from tests.docs.test_commands_shown import arguments_of, is_indexed, is_ours, shown_lines

pytestmark = pytest.mark.registry
PAGES = list(dict.fromkeys(page for page, line in shown_lines() if is_ours(line) and is_indexed(line)))
NEEDS_MORE = {"README.md": "shows output of a machine with a broken environment that this folder has not"}
"""Pages whose commands of this kind are run by tests of their own (tests/registry)."""


@pytest.mark.parametrize("page", [page for page in PAGES if page not in NEEDS_MORE])
def test_the_commands_of_a_page_work_one_after_the_other(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for shown, line in shown_lines():
        if shown != page:
            continue
        if line.startswith("pip download -r"):  # what the page lets another tool do
            words = line.split()[1:]
            subprocess.run([sys.executable, "-m", "pip", *words], check=True, cwd=tmp_path, capture_output=True)
        elif is_ours(line) and is_indexed(line):
            status = run(arguments_of(line))
            said = capsys.readouterr()
            allowed = {0} if " install " in f" {line} " or "rollback" in line else {0, 1, 3}
            assert status in allowed, f"{line}\n{said.out[-3000:]}\n{said.err}"
