"""A newcomer with only the README: its three commands in a scratch clone lead to a verified `pytorch-cpu` environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytestmark = [
    pytest.mark.registry,
    pytest.mark.skipif(os.name == "nt" or shutil.which("git") is None, reason="the commands are for a Unix shell, on a clone"),
]


def first_commands() -> list[str]:
    """What the README says first, and the command that makes an environment that works."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    install = re.search(r"`(\.venv/bin/envdoctor install [^`]+)`", text)
    assert install is not None
    return [*block[1].splitlines(), install[1]]


def test_three_commands_lead_to_an_environment_that_works(tmp_path: Path) -> None:
    clone = tmp_path / "envdoctor"
    cloned = subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(clone)], capture_output=True, text=True, check=False)
    if cloned.returncode:
        pytest.skip(f"no clone of this tree: {cloned.stderr}")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)
    given = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH"):
        given.pop(name, None)
    make, install, look, set_up = first_commands()
    told = {}
    for command in (make, install, look, set_up):
        ran = subprocess.run(["bash", "-c", command], cwd=clone, env=given, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{command}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
        told[command] = ran.stdout
    assert told[look].startswith("envdoctor check")
    assert re.search(r"works: torch on cpu \(torch [\d.]+", told[set_up]), told[set_up]
    proof = "import torch; print(torch.ones(2, 2).sum().item())"
    ran = subprocess.run([str(clone / "my-env/bin/python"), "-c", proof], capture_output=True, text=True, check=False)
    assert ran.stdout == "4.0\n", ran.stderr
