"""`check` on whole recorded machines, held against text files.

`python -m tests.cli.test_recorded` writes the files anew, to be read in the diff. How many rules passed or did not apply
is left out of the comparison: a new rule changes that on every machine.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from pathlib import Path

import jsonschema
import pytest

from envdoctor.cli import run
from tests.conftest import REPOSITORY
from tests.render.test_json_report import REPORT_SCHEMA

EXPECTED = Path(__file__).parent / "expected"
RECORDINGS = Path("tests") / "recordings"
MACHINES = {"healthy": 0, "old-driver": 1, "mismatch": 1, "cpu-build": 1, "no-gpu": 0, "companions": 1}
SHOWN = [(name, 80) for name in MACHINES] + [("old-driver", 40), ("old-driver", 120)]


def recording(name: str) -> str:
    return (RECORDINGS / f"made-{name}.json").as_posix()


def shown_for(name: str, width: int, *options: str) -> tuple[int, str]:
    """Exit status and standard output of a check, in a pipe of that width."""
    before = os.environ.get("COLUMNS"), os.getcwd()
    os.environ["COLUMNS"] = str(width)
    os.chdir(REPOSITORY)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(stream):
            status = run(["check", "--recording", recording(name), *options])
    finally:
        os.chdir(before[1])
        os.environ.pop("COLUMNS")
        os.environ.update({"COLUMNS": before[0]} if before[0] is not None else {})
    stream.seek(0)
    return status, stream.read()


def without_counts(text: str) -> str:
    return re.sub(r"\d+\s+(rules?\s+passed|did\s+not\s+apply)", r"N \1", " ".join(text.split(" ")))


def settled(text: str) -> list[str]:
    """Lines, the closing sentence as one, so that a count with one digit more does not change where it breaks."""
    body, _mark, closing = without_counts(text).rpartition("\n\n")
    return [*body.splitlines(), " ".join(closing.split())]


@pytest.mark.parametrize(("name", "width"), SHOWN)
def test_the_report_looks_as_it_should(name: str, width: int) -> None:
    status, shown = shown_for(name, width)
    assert settled(shown) == settled((EXPECTED / f"{name}-{width}.txt").read_text(encoding="utf-8"))
    assert status == MACHINES[name]


@pytest.mark.parametrize("name", MACHINES)
def test_json_says_the_same(name: str) -> None:
    status, shown = shown_for(name, 80, "--format", "json", "--facts")
    document = json.loads(shown)
    jsonschema.validate(document, REPORT_SCHEMA)
    assert status == MACHINES[name] == int(document["summary"]["error"] > 0)
    assert document["subject"] == {"kind": "recording", "name": recording(name)}
    assert document["facts"]["environment"]["prefix"] == "/home/user/project/.venv"
    causes = {finding["rule"] for finding in document["findings"]}
    text = shown_for(name, 80, "-v")[1]
    assert all(f"[{cause}" in text for cause in causes)


@pytest.mark.parametrize("name", MACHINES)
def test_two_runs_say_the_same(name: str) -> None:
    assert shown_for(name, 80, "--format", "json", "--facts") == shown_for(name, 80, "--format", "json", "--facts")


def test_the_verdict_does_not_depend_on_the_format_or_on_where_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert shown_for("old-driver", 80, "--format", "json", "-o", str(path)) == (1, "")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(shown_for("old-driver", 80, "--format", "json")[1])


@pytest.mark.parametrize(
    ("name", "options", "status"),
    [
        ("old-driver", ["--fail-on", "never"], 0),
        ("old-driver", ["--ignore", "driver-too-old,framework-cannot-use-gpu"], 0),
        ("old-driver", ["--select", "driver-too-old"], 1),
        ("old-driver", ["--select", "no-driver,disk-full", "--select", "avx-missing"], 0),
        ("healthy", ["--fail-on", "info", "--strict"], 0),
        ("mismatch", ["--ignore", "driver-library-mismatch", "--strict", "--fail-on", "info"], 1),
    ],
)  # fmt: skip
def test_exit_statuses(name: str, options: list[str], status: int) -> None:
    assert shown_for(name, 80, *options)[0] == status


def test_select_and_ignore_choose_the_rules() -> None:
    document = json.loads(shown_for("old-driver", 80, "--format", "json", "--select", "driver-too-old,no-driver")[1])
    assert [finding["rule"] for finding in document["findings"]] == ["driver-too-old"]
    assert document["summary"]["passed"] + document["summary"]["skipped"] == 1


if __name__ == "__main__":
    EXPECTED.mkdir(exist_ok=True)
    for name, width in SHOWN:
        (EXPECTED / f"{name}-{width}.txt").write_text(shown_for(name, width)[1], encoding="utf-8")
