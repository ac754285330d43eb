"""What a GPU is known to need, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import listed, number

if TYPE_CHECKING:
    from envdoctor.knowledge.describing_gpus import DescribedGpu
    from envdoctor.knowledge.gpus import Architecture

SCHEMA = "envdoctor.knowledge-gpu/1"
_MODULES = {
    "open": "the open ones only", "proprietary": "the proprietary ones only", "either": "open or proprietary",
}  # fmt: skip


def gpu_document(described: tuple[DescribedGpu, ...], date: str) -> dict[str, Any]:
    """The document; null is "none", or that the tables do not say."""
    return {"schema": SCHEMA, "date": date, "gpus": [_document(one) for one in described]}


def _document(one: DescribedGpu) -> dict[str, Any]:
    model, arch = one.model, one.arch
    return {
        "name": model.name,
        "vendor": model.vendor,
        "architecture": arch.name if arch is not None else None,
        "compute_capability": _capability(model.compute_capability),
        "gfx_target": model.gfx_target,
        "class": model.gpu_class,
        "memory_gb": list(model.memory_gb),
        "first_driver_branch": arch.first_branch if arch is not None else None,
        "last_driver_branch": arch.last_branch if arch is not None else None,
        "kernel_modules": arch.modules if arch is not None else None,
        "first_cuda": arch.first_cuda if arch is not None else None,
        "last_cuda": arch.last_cuda if arch is not None else None,
        "last_cudnn": one.cudnn.requirement if one.cudnn is not None else None,
        "platform": one.platform,
        "torch": str(one.torch[0].version) if one.torch else None,
        "torch_builds": [build.build for build in one.torch],
        "tflops": dict(one.peak.tflops) if one.peak is not None else None,
        "memory_gb_per_s": one.peak.memory_gb_per_s if one.peak is not None else None,
        "certain": model.certain,
        "source": model.source,
    }


def gpu_lines(described: tuple[DescribedGpu, ...]) -> Iterator[Line]:
    """Each GPU of the name, what it is first, then what serves it."""
    if len(described) > 1:
        yield plain(f"{len(described)} GPUs carry this name:")
        yield BLANK
    for place, one in enumerate(described):
        if place:
            yield BLANK
        yield from _of_one(one)


def _of_one(one: DescribedGpu) -> Iterator[Line]:
    model = one.model
    yield plain(model.name, "strong")
    if model.compute_capability is not None:
        name = f", {one.arch.name}" if one.arch is not None else ""
        yield _row("Compute capability", f"{_capability(model.compute_capability)}{name}")
    if model.gfx_target is not None:
        yield _row("gfx target", model.gfx_target)
    if model.gpu_class is not None:
        yield _row("Class", model.gpu_class)
    if model.memory_gb:
        yield _row("Memory", f"{listed([str(size) for size in model.memory_gb])} GB")
    if one.arch is not None:
        yield from _of_architecture(one.arch)
    if one.cudnn is not None:
        yield _row("cuDNN", f"on CUDA 12 at most {one.cudnn.version}: pin {one.cudnn.requirement}")
    yield _row("PyTorch", _torch_text(one))
    if one.peak is not None:
        figures = [f"{precision} {number(tflops)} TFLOPS" for precision, tflops in one.peak.tflops.items()]
        yield _row("At most", ", ".join([*figures, f"memory {number(one.peak.memory_gb_per_s)} GB/s"]))
    yield _row("Source", model.source if model.certain else f"{model.source} (not confirmed by an official source)")


def _of_architecture(arch: Architecture) -> Iterator[Line]:
    if arch.integrated:
        yield _row("Driver", "comes with the system image (JetPack)")
    else:
        first = f"branch {arch.first_branch} or newer" if arch.first_branch is not None else "every one that is still in use"
        last = f"; {arch.last_branch} is the last that serves it" if arch.last_branch is not None else ""
        yield _row("Driver", f"{first}{last}")
    if arch.modules is not None:
        yield _row("Kernel modules", _MODULES[arch.modules])
    if arch.first_cuda is not None or arch.last_cuda is not None:
        yield _row("CUDA Toolkit", _toolkits(arch))


def _toolkits(arch: Architecture) -> str:
    if arch.last_cuda is None:
        return f"CUDA {arch.first_cuda} or newer"
    return f"CUDA {arch.first_cuda} to {arch.last_cuda}" if arch.first_cuda is not None else f"up to CUDA {arch.last_cuda}"


def _torch_text(one: DescribedGpu) -> str:
    if not one.torch:
        return "no build that is known holds machine code for it"
    builds = listed([build.build for build in one.torch])
    return f"newest with code for it: {one.torch[0].version} ({builds}, {one.platform})"


def _row(label: str, text: str) -> Line:
    return Line(((text, ""),), lead=(f"{label}: ", ""), indent=2)


def _capability(capability: tuple[int, int] | None) -> str | None:
    return None if capability is None else f"{capability[0]}.{capability[1]}"
