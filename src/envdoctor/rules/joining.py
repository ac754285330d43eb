"""Brings messages and rules together: a message is evidence for a rule that facts have found, or a finding of its own.

See docs/decisions/ on messages. The engine calls this after it has judged every rule by facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envdoctor.model.facts import Message, PythonEnvironment, Unknown, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Outcome, Severity, Verdict
from envdoctor.model.messages import LIKENESS
from envdoctor.model.record import replace
from envdoctor.model.unknown import SUPPOSED
from envdoctor.rules.suggesting import suggest

MESSAGE = "messages"
"""Fact names of evidence that is a message start so."""
_OF_PACKAGES = ("package", "loader")
_OF_OTHERS = ("ort-cpu-gpu-both", "ort-cuda-mismatch", "tf-missing-cuda-libs", "jax-plugin-mismatch")
"""Subjects of rules, and rules of other subjects, that pass only where all packages are known."""
_CUDA_STARTS = "torch-sees-cuda"
"""The message that torch itself reached CUDA on that machine: the runtime started, so that the driver served it then."""
_SPOKEN_AGAINST = frozenset({"driver-too-old", "framework-cannot-use-gpu", "no-driver"})
"""Rules whose fault keeps CUDA from starting: where it started they are a possibility, since reports mix machines."""
_CANNOT = "framework-cannot-use-gpu"
"""The rule whose pass only says that a driver and a build are there: a message that no GPU is seen knows better."""
_SUPPOSES_BUILDS = "cpu-only-build"
"""The rule whose finding may rest on the package index's default build, which people with a GPU often did not take."""
_WHOLE_LISTING = 20
"""From so many packages on a report's listing is taken for the whole environment."""
_CONFIDENCES = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)


def only_messages(case: Case) -> Iterator[Finding]:
    """End a rule that only messages can show; what they show is joined afterwards.

    Raises:
        Skipped: always.
    """
    looked = isinstance(case.facts.messages, tuple)
    raise skip("no message in the text shows it" if looked else "only an error message shows it: envdoctor check --report FILE")


def join_messages(case: Case, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """The outcomes with what the messages of the text add to them."""
    messages = case.facts.messages
    if isinstance(messages, Unknown):
        return outcomes
    is_partial = _is_partial(case)
    outcomes = tuple(
        [_less_sure(case, outcome, is_partial=is_partial) if is_partial or outcome.findings else outcome for outcome in outcomes]
    )
    like = next((message for message in messages if message.key == LIKENESS), None)
    messages = tuple(message for message in messages if message.key != LIKENESS)
    if messages:
        outcomes = _with_messages(case, outcomes, messages)
    return outcomes if like is None else suggest(case, outcomes, like)


def _with_messages(case: Case, outcomes: tuple[Outcome, ...], messages: Sequence[Message]) -> tuple[Outcome, ...]:
    told: dict[str, list[Message]] = {}
    by_name = {outcome.rule.name: outcome for outcome in outcomes}
    for message in messages:
        name = _meant(message, by_name)
        if name is not None:
            told.setdefault(name, []).append(message)
    starts = any(message.key == _CUDA_STARTS for message in messages)
    touched = told.keys() | (_SPOKEN_AGAINST if starts else frozenset())
    return tuple(
        [
            _settled(case, outcome, told.get(outcome.rule.name, ()), starts) if outcome.rule.name in touched else outcome
            for outcome in outcomes
        ]
    )


def _settled(case: Case, outcome: Outcome, told: Sequence[Message], starts: bool) -> Outcome:
    """The outcome with its messages; without any, doubted where CUDA is known to have started all the same."""
    if told:
        return _joined(case, outcome, told)
    return _doubted(outcome) if starts and outcome.findings and outcome.rule.name in _SPOKEN_AGAINST else outcome


def _doubted(outcome: Outcome) -> Outcome:
    """What facts say and the text speaks against: a possibility, and no error."""
    findings = tuple(
        replace(
            finding,
            confidence=Confidence.POSSIBLE,
            severity=Severity.WARNING if finding.severity is Severity.ERROR else finding.severity,
        )
        for finding in outcome.findings
    )
    return replace(outcome, findings=findings)


def _less_sure(case: Case, outcome: Outcome, *, is_partial: bool) -> Outcome:
    """What rests on a fact that was supposed, not stated, is likely at most; and a few packages are not all there are."""
    if is_partial and outcome.verdict is Verdict.PASS:
        if outcome.rule.subject in _OF_PACKAGES or outcome.rule.name in _OF_OTHERS:
            return replace(outcome, verdict=Verdict.UNKNOWN, reason="the report names only some of the packages")
        return outcome
    if not outcome.findings:
        return outcome
    if outcome.rule.name == _SUPPOSES_BUILDS and any(SUPPOSED in one.source for one in outcome.findings[0].evidence):
        return _doubted(outcome)
    os = case.facts.os
    everywhere = not isinstance(os, Unknown) and os.source == SUPPOSED
    supposed = _supposed_frameworks(case)
    findings = tuple(
        replace(finding, confidence=Confidence.LIKELY)
        if finding.confidence is Confidence.CERTAIN
        and (everywhere or any(SUPPOSED in one.source or one.fact.startswith(supposed) for one in finding.evidence))
        else finding
        for finding in outcome.findings
    )
    return replace(outcome, findings=findings) if findings != outcome.findings else outcome


def _supposed_frameworks(case: Case) -> tuple[str, ...]:
    """How the facts of frameworks start whose build was supposed."""
    found = case.facts.environment
    frameworks = found.frameworks if isinstance(found, PythonEnvironment) else ()
    named = frameworks if isinstance(frameworks, tuple) else ()
    return tuple(f"frameworks[{one.name}]." for one in named if SUPPOSED in one.source)


def _is_partial(case: Case) -> bool:
    found = case.facts.environment
    packages = found.packages if isinstance(found, PythonEnvironment) else None
    return case.facts.subject.kind == "report" and (not isinstance(packages, tuple) or len(packages) < _WHOLE_LISTING)


def is_told(finding: Finding) -> bool:
    """Whether a finding rests on a message that does more than to suggest it: it is what the person met."""
    return finding.confidence is not Confidence.POSSIBLE and any(one.fact.startswith(MESSAGE) for one in finding.evidence)


def _meant(message: Message, outcomes: dict[str, Outcome]) -> str | None:
    """The rule that a message stands for: one that facts have found, else the first that they do not speak against."""
    candidates = [name for name in message.rules if name in outcomes]
    found = next((name for name in candidates if _is_found(outcomes[name])), None)
    open_ones = (name for name in candidates if outcomes[name].verdict is not Verdict.PASS or name == _CANNOT)
    return found or next(open_ones, next(iter(candidates), None))


def _is_found(outcome: Outcome) -> bool:
    return any(finding.severity is not Severity.INFO for finding in outcome.findings)


def _joined(case: Case, outcome: Outcome, messages: Sequence[Message]) -> Outcome:
    proofs = tuple(Evidence(f"{MESSAGE}[{one.key}]", one.text, one.source) for one in messages)
    if _is_found(outcome):
        first, *rest = outcome.findings
        met = any(one.confidence != Confidence.POSSIBLE.value for one in messages)
        severity = Severity.ERROR if met else first.severity
        is_likely = met and first.confidence is Confidence.POSSIBLE
        confidence = Confidence.LIKELY if is_likely else first.confidence
        told = replace(first, evidence=(*first.evidence, *proofs), severity=severity, confidence=confidence)
        return replace(outcome, findings=(told, *rest))
    return replace(outcome, verdict=Verdict.FAIL, findings=(_found(case, outcome, messages, proofs),), reason="")


def _found(case: Case, outcome: Outcome, messages: Sequence[Message], proofs: tuple[Evidence, ...]) -> Finding:
    """A finding that messages alone make."""
    from envdoctor.knowledge.messages import message_text

    name = outcome.rule.name
    best = min(messages, key=lambda one: _CONFIDENCES.index(_confidence(one, outcome)))
    text = message_text(case.knowledge, best, name)
    confidence = _confidence(best, outcome)
    return Finding(
        title=text.title,
        detail=f"The text says: {best.text!r}. {text.follows}",
        evidence=proofs,
        fixes=(Fix(text.fix_title, text=text.fix_text),),
        confidence=confidence,
        severity=Severity.WARNING if confidence is Confidence.POSSIBLE else Severity.ERROR,
        rule=name,
    )


def _confidence(message: Message, outcome: Outcome) -> Confidence:
    """As sure as the catalogue says for the rule that it names first; less for another one, or where facts speak against it."""
    stated = _CONFIDENCES.index(Confidence(message.confidence))
    if outcome.verdict is Verdict.PASS:
        stated += 1
    elif message.rules[0] != outcome.rule.name:
        stated = max(stated, _CONFIDENCES.index(Confidence.LIKELY))
    return _CONFIDENCES[min(stated, len(_CONFIDENCES) - 1)]
