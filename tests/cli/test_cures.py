from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from envdoctor.cli.cures import fill_commands, filled_fix, package_commands
from envdoctor.model.facts import Package, Subject, Tool, Unknown
from envdoctor.model.findings import Fix
from envdoctor.model.libraries import EnvironmentFault
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


def test_what_was_pasted_leaves_pip_out() -> None:
    """`pip freeze` does not list it: that it is missing there says nothing."""
    pasted = replace(FACTS, environment=NO_PIP, subject=Subject("report", "issue.txt"))
    assert package_commands(Fix("Install", packages=("numpy<2",)), pasted) == ((PYTHON, "-m", "pip", "install", "numpy<2"),)


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


@pytest.mark.parametrize(
    ("fix", "commands"),
    [
        (Fix("Upgrade", packages=("six>=1.16",)), ["rm -r /v/six-1.15.0.dist-info", f"{PYTHON} -m pip install six>=1.16"]),
        (Fix("Again", commands=(("python", "-m", "pip", "install", "--force-reinstall", "six==1.15.0"),)),
         ["rm -r /v/six-1.15.0.dist-info", f"{PYTHON} -m pip install --force-reinstall six==1.15.0"]),
        (Fix("Again", commands=(("python", "-m", "pip", "install", "--ignore-installed", "six==1.15.0"),)),
         [f"{PYTHON} -m pip install --ignore-installed six==1.15.0"]),
        (Fix("Another", packages=("numpy<2",)), [f"{PYTHON} -m pip install numpy<2"]),
    ],
)  # fmt: skip
def test_metadata_without_a_list_of_files_makes_room_first(fix: Fix, commands: list[str]) -> None:
    """Pip refuses to replace such a package: "Cannot uninstall six 1.15.0, RECORD file not found"."""
    fault = EnvironmentFault("missing-record", ("six",), ("/v/six-1.15.0.dist-info/RECORD",), 1, "/v/six-1.15.0.dist-info")
    facts = replace(FACTS, environment=replace(ENVIRONMENT, faults=(fault,)))
    assert [" ".join(argv) for argv in filled_fix(fix, facts).commands] == commands
