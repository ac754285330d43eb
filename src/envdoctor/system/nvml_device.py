"""How the named NVML questions are put to pynvml: one small function each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from envdoctor.system.nvml_asking import FUNCTION_NOT_FOUND as _FUNCTION_NOT_FOUND
from envdoctor.system.nvml_asking import LOST as _LOST
from envdoctor.system.nvml_asking import NOT_SUPPORTED as _NOT_SUPPORTED
from envdoctor.system.nvml_asking import part_of
from envdoctor.system.nvml_health import (
    AGGREGATE,
    ask_ecc,
    ask_fabric,
    ask_license,
    ask_recovery_action,
    ask_retired_pages,
    ask_row_remapping,
    ask_sram_threshold,
    ask_virtualization,
)
from envdoctor.system.nvml_links import address_of, ask_mig_instances, ask_nvlinks, ask_peers
from envdoctor.system.port import Unsupported

_COMPUTE_MODES = {0: "default", 1: "exclusive_thread", 2: "prohibited", 3: "exclusive_process"}
_THROTTLE_REASONS = {
    0x1: "gpu_idle",
    0x2: "applications_clocks_setting",
    0x4: "sw_power_cap",
    0x8: "hw_slowdown",
    0x10: "sync_boost",
    0x20: "sw_thermal_slowdown",
    0x40: "hw_thermal_slowdown",
    0x80: "hw_power_brake_slowdown",
    0x100: "display_clock_setting",
    0x200: "board_limit",
    0x400: "reliability",
}
"""NVML API Reference, NvmlClocksEventReasons; in the words of nvidia-smi."""


def ask_driver(library: Any, query: str) -> Any:
    """A question about the driver.

    Raises:
        NVMLError: as NVML raises it.
    """
    if query == "driver_version":
        return library.nvmlSystemGetDriverVersion()
    if query == "nvml_version":
        return library.nvmlSystemGetNVMLVersion()
    if query == "device_count":
        return library.nvmlDeviceGetCount()
    if query in _CONFIDENTIAL:
        return _or_none(library, _CONFIDENTIAL[query])
    number = _first_known(library, ("nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"))
    return f"{number // 1000}.{number % 1000 // 10}"


def ask_device(library: Any, query: str, index: int) -> Any:
    """A question about a GPU; `device` for all of them at once.

    Raises:
        NVMLError: as NVML raises it; for `device` only where the GPU cannot be reached at all.
        Unsupported: this GPU does not have such a thing.
    """
    handle = library.nvmlDeviceGetHandleByIndex(index)
    if query == "device":
        return _ask_everything(library, handle)
    if query == "links":
        return {
            "nvlinks": part_of(library, lambda: ask_nvlinks(library, handle)),
            "peers": part_of(library, lambda: ask_peers(library, handle, index)),
        }
    if query == "lost":
        return _ask_everything(library, handle)["lost"]
    answer = _FIELDS[query](library, handle)
    if answer is None:
        raise Unsupported(f"{query} {index}", "this GPU does not tell")
    return answer


def _ask_everything(library: Any, handle: Any) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    lost = False
    for name, ask in _FIELDS.items():
        try:
            answers[name] = ask(library, handle)
        except library.NVMLError as error:
            lost = lost or error.value in _LOST
            answers[name] = None if error.value == _NOT_SUPPORTED else {"unknown": str(error)}
        except UnicodeDecodeError:  # some old boards have garbage for a name
            answers[name] = {"unknown": "NVML's answer is no text"}
        except AttributeError as error:
            answers[name] = {"unknown": f"the package nvidia-ml-py does not know the call: {error}"}
    return {**answers, "lost": lost}


def _first_known(library: Any, names: tuple[str, ...], *arguments: Any) -> Any:
    """The answer of the first call that this driver, and this pynvml, know.

    Raises:
        NVMLError: the last one does not know it either, or another error.
    """
    known = [name for name in names if hasattr(library, name)]
    for name in known[:-1]:
        try:
            return getattr(library, name)(*arguments)
        except library.NVMLError as error:
            if error.value != _FUNCTION_NOT_FOUND:
                raise
    return getattr(library, known[-1])(*arguments)


def _memory(part: str) -> Callable[[Any, Any], Any]:
    def ask(library: Any, handle: Any) -> Any:
        try:
            found = library.nvmlDeviceGetMemoryInfo(handle, version=library.nvmlMemory_v2)
        except library.NVMLError as error:
            if error.value != _FUNCTION_NOT_FOUND or part == "reserved":
                raise
            found = library.nvmlDeviceGetMemoryInfo(handle)
        return getattr(found, part)

    return ask


def _or_none(library: Any, ask: Callable[[Any], Any]) -> Any:
    """Null where neither driver nor GPU have such a thing."""
    try:
        return ask(library)
    except library.NVMLError as error:
        if error.value in (_NOT_SUPPORTED, _FUNCTION_NOT_FOUND):
            return None
        raise


def _confidential(library: Any) -> str:
    state = library.nvmlSystemGetConfComputeState()
    if not state.ccFeature:
        return "off"
    return "devtools" if state.devToolsMode else "on"


_CONFIDENTIAL: dict[str, Callable[[Any], Any]] = {
    "confidential_compute": _confidential,
    "confidential_ready": lambda library: bool(library.nvmlSystemGetConfComputeGpusReadyState()),
}


def _power_limits(place: int) -> Callable[[Any, Any], float]:
    return lambda library, handle: library.nvmlDeviceGetPowerManagementLimitConstraints(handle)[place] / 1000


def _bar1(part: str) -> Callable[[Any, Any], int]:
    return lambda library, handle: getattr(library.nvmlDeviceGetBAR1MemoryInfo(handle), part)


def _fabric(wanted: str) -> Callable[[Any, Any], Any]:
    return lambda library, handle: ask_fabric(library, handle, wanted)


def _pci_id(field: str) -> Callable[[Any, Any], str]:
    def ask(library: Any, handle: Any) -> str:
        number = getattr(library.nvmlDeviceGetPciInfo(handle), field)
        return f"{number & 0xFFFF:04x}:{number >> 16:04x}"

    return ask


def _number(name: str) -> Callable[[Any, Any], Any]:
    return lambda library, handle: getattr(library, name)(handle)


def _enabled(name: str) -> Callable[[Any, Any], bool]:
    def ask(library: Any, handle: Any) -> bool:
        found = getattr(library, name)(handle)
        return bool(found[0] if isinstance(found, (list, tuple)) else found)

    return ask


def _watts(name: str) -> Callable[[Any, Any], float]:
    return lambda library, handle: getattr(library, name)(handle) / 1000


def _throttle_reasons(library: Any, handle: Any) -> list[str]:
    calls = ("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")
    mask = _first_known(library, calls, handle)
    named = [name for bit, name in _THROTTLE_REASONS.items() if mask & bit]
    rest = mask & ~sum(_THROTTLE_REASONS)
    return [*named, f"{rest:#x}"] if rest else named


def _temperature(library: Any, handle: Any) -> Any:
    return _first_known(library, ("nvmlDeviceGetTemperature", "nvmlDeviceGetTemperatureV"), handle, 0)


def _processes(library: Any, handle: Any) -> list[dict[str, Any]]:
    found = []
    for kind in ("Compute", "Graphics"):
        name = f"nvmlDeviceGet{kind}RunningProcesses"
        for process in _first_known(library, (f"{name}_v3", f"{name}_v2"), handle):
            found.append({"pid": process.pid, "kind": kind.lower(), "memory_used_bytes": process.usedGpuMemory})
    return sorted(found, key=lambda process: (process["pid"], process["kind"]))


_FIELDS: dict[str, Callable[[Any, Any], Any]] = {
    "name": _number("nvmlDeviceGetName"),
    "uuid": _number("nvmlDeviceGetUUID"),
    "pci_address": lambda library, handle: address_of(library.nvmlDeviceGetPciInfo(handle)),
    "pci_id": _pci_id("pciDeviceId"),
    "pci_subsystem_id": _pci_id("pciSubSystemId"),
    "compute_capability": lambda library, handle: list(library.nvmlDeviceGetCudaComputeCapability(handle)),
    "memory_total_bytes": _memory("total"),
    "memory_used_bytes": _memory("used"),
    "memory_free_bytes": _memory("free"),
    "memory_reserved_bytes": _memory("reserved"),
    "mig_enabled": _enabled("nvmlDeviceGetMigMode"),
    "ecc_enabled": _enabled("nvmlDeviceGetEccMode"),
    "persistence_enabled": _enabled("nvmlDeviceGetPersistenceMode"),
    "compute_mode": lambda library, handle: _compute_mode(library.nvmlDeviceGetComputeMode(handle)),
    "pcie_generation": _number("nvmlDeviceGetCurrPcieLinkGeneration"),
    "pcie_generation_max": _number("nvmlDeviceGetMaxPcieLinkGeneration"),
    "pcie_width_lanes": _number("nvmlDeviceGetCurrPcieLinkWidth"),
    "pcie_width_max_lanes": _number("nvmlDeviceGetMaxPcieLinkWidth"),
    "power_limit_watts": _watts("nvmlDeviceGetPowerManagementLimit"),
    "power_limit_default_watts": _watts("nvmlDeviceGetPowerManagementDefaultLimit"),
    "temperature_celsius": _temperature,
    "throttle_reasons": _throttle_reasons,
    "processes": _processes,
    "performance_state": lambda library, handle: f"P{library.nvmlDeviceGetPerformanceState(handle)}",
    "utilization_percent": lambda library, handle: library.nvmlDeviceGetUtilizationRates(handle).gpu,
    "power_draw_watts": _watts("nvmlDeviceGetPowerUsage"),
    "power_limit_min_watts": _power_limits(0),
    "power_limit_max_watts": _power_limits(1),
    "bar1_total_bytes": _bar1("bar1Total"),
    "bar1_used_bytes": _bar1("bar1Used"),
    "pcie_generation_card_max": _number("nvmlDeviceGetGpuMaxPcieLinkGeneration"),
    "pcie_replays": _number("nvmlDeviceGetPcieReplayCounter"),
    "ecc_volatile": lambda library, handle: ask_ecc(library, handle, 0),
    "ecc_aggregate": lambda library, handle: ask_ecc(library, handle, AGGREGATE),
    "sram_threshold_exceeded": ask_sram_threshold,
    "row_remapping": ask_row_remapping,
    "retired_pages": ask_retired_pages,
    "repair_pending": lambda library, handle: any(library.nvmlDeviceGetRepairStatus(handle)),
    "recovery_action": ask_recovery_action,
    "fabric_state": _fabric("state"),
    "fabric_status": _fabric("status"),
    "fabric_health": _fabric("health"),
    "fabric_clique": _fabric("clique"),
    "mig_instances": ask_mig_instances,
    "virtualization_mode": ask_virtualization,
    "vgpu_license": ask_license,
}


def _compute_mode(number: int) -> str:
    return _COMPUTE_MODES.get(number, f"mode {number}")


DEVICE_QUERIES = frozenset({"device", "links", "lost", *_FIELDS})
