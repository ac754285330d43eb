"""Conflicts against `pip check` and `uv pip check`, in environments broken on purpose, for every Python that is here.

Wheels are made for the test and unpacked as pip does; conditions in requirements are evaluated by each interpreter itself.
"""

from __future__ import annotations

import glob
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from envdoctor.model.facts import Facts, PythonEnvironment, Subject
from envdoctor.probes.operating_system import probe_operating_system
from envdoctor.probes.python_environment import probe_environment
from envdoctor.rules.requirements import normalized, unmet_requirements
from envdoctor.system.live import Live
from tests.broken.making import make_wheel

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(sys.platform == "win32", reason="looks where POSIX systems put things")]

PACKAGES = (
    ("alpha", "1.0", "beta>=2", "gamma", 'delta<1; python_version < "3"', "Zeta_Eta==1.*"),
    ("beta", "1.5", "alpha>=1,<2", 'missing-always', 'missing-on-windows; sys_platform == "win32"'),
    ("delta", "2.0rc1", "alpha~=1.0", "beta!=1.5", "delta-extra; extra == 'more'"),
    ("epsilon", "3.0+cu128", "delta>=2", "iota==1.0", 'alpha>9; platform_machine == "sparc" or python_full_version < "3.1"'),
    ("zeta-eta", "1.4.post1", "epsilon==3.0", "theta (>=1.0,<2.0)", "alpha[more]>=0.5"),
    ("theta", "2.0", 'kappa; python_version >= "3.10"', 'kappa; python_version < "3.10" and os_name == "posix"'),
    ("iota", "1.0+local", "epsilon===3.0+cu128", "delta>=2.0", 'implementation; platform_python_implementation == "PyPy"'),
)  # fmt: skip
_PIP = re.compile(r"^(\S+) \S+ (?:requires|has requirement) ([A-Za-z0-9._-]+)")
_UV = re.compile(r"^The package `([^`]+)` requires `([A-Za-z0-9._-]+)")


def interpreters() -> list[str]:
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    found = sorted(glob.glob(os.path.join(glob.escape(root), "versions", "3.*", "bin", "python")))
    return [*found, sys.executable]


@pytest.fixture(scope="module", params=interpreters())
def prefix(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment of an interpreter, with pip and the packages."""
    folder = tmp_path_factory.mktemp("broken") / "env"
    made = subprocess.run([request.param, "-m", "venv", str(folder)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"{request.param} makes no virtual environments: {made.stderr.strip()[-200:]}")
    site = next(folder.glob("lib/python3*/site-packages"))
    for name, version, *requires in PACKAGES:
        with zipfile.ZipFile(io.BytesIO(make_wheel(name, version, *requires))) as archive:
            archive.extractall(site)
    return folder


def ours(prefix: Path) -> set[tuple[str, str]]:
    system = Live()
    environment = probe_environment(system, str(prefix))
    assert isinstance(environment, PythonEnvironment)
    facts = Facts(Subject("python", str(prefix)), os=probe_operating_system(system), environment=environment)
    return {(one.demander.name, one.name) for one in unmet_requirements(facts, environment)}


def told(argv: list[str], pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    found = [match for line in (ran.stdout + ran.stderr).splitlines() if (match := pattern.match(line.strip()))]
    assert found, ran.stdout + ran.stderr
    return {(normalized(match[1]), normalized(match[2])) for match in found}


def test_as_pip_check_says(prefix: Path) -> None:
    theirs = told([str(prefix / "bin" / "python"), "-m", "pip", "check"], _PIP)
    assert ours(prefix) == theirs


def test_as_uv_pip_check_says(prefix: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=os.path.dirname(sys.executable))
    if uv is None:
        pytest.skip("needs uv")
    theirs = told([uv, "pip", "check", "--offline", "--python", str(prefix / "bin" / "python")], _UV)
    assert ours(prefix) == theirs
