"""Real reports with known causes, where they lie beside the project: how many does `check --report` get right?"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

SCORE = re.compile(r"top \d+/\d+ = (\d+)%, any \d+/\d+ = (\d+)%, false alarms (\d+)/\d+ = \d+%, failed (\d+)")


@pytest.mark.oracle
def test_most_real_reports_are_diagnosed_right(shared_folder):
    script = shared_folder / "score_reports.py"
    if not script.is_file() or not (shared_folder / "reports").is_dir():
        pytest.skip("no reports beside the project")
    ran = subprocess.run(
        [sys.executable, str(script), "--misses", "--cmd", f"{sys.executable} -m envdoctor"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    score = SCORE.search(ran.stdout)
    assert score, ran.stdout + ran.stderr
    top, found, alarms, failed = map(int, score.groups())
    assert (top >= 92, found >= 97, alarms, failed) == (True, True, 0, 0), ran.stdout
