"""The rule avx-missing."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Cpu, Framework, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, frameworks, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import shown

X86 = ("x86_64", "amd64")


@rule(Severity.ERROR, explains=("profile-cpu-features-unmet", "profile-cpu-level-unmet"))
def avx_missing(case: Case) -> Iterator[Finding]:
    """The processor lacks instructions that a framework's wheels were compiled with.

    What it checks
        AVX (and what else the table asks) for the installed TensorFlow and jaxlib on x86-64.

    Why it matters
        The program dies with "Illegal instruction (core dumped)" on import. Old processors, Atom-class chips and virtual
        machines with a generic CPU model lack AVX.

    How to fix
        In a virtual machine pass the host's processor on (`-cpu host`); else use a framework that needs less.

    References
        https://www.tensorflow.org/install/pip
        https://github.com/jax-ml/jax/issues/4197
    """
    cpu = need_machine(case, "cpu")
    if need(need(case.facts.os).machine).lower() not in X86 or not isinstance(cpu, Cpu):
        raise skip("this is about x86-64")
    if cpu.x86_64_level is None:
        raise skip("the processor is no x86-64")
    yield from apart(frameworks(case), lambda framework: _judge(case, cpu, framework))


def _judge(case: Case, cpu: Cpu, framework: Framework) -> Iterator[Finding]:
    rows = [row for row in case.knowledge.tables["cpu_floors"]["rows"] if row["package"] == framework.name]
    if not rows:
        raise skip("no installed framework is known to need more than plain x86-64")
    version = need(framework.version)
    features = need(cpu.features)
    for row in rows:
        missing = [feature for feature in row["features"] if feature not in features]
        if version < Version(row["from"]) or not missing:
            continue
        yield Finding(
            title=f"{framework.name} {version} needs {', '.join(missing).upper()}, which this processor does not have",
            detail=f"{shown(cpu.model)} offers no {', '.join(missing)}; {framework.name} from {row['from']} on wants it "
            f"({row['source']}). Importing it ends in an illegal instruction.",
            evidence=(
                evidence("cpu.features", f"without {', '.join(missing)}", cpu.source),
                evidence(f"frameworks[{framework.name}].version", version, framework.source),
            ),
            confidence=_sureness(case, framework),
            fixes=(
                Fix(
                    "In a virtual machine, pass the host's processor on",
                    text="QEMU and Proxmox: CPU type host. On real hardware: another framework (torch runs without AVX), or an "
                    "older processor-compatible build from conda-forge.",
                ),
            ),
        )


def _sureness(case: Case, framework: Framework) -> Confidence:
    """The table is of the wheels on the package index; others, conda's say, may have been compiled for older processors."""
    from envdoctor.rules.listed_wheels import is_of_the_index

    return Confidence.CERTAIN if is_of_the_index(case, framework.distribution or framework.name) else Confidence.LIKELY
