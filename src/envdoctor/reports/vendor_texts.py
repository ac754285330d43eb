"""Output of lscpu, amd-smi, rocm-smi, rocminfo, sycl-ls, system_profiler and numactl in a report, by the probes' parsers.

What the lines of the report stated already stays; these add what was unknown. Each is read only where a word shows that it is
there: a long report without any of them costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from envdoctor.model.facts import AmdStack, Cpu, Gpu, Interconnect, Unknown
from envdoctor.model.record import fields, record, replace

T = TypeVar("T", Cpu, Gpu)
_UNSAID = Unknown("the report does not say")
_AMD_WORDS = (
    "ROCm System Management", "GPU[0]", '"card0"', "AMDSMI", "AMD-SMI", "amdgpu version", "market_name", "MARKET_NAME",
    "HSA Agents", "CURRENT_PARTITION", "gpu_data", "Link Type between",
)  # fmt: skip


@record
class VendorTexts:
    """What such texts say."""

    cpu: Cpu | None = None
    gpus: tuple[Gpu, ...] = ()
    interconnect: Interconnect | None = None
    amd: AmdStack | None = None


def parse_vendor_texts(lines: Sequence[str]) -> VendorTexts:
    """All that such texts among the lines of a report say."""
    text = "\n".join(lines)
    amd_gpus, links, stack = _amd(text)
    return VendorTexts(_cpu(text), amd_gpus or _other_gpus(text), links, stack)


def _cpu(text: str) -> Cpu | None:
    if "Core(s) per socket" not in text and "Core(s) per cluster" not in text:
        return None
    from envdoctor.probes.lscpu import parse_lscpu

    found = parse_lscpu(text)
    return None if found is None else found.cpu


def _amd(text: str) -> tuple[tuple[Gpu, ...], Interconnect | None, AmdStack | None]:
    if not any(word in text for word in _AMD_WORDS):
        return (), None, None
    from packaging.version import Version

    from envdoctor.probes.amd_smi import parse_amd_smi
    from envdoctor.probes.rocm_smi import parse_rocm_smi
    from envdoctor.probes.rocminfo import parse_rocminfo

    readings = [parse(text) for parse in (parse_rocminfo, parse_amd_smi, parse_rocm_smi)]
    gpus = max((reading.gpus for reading in readings), key=_told)
    links = next((reading.links for reading in readings if reading.links), ())
    driver = next((reading.driver_version for reading in readings if reading.driver_version), None)
    rocm = next((reading.rocm_version for reading in readings if reading.rocm_version), None)
    stack = AmdStack(_UNSAID, driver or _UNSAID, Version(rocm) if rocm else _UNSAID, _UNSAID, "the report")
    return gpus, Interconnect(links=links) if links else None, stack if driver or rocm else None


def _told(gpus: tuple[Gpu, ...]) -> int:
    """How much is known of GPUs: the fullest of several listings counts."""
    return sum(not isinstance(getattr(gpu, name), Unknown) for gpu in gpus for name in fields(gpu))


def _other_gpus(text: str) -> tuple[Gpu, ...]:
    """Intel's by Level Zero, a Mac's by system_profiler or Metal."""
    if "level_zero:gpu" in text:
        from envdoctor.probes.sycl_devices import parse_sycl_devices

        return tuple(
            Gpu("intel", device.index, device.name, memory_total_bytes=device.memory_bytes or _UNSAID, source="the report (SYCL)")
            for device in parse_sycl_devices(text)
        )
    if "Chipset Model:" in text or "ggml_metal" in text:
        from envdoctor.probes.mac_text import parse_metal, parse_system_profiler

        return parse_system_profiler(text).gpus or parse_metal(text)
    return ()


def with_cpu(stated: Cpu | Unknown, texts: VendorTexts) -> Cpu | Unknown:
    """The processor, what was unknown of it filled in."""
    if texts.cpu is None:
        return stated
    return texts.cpu if isinstance(stated, Unknown) else _filled(stated, texts.cpu)


def with_gpus(stated: tuple[Gpu, ...] | Unknown, texts: VendorTexts) -> tuple[Gpu, ...] | Unknown:
    """The GPUs; where as many of one vendor were stated otherwise, each filled in; of a single mention, all that are listed."""
    if not texts.gpus:
        return stated
    if isinstance(stated, Unknown):
        return texts.gpus
    if {gpu.vendor for gpu in stated} != {gpu.vendor for gpu in texts.gpus}:
        return stated
    if len(stated) == 1:
        own = {"index", "pci_address", "uuid", "source"}
        mention = replace(stated[0], **dict.fromkeys(own, _UNSAID))
        return tuple(_filled(gpu, mention) for gpu in texts.gpus)
    if len(stated) != len(texts.gpus):
        return stated
    return tuple(_filled(gpu, other) for gpu, other in zip(stated, texts.gpus, strict=True))


def _filled(stated: T, other: T) -> T:
    changes = {
        name: getattr(other, name)
        for name in fields(stated)
        if isinstance(getattr(stated, name), Unknown) and not isinstance(getattr(other, name), Unknown)
    }
    return replace(stated, **changes)
