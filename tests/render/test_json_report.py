"""The JSON of the contract: its shape is pinned here."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor import __version__
from envdoctor.model.facts import DriverVersion, Facts, NvmlFailure, Subject, Unknown
from envdoctor.model.record import fields, replace
from envdoctor.render.facts_document import as_data, facts_document
from envdoctor.render.facts_text import render_facts
from envdoctor.render.json_report import report_document
from tests.render.samples import CONTAINED, FACTS, HEALTHY, NOTHING_KNOWN, a_report, a_rule


def closed(**properties: Any) -> dict[str, Any]:
    """An object with just these keys, all of them there."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
TEXTS = {"type": "array", "items": TEXT}
FINDING = closed(
    rule={"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    severity={"enum": ["error", "warning", "info"]},
    confidence={"enum": ["certain", "likely", "possible"]},
    title=TEXT,
    detail=TEXT,
    evidence={"type": "array", "items": closed(fact=TEXT, value=TEXT, source=TEXT)},
    explains=TEXTS,
    fixes={
        "type": "array",
        "items": closed(title=TEXT, safe={"type": "boolean"}, commands={"type": "array", "items": TEXTS}, text=TEXT),
    },
    url=TEXT,
)
REPORT_SCHEMA = closed(
    schema={"const": "envdoctor.report/1"},
    tool=closed(version=TEXT, knowledge={"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}),
    subject=closed(kind={"enum": ["live", "python", "rootfs", "image", "recording", "report"]}, name=TEXT),
    profile={"type": ["string", "null"]},
    summary=closed(error=COUNT, warning=COUNT, info=COUNT, passed=COUNT, skipped=COUNT, unknown=COUNT, crashed=COUNT),
    findings={"type": "array", "items": FINDING},
    undecided={"type": "array", "items": closed(rule=TEXT, reason=TEXT)},
    facts={"type": "object"},
)


@pytest.mark.parametrize("facts", [False, True])
@pytest.mark.parametrize("report", [a_report(), a_report(HEALTHY, CONTAINED, "pytorch-cpu"), a_report((), NOTHING_KNOWN)])
def test_the_shape_is_that_of_the_contract(report: Any, facts: bool) -> None:
    document = json.loads(json.dumps(report_document(report, facts)))
    jsonschema.validate(document, REPORT_SCHEMA)
    assert bool(document["facts"]) is facts


def test_what_it_says() -> None:
    document = report_document(a_report())
    assert document["tool"] == {"version": __version__, "knowledge": "2026-11-21"}
    assert document["subject"] == {"kind": "live", "name": "this machine"}
    assert document["summary"] == {"error": 2, "warning": 1, "info": 1, "passed": 2, "skipped": 2, "unknown": 2, "crashed": 0}
    assert [finding["rule"] for finding in document["findings"]] == [
        "driver-too-old", "container-shm-too-small", "governor", "framework-cannot-use-gpu",
    ]  # fmt: skip
    first = document["findings"][0]
    assert first["explains"] == ["framework-cannot-use-gpu"]
    assert first["evidence"][0] == {"fact": "driver.version", "value": "470.82.01", "source": "NVML"}
    assert first["fixes"][0]["commands"] == [["sudo", "apt", "install", "nvidia-driver-580"]]
    assert first["url"] == "docs/rules/driver-too-old.md"
    assert document["undecided"] == [
        {"rule": "fabric-manager", "reason": "NVML: no permission"},
        {"rule": "gpu-hardware", "reason": "NVML: no permission"},
    ]


def test_a_crash_is_undecided_and_says_so() -> None:
    document = report_document(a_report((a_rule("numpy2-abi", end=KeyError("numpy")),)))
    assert document["summary"]["crashed"] == 1
    assert document["undecided"][0]["reason"].startswith("the rule crashed: KeyError")


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None), (True, True), (0, 0), (1.5, 1.5), ("x", "x"), (Unknown("why"), {"unknown": "why"}),
        (Version("2.9.1+cu128"), "2.9.1+cu128"), (DriverVersion("535.104.05"), "535.104.05"), (NvmlFailure.GPU_LOST, "GPU lost"),
        (frozenset({"b", "a"}), ["a", "b"]), ((8, 0), [8, 0]), ({"b": 1, "a": (2,)}, {"a": [2], "b": 1}),
        (Subject("live", "x"), {"kind": "live", "name": "x"}), (SpecifierSet(">=2"), ">=2"), ((), []),
    ],
)  # fmt: skip
def test_values_as_data(value: object, data: object) -> None:
    assert as_data(value) == data
    assert type(as_data(value)) is type(data)


@pytest.mark.parametrize("facts", [FACTS, CONTAINED, NOTHING_KNOWN])
def test_every_fact_is_there_as_json_and_as_text(facts: Facts) -> None:
    document = facts_document(facts)
    assert json.loads(json.dumps(document)) == document
    assert list(document) == list(fields(facts))
    shown = render_facts(facts, 80, color=False)
    assert all(name.replace("_", " ") in shown for name in fields(facts))


def test_facts_as_text_say_units_nothing_and_why_not() -> None:
    shown = render_facts(replace(CONTAINED, toolkits=Unknown("no permission")), 80, color=False)
    assert "  total                 1 TiB" in shown
    assert "  cpu cores             8\n" in shown
    assert "  features              avx, avx2" in shown
    assert "toolkits                unknown: no permission" in shown
    assert "  nvidia injected       yes" in shown
    assert "  CUDA_HOME = /usr/local/cuda" in shown
    assert "    compute capability  8.0" in shown
    assert "    torch 2.9.1+cu128" in shown
    assert all(len(line) <= 40 for line in render_facts(FACTS, 40, color=False).splitlines())
