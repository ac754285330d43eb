"""Packages and versions as the interpreters of this machine see them themselves."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys

import pytest

from envdoctor.model.facts import PythonEnvironment, Unknown
from envdoctor.probes.metadata import normalize_name
from envdoctor.probes.python_environment import probe_environment
from envdoctor.system.live import Live

QUESTION = """
import json, sys
try:
    from importlib.metadata import distributions
    found = [(d.metadata["Name"], d.version, d.requires) for d in distributions() if d.metadata["Name"]]
except ImportError:
    import pkg_resources
    found = [(d.project_name, d.version, None) for d in pkg_resources.working_set]
flags = getattr(sys, "abiflags", "")
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "flags": flags, "prefix": sys.prefix, "found": found}))
"""


def interpreters() -> list[str]:
    """What is installed here: pyenv's versions, the PATH's own, and the environment that runs the tests."""
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    found = sorted(glob.glob(os.path.join(glob.escape(root), "versions", "*", "bin", "python")))
    return [*found, *filter(None, [shutil.which("python3", path="/usr/bin:/usr/local/bin")]), sys.executable]


@pytest.mark.oracle
@pytest.mark.parametrize("executable", interpreters())
def test_packages_equal_what_the_interpreter_finds(executable: str) -> None:
    environment = probe_environment(Live(), executable)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run([executable, "-c", QUESTION], capture_output=True, text=True, check=False, env=clean, cwd="/")
    if isinstance(environment, Unknown):
        assert "Python 2.7" in environment.reason
        return
    assert isinstance(environment, PythonEnvironment)
    said = json.loads(ran.stdout)
    assert not isinstance(environment.interpreter, Unknown)
    assert str(environment.interpreter.version) == said["version"]
    assert environment.interpreter.abi == f"cp{''.join(said['version'].split('.')[:2])}{said['flags']}"
    assert os.path.realpath(environment.prefix) == os.path.realpath(said["prefix"])
    theirs = {normalize_name(name): (version, requires) for name, version, requires in reversed(said["found"])}
    assert isinstance(environment.packages, tuple)
    ours = {package.name: package for package in environment.packages if not package.name.startswith("~")}
    assert sorted(ours) == sorted(theirs)
    for name, (version, requires) in theirs.items():
        package = ours[name]
        stated = package.version.reason if isinstance(package.version, Unknown) else str(package.version)
        assert version in stated or stated == version, name
        if requires is not None:
            assert isinstance(package.requires, tuple)
            assert sorted(package.requires) == sorted(requires), name
