"""The answer: works, fails or unknown, by the rules that judge machines and by what only requirements can show."""

from __future__ import annotations

from envdoctor.compat.asked import Asked
from envdoctor.compat.choosing import Chosen, choose
from envdoctor.compat.installing import installing_rules
from envdoctor.compat.limits import limit_rules
from envdoctor.compat.notes import library_notes
from envdoctor.compat.place import Stated
from envdoctor.compat.pythons import with_supposed_python
from envdoctor.compat.stating import with_packages
from envdoctor.compat.together import together_rules
from envdoctor.compat.vendors import vendor_rules
from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Unknown
from envdoctor.model.findings import Finding, Outcome, Report, Rule, Severity, Verdict
from envdoctor.model.record import record, replace
from envdoctor.rules import ALL, load_rule, rule_names

WORKS, FAILS, UNKNOWN = "works", "fails", "unknown"
ABOUT_SOFTWARE = (
    "avx-missing", "python-end-of-life", "cuda-libs-conflict", "cudnn-mismatch",
    "ort-cpu-gpu-both", "jax-plugin-mismatch", "tf-no-gpu-windows", "cpu-only-build",
    "rocm-wrong-wheel", "rocm-arch-unsupported", "mps-unavailable",
    "extension-binary-missing", "torch-compile-unsupported", "framework-retired",
    "torch-companion-mismatch", "protobuf-conflict", "numpy2-abi", "dependency-conflict",
)  # fmt: skip
"""Rules about packages and where they run, of those that facts without a machine can decide."""
ABOUT_CUDA = (
    "no-driver", "driver-drops-gpu", "open-kernel-module-required", "driver-too-old",
    "gpu-arch-too-new", "gpu-arch-too-old", "framework-cannot-use-gpu",
)  # fmt: skip
"""Rules about driver and GPU: only where something that was asked for is built for CUDA."""
SUPPOSED = frozenset(
    {"avx-missing", "python-end-of-life", "framework-retired", "torch-compile-unsupported", "cuda-libs-conflict"}
)
"""Rules that do not make an answer unknown: what they lack (the processor, say) is supposed to be as nearly everywhere."""
HARDENED = frozenset({"dependency-conflict", "cudnn-mismatch", "protobuf-conflict", "cpu-only-build", "torch-companion-mismatch"})
"""Warnings on a machine. An installer puts no such versions side by side, and who states a GPU wants it used."""


@record
class Answer:
    """What is said of requirements on one machine."""

    verdict: str
    """`works`, `fails`, `unknown`."""
    findings: tuple[Finding, ...]
    undecided: tuple[tuple[str, str], ...]
    """Rule and reason of what keeps the verdict from being certain."""
    chosen: tuple[Chosen, ...]
    facts: Facts


def judge_requirements(knowledge: Knowledge, asked: tuple[Asked, ...], machines: tuple[Stated, ...]) -> Answer:
    """Judge on every machine that the target may mean: where they agree that is the answer, else it is unknown."""
    answers = [judge_on(knowledge, asked, machine) for machine in machines]
    if len({answer.verdict for answer in answers}) == 1:
        return _in_common(answers)
    said = "; ".join(f"{machine.label}: {_in_short(answer)}" for machine, answer in zip(machines, answers, strict=True))
    rules = [finding.rule for answer in answers for finding in answer.findings if finding.severity is Severity.ERROR]
    rules += [rule for answer in answers for rule, _reason in answer.undecided]
    reason = f"the target does not say which of these it is: {said}"
    return replace(answers[0], verdict=UNKNOWN, findings=(), undecided=((rules[0], reason),))


def _in_common(answers: list[Answer]) -> Answer:
    """Where all machines get one verdict: what is found on each of them, as it is on the newest."""
    rules = set.intersection(*({finding.rule for finding in answer.findings} for answer in answers))
    findings = tuple(finding for finding in answers[-1].findings if finding.rule in rules)
    has_cause = answers[-1].verdict != FAILS or any(finding.severity is Severity.ERROR for finding in findings)
    return replace(answers[-1], findings=findings) if has_cause else answers[-1]


def judge_on(knowledge: Knowledge, asked: tuple[Asked, ...], stated: Stated) -> Answer:
    """Judge on one machine."""
    stated = with_supposed_python(knowledge, asked, stated)
    chosen = choose(knowledge, asked, stated)
    facts = with_packages(stated, chosen, knowledge)
    own = (*installing_rules(knowledge, chosen, stated), *limit_rules(chosen, stated), *vendor_rules(chosen))
    beside = (*library_notes(chosen), *together_rules(chosen))
    report = diagnose(facts, None, knowledge, (*own, *beside, *_rules_for(chosen, stated)))
    findings = tuple(_hardened(finding) for finding in report.findings)
    undecided = _undecided(report, stated)
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    return Answer(FAILS if failed else UNKNOWN if undecided else WORKS, findings, undecided, chosen, facts)


def _rules_for(chosen: tuple[Chosen, ...], stated: Stated) -> tuple[Rule, ...]:
    on_cuda = any(one.release is not None and one.release.flavour == "cuda" for one in chosen)
    about_cuda = ABOUT_CUDA if stated.gpu_is_stated and on_cuda else ()
    in_wsl = ("wsl-misconfig",) if about_cuda and stated.place.hardware.gpus else ()
    wanted = (*about_cuda, *in_wsl, *ABOUT_SOFTWARE)
    return tuple(load_rule(path) for path, name in zip(ALL, rule_names(), strict=True) if name in wanted)


def _hardened(finding: Finding) -> Finding:
    """A warning that is an error for who asks before installing."""
    is_hard = finding.rule in HARDENED and finding.severity is Severity.WARNING
    return replace(finding, severity=Severity.ERROR) if is_hard else finding


def _undecided(report: Report, stated: Stated) -> tuple[tuple[str, str], ...]:
    """The rules that could not be decided and whose answer would count."""
    found: dict[tuple[str, str], None] = {}
    for outcome in report.outcomes:
        if outcome.rule.name not in SUPPOSED and _is_open(outcome) and not _is_supposed(outcome, stated):
            found[(outcome.rule.name, outcome.reason)] = None
    return tuple(found)


def _is_open(outcome: Outcome) -> bool:
    return outcome.verdict in {Verdict.UNKNOWN, Verdict.CRASH} or (outcome.verdict is Verdict.FAIL and bool(outcome.reason))


def _is_supposed(outcome: Outcome, stated: Stated) -> bool:
    """A Mac whose macOS is not stated is supposed to have one that Apple maintains."""
    os = stated.facts.os
    return outcome.rule.name == "mps-unavailable" and not isinstance(os, Unknown) and isinstance(os.version, Unknown)


def _in_short(answer: Answer) -> str:
    causes = list(dict.fromkeys(finding.rule for finding in answer.findings if finding.severity is Severity.ERROR))
    return f"{answer.verdict} ({', '.join(causes)})" if causes else answer.verdict
