"""A large machine with a large environment: 8 GPUs, 300 packages with torch among them, real recordings' findings and facts."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts, Package, PythonEnvironment, Subject
from envdoctor.model.findings import Report
from envdoctor.model.record import replace
from envdoctor.probes.collecting import collect_facts
from envdoctor.profiles.loading import load_profile
from envdoctor.rules import load_rules
from envdoctor.system.recorded import load_recording
from tests.conftest import REPOSITORY
from tests.render.drawn import h100

RECORDING = REPOSITORY / "tests" / "recordings" / "made-old-driver.json"


def large_facts(packages: int = 300) -> Facts:
    """The environment of a recorded machine, filled up with packages that need each other, on a machine with 8 GPUs."""
    facts = collect_facts(load_recording(str(RECORDING)), Subject("recording", RECORDING.name))
    environment = facts.environment
    assert isinstance(environment, PythonEnvironment)
    assert isinstance(environment.packages, tuple)
    more = tuple(
        Package(
            f"some-library-{number}", Version(f"{number % 9 + 1}.{number % 13}.{number % 7}"),
            requires=tuple(f"some-library-{other}>=0.1" for other in range(number + 1, min(number + 6, packages))),
            path=f"/home/user/project/.venv/lib/python3.12/site-packages/some_library_{number}-1.0.dist-info",
        )
        for number in range(packages - len(environment.packages))
    )  # fmt: skip
    machine = h100()
    return replace(
        facts,
        gpus=tuple(replace(gpu, source="NVML") for gpu in machine.gpus) if isinstance(machine.gpus, tuple) else machine.gpus,
        cpu=machine.cpu,
        memory=machine.memory,
        interconnect=machine.interconnect,
        environment=replace(environment, packages=(*environment.packages, *more)),
    )


def large_report() -> Report:
    """Judged for a profile that it does not meet."""
    return diagnose(large_facts(), load_profile("pytorch-cuda13"), load_knowledge(shipped_only=True), load_rules())
