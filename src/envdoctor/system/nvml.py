"""NVML: the named questions that may be asked, and what its errors mean.

Of the driver (`system.nvml(query)`):

- `driver_version`: `535.104.05`; `nvml_version`: `12.535.104.05`, of the library half of the driver
- `cuda_driver_version`: the highest CUDA that the driver runs, `12.4`
- `device_count`
- `confidential_compute` (`off`, `on`, `devtools`), `confidential_ready`

Of a GPU (`system.nvml("device", index)`), all at once as a dictionary; a value is null where this GPU does not have
such a thing, and `{"unknown": reason}` where it could not be asked (drivers too old for the call):

- `name`, `uuid`, `pci_address` (`00000000:3b:00.0`), `pci_id` (`10de:2330`), `pci_subsystem_id`,
  `compute_capability` (`[9, 0]`)
- `memory_total_bytes`, `memory_used_bytes`, `memory_free_bytes`, `memory_reserved_bytes`
- `mig_enabled`, `ecc_enabled`, `persistence_enabled`, `compute_mode` (`default`, `exclusive_process`, ...)
- `pcie_generation`, `pcie_generation_max`, `pcie_width_lanes`, `pcie_width_max_lanes`
- `power_limit_watts`, `power_limit_default_watts`, `temperature_celsius`, `throttle_reasons` (names)
- `processes`: list of `pid`, `kind` (`compute`, `graphics`), `memory_used_bytes` (null where the platform does not tell)
- `performance_state` (`P0`), `utilization_percent`, `power_draw_watts`, `power_limit_min_watts`, `power_limit_max_watts`
- `bar1_total_bytes`, `bar1_used_bytes`, `pcie_generation_card_max`, `pcie_replays`
- `ecc_volatile`, `ecc_aggregate`: `corrected`, `uncorrected`, and both with `sram_` and `dram_` before
- `sram_threshold_exceeded`; `row_remapping`: `correctable`, `uncorrectable`, `pending`, `failed`;
  `retired_pages`: `single_bit`, `double_bit`, `pending`; `repair_pending`; `recovery_action` (`none`, `reset`, ...)
- `fabric_state`, `fabric_status`, `fabric_health`, `fabric_clique`
- `mig_instances`: list of `gpu_instance`, `compute_instance`, `profile`, `memory_total_bytes`, `memory_used_bytes`, `uuid`
- `virtualization_mode` (`none`, `pass_through`, `vgpu`, ...), `vgpu_license`
- `lost`: whether NVML said of any of these that the GPU is lost (fell off the bus, needs a reset)

Each of these names is a question of its own too: `system.nvml("name", 0)`.

Of a GPU on a machine with several (`system.nvml("links", index)`), many calls and so apart:

- `nvlinks`: list of `index`, `is_active`, `version`, `speed_mb_per_s`, `remote_kind` (`gpu`, `switch`, `cpu`),
  `remote_address`, `replays`, `recoveries`, `crc_errors`; null where the GPU has none
- `peers`: list of `index` (the other GPU's), `path` (`PIX`, `SYS`, ...), `peer_access` (`ok`, or why not)

Where NVML itself fails, the SourceError's `failure` says how: see `model.accelerators.NvmlFailure`.

Source: NVML API Reference (https://docs.nvidia.com/deploy/nvml-api/).
"""

from __future__ import annotations

import threading
from typing import Any

from envdoctor.model.accelerators import NvmlFailure
from envdoctor.system.nvml_library import has_library
from envdoctor.system.port import Denied, Malformed, Missing, SourceError, TimedOut, Unsupported

DRIVER_QUERIES = (
    "driver_version", "nvml_version", "cuda_driver_version", "device_count", "confidential_compute", "confidential_ready",
)  # fmt: skip

_FAILURES: dict[int, tuple[type[SourceError], NvmlFailure]] = {
    4: (Denied, NvmlFailure.NO_PERMISSION),
    9: (Missing, NvmlFailure.DRIVER_NOT_LOADED),
    10: (TimedOut, NvmlFailure.UNKNOWN),
    12: (Missing, NvmlFailure.LIBRARY_ABSENT),
    15: (Malformed, NvmlFailure.GPU_LOST),
    16: (Malformed, NvmlFailure.GPU_LOST),
    17: (Denied, NvmlFailure.NO_PERMISSION),
    18: (Malformed, NvmlFailure.VERSION_MISMATCH),
}
"""By number of the error: 4 no permission, 9 driver not loaded, 10 timeout, 12 library not found, 15 GPU is lost,
16 reset required, 17 blocked by the operating system, 18 library and kernel module of different versions."""
_NOT_OF_THIS_GPU = frozenset({3, 13})
"""Not supported; function not found in this driver."""
_NO_SUCH_GPU = frozenset({2, 6})


def ask_nvml(query: str, device: int | None = None) -> Any:
    """Answer a named question.

    Raises:
        SourceError: NVML does not answer, or there is no such question or GPU.
    """
    if device is None and query in DRIVER_QUERIES:
        _session.library()  # before the questions are read: on most machines there is no library
    from envdoctor.system.nvml_device import DEVICE_QUERIES, ask_device, ask_driver

    question = query if device is None else f"{query} {device}"
    if (device is None and query not in DRIVER_QUERIES) or (device is not None and query not in DEVICE_QUERIES):
        raise Unsupported(question, "no such question; see system/nvml.py")
    library = _session.library()
    try:
        return ask_driver(library, query) if device is None else ask_device(library, query, device)
    except library.NVMLError as error:
        raise nvml_error(question, error) from error
    except UnicodeDecodeError as error:
        raise Malformed(question, "NVML's answer is no text") from error
    except AttributeError as error:
        raise Unsupported(question, f"the package nvidia-ml-py does not know the call: {error}") from error


def nvml_error(question: str, error: Any) -> SourceError:
    """What an NVMLError means."""
    if error.value in _NOT_OF_THIS_GPU:
        return Unsupported(question, str(error))
    if error.value in _NO_SUCH_GPU:
        return Missing(question, str(error))
    kind, failure = _FAILURES.get(error.value, (Malformed, NvmlFailure.UNKNOWN))
    return kind(question, str(error), failure)


class _Session:
    """NVML, initialized when the first question is asked and once per process; so is a failure to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._library: Any = None
        self._failure: SourceError | None = None

    def library(self) -> Any:
        """The module pynvml, ready to be asked.

        Raises:
            SourceError: NVML cannot be used here.
        """
        with self._lock:
            if self._library is None and self._failure is None:
                try:
                    self._library = _initialized()
                except SourceError as error:
                    self._failure = error
            if self._failure is not None:
                raise type(self._failure)(self._failure.question, self._failure.reason, self._failure.failure)
            return self._library


def _initialized() -> Any:
    if not has_library():
        raise Missing("NVML", "no libnvidia-ml.so.1 or nvml.dll", NvmlFailure.LIBRARY_ABSENT)
    from envdoctor.system.nvml_importing import import_pynvml

    try:
        pynvml = import_pynvml()
    except ImportError as error:
        raise Unsupported("NVML", f"the package nvidia-ml-py cannot be imported: {error}") from error
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise nvml_error("NVML", error) from error
    return pynvml


_session = _Session()
