"""The rule image-index-wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from envdoctor.knowledge.frameworks import builds_of
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._reading import TORCH_FAMILY, Wanted, at, recipe_of, wanted_packages

_PYTORCH = re.compile(r"^https://download\.pytorch\.org/whl/(?P<nightly>(?:nightly|test)/)?(?P<build>[^/?#]*)/?$")
_BUILD = re.compile(r"^(cu\d{2,3}|cpu|rocm\d+(\.\d+)*|xpu)?$")


@rule(Severity.ERROR, explains=("image-unpinned",))
def image_index_wrong(case: Case) -> Iterator[Finding]:
    """A Dockerfile asks for a build of torch where it is not to be had.

    What it checks
        Versions with a local part (+cu124) against the indexes that the command names, and the build that an index of PyTorch
        is for against the builds of the version that is asked for.

    Why it matters
        PyPI has no version with a local part: pip ends with "No matching distribution found". With --extra-index-url it is
        worse: pip takes PyPI's build without a word, with another CUDA than the Dockerfile says.

    How to fix
        Name the index of a build that the version has, with --index-url.

    References
        https://pytorch.org/get-started/previous-versions/
        https://pip.pypa.io/en/stable/cli/pip_install/#finding-packages
    """
    recipe = recipe_of(case)
    for one in wanted_packages(recipe):
        if one.name not in TORCH_FAMILY:
            continue
        problem = _problem(one, case.knowledge)
        if problem is None:
            continue
        title, detail, fix, severity = problem
        yield Finding(
            title=title,
            detail=detail,
            evidence=(at(recipe, one.installed.line, "requirement", one.installed.requirement), *(
                at(recipe, one.installed.command_line, "index", index) for index in _indexes(one))),
            fixes=(Fix(fix),),
            severity=severity,
            confidence=Confidence.LIKELY if _is_doubtful(one, case.knowledge) else Confidence.CERTAIN,
            about=(one.name,),
        )  # fmt: skip


def _problem(one: Wanted, knowledge: Knowledge) -> tuple[str, str, str, Severity] | None:
    pin = one.pin
    local = pin.partition("+")[2] if pin else ""
    indexes = _indexes(one)
    if local:
        if not indexes:
            return (
                f"{one.name}=={pin} is on no index that this command asks",
                f"Builds with +{local} are on PyTorch's own index only, and the command names none. pip finds nothing.",
                f"Add --index-url https://download.pytorch.org/whl/{local}",
                Severity.ERROR,
            )
        return _problem_of_build(one, pin or "", local, knowledge)
    for index in indexes:
        match = _PYTORCH.match(index)
        if match is None or match["nightly"]:
            continue
        build = match["build"]
        if not _BUILD.match(build):
            return (
                f"{index} is no index of PyTorch",
                f"Its last part is {build}; cpu, cu and digits, or rocm and a version are wanted. pip finds nothing there"
                + (", and takes PyPI's build without a word." if one.installed.index is None else "."),
                "Write the CUDA without its dot: https://download.pytorch.org/whl/cu124",
                Severity.ERROR if one.installed.index is not None else Severity.WARNING,
            )
        missing = _missing(one, build, pin, knowledge)
        if missing is not None:
            falls_back = one.installed.index is None
            return (
                f"{one.name} {pin} has no {build} build",
                f"PyTorch's index has it for {missing}. "
                + (
                    "pip takes PyPI's build without a word, with another CUDA."
                    if falls_back
                    else "pip finds nothing, and the build ends."
                ),
                f"Choose one of {missing}, or another version",
                Severity.WARNING if falls_back else Severity.ERROR,
            )
    return None


def _problem_of_build(one: Wanted, pin: str, local: str, knowledge: Knowledge) -> tuple[str, str, str, Severity] | None:
    """A version with a local part, where every index that is asked is one of PyTorch's for another build, or it has none."""
    asked = [_PYTORCH.match(index) for index in _indexes(one)]
    if not all(asked):
        return None  # an index of which nothing is known
    missing = _missing(one, local, pin.partition("+")[0], knowledge)
    if missing is not None and not any(match and match["nightly"] for match in asked):
        return (
            f"{one.name} {pin.partition('+')[0]} has no {local} build",
            f"PyTorch's index has it for {missing}. pip finds nothing, and the build ends.",
            f"Choose one of {missing}, or another version",
            Severity.ERROR,
        )
    if any(match and match["build"] in {"", local} for match in asked):
        return None
    return (
        f"{one.name}=={pin} is on no index that this command asks",
        f"Builds with +{local} are on another index of PyTorch's than the command asks. pip finds nothing.",
        f"Use --index-url https://download.pytorch.org/whl/{local}",
        Severity.ERROR,
    )


def _missing(one: Wanted, build: str, pin: str | None, knowledge: Knowledge) -> str | None:
    """The builds that a version has, where it has not this one; None where it has, or nobody knows."""
    builds = _builds(one, pin, knowledge) if build else ()
    there = dict.fromkeys(release.build for release in builds if release.platform.startswith("linux"))
    return None if build in there or not there else ", ".join(there)


def _builds(one: Wanted, pin: str | None, knowledge: Knowledge) -> tuple[Release, ...]:
    """The builds of a version of torch that the tables list."""
    if one.name != "torch" or pin is None:
        return ()
    try:
        builds = builds_of(knowledge, "torch", Version(pin))
    except InvalidVersion:
        return ()
    return builds if isinstance(builds, tuple) else ()


def _is_doubtful(one: Wanted, knowledge: Knowledge) -> bool:
    """Whether no official source confirms which builds the indexes have of that version."""
    pin = one.pin.partition("+")[0] if one.pin else None
    return any("index" in release.doubts for release in _builds(one, pin, knowledge))


def _indexes(one: Wanted) -> tuple[str, ...]:
    return (*((one.installed.index,) if one.installed.index else ()), *one.installed.extra_indexes)
