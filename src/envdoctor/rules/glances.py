"""What ends rules at a glance: questions to facts that cost less than reading the module of a rule (see `rules/asleep.py`)."""

from __future__ import annotations

from collections.abc import Callable

from envdoctor.model.facts import (
    Container,
    Cpu,
    Facts,
    Framework,
    Gpu,
    Interconnect,
    Limits,
    NvidiaDriver,
    OperatingSystem,
    PythonEnvironment,
    Unknown,
)


def is_this_linux(facts: Facts) -> bool:
    """Whether this is a Linux that was looked at: texts may speak of what they do not list."""
    return facts.subject.kind != "report" and isinstance(facts.os, OperatingSystem) and facts.os.system == "linux"


def is_not_wsl(facts: Facts) -> bool:
    """Whether this is a Linux outside the Windows Subsystem for Linux."""
    return is_this_linux(facts) and isinstance(facts.os, OperatingSystem) and facts.os.wsl is None


def has_no_nvidia_gpu(facts: Facts) -> bool:
    """Whether this Linux has no NVIDIA GPU, and no target states one."""
    if not is_this_linux(facts) or "gpus" in facts.targeted or isinstance(facts.gpus, Unknown):
        return False
    return not any(gpu.vendor == "nvidia" for gpu in facts.gpus)


def has_no_gpu_of(vendor: str) -> Callable[[Facts], bool]:
    """Whether this Linux has no GPU of a vendor, and no target states one."""

    def is_without(facts: Facts) -> bool:
        if not is_this_linux(facts) or "gpus" in facts.targeted or isinstance(facts.gpus, Unknown):
            return False
        return not any(gpu.vendor == vendor for gpu in facts.gpus)

    return is_without


def has_no_tpu(facts: Facts) -> bool:
    """Whether this Linux has no TPU."""
    if not is_this_linux(facts) or isinstance(facts.devices, Unknown):
        return False
    return not any(device.vendor == "google" for device in facts.devices)


def has_no_driver(facts: Facts) -> bool:
    """Whether this Linux has no NVIDIA driver, and no target states one."""
    return is_this_linux(facts) and facts.driver is None and "driver" not in facts.targeted


def has_no_message(facts: Facts) -> bool:
    """Whether no text with messages was given."""
    return not isinstance(facts.messages, tuple)


def has_messages(facts: Facts) -> bool:
    """Whether a text with messages was given."""
    return isinstance(facts.messages, tuple)


def lacks(*names: str) -> Callable[[Facts], bool]:
    """Whether none of these variables is set, on Linux."""

    def is_without(facts: Facts) -> bool:
        variables = facts.variables
        return is_this_linux(facts) and not isinstance(variables, Unknown) and not any(name in variables for name in names)

    return is_without


def is_not_installed(kind: str, name: str) -> Callable[[Facts], bool]:
    """Whether an environment that was looked at holds no package, or no framework, of that name."""

    def is_without(facts: Facts) -> bool:
        here = facts.environment
        if not is_this_linux(facts) or not isinstance(here, PythonEnvironment):
            return False
        return (here.package(name) if kind == "package" else here.framework(name)) is None

    return is_without


def with_nvidia(is_so: Callable[[Facts, tuple[Gpu, ...]], bool]) -> Callable[[Facts], bool]:
    """Whether there are NVIDIA GPUs in this machine, not in a target, of which something holds."""

    def is_ended(facts: Facts) -> bool:
        if not is_this_linux(facts) or "gpus" in facts.targeted or isinstance(facts.gpus, Unknown):
            return False
        gpus = facts.gpus_of("nvidia")
        return bool(gpus) and is_so(facts, gpus)

    return is_ended


def is_virtual(facts: Facts, _gpus: tuple[Gpu, ...]) -> bool:
    """Whether this is a virtual machine, or may be one."""
    return isinstance(facts.os, OperatingSystem) and facts.os.virtual_machine is not None


def are_several_in_a_virtual_machine(facts: Facts, gpus: tuple[Gpu, ...]) -> bool:
    """Whether several GPUs, whose connections are known, are in a virtual machine."""
    return is_virtual(facts, gpus) and len(gpus) > 1 and isinstance(facts.interconnect, Interconnect)


def has_no_adapter(facts: Facts, _gpus: tuple[Gpu, ...]) -> bool:
    """Whether there is no InfiniBand or RoCE adapter."""
    return isinstance(facts.interconnect, Interconnect) and facts.interconnect.rdma_ports == ()


def has_one_node(facts: Facts, _gpus: tuple[Gpu, ...]) -> bool:
    """Whether the processor has one NUMA node."""
    nodes = facts.cpu.numa_nodes if isinstance(facts.cpu, Cpu) else None
    return isinstance(facts.interconnect, Interconnect) and isinstance(nodes, int) and nodes < 2


def has_no_nccl_variable(facts: Facts, _gpus: tuple[Gpu, ...]) -> bool:
    """Whether no variable for NCCL is set."""
    return not isinstance(facts.variables, Unknown) and not any(name.startswith("NCCL_") for name in facts.variables)


def is_in_container(facts: Facts, gpus: tuple[Gpu, ...]) -> bool:
    """Whether this is a container, with a GPU that programs may use."""
    return isinstance(facts.container, Container) and not all(gpu.kernel_driver == "vfio-pci" for gpu in gpus)


def is_not_confidential(facts: Facts, _gpus: tuple[Gpu, ...]) -> bool:
    """Whether the driver says that confidential computing is off, or does not have it."""
    if "driver" in facts.targeted or not isinstance(facts.driver, NvidiaDriver):
        return False
    mode = facts.driver.confidential_compute
    return mode is None or mode == "off"


def lacks_quota(name: str) -> Callable[[Facts], bool]:
    """Whether a limit of the cgroup is not set, where there is a framework that would feel it."""

    def is_without(facts: Facts) -> bool:
        here, limits = facts.environment, facts.limits
        if not is_this_linux(facts) or not isinstance(here, PythonEnvironment) or not isinstance(limits, Limits):
            return False
        has_framework = not isinstance(here.frameworks, Unknown) and bool(here.frameworks)
        return has_framework and isinstance(facts.cpu, Cpu) and getattr(limits, name) is None

    return is_without


def has_torch_of(*flavours: str) -> Callable[[Facts], bool]:
    """Whether torch is installed, and is one of these builds."""

    def is_so(facts: Facts) -> bool:
        here = facts.environment
        torch = here.framework("torch") if isinstance(here, PythonEnvironment) else None
        return is_this_linux(facts) and isinstance(torch, Framework) and torch.flavour in flavours

    return is_so


def has_no_gpu_for_torch(facts: Facts) -> bool:
    """Whether torch is a build for GPUs, and this Linux has none of NVIDIA or AMD."""
    is_bare = has_no_nvidia_gpu(facts) and has_no_gpu_of("amd")(facts)
    return is_bare and has_torch_of("cuda", "rocm")(facts)
