"""Commands inside the files that the documentation shows (jobs of CI systems, Kubernetes, Slurm): each is run as well."""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.conftest import REPOSITORY
from tests.docs.place import furnish
from tests.docs.test_commands_shown import PAGES

_BLOCK = re.compile(r"^ *```(?P<kind>yaml|groovy|sh)[^\n]*\n(?P<text>.*?)^ *```", re.MULTILINE | re.DOTALL)
_LIST = re.compile(r"\[envdoctor, (?P<words>[^\]]*)\]")
_PLAIN = re.compile(r"(?:^|[\s/])envdoctor (?P<words>[a-z]+ [^'\n]*)")
STANDS_FOR = {"$SLURM_JOB_ID": "4711", "$VIRTUAL_ENV": "torch-env", "/var/log/envdoctor/": "./"}


def commands_in_files() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            text = re.sub(r"\\\n\s*", "", block["text"])
            for line in text.splitlines():
                if line.lstrip().startswith("#") or ".venv/bin/" in line:
                    continue  # a remark; and what the README's newcomer types, which tests/docs/test_newcomer.py does
                listed, plain = _LIST.search(line), _PLAIN.search(line)
                if listed:
                    words = [word.strip().strip('"') for word in re.split(r", (?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", listed["words"])]
                    yield page.relative_to(REPOSITORY).as_posix(), shlex.join(words)
                elif plain:
                    yield page.relative_to(REPOSITORY).as_posix(), plain["words"].split(" || ")[0]


FOUND = sorted(set(commands_in_files()))


def test_the_pages_for_ci_and_clusters_have_such_commands() -> None:
    assert {"docs/how-to/ci-images.md", "docs/how-to/slurm-kubernetes.md"} <= {page for page, _words in FOUND}


@pytest.mark.parametrize(("page", "words"), FOUND, ids=[f"{page}: {words}"[:110] for page, words in FOUND])
def test_a_command_in_a_file_does_what_it_should(
    page: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    if "--image -" in words:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((tmp_path / "image.tar").read_bytes())))
    for name, value in STANDS_FOR.items():
        words = words.replace(name, value)
    status = run(shlex.split(words))
    assert status in {0, 1, 3}, f"{page}: {words}\n{capsys.readouterr().err}"
