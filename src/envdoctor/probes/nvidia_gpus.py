"""The NVIDIA GPUs: by NVML, or as far as the driver's files and the PCI bus tell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from envdoctor.model.facts import Gpu, NvmlFailure
from envdoctor.model.record import fields, replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.nvidia_answers import stated, with_nvlink_counts
from envdoctor.probes.nvidia_files import DRIVER_FOLDER, DrivenGpu, probe_driven_gpus
from envdoctor.probes.pci import NVIDIA, PciDevice
from envdoctor.system.port import SourceError, System

_STATED = frozenset(fields(Gpu)) - {"vendor", "index", "gfx_target", "kernel_driver", "source"}
_WORTH_THREADS = 2
_MOMENT_S = 0.002
_Answers = tuple[Any, Any]
"""Of the questions `device` and `links`; a SourceError where the first has none."""


def count_gpus(system: System) -> int | Unknown:
    """How many GPUs NVML sees."""
    try:
        return int(system.nvml("device_count"))
    except SourceError as error:
        return Unknown(str(error))


def gpus_by_nvml(system: System, count: int) -> tuple[tuple[Gpu, ...], str | None]:
    """Every GPU, asked side by side, and NVML's words on the first that is lost; None where none is."""
    asked = _side_by_side(lambda index: _ask(system, index, count), count)
    seen = [_seen(index, *answers) for index, answers in enumerate(asked)]
    lost = next((words for _, words in seen if words is not None), None)
    return with_nvlink_counts(tuple(gpu for gpu, _ in seen)), lost


def _side_by_side(ask: Callable[[int], _Answers], count: int) -> list[_Answers]:
    """NVML waits for the driver at each question: eight GPUs in turn take eight times as long as one.

    Each has a moment before the next begins: where the driver answers at once, threads would only wait for each other.
    """
    if count < _WORTH_THREADS:
        return [ask(index) for index in range(count)]
    answers: dict[int, _Answers] = {}

    def work(index: int) -> None:
        answers[index] = ask(index)

    threads = [threading.Thread(target=work, args=(index,), daemon=True) for index in range(count)]
    for thread in threads:
        thread.start()
        thread.join(_MOMENT_S)
    for thread in threads:
        thread.join()
    return [answers[index] for index in range(count)]


def _ask(system: System, index: int, count: int) -> _Answers:
    """What NVML says of a GPU, and of its links where there are others."""
    try:
        device = system.nvml("device", index)
    except SourceError as error:
        return error, {}
    if count < _WORTH_THREADS:
        return device, {"peers": []}
    try:
        return device, system.nvml("links", index)
    except SourceError as error:
        return device, {name: {"unknown": str(error)} for name in ("nvlinks", "peers")}


def _seen(index: int, device: Any, links: Any) -> tuple[Gpu, str | None]:
    """A GPU, and NVML's words where it is lost."""
    if isinstance(device, SourceError):
        words = f"GPU {index}: {device.reason}" if device.failure is NvmlFailure.GPU_LOST else None
        return _unseen(index, f"NVML: {device}"), words
    return gpu_from_nvml(index, {**device, **links}), f"GPU {index} is lost" if device.get("lost") else None


def gpu_from_nvml(index: int, answer: Mapping[str, Any]) -> Gpu:
    """A GPU as `system.nvml("device", index)` states it."""
    return Gpu(vendor="nvidia", index=index, source="NVML", **{name: stated(answer, name) for name in _STATED})


def _unseen(index: int, reason: str) -> Gpu:
    """A GPU that is there and tells nothing."""
    return Gpu(vendor="nvidia", index=index, source="NVML", **dict.fromkeys(_STATED, Unknown(reason)))


def gpus_by_files(system: System, bus: tuple[PciDevice, ...] | Unknown, why: str) -> tuple[Gpu, ...] | Unknown:
    """The GPUs that the kernel module drives and those on the PCI bus; Unknown where neither can be seen."""
    driven = {gpu.address: gpu for gpu in probe_driven_gpus(system)}
    devices = {device.address: device for device in _nvidia_devices(bus)}
    if isinstance(bus, Unknown) and not driven:
        return bus
    addresses = sorted({*driven, *devices})
    return tuple(_by_files(index, devices.get(place), driven.get(place), why) for index, place in enumerate(addresses))


def _nvidia_devices(bus: tuple[PciDevice, ...] | Unknown) -> list[PciDevice]:
    return [] if isinstance(bus, Unknown) else [device for device in bus if device.vendor == NVIDIA and device.is_gpu]


def _by_files(index: int, device: PciDevice | None, driven: DrivenGpu | None, why: str) -> Gpu:
    unseen = Unknown(f"only NVML tells, and it did not answer ({why})")
    name = driven.name if driven is not None else None
    return replace(
        _unseen(index, unseen.reason),
        name=name if name is not None else Unknown("the driver, which knows the names of GPUs, does not drive this one"),
        uuid=driven.uuid if driven is not None and driven.uuid else unseen,
        pci_address=device.address if device is not None else driven.address if driven is not None else unseen,
        pci_id=device.id if device is not None else Unknown("the PCI bus does not show this GPU"),
        kernel_driver=device.driver if device is not None else "nvidia",
        source=f"{DRIVER_FOLDER}/gpus" if driven is not None else "PCI bus",
    )


def with_kernel_driver(gpus: tuple[Gpu, ...], bus: tuple[PciDevice, ...] | Unknown) -> tuple[Gpu, ...]:
    """GPUs with the kernel driver that the PCI bus shows for them."""
    drivers = {device.address: device.driver for device in _nvidia_devices(bus)}
    return tuple(replace(gpu, kernel_driver=drivers.get(_short(gpu.pci_address), "nvidia")) for gpu in gpus)


def _short(address: str | Unknown | None) -> str:
    """NVML writes eight digits of the PCI domain, Linux four."""
    return address[4:] if isinstance(address, str) and len(address) == len("00000000:00:00.0") else str(address)
