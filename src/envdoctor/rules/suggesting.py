"""What the words of a text suggest, where neither a fact nor a known message tells what is wrong."""

from __future__ import annotations

from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Outcome, Severity, Verdict
from envdoctor.model.messages import LIKENESS, Message
from envdoctor.model.record import replace

_SYMPTOM = "framework-cannot-use-gpu"
"""The rule that says that something is wrong, and not what."""


def suggest(case: Case, outcomes: tuple[Outcome, ...], like: Message) -> tuple[Outcome, ...]:
    """The outcomes with the likeliest cause that no fact speaks against, as a possibility; the same where one is known."""
    found = {outcome.rule.name for outcome in outcomes if _is_found(outcome)}
    if found - {_SYMPTOM}:
        return outcomes
    by_name = {outcome.rule.name: outcome for outcome in outcomes}
    fitting = [name for name in like.rules if name in by_name and by_name[name].verdict not in {Verdict.PASS, Verdict.CRASH}]
    if found:
        fitting = [name for name in fitting if _SYMPTOM in by_name[name].rule.explains]
    if not fitting:
        return outcomes
    finding = _suggested(case, fitting, like)
    return tuple(
        replace(outcome, verdict=Verdict.FAIL, findings=(finding, *outcome.findings), reason="")
        if outcome.rule.name == fitting[0]
        else outcome
        for outcome in outcomes
    )


def _is_found(outcome: Outcome) -> bool:
    return outcome.verdict is Verdict.CRASH or any(finding.severity is not Severity.INFO for finding in outcome.findings)


def _suggested(case: Case, fitting: list[str], like: Message) -> Finding:
    from envdoctor.knowledge.messages import message_text

    name, *others = fitting
    text = message_text(case.knowledge, like, name)
    less = f"Less like: {', '.join(others)}." if others else ""
    return Finding(
        title=f"Perhaps: {text.title}",
        detail="No fact and no known message tells what is wrong. By its words, the text is most like reports of this cause; "
        f"that proves nothing. {less}".rstrip(),
        evidence=(Evidence(f"messages[{LIKENESS}]", f"words: {like.text}", f"the report, line {like.line}"),),
        fixes=(Fix(text.fix_title, text=text.fix_text),),
        confidence=Confidence.POSSIBLE,
        severity=Severity.WARNING,
        rule=name,
    )
