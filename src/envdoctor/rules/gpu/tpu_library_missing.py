"""The rule tpu-library-missing."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Package, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import environment, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import titled

LIBRARIES = ("libtpu", "libtpu-nightly", "libtpu-lts")
BY_EXTRA = {
    "jax": (Version("0.5"), "jax[tpu]", "https://storage.googleapis.com/jax-releases/libtpu_releases.html"),
    "torch-xla": (Version("2.6"), "torch_xla[tpu]", "https://storage.googleapis.com/libtpu-releases/index.html"),
}
"""From which release on libtpu comes from the package index, the line that brings it, and where it is for older ones."""
USERS = ("jax", "torch-xla")


@rule(Severity.ERROR)
def tpu_library_missing(case: Case) -> Iterator[Finding]:
    """A TPU is there, and libtpu, which drives it, is not.

    What it checks
        Whether libtpu is a package of the environment or a library of the system, on a machine with a TPU whose environment holds
        JAX or PyTorch/XLA.

    Why it matters
        JAX falls back to the processor with a warning; PyTorch/XLA fails to start.

    How to fix
        Install libtpu; for JAX, jax[tpu] brings the version that fits.

    References
        https://docs.jax.dev/en/latest/installation.html
    """
    need_machine(case, "devices")
    if not any(device.vendor == "google" for device in need(case.facts.devices)):
        raise skip("there is no TPU")
    here = environment(case)
    need(here.packages)
    users = [name for name in USERS if need(here.package(name)) is not None]
    if not users:
        raise skip("neither JAX nor PyTorch/XLA is installed")
    if any(need(here.package(name)) is not None for name in LIBRARIES):
        return
    slice_here = need(case.facts.tpu)
    if slice_here is not None and need(slice_here.library) is not None:
        return
    framework = need(here.framework(users[0]))
    name = titled(framework) if isinstance(framework, Framework) else users[0]
    yield Finding(
        title=f"libtpu is not installed, so {name} does not use the TPU",
        detail="Neither the environment nor the system has libtpu, which is wanted to drive the TPU.",
        evidence=(
            evidence("environment.packages[libtpu]", "not installed", here.prefix),
            evidence("tpu.library", "none", "/lib"),
        ),
        fixes=(_install(users[0], need(here.package(users[0]))),),
    )


def _install(name: str, package: Package | None) -> Fix:
    """The extra of the release that is there; older ones take libtpu from a page of their own, which no index has."""
    version = package.version if package is not None else None
    first, line, page = BY_EXTRA[name]
    if not isinstance(version, Version):
        return Fix("Install libtpu", packages=(line,))
    if version >= first:
        return Fix("Install libtpu", packages=(f"{line}=={version}",))
    return Fix("Install libtpu", text=f"python -m pip install '{line}=={version}' -f {page}")
