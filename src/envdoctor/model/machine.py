"""Facts about the machine itself: operating system, container, processor, memory and disks."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class OperatingSystem:
    """The operating system as programs see it (inside a container: the container's, with the host's kernel)."""

    system: str | Unknown
    """`linux`, `windows`, `macos`, or the kernel's own name in lower case."""
    machine: str | Unknown
    """Architecture of the kernel as `uname -m` words it: `x86_64`, `aarch64`, `arm64`, `AMD64`."""
    id: str | Unknown | None = None
    """Distribution id of os-release (`ubuntu`, `rhel`, `alpine`); None where there is no such thing."""
    id_like: tuple[str, ...] = ()
    version: str | Unknown | None = None
    """`22.04`, `9.4`, `14.5`, `10.0.22631`; None for rolling distributions."""
    name: str | Unknown | None = None
    """The name for people: `Ubuntu 22.04.5 LTS`."""
    kernel: str | Unknown = Unknown("not looked at")
    """Release of the kernel: `6.8.0-45-generic`."""
    libc: str | Unknown | None = None
    """`glibc` or `musl`; None where the question does not arise (Windows, macOS)."""
    libc_version: Version | Unknown | None = None
    wsl: int | Unknown | None = None
    """1 or 2 inside the Windows Subsystem for Linux, None outside."""
    virtual_machine: str | Unknown | None = None
    """`kvm`, `vmware`, `hyperv`, `xen`, `amazon`, ...; None on bare metal."""
    source: str = ""


@record
class Container:
    """The container this process runs in."""

    runtime: str
    """`docker`, `podman`, `kubernetes`, `lxc`, `containerd`, `systemd-nspawn`, or `unknown kind`."""
    nvidia_injected: bool | Unknown
    """Whether the NVIDIA container runtime mounted the driver into it."""
    source: str = ""


@record
class Limits:
    """What this process may use, which in a container or a batch job is less than what the host has."""

    cgroup_version: int | Unknown | None = None
    cpu_cores: float | Unknown | None = None
    """CPU time in cores from the cgroup quota; None where there is no limit."""
    affinity_cores: int | Unknown | None = None
    """Logical processors that this process may be scheduled on."""
    memory_bytes: int | Unknown | None = None
    """The lowest memory limit on the path of cgroups; None where there is no limit."""
    memory_used_bytes: int | Unknown | None = None
    locked_memory_bytes: int | Unknown | None = None
    """`ulimit -l`; None for unlimited."""
    open_files: int | Unknown | None = None
    """`ulimit -n`; None for unlimited."""
    source: str = ""


@record
class NumaNode:
    """Processors and memory that are next to each other."""

    number: int
    cpus: str | Unknown
    """The processors that are online, as Linux lists them: `0-31,64-95`; empty for a node of memory alone (a GPU's, say)."""
    memory_total_bytes: int | Unknown | None = None
    socket: int | Unknown | None = None
    """Of its first processor; None where the firmware does not tell."""
    distances: tuple[int, ...] = ()
    """To each node in their order, 10 being its own memory."""


@record
class CloudInstance:
    """The rented machine that this is, as DMI strings, files and variables tell; no network is asked."""

    provider: str | None
    """`aws`, `azure`, `gcp`, `oracle`, `alibaba`, ...; None where only the notebook service is known."""
    kind: str | Unknown | None = None
    """`p4d.24xlarge`, where DMI or a file states it."""
    notebook: str | None = None
    """The managed notebook service: `colab`, `sagemaker`, `kaggle`, ...; None outside of one."""
    source: str = ""


@record
class Cpu:
    """The processor."""

    vendor: str | Unknown | None
    """`GenuineIntel`, `AuthenticAMD`, `ARM`, `Apple`, ... as the processor states it."""
    model: str | Unknown | None
    sockets: int | Unknown
    cores: int | Unknown
    """Physical cores over all sockets."""
    threads: int | Unknown
    """Logical processors that are online."""
    features: frozenset[str] | Unknown = Unknown("not looked at")
    """Instruction set flags in the words of Linux (`avx2`, `avx512f`, `amx_tile`, `sve`)."""
    x86_64_level: int | Unknown | None = None
    """1 to 4 as the x86-64 psABI counts them; None on other architectures."""
    governor: str | Unknown | None = None
    """Frequency governor of the first processor; None where there is none (many virtual machines)."""
    numa_nodes: int | Unknown = Unknown("not looked at")
    source: str = ""
    nodes: tuple[NumaNode, ...] | Unknown = Unknown("not asked")
    """The same one by one, by number; those without processors too."""


@record
class Memory:
    """Main memory of the machine (not of the container: see Limits)."""

    total_bytes: int | Unknown
    available_bytes: int | Unknown
    swap_total_bytes: int | Unknown = Unknown("not looked at")
    swap_free_bytes: int | Unknown = Unknown("not looked at")
    huge_pages_total_bytes: int | Unknown = Unknown("not looked at")
    huge_pages_free_bytes: int | Unknown = Unknown("not looked at")
    source: str = ""


@record
class Disk:
    """One place on disk that matters, and the file system that it lies on."""

    purpose: str
    """`environment`, `home`, `temporary`, `cache`, `shared memory`."""
    path: str
    mount_point: str | Unknown | None
    total_bytes: int | Unknown
    free_bytes: int | Unknown
    """What an ordinary user may still write."""
    file_system: str | Unknown | None
    """`ext4`, `overlay`, `tmpfs`, `nfs4`, ..."""
    kind: str | Unknown | None
    """`nvme`, `ssd`, `hdd`, `network`, `overlay`, `tmpfs`; None where nothing tells."""
    read_only: bool | Unknown = Unknown("not looked at")
    source: str = ""
