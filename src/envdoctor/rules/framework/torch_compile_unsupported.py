"""The rule torch-compile-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.knowledge.torch_compile import compile_refuses_from
from envdoctor.model.facts import Framework, Gpu, Unknown, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import framework, gpu_label, interpreter
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import titled


@rule(Severity.INFO)
def torch_compile_unsupported(case: Case) -> Iterator[Finding]:
    """torch.compile does not work here, while the rest of PyTorch does.

    What it checks
        The first Python that torch.compile of the installed release refuses, and the compute capability from which Triton,
        which it compiles for GPUs with, works.

    Why it matters
        torch.compile raises "not supported on Python 3.14+", or "GPU is too old to be supported by the triton GPU compiler".
        Programs that do not call it are not concerned.

    How to fix
        Use a newer torch or an older Python; on older GPUs run without torch.compile.

    References
        https://docs.pytorch.org/docs/stable/generated/torch.compile.html
        https://github.com/pytorch/pytorch/blob/main/torch/_inductor/exc.py
    """
    torch = framework(case, "torch")
    if not isinstance(case.facts.gpus, Unknown) and torch.flavour == "cuda":
        floor = case.knowledge.tables["torch"]["compile_gpu_floor"]
        yield from _old_gpus(torch, case.facts.gpus_of("nvidia"), floor["cc"], floor["source"])
    python = interpreter(case)
    version = need(python.version)
    first = need(compile_refuses_from(case.knowledge, need(torch.version)))
    if first is not None and version.release[:2] >= first.release[:2]:
        yield Finding(
            title=f"torch.compile of {titled(torch)} refuses Python {first} and newer",
            detail=f"This environment has Python {version}; one below {first} is wanted, or a newer torch. "
            "The rest of torch works.",
            evidence=(
                evidence("environment.interpreter.version", version, python.source),
                evidence("frameworks[torch].version", torch.version, torch.source),
            ),
            fixes=(Fix("Use a newer torch for torch.compile", text="Nothing is to be done where torch.compile is not called."),),
        )


def _old_gpus(torch: Framework, gpus: tuple[Gpu, ...], floor: str, source: str) -> Iterator[Finding]:
    """One finding for the first GPU below the floor; torch 2 brought torch.compile."""
    old = next((gpu for gpu in gpus if (held := _capability(gpu)) is not None and held < tuple(map(int, floor.split(".")))), None)
    if old is None or (isinstance(torch.version, Version) and torch.version.major < 2):
        return
    capability = _capability(old) or ()
    shown = ".".join(map(str, capability))
    yield Finding(
        title=f"torch.compile does not work on {gpu_label(old)}",
        detail=f"It has compute capability {shown}; Triton, which torch.compile uses, wants "
        f"{floor} or newer ({source}). The rest of torch may work.",
        evidence=(evidence(f"gpus[{old.index}].compute_capability", capability, old.source),),
        fixes=(Fix("Run without torch.compile", text="TORCHDYNAMO_DISABLE=1 makes calls of it do nothing."),),
    )


def _capability(gpu: Gpu) -> tuple[int, int] | None:
    return gpu.compute_capability if isinstance(gpu.compute_capability, tuple) else None
