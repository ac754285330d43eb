"""Rules that are told to be not applicable without being read say what they would have said."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from envdoctor.engine import diagnose, judge
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.findings import Case, Finding, Rule, Severity, Verdict
from envdoctor.probes.collecting import collect_facts
from envdoctor.rules import ALL, load_rule, load_rules
from envdoctor.rules.asleep import ROWS, ended_at_a_glance, sleeping_rules
from envdoctor.system.recorded import load_recording
from envdoctor.targets import apply_target, parse_target
from tests.rules.judging import knowledge
from tests.rules.variants import RECORDINGS, variants

NAMED = [(path, severity) for _is_without, _why, rules in ROWS for severity, paths in rules.items() for path in paths.split()]

LOADED = load_rules(for_profile=False)


def test_each_row_names_rules_as_they_are() -> None:
    for path, severity in NAMED:
        assert path in ALL
        real = load_rule(path)
        assert (real.severity, real.for_profile, real.subject) == (severity, False, path.partition(".")[0])


def same_outcomes(facts: Facts) -> set[str]:
    """The rules that sleep for these facts, once it is sure that each would have said the same."""
    asleep = sleeping_rules(facts)
    met = [path for is_without, _, rules in ROWS if is_without(facts) for paths in rules.values() for path in paths.split()]
    assert sorted(met) == sorted(asleep), "one reason at a time for each rule"
    case = Case(facts, knowledge())
    for path, sleeper in asleep.items():
        real, told = judge(load_rule(path), case), judge(sleeper, case)
        seen = (told.rule.name, told.rule.subject, told.rule.severity, told.verdict, told.reason)
        assert seen == (real.rule.name, real.rule.subject, real.rule.severity, real.verdict, real.reason)
        assert told.verdict is Verdict.SKIP
    ended = ended_at_a_glance(facts, LOADED)
    assert ended == {rule.name: judge(rule, case) for rule in LOADED if rule.name in ended}
    assert set(ended) == {path.rpartition(".")[2].replace("_", "-") for path in asleep}
    return set(asleep)


def test_variants_of_machines_say_the_same() -> None:
    slept = set().union(*(same_outcomes(facts) for facts in variants(Random(11), 800)))
    assert slept == {path for path, _ in NAMED}, "each row is met"


@pytest.mark.parametrize("recording", sorted(RECORDINGS.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("target", [None, "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05", "gpu=none"])
def test_recordings_say_the_same_with_and_without_a_target(recording: object, target: str | None) -> None:
    facts = collect_facts(load_recording(str(recording)), Subject("recording", str(recording)))
    if target is not None:
        facts = apply_target(facts, parse_target(target), knowledge())
    same_outcomes(facts)


def test_a_machine_without_a_gpu_reads_few_rules() -> None:
    facts = collect_facts(load_recording(str(RECORDINGS / "made-no-gpu.json")), Subject("recording", "none"))
    assert len(sleeping_rules(facts)) > 40
    awake = load_rules(for_profile=False)
    assert [rule.name for rule in load_rules(for_profile=False, facts=facts)] == [rule.name for rule in awake]


def test_only_rules_of_the_house_are_ended_unasked() -> None:
    facts = collect_facts(load_recording(str(RECORDINGS / "made-no-gpu.json")), Subject("recording", "none"))

    def judge_otherwise(_case: Case) -> Iterator[Finding]:
        yield Finding("found", "all the same")

    other = Rule("no-driver", "driver", Severity.ERROR, judge_otherwise)
    assert ended_at_a_glance(facts, (other,)) == {}
    assert [finding.rule for finding in diagnose(facts, None, knowledge(), (other,)).findings] == ["no-driver"]
    assert ended_at_a_glance(facts, LOADED)["no-driver"].verdict is Verdict.SKIP
