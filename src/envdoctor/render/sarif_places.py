"""Where a finding is, in SARIF's terms: a file to open, and the facts that it rests on.

Code scanning wants a file for every result. It is the first of: a file that the evidence was read from, the profile's
file for what a profile demands, the file that marks the environment or its interpreter, the file that was given to be
looked at, and the one that names the operating system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from envdoctor.model.facts import PythonEnvironment, Unknown, known
from envdoctor.model.findings import Finding, Report

ROOT = "ROOT"
"""Name of the base of absolute paths: `/` of the machine or image that was looked at."""

_MARKERS = {"venv": "pyvenv.cfg", "virtualenv": "pyvenv.cfg", "uv": "pyvenv.cfg", "pipx": "pyvenv.cfg",
            "conda": "conda-meta/history"}  # fmt: skip
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def bases(report: Report) -> dict[str, Any]:
    """What relative addresses are relative to; where an image or a recording was mounted nobody knows."""
    if report.subject.kind in {"live", "python"}:
        return {ROOT: {"uri": "file:///"}}
    return {ROOT: {"description": {"text": f"The root of what was looked at: {report.subject.kind} {report.subject.name}"}}}


def locations(finding: Finding, report: Report) -> list[dict[str, Any]]:
    """One location: the file, and what in it."""
    names = dict.fromkeys(item.fact for item in finding.evidence if item.fact)
    logical = [{"fullyQualifiedName": name, "kind": "fact"} for name in names] or [
        {"fullyQualifiedName": finding.rule, "kind": "rule"}
    ]
    artifact = next(_artifacts(finding, report), None)
    if artifact is None:
        return [{"logicalLocations": logical}]
    physical = {"artifactLocation": artifact, "region": {"startLine": 1}}
    return [{"physicalLocation": physical, "logicalLocations": logical}]


def artifact_location(path: str) -> dict[str, Any]:
    """The address of a file: absolute paths from ROOT, so that they are the same on every machine."""
    from urllib.parse import quote

    if _DRIVE.match(path):
        return {"uri": "file:///" + quote(path.replace("\\", "/"), safe="/:", errors="replace")}
    if path.startswith("/"):
        return {"uri": quote(path.lstrip("/"), errors="replace"), "uriBaseId": ROOT}
    return {"uri": quote(path.removeprefix("./"), errors="replace")}


def _artifacts(finding: Finding, report: Report) -> Iterator[dict[str, Any]]:
    """Files that may stand for a finding, the best first."""
    yield from (artifact_location(item.source) for item in finding.evidence if is_file_path(item.source))
    profile = report.profile or ""
    if profile.endswith((".yaml", ".yml")) and _is_demand(finding, report):
        yield artifact_location(profile)
    yield from map(artifact_location, _environment_files(report.facts.environment))
    if report.subject.kind in {"recording", "report", "image"} and report.subject.name not in {"-", "standard input"}:
        yield artifact_location(report.subject.name)
    if not isinstance(report.facts.os, Unknown):
        yield from (artifact_location(path) for path in report.facts.os.source.split(", ") if is_file_path(path))


def _is_demand(finding: Finding, report: Report) -> bool:
    """Whether it is the profile that asks for what is missing."""
    return any(outcome.rule.for_profile for outcome in report.outcomes if outcome.rule.name == finding.rule)


def _environment_files(environment: PythonEnvironment | Unknown | None) -> Iterator[str]:
    """The file that makes a folder an environment, then its interpreter."""
    if environment is None or isinstance(environment, Unknown):
        return
    marker = _MARKERS.get(known(environment.kind, ""))
    if marker and is_file_path(environment.prefix):
        yield f"{environment.prefix}/{marker}"
    if not isinstance(environment.interpreter, Unknown):
        path = known(environment.interpreter.path, "") or ""
        if is_file_path(path):
            yield path


def is_file_path(text: str) -> bool:
    """Whether a text is one absolute path."""
    return len(text) > 1 and (text.startswith("/") or bool(_DRIVE.match(text))) and ", " not in text and text.isprintable()
