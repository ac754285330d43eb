"""The engine: order, grouping, exit status, and containment of crashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envdoctor.engine import Choices, diagnose, judge
from envdoctor.model.facts import Facts, Subject, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Rule, Severity, Verdict
from envdoctor.model.profile import Profile

FACTS = Facts(subject=Subject("live", "here"))
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def failing(name, severity=ERROR, *, explains=(), subject="package", confidence=Confidence.CERTAIN, count=1, for_profile=False):
    def found(_case: Case) -> Iterator[Finding]:
        for number in range(count):
            yield Finding(title=f"{name} {number}", detail="", confidence=confidence)

    return Rule(name, subject, severity, found, explains, for_profile)


def ending(name, raising, *, for_profile=False, severity=ERROR, first=0):
    def ends(_case: Case) -> Iterator[Finding]:
        for number in range(first):
            yield Finding(title=f"{name} {number}", detail="")
        raising()

    return Rule(name, "package", severity, ends, (), for_profile)


def undecided():
    need(Unknown("nobody looked"))


def skipped():
    raise skip("does not apply")


def passed():
    return None


def crashed():
    raise ZeroDivisionError("oops")


def names(report):
    return [finding.rule for finding in report.findings]


def run(*rules, **choices):
    return diagnose(FACTS, None, None, rules, Choices(**choices))


@pytest.mark.parametrize(
    ("raising", "verdict", "reason"),
    [(passed, Verdict.PASS, ""), (undecided, Verdict.UNKNOWN, "nobody looked"), (skipped, Verdict.SKIP, "does not apply")],
)
def test_how_a_rule_ends(raising, verdict, reason):
    outcome = judge(ending("a", raising), Case(FACTS, None))
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


def test_a_finding_carries_its_rule_and_severity():
    (finding,) = run(failing("driver-too-old", WARNING)).findings
    assert (finding.rule, finding.severity) == ("driver-too-old", WARNING)


def test_a_crash_is_a_verdict_and_the_run_goes_on():
    report = run(ending("a", crashed), failing("b"))
    assert [outcome.verdict for outcome in report.outcomes] == [Verdict.CRASH, Verdict.FAIL]
    assert report.outcomes[0].reason.startswith("ZeroDivisionError: oops (crashed, line ")
    assert report.count(Verdict.CRASH) == 1


def test_an_undecided_part_stands_beside_findings():
    outcome = judge(ending("a", undecided, first=2), Case(FACTS, None))
    assert (outcome.verdict, len(outcome.findings), outcome.reason) == (Verdict.FAIL, 2, "nobody looked")


def test_findings_that_say_the_same_are_one_with_the_evidence_of_all():
    def found(_case: Case) -> Iterator[Finding]:
        for number, title in enumerate(("hot", "hot", "cold")):
            yield Finding(
                title=title, detail="", evidence=(Evidence(f"gpus[{number}]", "x", "NVML"), Evidence("driver", "y", "NVML"))
            )

    report = run(Rule("hot", "gpu", ERROR, found))
    assert [(finding.title, [piece.fact for piece in finding.evidence]) for finding in report.findings] == [
        ("hot", ["gpus[0]", "driver", "gpus[1]"]),
        ("cold", ["gpus[2]", "driver"]),
    ]


def test_a_skipped_part_leaves_findings_whole():
    outcome = judge(ending("a", skipped, first=1), Case(FACTS, None))
    assert (outcome.verdict, outcome.reason) == (Verdict.FAIL, "")


def test_findings_are_ordered_by_severity_then_confidence_then_cure():
    report = run(
        failing("info", INFO),
        failing("package", subject="package"),
        failing("perhaps", subject="gpu", confidence=Confidence.POSSIBLE),
        failing("warning", WARNING),
        failing("driver", subject="driver"),
        failing("container", subject="container"),
    )
    assert names(report) == ["driver", "container", "package", "perhaps", "warning", "info"]


def test_a_cause_comes_before_what_it_explains_and_lists_it_through_others():
    report = run(
        failing("last"),
        failing("middle", explains=("last", "not-failed")),
        failing("root", explains=("middle",), confidence=Confidence.LIKELY),
    )
    assert names(report) == ["root", "middle", "last"]
    assert [finding.explains for finding in report.findings] == [("middle", "last"), ("last",), ()]


def test_a_remark_explains_no_failure():
    report = run(failing("remark", INFO, explains=("failure",)), failing("failure"))
    assert names(report) == ["failure", "remark"]
    assert report.findings[1].explains == ()


def test_two_causes_of_one_consequence_both_list_it():
    report = run(failing("end"), failing("one", explains=("end",)), failing("two", explains=("end",), subject="driver"))
    assert names(report) == ["two", "one", "end"]
    assert [finding.explains for finding in report.findings] == [("end",), ("end",), ()]


def test_rules_that_explain_each_other_do_not_hang():
    report = run(failing("a", explains=("b",)), failing("b", explains=("a",)))
    assert sorted(names(report)) == ["a", "b"]


@pytest.mark.parametrize(
    ("rules", "choices", "status"),
    [
        ((), {}, 0),
        ((failing("a"),), {}, 1),
        ((failing("a", WARNING),), {}, 0),
        ((failing("a", WARNING),), {"fail_on": WARNING}, 1),
        ((failing("a", INFO),), {"fail_on": INFO}, 1),
        ((failing("a"),), {"fail_on": None}, 0),
        ((ending("a", undecided),), {}, 0),
        ((ending("a", undecided),), {"strict": True}, 1),
        ((ending("a", undecided, severity=INFO),), {"strict": True}, 0),
        ((ending("a", undecided, severity=INFO),), {"strict": True, "fail_on": INFO}, 1),
        ((ending("a", undecided, for_profile=True),), {}, 3),
        ((ending("a", undecided, for_profile=True, severity=WARNING, first=1),), {}, 3),
        ((ending("a", undecided, for_profile=True), failing("b")), {}, 1),
        ((ending("a", undecided, for_profile=True),), {"fail_on": None}, 3),
        ((ending("a", skipped, for_profile=True, severity=WARNING, first=1),), {}, 0),
        ((ending("a", crashed),), {}, 3),
        ((ending("a", crashed), failing("b")), {}, 1),
    ],
)
def test_exit_status(rules, choices, status):
    assert run(*rules, **choices).exit_code == status


def test_select_and_ignore():
    rules = (failing("a"), failing("b"), failing("c"))
    assert names(run(*rules, select=("a", "b"), ignore=("b",))) == ["a"]
    assert names(run(*rules, ignore=("b",))) == ["a", "c"]


def test_an_ignored_cause_no_longer_explains():
    report = run(failing("root", explains=("end",)), failing("end"), ignore=("root",))
    assert names(report) == ["end"]


def test_the_report_names_its_subject_and_profile():
    report = diagnose(FACTS, Profile(name="pytorch-cpu", title="t"), None, ())
    assert (report.subject.name, report.profile, report.exit_code) == ("here", "pytorch-cpu", 0)


def about(name, *packages, explains=(), severity=ERROR):
    def found(_case: Case) -> Iterator[Finding]:
        for package in packages:
            yield Finding(title=f"{name} {package}", detail="", about=(package,) if package else ())

    return Rule(name, "package", severity, found, explains)


@pytest.mark.parametrize(
    ("cause", "consequence", "explains"),
    [
        (("torch",), ("torch",), True),
        (("transformers",), ("torch",), False),
        (("",), ("torch",), True),
        (("torch",), ("",), True),
    ],
)
def test_what_is_about_one_package_explains_nothing_about_another(cause, consequence, explains):
    report = run(about("end", *consequence), about("root", *cause, explains=("end",)))
    assert names(report) == (["root", "end"] if explains else ["end", "root"])
    assert [finding.explains for finding in report.findings if finding.rule == "root"] == [("end",) if explains else ()]


def test_of_two_findings_of_a_rule_each_explains_its_own():
    report = run(about("root", "torch", "jax", explains=("end",)), about("end", "jax"))
    assert [(finding.title, finding.explains) for finding in report.findings] == [
        ("root torch", ()),
        ("root jax", ("end",)),
        ("end jax", ()),
    ]
