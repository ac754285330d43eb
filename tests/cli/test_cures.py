from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from envdoctor.cli.cures import fill_commands, filled_fix, package_commands
from envdoctor.model.facts import Package, Tool, Unknown
from envdoctor.model.findings import Fix
from envdoctor.model.record import replace
from tests.render.samples import ENVIRONMENT, FACTS, TOO_OLD, a_report, a_rule
from tests.rules.facts import environment, machine, package, python, windows

PYTHON = "/home/me/project/.venv/bin/python"
NO_PIP = replace(ENVIRONMENT, packages=(Package("torch", Version("2.9.1")),))
UV = Tool("uv", "/usr/bin/uv", Version("0.9"))
FIX = Fix("Install", packages=("torch==2.7.1",), index="https://download.pytorch.org/whl/cu118")


@pytest.mark.parametrize(
    ("fix", "changes", "commands"),
    [
        (FIX, {}, [f"{PYTHON} -m pip install --index-url https://download.pytorch.org/whl/cu118 torch==2.7.1"]),
        (Fix("Remove", remove=("onnxruntime",), packages=("onnxruntime-gpu",)), {},
         [f"{PYTHON} -m pip uninstall --yes onnxruntime", f"{PYTHON} -m pip install onnxruntime-gpu"]),
        (Fix("Install", packages=("numpy<2",)), {"environment": NO_PIP, "tools": (UV,)},
         [f"uv pip install --python {PYTHON} numpy<2"]),
        (Fix("Install", packages=("numpy<2",)), {"environment": NO_PIP},
         [f"{PYTHON} -m ensurepip", f"{PYTHON} -m pip install numpy<2"]),
        (Fix("Install", packages=("numpy<2",)), {"environment": None}, ["python -m pip install numpy<2"]),
        (Fix("Install", packages=("numpy<2",)), {"environment": replace(ENVIRONMENT, packages=Unknown("denied"))},
         [f"{PYTHON} -m pip install numpy<2"]),
        (Fix("Install", packages=("numpy<2",)), {"environment": replace(ENVIRONMENT, interpreter=Unknown("denied"))},
         ["python -m pip install numpy<2"]),
    ],
)  # fmt: skip
def test_packages_become_commands_for_that_environment(fix: Fix, changes: dict[str, Any], commands: list[str]) -> None:
    assert [" ".join(argv) for argv in package_commands(fix, replace(FACTS, **changes))] == commands


def test_only_fixes_with_packages_change() -> None:
    report = fill_commands(a_report((a_rule("driver-too-old", TOO_OLD),)))
    driver, packages = report.findings[0].fixes
    assert driver == TOO_OLD.fixes[0]
    assert packages.commands == (
        (PYTHON, "-m", "pip", "install", "--index-url", "https://download.pytorch.org/whl/cu118", "torch==2.7.1"),
    )  # fmt: skip
    assert packages.packages == ("torch==2.7.1",)
    assert fill_commands(a_report(())) == a_report(())


def test_a_distribution_s_python_is_left_alone_and_a_virtual_environment_comes_first() -> None:
    """Its pip refuses: "error: externally-managed-environment" (PEP 668)."""
    own = environment(
        package("numpy", "1.26.4"), interpreter=python("3.12.3", path="/usr/bin/python3"), prefix="/usr", kind="system"
    )
    fix = filled_fix(Fix("Install it", packages=("torch==2.9.1",)), machine(environment=own))
    assert fix.commands == (
        ("/usr/bin/python3", "-m", "venv", ".venv"),
        (".venv/bin/python", "-m", "pip", "install", "torch==2.9.1"),
    )
    assert "python3-venv" in fix.text
    elsewhere = filled_fix(Fix("Install it", packages=("torch==2.9.1",)), machine(environment=own, os=windows()))
    assert "venv" not in str(elsewhere.commands)
