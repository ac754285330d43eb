"""JUnit XML, read back by the standard library's parser, and its counts held against the exit status."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.findings import Evidence, Finding, Fix, Report, Severity
from envdoctor.model.unknown import Undecided, skip
from envdoctor.render.junit import render_junit
from tests.render.samples import HEALTHY, SICK, a_report, a_rule

BAD = Finding("Bad", "It is.")
UNTOLD = Undecided("NVML: no permission")


def suite_of(text: str) -> ElementTree.Element:
    suite = ElementTree.fromstring(text).find("testsuite")
    assert suite is not None
    return suite


def case_of(text: str, name: str) -> ElementTree.Element:
    return next(case for case in suite_of(text).iter("testcase") if case.get("name") == name)


def counts(text: str) -> dict[str, int]:
    """The counts in the head, checked against what is there."""
    top, suite = ElementTree.fromstring(text), suite_of(text)
    there = {
        "tests": len(list(suite.iter("testcase"))), "failures": len(list(suite.iter("failure"))),
        "errors": len(list(suite.iter("error"))), "skipped": len(list(suite.iter("skipped"))),
    }  # fmt: skip
    for element in (top, suite):
        assert {name: int(element.attrib[name]) for name in there} == there
    return there


def test_a_case_for_every_rule_that_was_judged() -> None:
    report = a_report()
    cases = [(case.get("classname"), case.get("name")) for case in suite_of(render_junit(report)).iter("testcase")]
    assert cases == [(outcome.rule.subject, outcome.rule.name) for outcome in report.outcomes]
    assert counts(render_junit(report)) == {"tests": 10, "failures": 2, "errors": 0, "skipped": 4}


def test_a_failure_says_what_is_wrong_and_what_to_do() -> None:
    failure = case_of(render_junit(a_report()), "driver-too-old").find("failure")
    assert failure is not None
    assert failure.attrib == {"type": "error", "message": "The NVIDIA driver is too old for torch 2.9.1+cu128"}
    for words in (
        "needs 12.8",
        "- driver.version = 470.82.01 (from NVML)",
        "    sudo apt install nvidia-driver-580",
        "Then restart.",
    ):
        assert words in (failure.text or "")


def test_findings_below_fail_on_are_told_and_pass() -> None:
    case = case_of(render_junit(a_report()), "container-shm-too-small")
    assert [element.tag for element in case] == ["system-out"]
    assert "warning: Shared memory is small" in (case[0].text or "")
    strictly = case_of(render_junit(a_report(), Severity.WARNING), "container-shm-too-small")
    assert [(element.tag, element.get("type")) for element in strictly] == [("failure", "warning")]
    assert counts(render_junit(a_report(), None))["failures"] == 0


@pytest.mark.parametrize(
    ("end", "settings", "strict", "element", "message"),
    [
        (skip("not in WSL"), {}, False, "skipped", "does not apply: not in WSL"),
        (UNTOLD, {}, False, "skipped", "could not be decided: NVML: no permission"),
        (UNTOLD, {"for_profile": True}, False, "error",
         "the profile demands it and it could not be decided: NVML: no permission"),
        (UNTOLD, {}, True, "failure", "undecided, which --strict counts as failed: NVML: no permission"),
        (ZeroDivisionError("x"), {}, False, "error", "the rule crashed: ZeroDivisionError: x (judge, line"),
    ],
)  # fmt: skip
def test_what_did_not_pass_says_why(end: Exception, settings: dict[str, bool], strict: bool, element: str, message: str) -> None:
    text = render_junit(a_report((a_rule("some-rule", end=end, **settings),), strict=strict), strict=strict)
    (said,) = case_of(text, "some-rule")
    assert said.tag == element
    assert said.get("message", "").startswith(message)


def test_several_findings_of_a_rule_are_one_failure() -> None:
    (said,) = case_of(render_junit(a_report((a_rule("some-rule", BAD, Finding("Worse", "")),))), "some-rule")
    assert said.get("message") == "Bad (and 1 more)"
    assert "error: Worse" in (said.text or "")


def test_the_head_says_what_was_looked_at() -> None:
    suite = suite_of(render_junit(a_report(HEALTHY, profile="pytorch-cpu")))
    told = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert told["profile"] == "pytorch-cpu"
    assert told["driver"] == "NVIDIA 470.82.01, runs CUDA up to 11.4"
    assert (told["machine"] or "").startswith("Ubuntu 22.04.5 LTS")
    assert "/home/me/project/.venv" in (told["environment"] or "")


def test_the_same_report_gives_the_same_file() -> None:
    assert render_junit(a_report()) == render_junit(a_report(SICK))


ENDS = st.sampled_from([None, skip("no"), UNTOLD, KeyError("x")])
SEVERITIES = st.sampled_from(list(Severity))


@st.composite
def judged(draw: st.DrawFn) -> tuple[Report, Severity | None, bool]:
    """Any mixture of endings, under any options."""
    rules = tuple(
        a_rule(
            f"rule-{number}",
            *draw(st.lists(st.builds(Finding, st.just("Bad"), st.just(""), severity=SEVERITIES | st.none()), max_size=2)),
            severity=draw(SEVERITIES),
            end=draw(ENDS),
            for_profile=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    )
    fail_on, strict = draw(SEVERITIES | st.none()), draw(st.booleans())
    return a_report(rules, fail_on=fail_on, strict=strict), fail_on, strict


@settings(max_examples=200, deadline=None)
@given(judged())
def test_failures_and_errors_are_what_the_exit_status_says(case: tuple[Report, Severity | None, bool]) -> None:
    report, fail_on, strict = case
    there = counts(render_junit(report, fail_on, strict=strict))
    assert report.exit_code == (1 if there["failures"] else 3 if there["errors"] else 0)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_is_xml(text: str, other: str) -> None:
    finding = Finding(text, other, (Evidence(other, text, other),), (Fix(text, commands=((text, other),), text=other),))
    rules = (a_rule("found", finding), a_rule("untold", end=Undecided(text)), a_rule("crashed", end=ValueError(other)))
    shown = render_junit(a_report(rules, profile=text or None))
    assert counts(shown)["tests"] == 3
    assert shown.encode("utf-8")


def test_what_xml_cannot_hold_is_left_out() -> None:
    rules = (a_rule("found", Finding("a\x00b\x1b[31m\ud800c\ufffe", "<&\"'>\n]]>")),)
    (said,) = case_of(render_junit(a_report(rules)), "found")
    assert said.get("message") == "ab[31mc"
    assert "<&\"'>\n]]>" in (said.text or "")
