"""One way to ask and to check an answer, shared by the tables of this folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from envdoctor.compat.answering import Compatibility, answer_question
from envdoctor.knowledge.loading import Knowledge, load_knowledge
from envdoctor.model.findings import Severity
from tests.rules.judging import text_of


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    return load_knowledge()


@dataclass(frozen=True)
class Question:
    """Requirements (split at spaces), a target, and what the answer must be."""

    requirements: str
    target: str
    verdict: str
    rules: str = ""
    """Names of rules that must be among the errors."""
    says: tuple[str, ...] = ()
    """Words that must be in the findings or reasons; with `!` before, that must not."""
    source: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        return f"{self.requirements} on {self.target or 'nothing stated'}"


def ask(requirements: str, target: str | None, *, best: bool = False) -> Compatibility:
    return answer_question(knowledge(), requirements.split(), target or None, best=best)


def check(question: Question) -> None:
    """Ask, and compare verdict, errors and words."""
    found = ask(question.requirements, question.target).answer
    errors = [finding for finding in found.findings if finding.severity is Severity.ERROR]
    said = "\n".join([*(text_of(finding) for finding in found.findings), *(f"{rule}: {why}" for rule, why in found.undecided)])
    assert found.verdict == question.verdict, said
    assert set(question.rules.split()) <= {finding.rule for finding in errors}, said
    for word in question.says:
        assert (word[1:] not in said) if word.startswith("!") else (word in said), said
    for finding in found.findings:
        assert finding.title
        assert finding.detail.endswith("."), finding.detail
        assert finding.evidence, finding
