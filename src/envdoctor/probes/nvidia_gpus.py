"""The NVIDIA GPUs: by NVML, or as far as the driver's files and the PCI bus tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envdoctor.model.facts import Gpu, GpuProcess, NvmlFailure
from envdoctor.model.record import fields, replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.nvidia_files import DRIVER_FOLDER, DrivenGpu, probe_driven_gpus
from envdoctor.probes.pci import NVIDIA, PciDevice
from envdoctor.system.port import SourceError, System

_STATED = frozenset(fields(Gpu)) - {"vendor", "index", "gfx_target", "kernel_driver", "source"}


def count_gpus(system: System) -> int | Unknown:
    """How many GPUs NVML sees."""
    try:
        return int(system.nvml("device_count"))
    except SourceError as error:
        return Unknown(str(error))


def gpus_by_nvml(system: System, count: int) -> tuple[tuple[Gpu, ...], str | None]:
    """Every GPU, and NVML's words on the first that is lost; None where none is."""
    found, lost = [], None
    for index in range(count):
        try:
            answer = system.nvml("device", index)
        except SourceError as error:
            if error.failure is NvmlFailure.GPU_LOST:
                lost = lost or f"GPU {index}: {error.reason}"
            found.append(_unseen(index, f"NVML: {error}"))
            continue
        if answer.get("lost"):
            lost = lost or f"GPU {index} is lost"
        found.append(gpu_from_nvml(index, answer))
    return tuple(found), lost


def gpu_from_nvml(index: int, answer: Mapping[str, Any]) -> Gpu:
    """A GPU as `system.nvml("device", index)` states it."""
    values = {name: _value(name, answer.get(name)) for name in _STATED}
    return Gpu(vendor="nvidia", index=index, source="NVML", **values)


def _value(name: str, stated: Any) -> Any:
    if isinstance(stated, dict):
        return Unknown(f"NVML: {stated.get('unknown')}")
    if stated is None:
        return None
    if name == "compute_capability":
        return (int(stated[0]), int(stated[1]))
    if name == "throttle_reasons":
        return tuple(stated)
    if name == "processes":
        return tuple(GpuProcess(process["pid"], process["kind"], process["memory_used_bytes"]) for process in stated)
    return stated


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
