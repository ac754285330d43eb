"""The rule profile-cpu-cores-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Unknown, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.ranges import range_text
from envdoctor.rules.asking import need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked_range, contains, unmet


@rule(Severity.ERROR, for_profile=True)
def profile_cpu_cores_unmet(case: Case) -> Iterator[Finding]:
    """This process may use fewer or more processor cores than the profile asks for.

    What it checks
        The smallest of physical cores, the container's CPU quota and the processors that this process may be scheduled on,
        against the profile's `cpu.cores`.

    Why it matters
        Data loading and preprocessing run on the processor; too few cores leave the GPU waiting.

    How to fix
        Use a larger machine, or give the container or job more: `docker run --cpus=8`, `--cpus-per-task=8` in Slurm.

    References
        https://docs.docker.com/engine/containers/resource_constraints/
        https://slurm.schedmd.com/sbatch.html
    """
    wanted = asked_range(case, "cpu_cores")
    need_machine(case, "cpu")
    cpu, limits = need(case.facts.cpu), need(case.facts.limits)
    usable: list[float] = [need(cpu.cores)]
    usable += [one for one in (need(limits.cpu_cores), need(limits.affinity_cores)) if one is not None]
    cores = min(usable)
    if not contains(wanted, Version(f"{cores:g}")):
        source = cpu.source if cores == cpu.cores and not isinstance(cpu.cores, Unknown) else limits.source
        yield unmet(
            case, "processor cores", range_text(wanted), f"{cores:g} that may be used", "Data loading may not keep up.",
            (evidence("cpu.cores", f"{cores:g}", source),),
            (Fix("Give it more cores", text="A larger machine; or `--cpus` of Docker, `--cpus-per-task` of Slurm."),),
        )  # fmt: skip
