"""Formats against what others publish of them: the schema of SARIF, and a reader of JUnit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from envdoctor.cli import run
from envdoctor.render.sarif import sarif_document
from tests.conftest import REPOSITORY
from tests.dockerfile.patterns import MISTAKES
from tests.render.test_odd_texts import REPORTS

pytestmark = pytest.mark.registry
RECORDINGS = sorted((REPOSITORY / "tests" / "recordings").glob("*.json"))
SCHEMA_PACKAGE = "@microsoft/jest-sarif"
"""An npm package that carries the schema as OASIS publishes it."""


@pytest.fixture(scope="module")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm, which fetches the package with the schema")
    folder = tmp_path_factory.mktemp("schema")
    subprocess.run([npm, "pack", "--silent", SCHEMA_PACKAGE], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        name = next(name for name in archive.getnames() if "schemas/sarif-2.1.0" in name)
        file = archive.extractfile(name)
        assert file is not None
        schema: dict[str, Any] = json.load(file)
        return schema


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_sarif_of_check_is_valid(recording: Path, sarif_schema: dict[str, Any], tmp_path: Path) -> None:
    written = tmp_path / "report.sarif"
    run(["check", "pytorch-cuda12", "--recording", str(recording), "--format", "sarif", "--facts", "-o", str(written)])
    jsonschema.validate(json.loads(written.read_text(encoding="utf-8")), sarif_schema)


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_of_odd_texts_is_valid(name: str, sarif_schema: dict[str, Any]) -> None:
    document = json.loads(json.dumps(sarif_document(REPORTS[name], {}), ensure_ascii=False).encode("utf-8", "replace"))
    jsonschema.validate(document, sarif_schema)


@pytest.mark.parametrize("mistake", MISTAKES, ids=[row[0] for row in MISTAKES])
def test_sarif_of_lint_is_valid(
    mistake: tuple[str, str, str, str, str, int], sarif_schema: dict[str, Any], tmp_path: Path
) -> None:
    _name, text, old, new, _rule, _line = mistake
    (tmp_path / "Dockerfile").write_text(text.replace(old, new), encoding="utf-8")
    run(["lint", str(tmp_path / "Dockerfile"), "--format", "sarif", "-o", str(tmp_path / "lint.sarif")])
    jsonschema.validate(json.loads((tmp_path / "lint.sarif").read_text(encoding="utf-8")), sarif_schema)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with junitparser, the reader that many CI tools use."""
    folder = tmp_path_factory.mktemp("reader")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", "junitparser"], check=True)
    return python


READ = """
import json, sys
from junitparser import JUnitXml, Failure, Error, Skipped
xml = JUnitXml.fromfile(sys.argv[1])
cases = [case for suite in xml for case in suite]
kinds = {Failure: "failure", Error: "error", Skipped: "skipped"}
print(json.dumps({
    "tests": xml.tests, "failures": xml.failures, "errors": xml.errors, "skipped": xml.skipped,
    "cases": {case.name: [kinds[type(result)] for result in case.result] for case in cases},
}))
"""


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_junit_is_read_back(recording: Path, reader: Path, tmp_path: Path) -> None:
    status = run(
        ["check", "--recording", str(recording), "--format", "junit", "-o", str(tmp_path / "report.xml"), "--also",
         f"json={tmp_path / 'report.json'}"]
    )  # fmt: skip
    ended = subprocess.run([str(reader), "-c", READ, str(tmp_path / "report.xml")], capture_output=True, text=True, check=True)
    said = json.loads(ended.stdout)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    failed = {finding["rule"] for finding in report["findings"] if finding["severity"] == "error"}
    assert {name for name, results in said["cases"].items() if "failure" in results} == failed
    assert said["tests"] == len(said["cases"])
    assert said["failures"] == len(failed)
    assert bool(said["failures"]) == (status == 1)
    assert said["skipped"] == sum(results == ["skipped"] for results in said["cases"].values())
