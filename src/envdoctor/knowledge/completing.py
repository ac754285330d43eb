"""Completes what a machine says of its GPUs by what the tables know of them: a PCI id or a name stands for a model."""

from __future__ import annotations

from typing import Any

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Gpu, Unknown
from envdoctor.model.record import replace


def complete_facts(facts: Facts, knowledge: Knowledge) -> Facts:
    """The facts, with the name and compute capability of NVIDIA GPUs that only the driver could have told.

    Without a driver that answers there is the PCI id alone, older nvidia-smi print no compute capability, and a pasted text
    may have a name only. What the machine itself states stays.
    """
    if isinstance(facts.gpus, Unknown) or not any(_is_incomplete(gpu) for gpu in facts.gpus):
        return facts
    return replace(facts, gpus=tuple(_complete(gpu, knowledge) if _is_incomplete(gpu) else gpu for gpu in facts.gpus))


def _is_incomplete(gpu: Gpu) -> bool:
    return gpu.vendor == "nvidia" and not (isinstance(gpu.name, str) and isinstance(gpu.compute_capability, tuple))


def _complete(gpu: Gpu, knowledge: Knowledge) -> Gpu:
    from envdoctor.knowledge.gpus import GpuModel, find_gpu_by_pci, find_gpus

    by_pci = find_gpu_by_pci(knowledge, gpu.pci_id) if isinstance(gpu.pci_id, str) else None
    models = (by_pci,) if isinstance(by_pci, GpuModel) else find_gpus(knowledge, gpu.name) if isinstance(gpu.name, str) else ()
    learned: dict[str, Any] = {}
    capabilities = {model.compute_capability for model in models if model.certain and model.compute_capability is not None}
    if not isinstance(gpu.compute_capability, tuple) and len(capabilities) == 1 and all(model.certain for model in models):
        learned["compute_capability"] = capabilities.pop()
    if not isinstance(gpu.name, str) and isinstance(by_pci, GpuModel):
        learned["name"] = by_pci.name
    return replace(gpu, **learned, source=f"{gpu.source}, and the knowledge base of {knowledge.date}") if learned else gpu
