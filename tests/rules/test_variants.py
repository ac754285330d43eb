"""No rule crashes over many machines that differ in a few things each; benchmarks/rules.py asks the same of more."""

from __future__ import annotations

from random import Random

from envdoctor.engine import diagnose
from envdoctor.model.findings import Verdict
from envdoctor.rules import load_rules
from tests.rules.judging import knowledge
from tests.rules.variants import variants


def test_no_variant_crashes_a_rule() -> None:
    rules = load_rules(for_profile=False)
    ended: set[tuple[str, Verdict]] = set()
    for facts in variants(Random(7), 600):
        report = diagnose(facts, None, knowledge(), rules)
        crashed = [(outcome.rule.name, outcome.reason) for outcome in report.outcomes if outcome.verdict is Verdict.CRASH]
        assert not crashed
        ended |= {(outcome.rule.name, outcome.verdict) for outcome in report.outcomes}
    failed = {name for name, verdict in ended if verdict is Verdict.FAIL}
    assert len(failed) >= 25, sorted(failed)
