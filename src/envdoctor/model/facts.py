"""Facts: all that is known about one machine, image or report, in one value."""

from __future__ import annotations

from collections.abc import Mapping

from envdoctor.model.accelerators import (
    AcceleratorDevice,
    ComputeCapability,
    DriverVersion,
    Gpu,
    GpuProcess,
    NvidiaDriver,
    NvmlFailure,
)
from envdoctor.model.gpu_state import EccErrors, GpuPeer, MigInstance, NvLink, RetiredPages, RowRemapping
from envdoctor.model.interconnect import (
    DeviceLink,
    DevicePlace,
    FabricManager,
    Interconnect,
    KernelEvent,
    KernelLog,
    RdmaPort,
)
from envdoctor.model.machine import CloudInstance, Container, Cpu, Disk, Limits, Memory, NumaNode, OperatingSystem
from envdoctor.model.messages import Message
from envdoctor.model.record import derived, record
from envdoctor.model.software import (
    CompatLibrary,
    CudaToolkit,
    CudnnInstallation,
    Framework,
    Interpreter,
    Package,
    PythonEnvironment,
    Tool,
)
from envdoctor.model.stacks import AmdStack, DeviceFile, IntelStack, TpuSlice
from envdoctor.model.unknown import Skipped, Undecided, Unknown, known, need, skip

__all__ = [
    "AcceleratorDevice", "AmdStack", "CloudInstance", "CompatLibrary", "ComputeCapability", "Container", "Cpu", "CudaToolkit",
    "CudnnInstallation", "DeviceFile", "DeviceLink", "DevicePlace", "Disk", "DriverVersion", "EccErrors", "FabricManager",
    "Facts", "Framework", "Gpu", "GpuPeer", "GpuProcess", "IntelStack", "Interconnect", "Interpreter", "KernelEvent",
    "KernelLog", "Limits", "Memory", "Message", "MigInstance", "NumaNode", "NvLink", "NvidiaDriver", "NvmlFailure",
    "OperatingSystem", "Package", "PythonEnvironment", "RdmaPort", "RetiredPages", "RowRemapping", "Skipped", "Subject",
    "Tool", "TpuSlice", "Undecided", "Unknown", "known", "need", "skip",
]  # fmt: skip

NOT_LOOKED = Unknown("not looked at")


@record
class Subject:
    """What the facts are about."""

    kind: str
    """`live`, `python`, `rootfs`, `image`, `recording`, `report`."""
    name: str


@record
class Facts:
    """Every fact about one subject. None means "looked, not there"; Unknown carries why it could not be told."""

    subject: Subject
    os: OperatingSystem | Unknown = NOT_LOOKED
    container: Container | Unknown | None = NOT_LOOKED
    limits: Limits | Unknown = NOT_LOOKED
    cpu: Cpu | Unknown = NOT_LOOKED
    memory: Memory | Unknown = NOT_LOOKED
    disks: tuple[Disk, ...] | Unknown = NOT_LOOKED
    driver: NvidiaDriver | Unknown | None = NOT_LOOKED
    gpus: tuple[Gpu, ...] | Unknown = NOT_LOOKED
    devices: tuple[AcceleratorDevice, ...] | Unknown = NOT_LOOKED
    toolkits: tuple[CudaToolkit, ...] | Unknown = NOT_LOOKED
    cudnns: tuple[CudnnInstallation, ...] | Unknown = NOT_LOOKED
    compat_libraries: tuple[CompatLibrary, ...] | Unknown = NOT_LOOKED
    """cuda-compat packages, wherever they lie."""
    tools: tuple[Tool, ...] | Unknown = NOT_LOOKED
    variables: Mapping[str, str] | Unknown = NOT_LOOKED
    """Environment variables that matter, redacted; one that is not here was not set."""
    environment: PythonEnvironment | Unknown | None = NOT_LOOKED
    messages: tuple[Message, ...] | Unknown = NOT_LOOKED
    """Known error messages in the text that was looked at, in its order."""
    interconnect: Interconnect | Unknown = NOT_LOOKED
    kernel_log: KernelLog | Unknown = NOT_LOOKED
    cloud: CloudInstance | Unknown | None = NOT_LOOKED
    """None where nothing shows that the machine is rented."""
    amd: AmdStack | Unknown | None = NOT_LOOKED
    """None where there is no AMD GPU."""
    intel: IntelStack | Unknown | None = NOT_LOOKED
    """None where there is no Intel GPU."""
    tpu: TpuSlice | Unknown | None = NOT_LOOKED
    """None where there is no TPU."""
    targeted: tuple[str, ...] = ()
    """Names of the facts that `--target` stated in place of the machine's own."""

    def gpus_of(self, vendor: str) -> tuple[Gpu, ...]:
        """The GPUs of one vendor.

        Raises:
            Undecided: the GPUs are Unknown.
        """
        gpus = need(self.gpus)
        return derived(self, ("gpus", vendor), lambda: tuple(gpu for gpu in gpus if gpu.vendor == vendor))

    def tool(self, name: str) -> Tool | Unknown | None:
        """The tool of that name; None where it was not asked about or is not there."""
        if isinstance(self.tools, Unknown):
            return self.tools
        return next((tool for tool in self.tools if tool.name == name and tool.path is not None), None)
