"""What the words of a text suggest counts where nothing else tells what is wrong, and only then."""

from __future__ import annotations

import pytest

from envdoctor.engine import Choices, diagnose
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.findings import Confidence, Finding, Severity, Verdict
from envdoctor.model.messages import LIKENESS, Message
from envdoctor.model.record import replace
from envdoctor.rules import load_rules
from tests.rules.facts import gpu, gpu_machine, torch_environment
from tests.rules.judging import knowledge

LIKE = Message(LIKENESS, ("nvcc-missing", "host-compiler-missing"), "possible", "nvcc, gcc", 7)
KNOWN = Message("disk-full", ("disk-full",), "certain", "No space left on device", 3)
TEXT = Facts(Subject("report", "issue.txt"))


def found(facts: Facts) -> tuple[Finding, ...]:
    """Its errors and warnings."""
    findings = diagnose(facts, None, knowledge(), load_rules()).findings
    return tuple(finding for finding in findings if finding.severity is not Severity.INFO)


def test_a_text_of_which_nothing_is_known_gets_possibilities() -> None:
    finding, other = found(replace(TEXT, messages=(LIKE,)))
    assert (finding.rule, finding.severity, finding.confidence) == ("nvcc-missing", Severity.WARNING, Confidence.POSSIBLE)
    assert finding.title.startswith("Perhaps: ")
    assert [(one.fact, one.value, one.source) for one in finding.evidence] == [
        ("messages[likeness].1", "words: nvcc, gcc", "the report, line 7")
    ]
    assert finding.fixes
    assert other.rule == "host-compiler-missing"
    assert "Others are likelier: nvcc-missing." in other.detail
    assert other.evidence[0].fact == "messages[likeness].2"


def test_possibilities_stand_in_the_order_of_likeness_not_of_curing() -> None:
    like = replace(LIKE, rules=("host-compiler-missing", "nvcc-missing", "driver-too-old"))
    assert [finding.rule for finding in found(replace(TEXT, messages=(like,)))] == list(like.rules)


def test_a_possibility_does_not_explain_another() -> None:
    like = replace(LIKE, rules=("fabric-manager", "no-driver", "nvcc-missing"))
    assert [finding.rule for finding in found(replace(TEXT, messages=(like,)))] == ["fabric-manager", "nvcc-missing"]


@pytest.mark.parametrize("order", [(LIKE, KNOWN), (KNOWN, LIKE)], ids=["before", "after"])
def test_a_known_message_leaves_nothing_to_suggest(order: tuple[Message, ...]) -> None:
    assert [finding.rule for finding in found(replace(TEXT, messages=order))] == ["disk-full"]


def test_what_facts_found_leaves_nothing_to_suggest() -> None:
    old = gpu_machine(torch_environment(), gpus=(gpu("Tesla K80", (3, 7)),))
    assert "nvcc-missing" not in {finding.rule for finding in found(replace(old, messages=(LIKE,)))}


def test_what_facts_speak_against_is_not_suggested() -> None:
    like = replace(LIKE, rules=("gpu-arch-too-old", "nvcc-missing"))
    sound = replace(gpu_machine(torch_environment()), messages=(like,))
    report = diagnose(sound, None, knowledge(), load_rules())
    assert next(one.verdict for one in report.outcomes if one.rule.name == "gpu-arch-too-old") is Verdict.PASS
    assert [finding.rule for finding in report.findings if finding.severity is not Severity.INFO] == ["nvcc-missing"]


def test_a_rule_that_was_deselected_is_not_suggested() -> None:
    choices = Choices(ignore=("nvcc-missing", "host-compiler-missing"))
    report = diagnose(replace(TEXT, messages=(LIKE,)), None, knowledge(), load_rules(), choices)
    assert report.findings == ()
