"""The rule python-is-32bit."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import interpreter
from envdoctor.rules.declaring import evidence, rule

NARROW = frozenset({"x86", "i386", "i486", "i586", "i686", "win32", "armv6l", "armv7l", "arm"})


@rule(Severity.ERROR, explains=("python-unsupported", "platform-unsupported"))
def python_is_32bit(case: Case) -> Iterator[Finding]:
    """The environment's Python is a 32-bit program.

    What it checks
        The architecture that the interpreter was built for, which may be narrower than the processor's.

    Why it matters
        No deep-learning framework has 32-bit wheels: pip says "No matching distribution found".

    How to fix
        Install a 64-bit Python and make a new environment with it.

    References
        https://www.python.org/downloads/
        https://www.tensorflow.org/install/pip
    """
    python = interpreter(case)
    machine = need(python.machine)
    if machine.lower() not in NARROW:
        return
    yield Finding(
        title=f"This Python is a 32-bit build ({machine})",
        detail=f"The interpreter was built for {machine}; a 64-bit one is wanted. No framework can be installed in it.",
        evidence=(evidence("environment.interpreter.machine", machine, python.source),),
        fixes=(
            Fix(
                "Install a 64-bit Python",
                text="From python.org choose the 64-bit installer, or let uv bring one: uv python install",
            ),
        ),
    )
