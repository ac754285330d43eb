"""What each figure should be: the peak of the hardware, the share that was reached, and a verdict in words. Pure."""

from __future__ import annotations

from envdoctor.bench.conditions import Conditions
from envdoctor.bench.explaining import causes_of
from envdoctor.bench.figures import Measured, Measurements
from envdoctor.bench.memory_modules import modules_gb_per_s
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.peaks import cpu_width, disk_floor, gpu_peak, low_below, pcie_gb_per_s
from envdoctor.model.facts import Disk, Facts, Gpu
from envdoctor.model.findings import Finding
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class Peak:
    """What the hardware can do at most, in the figure's unit."""

    value: float
    source: str
    is_floor: bool = False
    """Whether it is what a healthy part does at least, rather than what it can do at most."""


@record
class Judged:
    """A figure with what it should be."""

    measured: Measured
    peak: Peak | None
    verdict: str
    """`good`, `low`; `unjudged` where nothing says what it should be; `not measured`."""
    reason: str = ""
    """Why there is no verdict; what is wrong with one that is low, as far as it is known."""

    @property
    def fraction(self) -> float | None:
        """Of the peak; None where there is none."""
        if self.peak is None or self.peak.is_floor or self.measured.value is None:
            return None
        return self.measured.value / self.peak.value


@record
class Scene:
    """All that says what figures should be."""

    facts: Facts
    conditions: Conditions
    disk: Disk | None
    knowledge: Knowledge
    findings: tuple[Finding, ...] = ()
    """What `check` finds wrong with this machine: it may explain a low figure."""


def judge_figures(measurements: Measurements, scene: Scene) -> tuple[Judged, ...]:
    """Every figure against its peak."""
    return tuple(judge_figure(one, measurements, scene) for one in measurements.figures)


def judge_figure(measured: Measured, measurements: Measurements, scene: Scene) -> Judged:
    """One figure against its peak."""
    if measured.value is None:
        return Judged(measured, None, "not measured", measured.reason)
    peak = find_peak(measured, measurements, scene)
    if isinstance(peak, str):
        return Judged(measured, None, "unjudged", peak)
    limit = 1.0 if peak.is_floor else low_below(scene.knowledge, measured.kind.name)
    if limit is None:
        return Judged(measured, peak, "unjudged", "no share of the peak is known that it should reach")
    if measured.value >= limit * peak.value:
        return Judged(measured, peak, "good")
    if measured.may_be_better:
        return Judged(measured, peak, "unjudged", measured.may_be_better)
    causes = causes_of(measured.kind.name, scene.conditions, scene.findings)
    return Judged(measured, peak, "low", "; ".join(causes) or "no cause of it was found")


def find_peak(measured: Measured, measurements: Measurements, scene: Scene) -> Peak | str:
    """The peak, or why none is known."""
    name = measured.kind.name
    if name in {"cpu.matmul_fp32", "cpu.matmul_fp64", "cpu.numpy_matmul_fp32", "cpu.numpy_matmul_fp64"}:
        return _cpu_peak(name, measurements, scene)
    if measured.kind.part == "memory" and name != "memory.copy_one_thread":
        return _memory_peak(measurements)
    if name == "disk.sequential_read":
        return _disk_floor(scene)
    if measured.kind.part == "gpu" and not measured.pair and name != "gpu.all_reduce":
        return _gpu_peak(measured, measurements, scene)
    return "nothing says what it should be"


def _cpu_peak(name: str, measurements: Measurements, scene: Scene) -> Peak | str:
    """Cores times frequency times what a core begins in a cycle."""
    cpu = scene.facts.cpu
    about = measurements.about.get("cpu", {})
    mhz = about.get("max_mhz", about.get("mhz"))
    if isinstance(cpu, Unknown) or isinstance(cpu.features, Unknown) or not isinstance(mhz, (int, float)):
        return "the frequency or the instruction sets of the processor are not known"
    vendor = cpu.vendor if isinstance(cpu.vendor, str) else None
    width = cpu_width(scene.knowledge, vendor, cpu.features)
    if width is None:
        return "how wide this processor computes is not known"
    cores = float(min(cpu.cores if isinstance(cpu.cores, int) else scene.conditions.processors, scene.conditions.processors))
    if scene.conditions.quota_cores is not None:
        cores = min(cores, scene.conditions.quota_cores)
    each = width.fp32_per_cycle / (2 if name.endswith("fp64") else 1)
    stated = "the highest that it states" if "max_mhz" in about else "what this system shows; it may rise above that"
    formula = f"{cores:g} cores × {mhz / 1000:.2f} GHz ({stated}) × {each:g} operations a cycle ({width.words})"
    return Peak(cores * mhz * each / 1000, f"estimated: {formula}")


def _memory_peak(measurements: Measurements) -> Peak | str:
    modules = measurements.about.get("memory", {}).get("modules")
    rate = modules_gb_per_s(modules)
    return rate if isinstance(rate, str) else Peak(rate, "speed and channels of the memory modules, as the firmware states them")


def _disk_floor(scene: Scene) -> Peak | str:
    disk = scene.disk
    if disk is None or not isinstance(disk.kind, str):
        return "what kind of disk this is, nothing tells"
    if disk.kind == "tmpfs":
        return f"{disk.path} lies in main memory (tmpfs): this says nothing about a disk"
    if disk.file_system == "zfs":
        return "ZFS may answer from a cache of its own, which cannot be passed by"
    floor = disk_floor(scene.knowledge, disk.kind)
    if floor is None:
        return f"{disk.path} lies on {disk.kind} storage, of which no usual speed is known"
    return Peak(float(floor), f"what a disk of the kind {disk.kind} reads at least", is_floor=True)


def _gpu_peak(measured: Measured, measurements: Measurements, scene: Scene) -> Peak | str:
    device = next((one for one in measurements.gpus if one.get("index") == measured.gpu), {})
    name = measured.kind.name
    if "host" in name:
        return _link_peak(find_gpu(device, scene.facts), name, scene.knowledge)
    peak = gpu_peak(scene.knowledge, str(device.get("name", "")))
    if peak is None:
        return f"no peak of {device.get('name') or 'this GPU'} is in the knowledge base"
    if name == "gpu.memory_copy":
        return Peak(peak.memory_gb_per_s, peak.source)
    precision = name.rpartition("_")[2]
    rate = peak.tflops.get(precision)
    return f"no peak of {peak.name} in {precision} is in the knowledge base" if rate is None else Peak(rate, peak.source)


def _link_peak(gpu: Gpu | None, name: str, knowledge: Knowledge) -> Peak | str:
    """What the card's link could carry at best; copies from memory that is not pinned have another limit, the processor."""
    if name.endswith("pageable"):
        return "copies from memory that is not pinned are as fast as the processor moves them"
    generation, lanes = (gpu.pcie_generation_max, gpu.pcie_width_max_lanes) if gpu else (None, None)
    if not isinstance(generation, int) or not isinstance(lanes, int):
        return "generation and width of the GPU's link are not known"
    rate = pcie_gb_per_s(knowledge, generation, lanes)
    return (
        f"PCIe {generation} is not in the knowledge base" if rate is None else Peak(rate, f"PCIe {generation}.0 × {lanes} lanes")
    )


def find_gpu(device: dict[str, object], facts: Facts) -> Gpu | None:
    """The GPU of the facts that a library shows as `device`: by UUID, by PCI address, else by number where all are visible."""
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus
    uuid, address = str(device.get("uuid") or ""), str(device.get("pci_address") or "")
    for gpu in gpus:
        if uuid and isinstance(gpu.uuid, str) and gpu.uuid.removeprefix("GPU-") == uuid.removeprefix("GPU-"):
            return gpu
        if address and isinstance(gpu.pci_address, str) and gpu.pci_address[-len(address) :] == address:
            return gpu
    hidden = isinstance(facts.variables, Unknown) or any(name.endswith("VISIBLE_DEVICES") for name in facts.variables)
    return next((gpu for gpu in gpus if gpu.index == device.get("index") and not hidden and not uuid and not address), None)
