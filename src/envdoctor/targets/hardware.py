"""GPUs, driver and processor of a target."""

from __future__ import annotations

from envdoctor.knowledge.drivers import DriverBranch, driver_branch
from envdoctor.knowledge.gpus import GpuModel, find_gpus
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import machine_name
from envdoctor.model.facts import ComputeCapability, Cpu, Gpu, NvidiaDriver, OperatingSystem, Unknown
from envdoctor.model.record import replace
from envdoctor.model.target import Target

SOURCE = "--target"
NOT_STATED = Unknown("--target does not state it")
LEVELS = {
    2: "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3",
    3: "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave",
    4: "avx512bw avx512cd avx512dq avx512f avx512vl",
}
"""What each level of the x86-64 psABI adds, in Linux's words. Source: https://gitlab.com/x86-psABIs/x86-64-ABI"""
BASELINE = "cmov cx8 fpu fxsr mmx sse sse2"
_VENDOR_WORDS = {"amd": {"amd", "radeon", "instinct"}, "intel": {"intel", "arc"}, "apple": {"apple"}}


def target_gpus(
    gpus: tuple[Gpu, ...] | Unknown, target: Target, os: OperatingSystem | None, knowledge: Knowledge
) -> tuple[Gpu, ...] | Unknown | None:
    """The GPUs that a target states; None where it states none. Apple silicon has its GPU on the chip."""
    if target.gpu == "none":
        return ()
    if target.gpu is not None:
        model = _gpu(target.gpu, target, knowledge)
        return tuple(replace(model, index=index) for index in range(target.count or 1))
    if target.os == "macos" and os is not None and os.machine == "arm64":
        return (replace(_gpu("Apple GPU", target, knowledge), memory_total_bytes=target.memory_bytes),)
    if target.count is None and target.memory_bytes is None:
        return _kept_gpus(gpus) if target.driver is not None else None
    if isinstance(gpus, Unknown) or not gpus:
        return Unknown("--target states GPUs, but not which: gpu=NAME")
    memory = {} if target.memory_bytes is None else {"memory_total_bytes": target.memory_bytes}
    count = target.count or len(gpus)
    return tuple(
        replace(gpus[0] if target.count else gpus[index], index=index, source=SOURCE, **memory) for index in range(count)
    )


def target_driver(
    target: Target, gpus: tuple[Gpu, ...] | Unknown | None, os: OperatingSystem | None, knowledge: Knowledge
) -> NvidiaDriver | Unknown | None:
    """The NVIDIA driver of a target; None where there is none, Unknown for an NVIDIA GPU without a stated driver."""
    if target.driver is None:
        if isinstance(gpus, tuple) and not any(gpu.vendor == "nvidia" for gpu in gpus):
            return None
        return Unknown("--target states a GPU, but no driver: driver=VERSION")
    on_windows = os is not None and (os.system == "windows" or isinstance(os.wsl, int))
    branch = driver_branch(knowledge, target.driver, "windows" if on_windows else "linux")
    return NvidiaDriver(
        version=target.driver,
        cuda_version=branch.cuda if isinstance(branch, DriverBranch) else branch,
        kernel_module_version=target.driver,
        library_version=target.driver,
        open_kernel_module=NOT_STATED,
        libcuda_path=NOT_STATED,
        source=SOURCE,
        cuda_source=f"the knowledge base of {knowledge.date}: driver branch R{branch.number} reports CUDA {branch.cuda}"
        if isinstance(branch, DriverBranch)
        else "",
    )


def target_cpu(cpu: Cpu | Unknown, os: OperatingSystem | Unknown, target: Target) -> Cpu | None:
    """The processor of a target; None where it states nothing that changes it."""
    was = os.machine if isinstance(os, OperatingSystem) and isinstance(os.machine, str) else None
    another = target.machine is not None and (was is None or machine_name(target.machine) != machine_name(was))
    if target.cpu_level is None and not another:
        return None
    if another or isinstance(cpu, Unknown):
        cpu = Cpu(NOT_STATED, NOT_STATED, NOT_STATED, NOT_STATED, NOT_STATED, source=SOURCE)
        is_x86 = target.cpu_level is not None or (target.machine is not None and machine_name(target.machine) == "x86_64")
        cpu = replace(cpu, features=NOT_STATED, x86_64_level=NOT_STATED if is_x86 else None, governor=NOT_STATED)
    if target.cpu_level is None:
        return cpu
    added = [LEVELS[level] for level in range(2, target.cpu_level + 1)]
    features = frozenset(" ".join((BASELINE, *added)).split())
    return replace(cpu, features=features, x86_64_level=target.cpu_level, source=SOURCE)


def _kept_gpus(gpus: tuple[Gpu, ...] | Unknown) -> tuple[Gpu, ...] | Unknown | None:
    """Where only a driver is stated: the machine's NVIDIA GPUs stay; where it has none, the target's are not known."""
    if isinstance(gpus, tuple) and any(gpu.vendor == "nvidia" for gpu in gpus):
        return None
    return Unknown("--target states a driver, but no GPU: gpu=NAME")


def _gpu(name: str, target: Target, knowledge: Knowledge) -> Gpu:
    models = find_gpus(knowledge, name)
    vendor = models[0].vendor if models else _vendor(name)
    capability = _capability(name, models) if vendor == "nvidia" else None
    return Gpu(
        vendor=vendor,
        index=0,
        name=name,
        uuid=NOT_STATED,
        pci_address=NOT_STATED,
        pci_id=NOT_STATED,
        compute_capability=capability,
        gfx_target=_gfx_target(name, models) if vendor == "amd" else None,
        memory_total_bytes=target.memory_bytes or _memory(name, models),
        memory_used_bytes=NOT_STATED,
        mig_enabled=NOT_STATED,
        ecc_enabled=NOT_STATED,
        persistence_enabled=NOT_STATED,
        compute_mode=NOT_STATED,
        pcie_generation=NOT_STATED,
        pcie_generation_max=NOT_STATED,
        pcie_width_lanes=NOT_STATED,
        pcie_width_max_lanes=NOT_STATED,
        power_limit_watts=NOT_STATED,
        power_limit_default_watts=NOT_STATED,
        temperature_celsius=NOT_STATED,
        throttle_reasons=NOT_STATED,
        processes=NOT_STATED,
        kernel_driver=NOT_STATED,
        source=f"{SOURCE}, and the knowledge base of {knowledge.date}" if models else SOURCE,
    )


def _capability(name: str, models: tuple[GpuModel, ...]) -> ComputeCapability | Unknown:
    """The compute capability that a name stands for; Unknown where it stands for none, several, or one without a source."""
    found = sorted({model.compute_capability for model in models if model.compute_capability is not None})
    if not found:
        return Unknown(f"{name} is not in the knowledge base")
    if len(found) > 1:
        meant = " or ".join(f"{major}.{minor}" for major, minor in found)
        return Unknown(f"{name} is the name of several GPUs, of compute capability {meant}; the PCI id would tell")
    if not any(model.certain for model in models):
        return Unknown(
            f"{name} is said to have compute capability {found[0][0]}.{found[0][1]}, but no official source confirms it"
        )
    return found[0]


def _gfx_target(name: str, models: tuple[GpuModel, ...]) -> str | Unknown:
    found = {model.gfx_target for model in models if model.certain and model.gfx_target is not None}
    return found.pop() if len(found) == 1 else Unknown(f"the gfx target of {name} is not in the knowledge base")


def _memory(name: str, models: tuple[GpuModel, ...]) -> int | Unknown:
    """The least that boards of this name have; the tables are indicative only."""
    sizes = [size for size in (model.memory_bytes(name) for model in models) if size is not None]
    return min(sizes) if sizes else Unknown(f"the memory of {name} is not in the knowledge base; memory=SIZE states it")


def _vendor(name: str) -> str:
    words = set(name.lower().replace("-", " ").split())
    return next((vendor for vendor, known in _VENDOR_WORDS.items() if words & known), "nvidia")
