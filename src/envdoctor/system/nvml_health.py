"""Questions to NVML about the health of a GPU: errors in its memory, repairs, the fabric, virtualization."""

from __future__ import annotations

from typing import Any

from envdoctor.system.nvml_asking import FUNCTION_NOT_FOUND, field_values, part, total

_CORRECTED, _UNCORRECTED = 0, 1
_VOLATILE, AGGREGATE = 0, 1
_DRAM, _SRAM = 2, 7
_SRAM_PARTS = (0, 1, 3, 4, 5, 6)
"""L1 cache, L2 cache, register file, texture memory, shared memory, CBU: how GPUs before Ampere count."""
_SINGLE_BIT, _DOUBLE_BIT = 0, 1
_RECOVERY_FIELD = 230
_RECOVERY = ("none", "reset", "reboot", "drain_p2p", "drain_and_reset", "recover_imex_domain", "bus_reset", "system_reboot")
_FABRIC_STATES = ("not_supported", "not_started", "in_progress", "completed")
_NO_FABRIC = 0
_HEALTH = (
    (0, 3, {1: "degraded bandwidth"}),
    (2, 3, {1: "route recovery in progress"}),
    (4, 3, {1: "route unhealthy"}),
    (6, 3, {1: "access timeout recovery"}),
    (8, 15, dict.fromkeys(range(2, 16), "incorrect configuration")),
)
"""Shift, mask and values that are bad, of nvmlGpuFabricInfo_v2_t's healthMask; all zero where health is not reported."""
_VIRTUALIZATION = ("none", "pass_through", "vgpu", "host_vgpu", "host_vsga")


def ask_ecc(library: Any, handle: Any, counter: int) -> dict[str, Any]:
    """Counters of ECC errors since the driver was loaded (0), or of the card's life (1).

    Raises:
        NVMLError: there is no ECC or it is off, or the GPU is lost.
    """
    counts: dict[str, Any] = {}
    for name, kind in (("corrected", _CORRECTED), ("uncorrected", _UNCORRECTED)):
        sram = part(library, "nvmlDeviceGetMemoryErrorCounter", handle, kind, counter, _SRAM)
        if not isinstance(sram, int):
            asked = (part(library, "nvmlDeviceGetMemoryErrorCounter", handle, kind, counter, place) for place in _SRAM_PARTS)
            sram = total(asked)
        counts[f"sram_{name}"] = sram
        counts[f"dram_{name}"] = part(library, "nvmlDeviceGetMemoryErrorCounter", handle, kind, counter, _DRAM)
        counts[name] = part(library, "nvmlDeviceGetTotalEccErrors", handle, kind, counter)
        if not isinstance(counts[name], int):
            counts[name] = total((sram, counts[f"dram_{name}"]))
    if all(count is None for count in counts.values()):
        library.nvmlDeviceGetTotalEccErrors(handle, _CORRECTED, counter)  # says itself why there is nothing to count
    return counts


def ask_row_remapping(library: Any, handle: Any) -> dict[str, Any]:
    """Rows of memory that spare ones replace.

    Raises:
        NVMLError: as NVML raises it.
    """
    corrected, uncorrected, pending, failed = library.nvmlDeviceGetRemappedRows(handle)
    return {"correctable": corrected, "uncorrectable": uncorrected, "pending": bool(pending), "failed": bool(failed)}


def ask_retired_pages(library: Any, handle: Any) -> dict[str, Any]:
    """How many pages of memory are retired.

    Raises:
        NVMLError: as NVML raises it.
    """
    pages = {
        name: len(library.nvmlDeviceGetRetiredPages(handle, cause))
        for name, cause in (("single_bit", _SINGLE_BIT), ("double_bit", _DOUBLE_BIT))
    }
    pending = part(library, "nvmlDeviceGetRetiredPagesPendingStatus", handle)
    return {**pages, "pending": bool(pending) if isinstance(pending, int) else pending}


def ask_sram_threshold(library: Any, handle: Any) -> bool:
    """Whether errors in SRAM are so many that NVIDIA exchanges the card.

    Raises:
        NVMLError: as NVML raises it.
    """
    status = library.c_nvmlEccSramErrorStatus_v1_t()
    status.version = library.nvmlEccSramErrorStatus_v1
    library.nvmlDeviceGetSramEccErrorStatus(handle, library.byref(status))
    return bool(status.bThresholdExceeded)


def ask_recovery_action(library: Any, handle: Any) -> Any:
    """What the GPU asks for to work again.

    Raises:
        NVMLError: as NVML raises it.
    """
    (number,) = field_values(library, handle, (_RECOVERY_FIELD,))
    return _named(_RECOVERY, number) if isinstance(number, int) else number


def ask_fabric(library: Any, handle: Any, wanted: str) -> Any:
    """One of `state`, `status`, `health`, `clique` of the GPU in the NVSwitch fabric; null where it is in none.

    Raises:
        NVMLError: as NVML raises it.
    """
    info = _fabric_info(library, handle)
    state = _named(_FABRIC_STATES, info.state)
    if wanted == "state":
        return state
    if info.state == _NO_FABRIC or (wanted != "status" and state != "completed"):
        return None
    if wanted == "status":
        return "success" if info.status == 0 else str(library.NVMLError(info.status)).lower()
    return info.cliqueId if wanted == "clique" else _health(getattr(info, "healthMask", 0))


def _fabric_info(library: Any, handle: Any) -> Any:
    """The newer form with health, else the first one."""
    info = library.c_nvmlGpuFabricInfo_v2_t()
    info.version = library.nvmlGpuFabricInfo_v2
    try:
        library.nvmlDeviceGetGpuFabricInfoV(handle, library.byref(info))
    except library.NVMLError as error:
        if error.value != FUNCTION_NOT_FOUND:
            raise
        info = library.c_nvmlGpuFabricInfo_t()
        library.nvmlDeviceGetGpuFabricInfo(handle, library.byref(info))
    return info


def _health(mask: int) -> str | None:
    """What is wrong; None where the fabric does not report its health."""
    if mask == 0:
        return None
    bad = [names[mask >> shift & width] for shift, width, names in _HEALTH if mask >> shift & width in names]
    return ", ".join(bad) or "healthy"


def ask_virtualization(library: Any, handle: Any) -> str:
    """How the GPU is given to this machine.

    Raises:
        NVMLError: as NVML raises it.
    """
    return _named(_VIRTUALIZATION, library.nvmlDeviceGetVirtualizationMode(handle))


def ask_license(library: Any, handle: Any) -> str | None:
    """Whether a vGPU guest has its license; null where none is needed.

    Raises:
        NVMLError: as NVML raises it.
    """
    found = library.nvmlDeviceGetGridLicensableFeatures(handle)
    features = list(found.gridLicensableFeatures)[: found.licensableFeaturesCount]
    if not found.isGridLicenseSupported or not features:
        return None
    return "licensed" if any(feature.featureState for feature in features) else "unlicensed"


def _named(names: tuple[str, ...], number: int) -> str:
    return names[number] if 0 <= number < len(names) else f"number {number}"
