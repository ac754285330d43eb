"""The house rules that neither ruff, mypy nor import-linter can see."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "src" / "envdoctor"
FILES = sorted(SOURCE.rglob("*.py"))
HOMELESS = {"utils", "common", "core", "helpers", "base", "manager", "handler", "helper", "misc"}
TWO_GUARDS = {"engine.py", "probes/collecting.py"}
MACHINE_MODULES = {"os", "subprocess", "pathlib", "socket", "shutil", "tempfile", "glob", "urllib", "ctypes", "io"}


def is_touching(module: str) -> bool:
    return module.split(".")[0] in MACHINE_MODULES and module != "urllib.parse"


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_every_module_says_what_it_is_for(trees: dict[str, ast.Module]) -> None:
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_no_room_is_homeless() -> None:
    named_by_nvidia = "fabric_manager"  # a service, and the rule that the contract names after it
    names = (name_of(path).removesuffix(".py").replace(named_by_nvidia, "fabric") for path in FILES)
    words = {part for name in names for part in name.replace("_", "/").split("/")}
    assert words & HOMELESS == set()


def test_files_stay_under_300_lines() -> None:
    lengths = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in FILES}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_functions_stay_under_50_lines(trees: dict[str, ast.Module]) -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 50
    ]
    assert long == []


def test_broad_excepts_are_the_two_guards(trees: dict[str, ast.Module]) -> None:
    def is_broad(node: ast.ExceptHandler) -> bool:
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(one is None or (isinstance(one, ast.Name) and one.id in {"Exception", "BaseException"}) for one in caught)

    handlers = [(name, node) for name, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert {name for name, node in handlers if is_broad(node)} - TWO_GUARDS == set()


def test_probes_and_rules_import_nothing_that_touches_a_machine(trees: dict[str, ast.Module]) -> None:
    touching = []
    for name, tree in trees.items():
        if not name.startswith(("probes/", "rules/", "reports/", "model/", "engine.py", "install/planner", "install/backends/")):
            continue
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            touching += [f"{name}: {module}" for module in names if is_touching(module)]
    assert touching == []


def test_the_package_itself_imports_nothing() -> None:
    """What it offers to programs is imported when it is first asked for; test_api sees that it is so."""
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    lines = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [node.module for node in lines if isinstance(node, ast.ImportFrom)] == ["__future__"]
    assert not [node for node in lines if isinstance(node, ast.Import)]


def test_every_listed_rule_is_a_file_and_every_file_is_listed() -> None:
    from envdoctor.rules import ALL, RECIPES

    folder = SOURCE / "rules"
    there = {f"{path.parent.name}.{path.stem}" for path in folder.glob("*/*.py") if not path.stem.startswith("_")}
    listed = {*ALL, *RECIPES}
    assert listed - there == set()
    declared = {name for name in there if "@rule(" in (folder / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")}
    assert declared - listed == set()
    assert len(ALL) + len(RECIPES) == len(listed)


def test_nothing_is_patched_outside_the_system_tests() -> None:
    patching = re.compile(r"mock\.patch|monkeypatch\.setattr\(.*\b(os|subprocess|builtins)\b")
    tests = [path for path in (REPOSITORY / "tests").rglob("*.py") if path.parent.name != "system" and path != Path(__file__)]
    assert [path.name for path in tests if patching.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_of_a_builders_machine_is_in_the_repository() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    private = re.compile(rb"/root/\.pyenv|/work/(main|shared)|/opt/(wheels|pypi)|/tmp/envs")
    names = [name for name in tracked.stdout.split("\0") if name]
    paths = [REPOSITORY / name for name in names if name != "tests/test_house.py"]
    assert [str(path) for path in paths if path.is_file() and private.search(path.read_bytes())] == []


def test_check_imports_nothing_heavy() -> None:
    """What `check` must not pay for at start: see docs/decisions/0004-quick-path.md."""
    heavy = ("typer", "rich", "pydantic", "yaml", "dataclasses", "inspect", "psutil", "pynvml", "importlib.metadata", "asyncio",
             "urllib.parse")  # fmt: skip
    code = (
        "import sys\n"
        "import packaging.version\n"  # brings inspect along on Python 3.13 and newer
        "free = set(sys.modules)\n"
        "from envdoctor.cli import run\n"
        "run(['check', '--fail-on', 'never', '-o', sys.argv[1]])\n"
        "from envdoctor.rules import load_rules\n"
        "load_rules(for_profile=False)\n"  # also those that this machine ends at a glance
        f"print([name for name in {heavy!r} if name in sys.modules and name not in free])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, "-"], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1:] == ["[]"], ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["made-healthy", "made-no-gpu"])
def test_check_compiles_few_regular_expressions(name: str) -> None:
    """They were a tenth of its time: 119 of them, most of which nothing asked. What is left are those that a look needs."""
    code = (
        "import re, sys\n"
        "import json, packaging.version\n"  # compile nine that nobody can spare
        "before = len(re._cache)\n"
        "from envdoctor.cli import run\n"
        "run(['check', '--fail-on', 'never', '--recording', sys.argv[1], '-o', sys.argv[2]])\n"
        "print(len(re._cache) - before, *(name for name in sys.modules if name.startswith('envdoctor.')))\n"
    )
    command = [sys.executable, "-c", code, str(REPOSITORY / "tests" / "recordings" / f"{name}.json"), "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    count, *modules = ran.stdout.splitlines()[-1].split()
    assert int(count) <= 34, ran.stdout + ran.stderr
    code = (
        "import re, sys, importlib\n"
        "import json, packaging.version\n"
        "before = len(re._cache)\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(*(repr(key[1]) for key in list(re._cache)[before:]), sep='\\n')\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True, check=False)
    assert len(ran.stdout.splitlines()) <= 8, f"compiled as modules are read:\n{ran.stdout}{ran.stderr}"
