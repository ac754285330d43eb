"""The rule rocm-arch-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.knowledge.amd import WheelTargets, gfx_override, wheel_targets
from envdoctor.model.facts import Framework, Gpu, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import apart, framework, gpu_label, gpus_of
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.gpu_code import FAILS, MAY_FAIL
from envdoctor.rules.wording import titled

OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"


@rule(Severity.ERROR)
def rocm_arch_unsupported(case: Case) -> Iterator[Finding]:
    """Torch's ROCm build holds no code for this AMD GPU.

    What it checks
        The gfx targets in the installed ROCm build of torch (from its files, else from the table of wheels) against each AMD
        GPU's target.

    Why it matters
        The first operation ends with "HIP error: invalid device function" or a crash.

    How to fix
        Use a build for a ROCm that has the target. For some cards near an official target people set
        HSA_OVERRIDE_GFX_VERSION, which AMD does not support.

    References
        https://rocm.docs.amd.com/projects/install-on-linux/en/latest/reference/system-requirements.html
        https://github.com/ROCm/ROCm/issues/2353
    """
    torch = framework(case, "torch")
    if need(torch.flavour) != "rocm":
        raise skip("torch is not a ROCm build")
    gpus = gpus_of(case, "amd")
    variables = case.facts.variables
    if not isinstance(variables, Unknown) and OVERRIDE in variables:
        raise skip(f"{OVERRIDE} is set")
    held = _targets(case, torch)
    yield from apart(gpus, lambda gpu: _judge(case, torch, gpu, held))


def _targets(case: Case, torch: Framework) -> WheelTargets:
    """What the files say, else the row of the table for the ROCm version, to the patch or the minor version."""
    if isinstance(torch.gpu_code, tuple) and torch.gpu_code:
        return WheelTargets(torch.gpu_code, (), not torch.gpu_code_is_sample, torch.gpu_code_source or torch.source)
    rocm = need(torch.rocm_version)
    if rocm is None:
        raise Undecided("torch does not say what ROCm it was built with")
    shorter = (Version(".".join(map(str, rocm.release[:size]))) for size in (3, 2))
    rows = [wheel_targets(case.knowledge, version) for version in shorter]
    return need(next((row for row in rows if not isinstance(row, Unknown)), rows[-1]))


def _judge(case: Case, torch: Framework, gpu: Gpu, held: WheelTargets) -> Iterator[Finding]:
    target = need(gpu.gfx_target)
    if target is None:
        raise skip("the GPU states no gfx target")
    if target in held.gfx:
        return
    if target in held.unsure:
        raise Undecided(f"sources disagree whether wheels for this ROCm hold {target}")
    override = gfx_override(case.knowledge, target)
    fix = Fix("Use a GPU that ROCm builds serve, or the CPU build", text=f"Served: {' '.join(held.gfx)}.")
    if override is not None:
        fix = Fix(
            f"Try {override.variable}={override.value}",
            text=f"export {override.variable}={override.value} runs the code of a near relative: unofficial, on Linux "
            f"({override.source}).",
        )
    yield Finding(
        title=f"{titled(torch)} has no code for {gpu_label(gpu)} ({target})",
        detail=f"The build holds {' '.join(held.gfx)}; {target} is wanted. {FAILS if held.certain else MAY_FAIL}",
        evidence=(
            evidence("frameworks[torch].gpu_code", held.gfx, held.source),
            evidence(f"gpus[{gpu.index}].gfx_target", target, gpu.source),
        ),
        fixes=(fix,),
        confidence=Confidence.CERTAIN if held.certain else Confidence.LIKELY,
    )
