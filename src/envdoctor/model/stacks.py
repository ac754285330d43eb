"""What stands between programs and the accelerators that are not NVIDIA's: drivers, device files, runtimes."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.gpu_state import NOT_ASKED
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class DeviceFile:
    """A device file that programs open to compute."""

    path: str
    """`/dev/kfd`, `/dev/dri/renderD128`."""
    is_writable: bool | Unknown
    """Whether this user may open it to read and write."""
    group: str | Unknown | None = NOT_ASKED
    """The group that it belongs to: a name, or its number where it has none here; None where there are no groups."""


@record
class AmdStack:
    """The kernel driver of AMD GPUs and ROCm, as far as it is installed."""

    is_loaded: bool | Unknown
    """Whether amdgpu is loaded."""
    version: str | Unknown | None
    """Of amdgpu, where it was built apart from the kernel (`6.12.12`); None for the one that comes with the kernel."""
    rocm_version: Version | Unknown | None
    """Of ROCm under /opt/rocm; None where there is none there. What wheels of PyTorch bring along is a fact of those."""
    device_files: tuple[DeviceFile, ...] | Unknown
    """/dev/kfd and the render nodes, as far as they are there."""
    source: str = ""


@record
class IntelStack:
    """The kernel driver of Intel GPUs and the libraries that compute on them."""

    kernel_drivers: tuple[str, ...]
    """`i915`, `xe`: those that are bound to a GPU."""
    level_zero_loader: str | Unknown | None
    """Where libze_loader.so.1 lies; None where it was not found."""
    compute_runtime: str | Unknown | None
    """Where the driver for Level Zero lies (libze_intel_gpu.so.1); None where it was not found."""
    device_files: tuple[DeviceFile, ...] | Unknown
    source: str = ""


@record
class TpuSlice:
    """The part of a TPU pod that this machine belongs to."""

    accelerator_type: str | Unknown | None
    """`v5litepod-8`, as Google's virtual machines state it."""
    topology: str | Unknown | None = None
    """`2x4`."""
    worker: int | Unknown | None = None
    """This machine's number among those of the slice."""
    library: str | Unknown | None = None
    """The libtpu.so of the system; one that is installed as a package is a fact of the environment."""
    source: str = ""
