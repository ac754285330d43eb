"""The rule profile-driver-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.ranges import VersionRange, range_text
from envdoctor.rules.asking import need_machine
from envdoctor.rules.curing import install_driver
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, asked_range, contains, unmet


@rule(Severity.ERROR, for_profile=True)
def profile_driver_unmet(case: Case) -> Iterator[Finding]:
    """The NVIDIA driver is not of a version that the profile asks for.

    What it checks
        The driver's version against the profile's `driver`. Where the profile asks for an NVIDIA GPU and there is none,
        profile-gpu-unmet speaks of it, and no driver is asked for.

    Why it matters
        Each CUDA major needs a driver of some version or newer; with an older one no GPU is found.

    How to fix
        Update the driver with the distribution's own packages and restart; or take a profile for an older CUDA.

    References
        https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
    """
    wanted = asked_range(case, "driver")
    need_machine(case, "driver")
    driver = need(case.facts.driver)
    gpu = asked(case).gpu
    if gpu is not None and not isinstance(case.facts.gpus, Unknown) and not case.facts.gpus_of("nvidia"):
        raise skip("there is no NVIDIA GPU, and so no driver to ask for: profile-gpu-unmet speaks of that")
    if driver is None:
        proof = (evidence("driver", "none", "no kernel module, no library"),)
        yield unmet(case, "an NVIDIA driver", range_text(wanted), "none", "No GPU can be used.", proof, (_cure(case, wanted),))
        return
    version = need(driver.version)
    if not contains(wanted, version):
        yield unmet(
            case, "an NVIDIA driver", range_text(wanted), f"driver {version}", "The CUDA of its packages does not start with it.",
            (evidence("driver.version", version, driver.source),), (_cure(case, wanted),),
        )  # fmt: skip


def _cure(case: Case, wanted: VersionRange) -> Fix:
    floors = [Version(clause.version) for clause in wanted if clause.operator in {">=", ">"}]
    return install_driver(case, max(floors).major if floors else None)
