"""The commands of the documentation that ask a package index or change an environment, page by page, in their order."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.broken.making import make_wheel
from tests.docs.place import furnish
from tests.docs.test_commands_shown import arguments_of, is_indexed, is_ours, shown_lines

pytestmark = pytest.mark.registry
PAGES = list(dict.fromkeys(page for page, line in shown_lines() if is_ours(line) and is_indexed(line)))
READMES = frozenset(("README.md", "docs/zh/README.md"))
"""They repair an environment that is broken."""


def break_environment(folder: Path) -> None:
    """A real environment in place of the one that is read only: numpy is too new for what lies beside it."""
    shutil.rmtree(folder)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "numpy>=2"], check=True)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
    )
    wheel = make_wheel("compiled-thing", "1.0", "numpy<2,>=1.21", **{"compiled_thing/__init__.py": ""})
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        archive.extractall(site.stdout.strip())


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_one_after_the_other(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    furnish(tmp_path)
    if page in READMES:
        break_environment(tmp_path / "torch-env")
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
            allowed = {0} if any(f" {word} " in f" {line} " for word in ("install", "rollback", "fix")) else {0, 1, 3}
            assert status in allowed, f"{line}\n{said.out[-3000:]}\n{said.err}"
