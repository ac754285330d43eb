"""GPUs, driver, CUDA toolkits and cuDNN of a report's machine, from what its lines and nvidia-smi state."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import ComputeCapability, CudaToolkit, CudnnInstallation, DriverVersion, Gpu, NvidiaDriver, Unknown
from envdoctor.model.record import fields, replace
from envdoctor.probes.nvidia_smi import SmiReport
from envdoctor.reports.gathering_system import NOT_SAID
from envdoctor.reports.prose import GFX, GPU_NAME
from envdoctor.reports.stating import FILLED_IN, MEASURED, MENTIONED, Stated, about
from envdoctor.reports.versions import cuda_of_number, cudnn_version, find_version

_BARE = re.compile(r"(?<![\d.])(?P<number>(?:10|16|20|30|40|50)[5-9]0)\s?(?P<more>ti|super)?(?: ?super)?(?![\d.]|\w*MB)", re.I)
_COUNT = re.compile(r"^\s*(?P<count>[1-9]|1[0-6])\s*[x×*]\s*|\s[x×*]\s?(?P<after>[1-9]|1[0-6])\s*$", re.I)
_TIMES = re.compile(r"(?<!\w)\d{1,2}\s*[x×*]\s*(?=[A-Za-z])", re.IGNORECASE)
_AND = re.compile(r"\s(?:\+|and|und|&)\s|[,/;] ?", re.IGNORECASE)
_FIRST_DRIVER = 90
"""Below this a number behind "CUDA driver version" is a version of CUDA."""
_NEWEST_MAJOR = 20
_SERIES = {"10": ("GTX", (6, 1)), "16": ("GTX", (7, 5)), "20": ("RTX", (7, 5)), "30": ("RTX", (8, 6)), "40": ("RTX", (8, 9)),
           "50": ("RTX", (12, 0))}  # fmt: skip
"""The brand and the compute capability of a series of GeForce cards. Source: https://developer.nvidia.com/cuda-gpus"""
_UNSAID = dict.fromkeys(fields(Gpu), NOT_SAID)


def gather_gpus(stated: Sequence[Stated], smi: SmiReport | None) -> tuple[Gpu, ...] | Unknown:
    """The GPUs: those that nvidia-smi lists, else those under a label, else those that are mentioned."""
    if smi is not None and isinstance(smi.gpus, tuple) and smi.gpus:
        return _alone(tuple(_with_capability(gpu, stated) for gpu in _with_mentioned(smi.gpus, stated)), stated)
    for least in (MEASURED, FILLED_IN, MENTIONED):
        found = _with_targets(_named(stated, least))
        if found:
            return _alone(tuple(_with_capability(replace(gpu, index=place), stated) for place, gpu in enumerate(found)), stated)
    return _others(stated)


def _with_mentioned(listed: Sequence[Gpu], stated: Sequence[Stated]) -> tuple[Gpu, ...]:
    """The GPUs of nvidia-smi, those of which the table cut the name with the one that the text names elsewhere."""
    there = {_key(gpu): gpu for gpu in _named(stated, MENTIONED) if gpu.vendor == "nvidia" and isinstance(gpu.name, str)}
    if len(there) != 1 or not any(isinstance(gpu.name, Unknown) for gpu in listed):
        return tuple(listed)
    (one,) = there.values()
    return tuple(replace(gpu, name=one.name, source=one.source) if isinstance(gpu.name, Unknown) else gpu for gpu in listed)


def _named(stated: Sequence[Stated], least: int) -> list[Gpu]:
    """The GPUs of statements of that weight; a name that comes again is another GPU only in a listing of them one by one."""
    listing = least == MEASURED and _is_listing(stated)
    found: list[Gpu] = []
    for one in stated:
        if one.topic == "gpu" and one.weight >= least:
            there = {_key(gpu) for gpu in found}
            found += [gpu for gpu in _gpus_of(one) if listing or _key(gpu) not in there]
    return found


def _with_targets(found: list[Gpu]) -> list[Gpu]:
    """Rocm-smi tells the name and the target of a GPU on lines of their own: they are one GPU."""
    targets = [gpu.gfx_target for gpu in found if isinstance(gpu.name, Unknown)]
    named = [gpu for gpu in found if not isinstance(gpu.name, Unknown)]
    if not targets or not any(gpu.vendor == "amd" for gpu in named):
        return found
    one = targets[0] if len(set(targets)) == 1 else None
    return [replace(gpu, gfx_target=one) if gpu.vendor == "amd" and one and not isinstance(gpu.gfx_target, str) else gpu
            for gpu in named]  # fmt: skip


def _key(gpu: Gpu) -> str:
    return str(gpu.name).lower().replace(" ", "")


def _is_listing(stated: Sequence[Stated]) -> bool:
    """Whether a program listed the GPUs one by one, so that equal names are several GPUs."""
    return any(one.topic == "gpu" and one.form == "environment" for one in stated)


def _gpus_of(one: Stated) -> list[Gpu]:
    """The GPUs that a statement names; `2xA100` are two."""
    apart = _TIMES.sub(" ", one.value)
    names = [match[0].strip() for match in GPU_NAME.finditer(apart)]
    if not names and one.weight >= FILLED_IN:
        names = [_spelled(match) for match in _BARE.finditer(one.value)]
    if one.form == "environment" and names and one.weight == MEASURED and not (len(names) > 1 and _AND.search(one.value)):
        names = [re.sub(r"^GPU \d+: |\s*\(UUID.*$", "", one.value)]
    target = GFX.search(one.value)
    if not names and target:
        return [_gpu("amd", NOT_SAID, one, target[1])]
    count = _COUNT.search(one.value)
    times = int(count["count"] or count["after"]) if count and len(names) == 1 else 1
    return [_gpu(_vendor(name), name, one, target[1] if target else None) for name in names for _ in range(times)]


def _spelled(match: re.Match[str]) -> str:
    """`RTX 5070 Ti` of a bare `5070TI`."""
    series = "GTX" if match["number"][:2] in {"10", "16"} else "RTX"
    return f"GeForce {series} {match['number']}" + (f" {match['more'].capitalize()}" if match["more"] else "")


def _vendor(name: str) -> str:
    return "amd" if re.search(r"radeon|\brx ?\d|instinct|\bmi\d{2,3}|\bamd\b|pro w\d", name, re.I) else "nvidia"


def _gpu(vendor: str, name: str | Unknown, one: Stated, target: str | None = None) -> Gpu:
    gfx: str | Unknown | None = None if vendor == "nvidia" else target or NOT_SAID
    return Gpu(**{**_UNSAID, "vendor": vendor, "index": 0, "name": name, "gfx_target": gfx, "source": one.source})  # type: ignore[arg-type]


def _with_capability(gpu: Gpu, stated: Sequence[Stated]) -> Gpu:
    """The compute capability that a message states for a GPU of that name."""
    for one in about(stated, "gpu.capability"):
        match = re.search(r"(?:sm_(\d+)(\d)|capability (\d+)\.(\d))", one.value)
        named = GPU_NAME.search(one.value)
        if match and named and isinstance(gpu.name, str) and named[0].strip().lower() in gpu.name.lower():
            major, minor = (int(part) for part in match.groups() if part is not None)
            return replace(gpu, compute_capability=(major, minor))
    return gpu


def _alone(found: tuple[Gpu, ...], stated: Sequence[Stated]) -> tuple[Gpu, ...]:
    """GPUs of one kind with the compute capability that is stated without a name, behind a label or by torch itself."""
    capability = next((one for one in map(_capability, about(stated, "capability")) if one is not None), None)
    if capability is None or len({gpu.name for gpu in found if isinstance(gpu.name, str)}) > 1:
        return found
    heavy = any(one.weight > MENTIONED for one in about(stated, "capability"))
    return tuple(
        replace(gpu, compute_capability=capability)
        if gpu.vendor == "nvidia" and isinstance(gpu.compute_capability, Unknown) and (heavy or isinstance(gpu.name, Unknown))
        else gpu
        for gpu in found
    )


def _capability(one: Stated) -> ComputeCapability | None:
    """`8.6`, `sm_86`, or `(8, 6)` as torch prints it."""
    match = re.search(r"(?<![\d.])(\d{1,2})(?:\.|, ?)(\d)(?![\d.])|sm_(\d{1,2})(\d)\b", one.value)
    if match is None:
        return None
    major, minor = (int(part) for part in match.groups() if part is not None)
    return (major, minor) if 1 < major < _NEWEST_MAJOR else None


def _others(stated: Sequence[Stated]) -> tuple[Gpu, ...] | Unknown:
    """AMD GPUs of which only the target is stated, Apple's own, and NVIDIA GPUs of which only the PCI id is."""
    targets = {one.value: one for one in stated if one.topic == "gfx"}
    if targets:
        return tuple(replace(_gpu("amd", NOT_SAID, one, name), index=place) for place, (name, one) in enumerate(targets.items()))
    amd = next(about(stated, "gpu.amd"), None)
    if amd is not None:
        return (_gpu("amd", amd.value, amd),)
    apple = next(about(stated, "gpu.apple"), None)
    if apple is not None:
        return (_gpu("apple", f"Apple {apple.value}", apple),)
    series = next(about(stated, "gpu.series"), None)
    if series is not None:
        brand, capability = _SERIES[series.value]
        return (replace(_gpu("nvidia", f"GeForce {brand} {series.value} series", series), compute_capability=capability),)
    unnamed = next((one for one in about(stated, "capability") if _capability(one) is not None), None)
    if unnamed is not None:
        return _alone((_gpu("nvidia", NOT_SAID, unnamed),), stated)
    pci = next(about(stated, "pci"), None)
    return (replace(_gpu("nvidia", NOT_SAID, pci), pci_id=pci.value),) if pci is not None else NOT_SAID


def gather_driver(stated: Sequence[Stated], smi: SmiReport | None) -> NvidiaDriver | Unknown:
    """The NVIDIA driver, where its version or why it does not answer is stated."""
    drivers = ((_driver_version(one.value), one) for one in about(stated, "driver", "driver.any"))
    said = next(((found, one) for found, one in drivers if found is not None), None)
    version: Version | Unknown = smi.driver_version if smi is not None else NOT_SAID
    source = "nvidia-smi, in the report"
    if isinstance(version, Unknown) and said is not None:
        version, source = said[0], said[1].source
    cuda = _driver_cuda(stated, smi)
    failure = smi.failure if smi is not None else NOT_SAID
    if isinstance(version, Unknown) and isinstance(cuda, Unknown) and (smi is None or smi.failure is None):
        return NOT_SAID
    return NvidiaDriver(
        version=version,
        cuda_version=cuda,
        kernel_module_version=_module_version(stated),
        library_version=_library_version(stated) if smi is None or smi.library_version is None else smi.library_version,
        open_kernel_module=_is_open(stated),
        libcuda_path=NOT_SAID,
        nvml_failure=failure,
        nvml_message=smi.message if smi is not None else None,
        source=source,
    )


def _module_version(stated: Sequence[Stated]) -> DriverVersion | Unknown:
    """The kernel module's version, where the kernel states it."""
    kernel = ("/proc/driver", "kernel log")
    found = (_driver_version(one.value) for one in about(stated, "driver") if one.form in kernel)
    return next((version for version in found if version is not None), NOT_SAID)


def _library_version(stated: Sequence[Stated]) -> DriverVersion | Unknown:
    """The version of the driver's library, where the installed packages are listed and all are of one."""
    found = {_driver_version(one.value.rstrip(".")) for one in about(stated, "driver.library")}
    version = found.pop() if len(found) == 1 else None
    return NOT_SAID if version is None else version


def _is_open(stated: Sequence[Stated]) -> bool | Unknown:
    said = next(about(stated, "driver.module"), None)
    return NOT_SAID if said is None else said.value.startswith("Open")


def _driver_version(text: str) -> DriverVersion | None:
    match = re.search(r"(?<![\d.])\d{3}(?:\.\d{1,4}){0,2}(?![\d.]*\d)", text)
    try:
        return DriverVersion(match[0]) if match else None
    except InvalidVersion:
        return None


def _driver_cuda(stated: Sequence[Stated], smi: SmiReport | None) -> Version | Unknown:
    if smi is not None and isinstance(smi.cuda_version, Version):
        return smi.cuda_version
    for one in about(stated, "driver_cuda", "driver.any"):
        version = cuda_of_number(one.value) if one.value.isdecimal() else find_version(one.value)
        if version is not None and version.major < _FIRST_DRIVER:
            return version
    return NOT_SAID


def gather_toolkits(stated: Sequence[Stated]) -> tuple[CudaToolkit, ...] | Unknown:
    """CUDA toolkits: what nvcc says, else what a person states as the CUDA that is installed."""
    for topic, least in (("toolkit", FILLED_IN), ("cuda", FILLED_IN)):
        found: dict[tuple[int, ...], CudaToolkit] = {}
        for one in about(stated, topic):
            version = _toolkit_version(one.value) if one.weight >= least else None
            if version is not None and version.release[:2] not in found:
                found[version.release[:2]] = CudaToolkit("", version, topic == "toolkit", not found, one.source)
        if found:
            return tuple(found.values())
    return NOT_SAID


def _toolkit_version(text: str) -> Version | None:
    """A version of CUDA, also as CUDA itself counts: 12.9 of `12090 (linked to CuPy)`."""
    version = cuda_of_number(text.split()[0]) if re.match(r"\d{4,5}(?![\d.])", text) else find_version(text)
    return version if version is None or version.major < _FIRST_DRIVER else None


def gather_cudnns(stated: Sequence[Stated]) -> tuple[CudnnInstallation, ...] | Unknown:
    """CuDNN libraries, each version once."""
    found: dict[Version, CudnnInstallation] = {}
    for one in about(stated, "cudnn"):
        version = cudnn_version(one.value)
        if version is not None:
            path = one.value if "/" in one.value or "\\" in one.value else ""
            found.setdefault(version, CudnnInstallation(path, version, one.source))
    return tuple(found.values()) or NOT_SAID
