"""From a framework's own error to the rule that it comes from: by the catalogue of messages, then by what `check` finds.

Pure: what judges a text is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from envdoctor.model.findings import Finding, Report, Severity
from envdoctor.model.record import replace
from envdoctor.rules.joining import MESSAGE, is_told
from envdoctor.verify.results import FAILED, Cause, Result

Judge = Callable[[str], Report]
"""Judges the facts together with a text, as `check --report` does."""
_LIBRARY = re.compile(r"\blib[\w+.-]*?\.(?:so|dylib)(?:\.\d+)*")
_MODULE = re.compile(r"No module named ['\"]([\w.]+)|site-packages[/\\]([A-Za-z]\w+)|cannot import name .{1,80}? from '([\w.]+)'")
_UNOPENED = re.compile(r"\b(lib[\w+.-]*?\.(?:so|dylib)(?:\.\d+)*)(?=: cannot open|['\" ].{0,40}(?:image not found|no such file))")
_OF_FILES = ("package-files-missing", "cuda-library-not-found")
_FRAMEWORK_GPU = "framework-cannot-use-gpu"
_CPU_BUILD = "cpu-only-build"
_ONLY_OF_CPU_BUILDS = (_CPU_BUILD,)
_NOT_OF_CPU_BUILDS = ("tf-missing-cuda-libs", "cudnn-mismatch", "cuda-libs-conflict", "no-driver", "container-no-gpu")
"""What a message may seem to say, and what a build cannot have."""
_GPU_SUBJECTS = frozenset({"driver", "container", "gpu", "cuda", "framework"})
_ABOUT_PACKAGES = frozenset({
    "package-files-missing", "broken-package-metadata", "numpy2-abi", "dependency-conflict", "protobuf-conflict",
    "cuda-library-not-found", "cuda-libs-conflict", "cudnn-mismatch", "tf-missing-cuda-libs", "torch-companion-mismatch",
    "extension-abi-mismatch", "extension-binary-missing", "jax-plugin-mismatch", "packages-share-files", "glibc-too-old",
    "libstdcxx-too-old", "avx-missing", "python-unsupported", "profile-packages-unmet", "standard-library-shadowed",
})  # fmt: skip
"""Rules whose findings stop a package from being imported."""


def explain_result(result: Result, judge: Judge, deep_judge: Judge, flavour: str = "") -> Result:
    """A failed result with its cause, if there is one to be found.

    Args:
        result: any result; one that did not fail stays as it is.
        judge: judges a text with the facts of a first look.
        deep_judge: the same with the facts of a longer look, which is taken where the first says nothing.
        flavour: what the framework was built for: `cpu`, `cuda`, ...; empty where that is not known.
    """
    if result.status != FAILED:
        return result
    ruled_out = _NOT_OF_CPU_BUILDS if flavour == "cpu" else _ONLY_OF_CPU_BUILDS if flavour else ()
    finding = (
        _absent_file(result, deep_judge) or find_cause(result, judge, ruled_out) or find_cause(result, deep_judge, ruled_out)
    )
    if finding is not None:
        return replace(result, cause=cause_of(finding))
    return replace(result, cause=_of_device(result, judge(""), flavour)) if result.workload == "device" else result


def _absent_file(result: Result, judge: Judge) -> Finding | None:
    """What is found of a library that cannot be opened, because it is gone: that says more than any message."""
    libraries = set(_UNOPENED.findall(f"{result.trace}\n{result.reason}"))
    if not libraries:
        return None
    for finding in judge("").findings:
        said = " ".join(f"{proof.fact} {proof.value}" for proof in finding.evidence)
        if finding.rule in _OF_FILES and any(name in said for name in libraries):
            return finding
    return None


def cause_of(finding: Finding) -> Cause:
    """A finding as a cause."""
    fix = finding.fixes[0].title if finding.fixes else ""
    return Cause(finding.rule, finding.title, fix)


def find_cause(result: Result, judge: Judge, ruled_out: tuple[str, ...] = ()) -> Finding | None:
    """The finding that a failure comes from: what its error says, what was printed before, what was found anyway."""
    error = f"{result.trace}\n{result.reason}"
    report = judge(error)
    named = _named(report, error, result, ruled_out) or _without_gpu(report, result)
    if named is not None:
        return named
    return _told(judge(f"{result.output}\n{error}"), ruled_out) if result.output else None


def _without_gpu(report: Report, result: Result) -> Finding | None:
    """That there is no GPU at all, where one was meant: then nothing else that was printed matters."""
    name = result.subject.rsplit(" ", 1)[-1]
    remarks = (one for one in report.findings if one.rule == _FRAMEWORK_GPU and one.severity is Severity.INFO)
    return next((one for one in remarks if result.workload == "device" and name in one.about), None)


def _named(report: Report, error: str, result: Result, ruled_out: tuple[str, ...]) -> Finding | None:
    """What a message in the error shows, else a finding about something that the error names."""
    told = _told(report, ruled_out)
    if told is not None:
        return told
    words = tuple(_words(error, result.subject))
    for finding in report.findings:
        if (
            finding.rule in _ABOUT_PACKAGES
            and finding.rule not in ruled_out
            and finding.severity in {Severity.ERROR, Severity.WARNING}
        ):
            text = " ".join((finding.title, finding.detail, *(f"{one.fact} {one.value}" for one in finding.evidence)))
            if any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE) for word in words):
                return finding
    return None


def _told(report: Report, ruled_out: tuple[str, ...]) -> Finding | None:
    """The finding that a message shows, or what explains it."""
    possible = (finding for finding in report.findings if finding.rule not in ruled_out)
    told = [finding for finding in possible if any(one.fact.startswith(MESSAGE) for one in finding.evidence)]
    if not told:
        return None
    first = next((finding for finding in told if is_told(finding)), told[0])
    causes = (one for one in report.findings if first.rule in one.explains and one.severity is not Severity.INFO)
    return next(causes, first)


def _words(error: str, subject: str) -> Iterator[str]:
    """What an error names, the most telling first: libraries, modules, the framework itself."""
    yield from dict.fromkeys(_LIBRARY.findall(error))
    for groups in _MODULE.findall(error):
        for module in filter(None, groups):
            yield from dict.fromkeys((module, module.split(".")[0], module.split(".")[0].replace("_", "-")))
    yield subject.split(" ")[0]


def _of_device(result: Result, report: Report, flavour: str) -> Cause | None:
    """Why a GPU cannot be used, where its framework does not say: what `check` finds of drivers, containers and GPUs."""
    subjects = {outcome.rule.name: outcome.rule.subject for outcome in report.outcomes}
    name = result.subject.rsplit(" ", 1)[-1]
    for finding in report.findings:
        is_about = not finding.about or name in finding.about
        if finding.severity is Severity.ERROR and subjects.get(finding.rule) in _GPU_SUBJECTS and is_about:
            return cause_of(finding)
    if flavour == "cpu":
        return Cause(_CPU_BUILD, f"{name} is a CPU build", "Install a build for the GPU")
    for finding in report.findings:
        if finding.rule == _FRAMEWORK_GPU and (not finding.about or name in finding.about):
            return cause_of(finding)
    return Cause(_FRAMEWORK_GPU, f"{name} cannot use a GPU here: {result.reason}")
