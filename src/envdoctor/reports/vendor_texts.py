"""Output of lscpu, amd-smi, rocm-smi, rocminfo, sycl-ls, system_profiler, llama.cpp and lspci, by the probes' parsers.

What the lines of the report stated already stays; these add what was unknown. Each is read only where a word shows that it is
there: a long report without any of them costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from envdoctor.model.facts import AmdStack, Cpu, Gpu, Interconnect, Unknown
from envdoctor.model.record import fields, record, replace
from envdoctor.reports.lscpu_words import english_lscpu, is_translated_lscpu

if TYPE_CHECKING:
    from envdoctor.probes.sycl_devices import SyclDevice

T = TypeVar("T", Cpu, Gpu)
_UNSAID = Unknown("the report does not say")
_AMD_WORDS = (
    "ROCm System Management", "GPU[0]", '"card0"', "AMDSMI", "AMD-SMI", "amdgpu version", "market_name", "MARKET_NAME",
    "HSA Agents", "KFD_ID", "CURRENT_PARTITION", "gpu_data", "Link Type between",
)  # fmt: skip
_BUS = re.compile(r"VGA compatible controller|3D controller|Display controller|Processing accelerators|\b03(?:00|02|80): ")


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
        if not is_translated_lscpu(text):
            return None
        text = english_lscpu(text)
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
    """Intel's by Level Zero, a Mac's by system_profiler or Metal, any by llama.cpp, and what lspci shows on the bus."""
    if "level_zero:gpu" in text:
        from envdoctor.probes.sycl_devices import parse_sycl_devices

        return tuple(map(_sycl_gpu, parse_sycl_devices(text)))
    if "Chipset Model:" in text or "ggml_metal" in text:
        from envdoctor.probes.mac_text import parse_metal, parse_system_profiler

        return parse_system_profiler(text).gpus or parse_metal(text)
    if "ggml_cuda_init" in text or "ggml_init_cublas" in text or "ggml_vulkan" in text:
        from envdoctor.probes.ggml_devices import parse_ggml_devices

        return parse_ggml_devices(text)
    return _on_the_bus(text) if _BUS.search(text) else ()


def _sycl_gpu(device: SyclDevice) -> Gpu:
    facts: dict[str, Any] = dict.fromkeys(fields(Gpu), _UNSAID)
    stated = {"name": device.name, "memory_total_bytes": device.memory_bytes or _UNSAID, "source": "the report (SYCL)"}
    return Gpu(**{**facts, "vendor": "intel", "index": device.index, **stated})


def _on_the_bus(text: str) -> tuple[Gpu, ...]:
    """A display that is built into Intel's or AMD's processor is none of the GPUs beside NVIDIA's."""
    from envdoctor.probes.lspci import parse_lspci

    gpus = parse_lspci(text)
    vendor = next((name for name in ("nvidia", "amd") if any(gpu.vendor == name for gpu in gpus)), "intel")
    return tuple(replace(gpu, index=index) for index, gpu in enumerate(gpu for gpu in gpus if gpu.vendor == vendor))


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
        return texts.gpus if all(map(_is_nameless, stated)) else stated
    if len(stated) == 1:
        own = {"index", "pci_address", "uuid", "source"}
        mention = replace(stated[0], **dict.fromkeys(own, _UNSAID))
        return tuple(_filled(gpu, mention) for gpu in texts.gpus)
    if len(stated) != len(texts.gpus):
        return stated
    return tuple(_filled(gpu, other) for gpu, other in zip(stated, texts.gpus, strict=True))


def _is_nameless(gpu: Gpu) -> bool:
    """Whether a message alone spoke of some GPU: ROCm's libraries have CUDA's words in them."""
    return isinstance(gpu.name, Unknown) and isinstance(gpu.pci_address, Unknown)


def _filled(stated: T, other: T) -> T:
    changes = {
        name: getattr(other, name)
        for name in fields(stated)
        if isinstance(getattr(stated, name), Unknown) and not isinstance(getattr(other, name), Unknown)
    }
    return replace(stated, **changes)
