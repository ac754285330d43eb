"""SARIF against the parts of its schema that are used, written here by hand after sarif-schema-2.1.0.json.

Like there, an object has no properties but those that are named, and addresses are checked for what they must be:
`helpUri` and bases absolute, those of artifacts any reference.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor import __version__
from envdoctor.model.facts import Facts, Subject, Unknown
from envdoctor.model.findings import Evidence, Finding, Fix, Severity
from envdoctor.model.record import replace
from envdoctor.model.unknown import Undecided
from envdoctor.render.sarif import SCHEMA, sarif_document
from envdoctor.render.sarif_places import artifact_location
from tests.render.samples import FACTS, NOTHING_KNOWN, SICK, TOO_OLD, a_report, a_rule

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
BAG: Schema = {"type": "object", "properties": {"tags": {"type": "array", "items": TEXT, "uniqueItems": True}}}
PLACE: Schema = {"type": "integer", "minimum": -1}
LEVEL: Schema = {"enum": ["none", "note", "warning", "error"]}


def a_list(items: Schema, unique: bool = False) -> Schema:
    return {"type": "array", "items": items, "uniqueItems": unique}


def named(required: str = "", **properties: Schema) -> Schema:
    """An object with none but these properties, and a bag for others."""
    known = {**properties, "properties": BAG}
    return {"type": "object", "properties": known, "required": required.split(), "additionalProperties": False}


MESSAGE = named("text", text=TEXT, markdown=TEXT)
RULE = named(
    "id", id=TEXT, name=TEXT, shortDescription=MESSAGE, fullDescription=MESSAGE, help=MESSAGE,
    helpUri={"type": "string", "pattern": "^[a-z]+:"}, defaultConfiguration=named(level=LEVEL),
)  # fmt: skip
ARTIFACT = named(uri=TEXT, uriBaseId=TEXT, index=PLACE, description=MESSAGE)
BASE = named(uri={"type": "string", "pattern": "^[a-z]+:.*/$"}, uriBaseId=TEXT, description=MESSAGE)
LOCATION = named(
    physicalLocation=named(
        "artifactLocation", artifactLocation=ARTIFACT, region=named("startLine", startLine={"type": "integer", "minimum": 1})
    ),
    logicalLocations=a_list(named(name=TEXT, fullyQualifiedName=TEXT, kind=TEXT), unique=True),
)  # fmt: skip
RESULT = named(
    "message", ruleId=TEXT, ruleIndex=PLACE, level=LEVEL, message=MESSAGE, locations=a_list(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
)  # fmt: skip
NOTIFICATION = named("message", message=MESSAGE, level=LEVEL, associatedRule=named("id", id=TEXT, index=PLACE))
INVOCATION = named(
    "executionSuccessful", executionSuccessful={"type": "boolean"}, exitCode={"type": "integer"}, exitCodeDescription=TEXT,
    toolExecutionNotifications=a_list(NOTIFICATION),
)  # fmt: skip
RUN = named(
    "tool",
    tool=named("driver", driver=named("name", name=TEXT, version=TEXT, rules=a_list(RULE, unique=True))),
    automationDetails=named(id=TEXT), invocations=a_list(INVOCATION), results=a_list(RESULT),
    originalUriBaseIds={"type": "object", "additionalProperties": BASE},
)  # fmt: skip
LOG = named("version runs", version={"const": "2.1.0"}, runs=a_list(RUN), **{"$schema": TEXT})
PAGES = {"driver-too-old": ("The driver is too old.", (("What it checks", "Its age."), ("How to fix", "A newer one.")))}


def run_of(*arguments: Any, **settings: Any) -> dict[str, Any]:
    """The one run of a document that is valid, as it is read back."""
    document = json.loads(json.dumps(sarif_document(a_report(*arguments, **settings), PAGES, facts=True)))
    jsonschema.validate(document, LOG)
    assert document["$schema"] == SCHEMA
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def address_of(*arguments: Any, **settings: Any) -> dict[str, Any] | None:
    """The file of the first result."""
    location = run_of(*arguments, **settings)["results"][0]["locations"][0]
    return location.get("physicalLocation", {}).get("artifactLocation")  # type: ignore[no-any-return]


@pytest.mark.parametrize("facts", [FACTS, NOTHING_KNOWN, replace(FACTS, environment=None)])
def test_it_is_valid(facts: Facts) -> None:
    run = run_of(SICK, facts, "pytorch-cuda12")
    assert run["tool"]["driver"]["version"] == __version__
    assert run["properties"]["facts"]["subject"]["name"] == facts.subject.name


def test_results_are_the_findings_in_their_order() -> None:
    run = run_of()
    rules = run["tool"]["driver"]["rules"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("driver-too-old", "error"), ("container-shm-too-small", "warning"), ("governor", "note"),
        ("framework-cannot-use-gpu", "error"),
    ]  # fmt: skip
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    first = run["results"][0]
    assert first["message"]["text"].startswith("The NVIDIA driver is too old for torch 2.9.1+cu128. Driver 470.82.01 runs CUDA")
    assert first["message"]["text"].endswith("Fix: Install a driver of branch 580.")
    assert first["properties"]["evidence"][0] == {"fact": "driver.version", "value": "470.82.01", "source": "NVML"}
    assert first["properties"]["fixes"][0]["commands"] == [["sudo", "apt", "install", "nvidia-driver-580"]]
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "driver.version"


def test_rules_bring_their_pages() -> None:
    rules = {rule["id"]: rule for rule in run_of()["tool"]["driver"]["rules"]}
    described = rules["driver-too-old"]
    assert described["name"] == "DriverTooOld"
    assert described["shortDescription"]["text"] == "The driver is too old."
    assert described["fullDescription"]["text"] == "Its age."
    assert "## How to fix\n\nA newer one." in described["help"]["markdown"]
    assert described["properties"]["page"] == "docs/rules/driver-too-old.md"
    assert rules["governor"]["defaultConfiguration"] == {"level": "note"}
    assert len(rules) == len(SICK)


def test_what_is_not_known_is_a_notification_and_no_result() -> None:
    rules = (
        a_rule("doubtful", end=Undecided("no permission")),
        a_rule("demand", end=Undecided("no permission"), for_profile=True),
        a_rule("broken", end=KeyError("x")),
    )
    run = run_of(rules, profile="pytorch-cpu")
    (invocation,) = run["invocations"]
    told = [(one["associatedRule"]["id"], one["level"]) for one in invocation["toolExecutionNotifications"]]
    assert told == [("doubtful", "note"), ("demand", "warning"), ("broken", "error")]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    assert run["results"] == []


def test_nothing_in_a_message_is_a_link() -> None:
    link = "see [here](https://example.com)"
    run = run_of((a_rule("found", Finding(link, link)), a_rule("untold", end=Undecided(link))))
    assert run["results"][0]["message"]["text"] == "see [here] (https://example.com). see [here] (https://example.com)"
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].endswith("see [here] (https://example.com)")


@pytest.mark.parametrize(("fail_on", "status"), [(Severity.ERROR, 1), (None, 0)])
def test_it_says_the_exit_status(fail_on: Severity | None, status: int) -> None:
    (invocation,) = run_of(fail_on=fail_on)["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, status)


def test_fingerprints_outlive_versions_and_tell_findings_apart() -> None:
    def prints(*findings: Finding) -> list[str]:
        results = run_of((a_rule("found", *findings),))["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    first, second = Finding("numpy 2.1 is too new", "", about=("numpy",)), Finding("scipy is", "", about=("scipy",))
    assert prints(first) == prints(replace(first, title="numpy 2.2 is too new"))
    assert len(set(prints(first, second, replace(second, detail="again")))) == 3


ENVIRONMENT = FACTS.environment
READ = Finding("Old", "", (Evidence("driver", "1", "NVML"), Evidence("torch", "2", "/opt/my env/torch/version.py")))


@pytest.mark.parametrize(
    ("facts", "address"),
    [
        (FACTS, {"uri": "home/me/project/.venv/pyvenv.cfg", "uriBaseId": "ROOT"}),
        (replace(FACTS, environment=replace(ENVIRONMENT, kind="conda")),  # type: ignore[type-var]
         {"uri": "home/me/project/.venv/conda-meta/history", "uriBaseId": "ROOT"}),
        (replace(FACTS, environment=replace(ENVIRONMENT, kind="system")),  # type: ignore[type-var]
         {"uri": "home/me/project/.venv/bin/python", "uriBaseId": "ROOT"}),
        (replace(FACTS, environment=None, subject=Subject("recording", "ci/machine 1.json")), {"uri": "ci/machine%201.json"}),
        (replace(FACTS, environment=None, os=replace(FACTS.os, source="/etc/os-release, uname")),  # type: ignore[type-var]
         {"uri": "etc/os-release", "uriBaseId": "ROOT"}),
        (replace(FACTS, environment=None), None),
        (replace(FACTS, environment=Unknown("no permission")), None),
    ],
)  # fmt: skip
def test_every_finding_has_a_file_where_there_is_one(facts: Facts, address: dict[str, Any] | None) -> None:
    assert address_of((a_rule("found", Finding("Bad", "")),), facts) == address


def test_a_file_that_was_read_goes_first() -> None:
    assert address_of((a_rule("found", READ),)) == {"uri": "opt/my%20env/torch/version.py", "uriBaseId": "ROOT"}


def test_what_a_profile_demands_is_in_the_profile() -> None:
    demand = a_rule("demand", Finding("Bad", ""), for_profile=True)
    assert address_of((demand,), profile="ci/team.yaml") == {"uri": "ci/team.yaml"}
    assert address_of((demand,), profile="pytorch-cpu") == {"uri": "home/me/project/.venv/pyvenv.cfg", "uriBaseId": "ROOT"}


def test_where_the_root_of_an_image_is_nobody_knows() -> None:
    assert run_of()["originalUriBaseIds"] == {"ROOT": {"uri": "file:///"}}
    image = replace(FACTS, subject=Subject("image", "app.tar"))
    assert "uri" not in run_of(SICK, image)["originalUriBaseIds"]["ROOT"]


@pytest.mark.parametrize("path", ["C:\\Users\\Me\\a b\\pyvenv.cfg", "D:/x.cfg"])
def test_windows_paths_are_whole_addresses(path: str) -> None:
    address = artifact_location(path)
    assert "uriBaseId" not in address
    assert unquote(address["uri"]) == "file:///" + path.replace("\\", "/")


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), min_size=1))
def test_any_path_is_an_address_of_that_path(name: str) -> None:
    address = artifact_location(f"/{name}")
    assert address["uri"].isascii()
    assert urlsplit(f"file:///{address['uri']}").fragment == ""
    if name.isprintable():
        assert PurePosixPath("/" + unquote(address["uri"])) == PurePosixPath("/" + name.lstrip("/"))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_is_valid(text: str, other: str) -> None:
    finding = replace(
        TOO_OLD, title=text, detail=other, evidence=(Evidence(other, text, f"/{text}"), Evidence(other, other, text)),
        fixes=(Fix(text, commands=((other, text),), text=other),), about=(text, other),
    )  # fmt: skip
    rules = (a_rule("found", finding), a_rule("untold", end=Undecided(text)), a_rule("crashed", end=ValueError(other)))
    run = run_of(rules, replace(FACTS, subject=Subject("report", text)), profile=other or None)
    assert "](" not in run["results"][0]["message"]["text"]
