"""One way to test a rule: facts in, the verdict and words of the findings out."""

from __future__ import annotations

from functools import lru_cache

from envdoctor.engine import judge
from envdoctor.knowledge.loading import Knowledge, load_knowledge
from envdoctor.model.facts import Facts
from envdoctor.model.findings import Case, Finding, Outcome, Verdict
from envdoctor.model.profile import Profile
from envdoctor.rules import load_rule

PASS, FAIL, SKIP, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.SKIP, Verdict.UNKNOWN


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    return load_knowledge()


JUDGED: dict[str, set[Verdict]] = {}
"""How each rule, by its `folder.file`, ended in the tests so far: test_verdicts.py asks that every way was tried."""


def outcome(path: str, facts: Facts, profile: Profile | None = None) -> Outcome:
    """What a rule, by its `folder.file`, says of facts."""
    found = judge(load_rule(path), Case(facts, knowledge(), profile))
    JUDGED.setdefault(path, set()).add(found.verdict)
    return found


def text_of(finding: Finding) -> str:
    """All that a person could read of a finding, in one string."""
    fixes = [
        " ".join((fix.title, fix.text, *fix.packages, fix.index or "", *fix.remove, *(" ".join(argv) for argv in fix.commands)))
        for fix in finding.fixes
    ]
    evidence = [f"{piece.fact}={piece.value}" for piece in finding.evidence]
    return "\n".join((finding.title, finding.detail, *evidence, *fixes))


def expect(path: str, facts: Facts, verdict: Verdict, *words: str) -> None:
    """Check a rule's verdict, and that words (or not, with `!` before) are in what it says; findings must be whole."""
    found = outcome(path, facts)
    assert found.verdict is verdict, f"{found.verdict}: {found.reason or [text_of(f) for f in found.findings]}"
    said = "\n".join([found.reason, *(text_of(finding) for finding in found.findings)])
    for word in words:
        if word.startswith("!"):
            assert word[1:] not in said, said
        else:
            assert word in said, said
    for finding in found.findings:
        assert finding.title, "a finding needs a title"
        assert finding.detail.endswith("."), finding.detail
        assert finding.evidence, "a finding rests on evidence"
        assert all(piece.source for piece in finding.evidence), finding.evidence
