"""ProfileFile → Profile: from what was written to the record that rules and planner read."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet

from envdoctor.model.figures import FIGURE_KEYS
from envdoctor.model.profile import ANY, GpuRequirement, Profile
from envdoctor.model.ranges import VersionRange
from envdoctor.profiles import schema
from envdoctor.profiles.values import parse_requirement


def convert(file: schema.ProfileFile, name: str, path: str) -> Profile:
    """The profile in a file; all that it extends has been merged in."""
    os = file.os or schema.OperatingSystem.model_validate({})
    cpu = file.cpu or schema.Cpu.model_validate({})
    return Profile(
        name=name,
        title=" ".join(file.title.split()),
        description=(file.description or "").strip(),
        path=path,
        systems=tuple(os.system or ()),
        distributions=tuple(word.lower() for word in os.distribution or ()),
        os_version=_range(os.version),
        architectures=tuple(file.architecture or ()),
        glibc=_range(file.glibc),
        cpu_features=tuple(word.lower() for word in cpu.features or ()),
        x86_64_level=cpu.level,
        cpu_cores=_range(cpu.cores),
        ram_bytes=file.ram.total if file.ram else None,
        disk_bytes=file.disk.free if file.disk else None,
        shm_bytes=file.shm,
        gpu=_gpu(file.gpu),
        accelerator=file.accelerator,
        driver=_range(file.driver),
        cuda=_range(file.cuda),
        cudnn=_range(file.cudnn),
        toolkit=_range(file.toolkit),
        python=_range(file.python),
        packages=tuple(parse_requirement(one.requirement, one.build, one.optional) for one in file.packages or ()),
        imports=tuple(file.imports or ()),
        variables=tuple((file.variables or {}).items()),
        tools=tuple((name, _range(wanted)) for name, wanted in (file.tools or {}).items()),
        notes=tuple(" ".join(note.split()) for note in file.notes or ()),
        retired=" ".join(file.retired.split()) if file.retired else None,
        backend=file.backend,
        conda_channels=tuple(file.conda.channels or ()) if file.conda else (),
        conda_packages=tuple(file.conda.packages or ()) if file.conda else (),
        figures=_figures(file),
    )


def _figures(file: schema.ProfileFile) -> tuple[tuple[str, str], ...]:
    """What must be measured, in the order of the table of keys."""
    asked = []
    for key in FIGURE_KEYS:
        part, _, name = key.partition(".")
        bounds = getattr(getattr(file, part), name, None)
        if bounds is not None:
            asked.append((key, bounds))
    return tuple(asked)


def _range(written: SpecifierSet | None) -> VersionRange:
    return ANY if written is None else VersionRange(str(written))


def _gpu(gpu: schema.Gpu | None) -> GpuRequirement | None:
    if gpu is None:
        return None
    return GpuRequirement(
        vendor=gpu.vendor,
        count=_range(gpu.count),
        memory_bytes=gpu.memory,
        compute_capability=_range(gpu.compute_capability),
    )
