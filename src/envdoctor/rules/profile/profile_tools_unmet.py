"""The rule profile-tools-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.ranges import VersionRange, range_text
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import apart
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, contains, nothing_asked, unmet


@rule(Severity.ERROR, for_profile=True)
def profile_tools_unmet(case: Case) -> Iterator[Finding]:
    """A program that the profile asks for is missing or of another version.

    What it checks
        Each of the profile's `tools`: on PATH, and in the range.

    Why it matters
        Compilers, CMake and git are needed to build extensions; conda or docker to run what builds on them.

    How to fix
        Install it with the distribution's packages (`apt install cmake g++ git`), or in the environment (`pip install cmake`).

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
    """
    tools = asked(case).tools
    if not tools:
        raise nothing_asked(case, "tools")
    need(case.facts.tools)
    yield from apart(tools, lambda tool: _judge(case, *tool))


def _judge(case: Case, name: str, wanted: VersionRange) -> Iterator[Finding]:
    tool = next((one for one in need(case.facts.tools) if one.name == name), None)
    if tool is None:
        raise Undecided(f"envdoctor does not look for {name}")
    cure = (Fix(f"Install {name}", text="With the packages of your distribution, or in the environment where it is on PyPI."),)
    follows = "What needs it cannot be built or run."
    if need(tool.path) is None:
        proof = (evidence(f"tools[{name}]", "not on PATH", tool.source or "PATH"),)
        yield unmet(case, name, range_text(wanted), f"no {name} on PATH", follows, proof, cure)
        return
    if not len(wanted):
        return
    version = need(tool.version)
    if version is None:
        raise Undecided(f"{name} does not say its version")
    if not contains(wanted, version):
        yield unmet(
            case,
            name,
            range_text(wanted),
            f"{name} {version}",
            follows,
            (evidence(f"tools[{name}]", version, tool.source),),
            cure,
        )
