"""The rule profile-build-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.model.profile import PackageRequirement
from envdoctor.rules.asking import apart, names_of
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, install_profile, nothing_asked
from envdoctor.rules.profile._installed import built_frameworks

BUILDS = {
    "cuda11": ("cuda", 11), "cuda12": ("cuda", 12), "cuda13": ("cuda", 13), "rocm": ("rocm", None), "cpu": ("cpu", None),
    "mps": ("metal", None), "tpu": ("tpu", None),
}  # fmt: skip
"""The build of a profile → the flavour that a framework's files state, and the CUDA major where it matters."""
NAMES = {"cuda": "CUDA", "rocm": "ROCm", "cpu": "CPUs only", "metal": "Apple GPUs", "tpu": "TPUs", "xpu": "Intel GPUs"}


@rule(Severity.ERROR, explains=("profile-cuda-unmet", "profile-cudnn-unmet"), for_profile=True)
def profile_build_unmet(case: Case) -> Iterator[Finding]:
    """A framework is installed in another build than the profile asks for.

    What it checks
        What the installed framework's own files say of its build (CUDA with its major version, ROCm, CPU), against the `build`
        of the package in the profile. Frameworks that are not installed are the matter of profile-packages-unmet.

    Why it matters
        A CPU build never uses a GPU; a build for another CUDA major needs another driver, and other extensions.

    How to fix
        Install the build that the profile asks for; `envdoctor install NAME --env DIR` takes it from the right index.

    References
        https://pytorch.org/get-started/locally/
        https://docs.jax.dev/en/latest/installation.html
    """
    if not any(package.build for package in asked(case).packages):
        raise nothing_asked(case, "build of a framework")
    pairs = [(package, framework) for package, framework in built_frameworks(case) if package.build]
    if not pairs:
        raise skip("no framework that the profile asks for is installed")
    yield from apart(pairs, lambda pair: _judge(case, *pair))


def _judge(case: Case, package: PackageRequirement, framework: Framework) -> Iterator[Finding]:
    flavour, major = BUILDS[package.build or ""]
    if package.optional and isinstance(framework.flavour, Unknown):
        raise skip(f"{package.name} does not state what it was built for")
    if flavour == "metal" and need(need(case.facts.os).system) == "macos":
        return  # every build of it for macOS on Apple silicon holds the Metal backend
    there = need(framework.flavour)
    if there == flavour and (major is None or need(framework.cuda_version or Version("0")).major == major):
        return
    found = NAMES.get(there, there)
    if there == "cuda" and isinstance(framework.cuda_version, Version):
        found += f" {framework.cuda_version}"
    wanted = f"{NAMES[flavour]}{f' {major}' if major else ''}"
    yield Finding(
        title=f"{package.name} {framework.version} is built for {found}, and {asked(case).name} asks for a build for {wanted}",
        detail=f"Asked: {package.line}, built for {wanted}. Found: {package.name} {framework.version}, built for {found}.",
        evidence=(evidence(f"environment.frameworks[{framework.name}].flavour", found, framework.source),),
        fixes=(install_profile(case),),
        about=(package.name, *names_of(framework)),
    )
