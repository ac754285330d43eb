"""The rule profile-accelerator-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked, unmet
from envdoctor.rules.wording import listed

VENDORS = {"tpu": ("google", "a Cloud TPU")}
"""What a profile asks for → who makes it, and how it is called."""


@rule(Severity.ERROR, for_profile=True)
def profile_accelerator_unmet(case: Case) -> Iterator[Finding]:
    """The machine does not have the accelerator that the profile asks for.

    What it checks
        The accelerators that are no GPUs (a Cloud TPU) against the profile's `accelerator`.

    Why it matters
        Without it the packages install, and compute on the CPU at best.

    How to fix
        Use a machine that has one (a Cloud TPU VM), or another profile (jax-cpu).

    References
        https://cloud.google.com/tpu/docs/run-calculation-jax
    """
    wanted = asked(case).accelerator
    if wanted is None:
        raise nothing_asked(case, "accelerators")
    need_machine(case, "devices")
    vendor, name = VENDORS[wanted]
    devices = need(case.facts.devices)
    if any(device.vendor == vendor for device in devices):
        return
    others = [device.name for device in devices if isinstance(device.name, str)]
    yield unmet(
        case, "an accelerator:", name, f"none{f', only {listed(others)}' if others else ''}", "JAX would compute on the CPU.",
        (evidence("devices", ", ".join(others) or "none", "PCI bus and /dev"),),
        (Fix(f"Use a machine with {name}", text="Or a profile for what this machine has: `envdoctor profiles list`."),),
    )  # fmt: skip
