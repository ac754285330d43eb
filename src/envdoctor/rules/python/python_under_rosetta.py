"""The rule python-under-rosetta."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import gpus_of, interpreter
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.ERROR, explains=("platform-unsupported", "mps-unavailable", "python-unsupported"))
def python_under_rosetta(case: Case) -> Iterator[Finding]:
    """On a Mac with Apple silicon, this Python is an Intel program that runs in emulation.

    What it checks
        Whether the interpreter was built for x86_64 only while the Mac has an Apple GPU or an arm64 kernel.

    Why it matters
        It gets Intel wheels: PyTorch ends at 2.2.2 there, the GPU (MPS) cannot be used, and all of it runs emulated.

    How to fix
        Make a new environment with an arm64 Python.

    References
        https://developer.apple.com/documentation/apple-silicon/about-the-rosetta-translation-environment
        https://github.com/conda-forge/miniforge
    """
    os = need(case.facts.os)
    if need(os.system) != "macos":
        raise skip("this is about macOS")
    python = interpreter(case)
    machine = need(python.machine)
    if machine != "x86_64":
        return
    if need(os.machine) != "arm64":
        gpus_of(case, "apple")
    yield Finding(
        title="This Python is an Intel build on a Mac with Apple silicon",
        detail="The interpreter was built for x86_64 and runs in emulation; an arm64 build is wanted. "
        "It gets old Intel wheels and cannot use the GPU.",
        evidence=(
            evidence("environment.interpreter.machine", machine, python.source),
            evidence("os.machine", os.machine, os.source),
        ),
        fixes=(
            Fix(
                "Make an environment with an arm64 Python",
                text="Install the arm64 build of Python or Miniforge, in a terminal that does not itself run under Rosetta.",
            ),
        ),
    )
