"""What the words of a text suggest, where neither a fact nor a known message tells what is wrong."""

from __future__ import annotations

from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Outcome, Severity, Verdict
from envdoctor.model.messages import LIKENESS, Message
from envdoctor.model.record import replace

_SYMPTOM = "framework-cannot-use-gpu"
"""The rule that says that something is wrong, and not what."""
_FACT = f"messages[{LIKENESS}]."
"""Fact names of evidence start so; the place among the likeliest follows, from 1."""


def suggest(case: Case, outcomes: tuple[Outcome, ...], like: Message) -> tuple[Outcome, ...]:
    """The outcomes with the likeliest causes that no fact speaks against, as possibilities; the same where one is known."""
    found = {outcome.rule.name for outcome in outcomes if _is_found(outcome)}
    if found - {_SYMPTOM}:
        return outcomes
    by_name = {outcome.rule.name: outcome for outcome in outcomes}
    fitting = [name for name in like.rules if name in by_name and by_name[name].verdict not in {Verdict.PASS, Verdict.CRASH}]
    if found:
        fitting = [name for name in fitting if _SYMPTOM in by_name[name].rule.explains]
    fitting = [name for name in fitting if name == fitting[0] or not _are_kin(by_name[name], by_name[fitting[0]])]
    findings = {name: _suggested(case, fitting, place, like) for place, name in enumerate(fitting)}
    return tuple(
        replace(outcome, verdict=Verdict.FAIL, findings=(findings[outcome.rule.name], *outcome.findings), reason="")
        if outcome.rule.name in findings
        else outcome
        for outcome in outcomes
    )


def likeness_place(finding: Finding) -> int:
    """Where a possibility stands among those that the words of a text suggest, 0 for the likeliest; 0 for any other finding."""
    fact = finding.evidence[0].fact if finding.evidence else ""
    return int(fact.rpartition(".")[2]) - 1 if fact.startswith(_FACT) else 0


def _is_found(outcome: Outcome) -> bool:
    return outcome.verdict is Verdict.CRASH or any(finding.severity is not Severity.INFO for finding in outcome.findings)


def _are_kin(one: Outcome, other: Outcome) -> bool:
    """Whether one explains the other: two possibilities are not cause and consequence."""
    return one.rule.name in other.rule.explains or other.rule.name in one.rule.explains


def _suggested(case: Case, fitting: list[str], place: int, like: Message) -> Finding:
    from envdoctor.knowledge.messages import message_text

    name = fitting[place]
    text = message_text(case.knowledge, like, name)
    rest = f"Others are likelier: {', '.join(fitting[:place])}." if place else ""
    return Finding(
        title=f"Perhaps: {text.title}",
        detail="No fact and no known message tells what is wrong. By its words, the text is like reports of this cause; "
        f"that proves nothing. {rest}".rstrip(),
        evidence=(Evidence(f"{_FACT}{place + 1}", f"words: {like.text}", f"the report, line {like.line}"),),
        fixes=(Fix(text.fix_title, text=text.fix_text),),
        confidence=Confidence.POSSIBLE,
        severity=Severity.WARNING,
        rule=name,
    )
