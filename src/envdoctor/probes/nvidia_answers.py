"""What NVML's answers about a GPU become: records of the model, with Unknown where a part could not be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from envdoctor.model.facts import EccErrors, Gpu, GpuPeer, GpuProcess, MigInstance, NvLink, RetiredPages, RowRemapping
from envdoctor.model.gpu_state import NOT_ASKED
from envdoctor.model.record import fields
from envdoctor.model.unknown import Unknown


def stated(answer: Mapping[str, Any], name: str) -> Any:
    """One part of an answer: its value, None for what this GPU does not have, Unknown for what could not be asked."""
    if name not in answer:
        return NOT_ASKED
    found = answer[name]
    if isinstance(found, dict) and "unknown" in found:
        return Unknown(f"NVML: {found['unknown']}")
    convert = _CONVERSIONS.get(name)
    return found if found is None or convert is None else convert(found)


def _record(kind: Callable[..., Any]) -> Callable[[Mapping[str, Any]], Any]:
    return lambda answer: kind(**{name: stated(answer, name) for name in fields(kind)})


def _records(kind: Callable[..., Any]) -> Callable[[list[Mapping[str, Any]]], tuple[Any, ...]]:
    return lambda answers: tuple(_record(kind)(answer) for answer in answers)


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "compute_capability": lambda pair: (int(pair[0]), int(pair[1])),
    "throttle_reasons": tuple,
    "processes": lambda listed: tuple(GpuProcess(one["pid"], one["kind"], one["memory_used_bytes"]) for one in listed),
    "ecc_volatile": _record(EccErrors),
    "ecc_aggregate": _record(EccErrors),
    "row_remapping": _record(RowRemapping),
    "retired_pages": _record(RetiredPages),
    "mig_instances": _records(MigInstance),
    "nvlinks": _records(NvLink),
    "peers": _records(GpuPeer),
}


def with_nvlink_counts(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """GPUs whose peers carry how many NVLinks lead to them: straight, or through switches that they share."""
    from envdoctor.model.record import replace

    by_index = {gpu.index: gpu for gpu in gpus}
    made = []
    for gpu in gpus:
        if isinstance(gpu.peers, tuple):
            peers = tuple(replace(peer, nvlinks=_links_to(gpu, by_index.get(peer.index))) for peer in gpu.peers)
            gpu = replace(gpu, peers=peers)
        made.append(gpu)
    return tuple(made)


def _links_to(gpu: Gpu, other: Gpu | None) -> int | Unknown | None:
    if gpu.nvlinks is None or isinstance(gpu.nvlinks, Unknown):
        return gpu.nvlinks
    if other is None or not isinstance(other.pci_address, str):
        return Unknown("the other GPU does not tell where it is")
    active = [link for link in gpu.nvlinks if link.is_active is True]
    straight = sum(link.remote_address == other.pci_address for link in active)
    return straight or min(_links_to_switches(gpu), _links_to_switches(other))


def _links_to_switches(gpu: Gpu) -> int:
    links = gpu.nvlinks if isinstance(gpu.nvlinks, tuple) else ()
    return sum(link.is_active is True and link.remote_kind == "switch" for link in links)
