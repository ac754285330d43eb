"""Every check of the project, one after the other: formatting, lint, types, layers, tests.

    python .ci/test.py [--fix] [pytest options]

Runs with the interpreter it is started with, where it first installs the tools if they are not there, and ends with the
number of checks that failed as its exit status. Options other than --fix go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("hypothesis", "importlinter", "jsonschema", "mypy", "pytest", "pytest_rerunfailures", "ruff", "xdist", "yaml")
CODE = ["src", "tests", "benchmarks", "docs", "hatch_build.py", ".ci/test.py"]


def main(arguments: list[str]) -> int:
    """Run all checks, print one line for each, and return how many failed."""
    install_tools()
    fix = "--fix" in arguments
    rest = [argument for argument in arguments if argument != "--fix"]
    python, lint_imports = sys.executable, str(Path(sysconfig.get_path("scripts")) / "lint-imports")
    checks = {
        "ruff format": [python, "-m", "ruff", "format", *([] if fix else ["--check"]), *CODE],
        "ruff check": [python, "-m", "ruff", "check", *(["--fix"] if fix else []), *CODE],
        "mypy": [python, "-m", "mypy"],
        "import-linter": [lint_imports, "--no-cache"],
        "pytest": [python, "-m", "pytest", "-n", str(min(4, os.cpu_count() or 1)), *rest],
    }
    outcomes = {name: passes(name, command) for name, command in checks.items()}
    print()
    for name, (passed, seconds) in outcomes.items():
        print(f"{'ok    ' if passed else 'FAILED'} {name} ({seconds:.0f} s)")
    return sum(1 for passed, _seconds in outcomes.values() if not passed)


def install_tools() -> None:
    """Bring the tools, and the project as an editable install, where they are missing.

    Raises:
        subprocess.CalledProcessError: pip could not.
    """
    if sys.prefix == sys.base_prefix:
        sys.exit("run this with the Python of an environment: .venv/bin/python .ci/test.py")
    missing = [tool for tool in TOOLS if find_spec(tool) is None]
    package = find_spec("envdoctor")
    if missing or package is None or package.origin is None or ROOT not in Path(package.origin).parents:
        print('== pip install -e ".[dev]"', flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-e", ".[dev]"], cwd=ROOT, check=True)


def passes(name: str, command: list[str]) -> tuple[bool, float]:
    """Run one check, its output shown; whether it passed, and its time in seconds."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    return status == 0, time.monotonic() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
