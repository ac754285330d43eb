"""What was found, at a glance: machine, driver, GPUs, environment, frameworks."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Cpu, Facts, Framework, Gpu, Limits, Memory, NvidiaDriver, PythonEnvironment
from envdoctor.model.unknown import Unknown, known
from envdoctor.render.layout import Line
from envdoctor.render.words import number, size, told

_LABEL_COLUMNS = 13
_VENDORS = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple", "google": "Google"}
_FLAVOURS = {"cuda": "CUDA", "rocm": "ROCm", "cpu": "CPU only", "xpu": "Intel XPU", "metal": "Metal", "tpu": "TPU"}


def glance(facts: Facts, profile: str | None) -> list[Line]:
    """One labelled line for each thing a person wants to see first."""
    rows: list[tuple[str, str]] = [
        ("Machine", machine(facts)),
        ("Processor", _told_by(facts.cpu, processor, facts)),
        ("Memory", _told_by(facts.memory, memory, facts)),
        ("Driver", driver(facts.driver)),
        *_labelled("GPU", gpus(facts)),
        ("Environment", environment(facts.environment)),
        *_labelled("Frameworks", frameworks(facts.environment)),
    ]
    if facts.targeted:
        rows.append(("Target", f"{', '.join(facts.targeted)} as --target states"))
    if profile is not None:
        rows.append(("Profile", profile))
    return [Line(((text, ""),), lead=(label.ljust(_LABEL_COLUMNS), "dim")) for label, text in rows if text]


def machine(facts: Facts) -> str:
    """The operating system, and what it runs in."""
    system = facts.os
    if isinstance(system, Unknown):
        return told(system)
    name = known(system.name, "") or told(system.system)
    parts = [name, f"kernel {known(system.kernel, '')}" if known(system.kernel, "") else "", told(system.machine)]
    if known(system.wsl, 0):
        parts.append(f"WSL {system.wsl}")
    if known(system.virtual_machine, ""):
        parts.append(f"virtual machine ({system.virtual_machine})")
    container = facts.container
    if container is not None and not isinstance(container, Unknown):
        parts.append(f"in a container ({container.runtime})")
    if facts.cloud is not None and not isinstance(facts.cloud, Unknown):
        from envdoctor.render.clouds import cloud_words

        parts.append(cloud_words(facts.cloud))
    return ", ".join(part for part in parts if part)


def processor(cpu: Cpu, facts: Facts) -> str:
    """The processor's name, and how much of it may be used."""
    threads = known(cpu.threads, 0)
    parts = [known(cpu.model, "") or known(cpu.vendor, "") or "unnamed", f"{threads} threads" if threads else ""]
    usable = _usable_cores(facts.limits)
    if usable is not None and (not threads or usable < threads):
        parts.append(f"{number(usable)} of them usable")
    level = known(cpu.x86_64_level, 0)
    if level:
        parts.append(f"x86-64-v{level}")
    return ", ".join(part for part in parts if part)


def memory(found: Memory, facts: Facts) -> str:
    """Main memory, and the limit of the container or job."""
    total, available = found.total_bytes, found.available_bytes
    text = told(total) if isinstance(total, Unknown) else size(total)
    if not isinstance(available, Unknown):
        text = f"{size(available)} available of {text}"
    limit = None if isinstance(facts.limits, Unknown) else known(facts.limits.memory_bytes, 0)
    return f"{text}, of which {size(limit)} may be used" if limit and limit < known(total, limit + 1) else text


def driver(found: NvidiaDriver | Unknown | None) -> str:
    """The NVIDIA driver, and the newest CUDA that it runs."""
    if found is None:
        return "no NVIDIA driver"
    if isinstance(found, Unknown):
        return told(found)
    text = "NVIDIA, version unknown" if isinstance(found.version, Unknown) else f"NVIDIA {found.version}"
    if found.cuda_version is not None and not isinstance(found.cuda_version, Unknown):
        text += f", runs CUDA up to {found.cuda_version}"
    return f"{text} ({found.nvml_message})" if found.nvml_message else text


def gpus(facts: Facts) -> list[str]:
    """Every GPU; equal ones together."""
    if isinstance(facts.gpus, Unknown):
        return [told(facts.gpus)]
    groups: dict[str, int] = {}
    for gpu in facts.gpus:
        text = _gpu(gpu)
        groups[text] = groups.get(text, 0) + 1
    devices = () if isinstance(facts.devices, Unknown) else facts.devices
    for device in devices:
        text = f"{_VENDORS.get(device.vendor, device.vendor)} {known(device.name, 'accelerator')}"
        groups[text] = groups.get(text, 0) + 1
    return [f"{count} × {text}" if count > 1 else text for text, count in groups.items()] or ["none"]


def environment(found: PythonEnvironment | Unknown | None) -> str:
    """The environment under examination, and how it was chosen."""
    if found is None:
        return "no Python found"
    if isinstance(found, Unknown):
        return told(found)
    version = "Python, version unknown"
    if not isinstance(found.interpreter, Unknown) and not isinstance(found.interpreter.version, Unknown):
        version = f"Python {found.interpreter.version}"
    where = f"{version} in {found.prefix}" if found.prefix else version
    return f"{where} ({known(found.kind, 'kind unknown')}, found by {found.found_by})"


def frameworks(found: PythonEnvironment | Unknown | None) -> list[str]:
    """Every framework with its flavour."""
    if found is None or isinstance(found, Unknown):
        return []
    if isinstance(found.frameworks, Unknown):
        return [told(found.frameworks)]
    return [_framework(framework) for framework in found.frameworks] or ["none installed"]


def _framework(framework: Framework) -> str:
    name = framework.name if isinstance(framework.version, Unknown) else f"{framework.name} {framework.version}"
    if isinstance(framework.flavour, Unknown) or framework.flavour == "any":
        return name
    flavour = _FLAVOURS.get(framework.flavour, framework.flavour)
    toolkit = framework.cuda_version or framework.rocm_version if not _any_unknown(framework) else None
    return f"{name} ({flavour} {toolkit})" if toolkit is not None else f"{name} ({flavour})"


def _any_unknown(framework: Framework) -> bool:
    return isinstance(framework.cuda_version, Unknown) or isinstance(framework.rocm_version, Unknown)


def _gpu(gpu: Gpu) -> str:
    vendor = _VENDORS.get(gpu.vendor, gpu.vendor)
    parts = [known(gpu.name, "") or " ".join(filter(None, [vendor, "GPU", known(gpu.pci_id, "")]))]
    memory_bytes = known(gpu.memory_total_bytes, 0)
    if memory_bytes:
        parts.append(size(memory_bytes))
    if gpu.compute_capability is not None and not isinstance(gpu.compute_capability, Unknown):
        parts.append("compute capability {}.{}".format(*gpu.compute_capability))
    if known(gpu.gfx_target, ""):
        parts.append(str(gpu.gfx_target))
    if known(gpu.mig_enabled, False):
        parts.append("MIG")
    return ", ".join(parts)


def _usable_cores(limits: Limits | Unknown) -> float | None:
    """The tighter of quota and affinity, in cores; None where there is no limit or it could not be told."""
    if isinstance(limits, Unknown):
        return None
    both = (limits.cpu_cores, limits.affinity_cores)
    return min((float(limit) for limit in both if limit is not None and not isinstance(limit, Unknown)), default=None)


def _told_by(fact: object, words: object, facts: Facts) -> str:
    return told(fact) if isinstance(fact, Unknown) else words(fact, facts)  # type: ignore[operator]


def _labelled(label: str, texts: list[str]) -> Iterator[tuple[str, str]]:
    for place, text in enumerate(texts):
        yield ("" if place else label), text
