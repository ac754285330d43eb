"""Remarks on what must come from elsewhere: TensorFlow and ONNX Runtime bring no CUDA libraries without their extras."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.compat.choosing import Chosen
from envdoctor.knowledge.releases import Release
from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Finding, Fix, Rule, Severity
from envdoctor.rules.asking import nvidia_gpus
from envdoctor.rules.declaring import evidence
from envdoctor.rules.wording import shown

EXTRAS = {"tensorflow": ("tf-missing-cuda-libs", "and-cuda"), "onnxruntime-gpu": ("ort-cuda-mismatch", "cuda,cudnn")}
"""Packages that need CUDA libraries from elsewhere: the rule that speaks of it, and the extra that brings them."""


SINCE = {"tensorflow": Version("2.14"), "onnxruntime-gpu": Version("1.21")}
"""The first releases with these extras."""


def library_notes(chosen: tuple[Chosen, ...]) -> tuple[Rule, ...]:
    """A rule for each such package that is chosen, which remarks and never fails."""
    torch = any(one.asked.name == "torch" and one.release is not None and one.release.flavour == "cuda" for one in chosen)
    there = [one for one in chosen if one.asked.name in EXTRAS and not (torch and one.asked.name == "onnxruntime-gpu")]
    return tuple(_rule(one) for one in there)


def _rule(one: Chosen) -> Rule:
    name, extra = EXTRAS[one.asked.name]

    def judge(case: Case) -> Iterator[Finding]:
        release = one.release
        if release is None or release.flavour != "cuda" or set(one.asked.extras) & set(extra.split(",")):
            raise skip("it brings its CUDA libraries, or needs none")
        nvidia_gpus(case)
        yield _note(release, extra)

    return Rule(name, "framework", Severity.INFO, judge)


def _fix(release: Release, extra: str) -> Fix:
    """The extra where the release has it, else by hand."""
    has_extra = release.platform.startswith("linux") if release.package == "tensorflow" else True
    if has_extra and release.version >= SINCE[release.package]:
        line = f"{release.package}[{extra}]=={release.version}"
        return Fix("Install it with its CUDA libraries", safe=True, packages=(line,))
    return Fix(f"Install CUDA {shown(release.cuda)} and its cuDNN", text="This release has no extra that brings them.")


def _note(release: Release, extra: str) -> Finding:
    name = f"{release.package} {release.version}"
    return Finding(
        title=f"{name} brings no CUDA libraries itself",
        detail=f"It loads CUDA {shown(release.cuda)} and its cuDNN from elsewhere: from the extra, or from the system. "
        "Where it finds none it runs on the CPU.",
        evidence=(evidence(f"releases[{release.package}].cuda", release.cuda, release.source),),
        fixes=(_fix(release, extra),),
        severity=Severity.INFO,
        about=(release.package,),
    )
