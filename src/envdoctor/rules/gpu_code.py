"""What GPU code an installed framework holds, and whether it serves a GPU; shared by the two rules about architectures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from envdoctor.knowledge.cuda import ptx_version
from envdoctor.knowledge.drivers import cuda_of_driver
from envdoctor.knowledge.gpu_code import SBSA_SHARES_FROM, CodeVerdict, serves
from envdoctor.model.facts import ComputeCapability, Framework, NvidiaDriver, OperatingSystem, Unknown, need, skip
from envdoctor.model.findings import Case
from envdoctor.model.record import record
from envdoctor.model.unknown import SUPPOSED, Undecided
from envdoctor.rules.driver_floor import driver_system

if TYPE_CHECKING:
    from envdoctor.knowledge.releases import Release

FAILS, MAY_FAIL = "The first operation on the GPU fails.", "The first operation on the GPU may fail."
COMPILE_FOR_THE_GPU_AT_HAND = {"jax": "JAX", "cupy": "CuPy"}


@record
class HeldCode:
    """The GPU code of a framework, and who says so."""

    names: tuple[str, ...]
    source: str
    certain: bool = True
    """False where no official source confirms a table's row, or only a part of the libraries was looked at."""

    @property
    def follows(self) -> str:
        """What comes of code that is not there, as sure as that is."""
        return FAILS if self.certain else MAY_FAIL


def held_code(case: Case, framework: Framework) -> HeldCode:
    """The GPU code inside: what the files themselves say, else the table of builds.

    Raises:
        Skipped: the framework was not built for CUDA.
        Undecided: neither files nor tables tell.
    """
    if need(framework.flavour) != "cuda":
        raise skip("no framework here was built for CUDA")
    if framework.name in COMPILE_FOR_THE_GPU_AT_HAND:
        raise skip(f"{COMPILE_FOR_THE_GPU_AT_HAND[framework.name]} compiles for the GPU at hand")
    code = framework.gpu_code
    if isinstance(code, tuple) and code:
        return HeldCode(code, framework.gpu_code_source or framework.source, certain=not framework.gpu_code_is_sample)
    build = release_of(case, framework)
    if build is not None and not isinstance(build.code, tuple) and build.gpu_floor is not None:
        raise skip(f"of {framework.name} the oldest GPU is known, and not its code")
    if build is None or not isinstance(build.code, tuple):
        reason = code.reason if isinstance(code, Unknown) else "its files do not tell what GPU code it holds"
        raise Undecided(f"{framework.name}: {reason}")
    sure = "code" not in build.doubts and SUPPOSED not in need(case.facts.os).source
    return HeldCode(build.code, f"table of builds ({build.source})", certain=sure)


def is_judged_by_floor(case: Case, framework: Framework) -> bool:
    """Whether what counts is the oldest GPU that a project states: it compiles at run time, or its code is not known.

    Raises:
        Undecided: the version, its CUDA or the platform is unknown.
    """
    if framework.name in COMPILE_FOR_THE_GPU_AT_HAND:
        return True
    if need(framework.flavour) != "cuda" or (isinstance(framework.gpu_code, tuple) and framework.gpu_code):
        return False
    build = release_of(case, framework)
    return build is not None and not isinstance(build.code, tuple) and build.gpu_floor is not None


def release_of(case: Case, framework: Framework) -> Release | None:
    """The row of the tables for an installed framework: its release, its CUDA, this platform; None where there is none.

    Raises:
        Undecided: the version, its CUDA or the platform is unknown.
    """
    version, cuda, os = need(framework.version), need(framework.cuda_version), need(case.facts.os)
    package = framework.distribution or {"onnxruntime": "onnxruntime-gpu"}.get(framework.name, framework.name)
    key = (package, version, version.local, cuda, need(os.system), need(os.machine))
    found: Release | None = case.knowledge.lately("release-of", key, lambda: _find_release(case, package, version, cuda, os))
    return found


def _find_release(case: Case, package: str, version: Version, cuda: Version | None, os: OperatingSystem) -> Release | None:
    from envdoctor.knowledge.choosing import build_cuda
    from envdoctor.knowledge.frameworks import builds_of

    builds = builds_of(case.knowledge, package, version)
    if not isinstance(builds, tuple) or cuda is None:
        return None
    if package == "jax":
        return next((build for build in _on(builds, os) if build.build == f"cuda{cuda.major}"), None)
    wanted = build_cuda(version.local or "") or cuda
    here = _on(builds, os)
    exact = next(
        (build for build in here if isinstance(build.cuda, Version) and build.cuda.release[:2] == wanted.release[:2]), None
    )
    return exact or (here[0] if here and package != "torch" and len({build.cuda for build in here}) == 1 else None)


def _on(builds: tuple[Release, ...], os: OperatingSystem) -> list[Release]:
    from envdoctor.knowledge.wheels import platform_name

    platform = platform_name(need(os.system), need(os.machine))
    return [build for build in builds if build.platform == platform and build.flavour == "cuda"]


def code_verdict(case: Case, framework: Framework, code: HeldCode, capability: ComputeCapability) -> CodeVerdict:
    """Whether that code serves a GPU of that capability."""
    os, cuda = case.facts.os, framework.cuda_version
    shares = not isinstance(os, Unknown) and os.machine == "aarch64" and isinstance(cuda, Version) and cuda >= SBSA_SHARES_FROM
    return serves(code.names, capability, integrated_shares=shares)


def compiles_ptx(case: Case, framework: Framework) -> bool:
    """Whether the driver understands the PTX that the framework's CUDA emits.

    Raises:
        Undecided: the driver or one of the two PTX versions is unknown.
    """
    driver = need(case.facts.driver)
    if not isinstance(driver, NvidiaDriver):
        raise Undecided("without a driver it is not known what PTX it would compile")
    reported = driver.cuda_version
    if not isinstance(reported, Version):
        reported = need(cuda_of_driver(case.knowledge, need(driver.version), driver_system(case)))
    cuda = need(framework.cuda_version)
    if cuda is None:
        raise Undecided(f"{framework.name} does not say what CUDA it was built with")
    emitted, understood = ptx_version(case.knowledge, cuda), ptx_version(case.knowledge, reported)
    return need(emitted) <= need(understood)
