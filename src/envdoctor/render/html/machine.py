"""The machine as a picture: what it is at a glance, processors and GPUs as boxes, memory and disks as bars."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Disk, Facts, Gpu, Unknown
from envdoctor.model.findings import Report
from envdoctor.model.unknown import known
from envdoctor.render.glance import glance
from envdoctor.render.html.elements import Markup, element
from envdoctor.render.html.topology import topology_parts
from envdoctor.render.words import size, told

_TIGHT_PERCENT = 90


def machine_section(report: Report) -> Markup:
    """What was looked at, as far as it is known."""
    facts = report.facts
    rows: list[Markup] = []
    for line in glance(facts, report.profile):
        said = "".join(piece for piece, _style in line.pieces)
        label = line.lead[0].strip()
        rows.append(element("dt", label) if label else element("dt", "", class_="same"))
        rows.append(element("dd", said))
    picture = [
        element("div", *boxes, class_="boxes") if group == "gpu" else element("div", *boxes, class_="bars")
        for group, boxes in (("gpu", list(_gpus(facts))), ("bars", list(_bars(facts))))
        if boxes
    ]
    return element(
        "section",
        element("h2", "The machine", id="machine"),
        element("dl", *rows, class_="glance"),
        *picture,
        *topology_parts(facts),
        aria_labelledby="machine",
    )


def _gpus(facts: Facts) -> Iterator[Markup]:
    if isinstance(facts.gpus, Unknown):
        return
    for gpu in facts.gpus:
        name = known(gpu.name, "") or f"{gpu.vendor} GPU"
        yield element(
            "div",
            element("h3", f"GPU {gpu.index}: {name}"),
            element("p", " · ".join(_gpu_words(gpu)), class_="quiet"),
            _gpu_memory(gpu),
            class_="box",
        )


def _gpu_words(gpu: Gpu) -> Iterator[str]:
    if gpu.compute_capability is not None and not isinstance(gpu.compute_capability, Unknown):
        yield "compute capability {}.{}".format(*gpu.compute_capability)
    if known(gpu.gfx_target, ""):
        yield str(gpu.gfx_target)
    generation, lanes = known(gpu.pcie_generation_max, 0), known(gpu.pcie_width_max_lanes, 0)
    if generation and lanes:
        yield f"PCIe {generation}.0 × {lanes}"
    if known(gpu.mig_enabled, False):
        yield "MIG on"
    if known(gpu.temperature_celsius, 0):
        yield f"{gpu.temperature_celsius} °C"


def _gpu_memory(gpu: Gpu) -> Markup | None:
    total, used = gpu.memory_total_bytes, gpu.memory_used_bytes
    if not isinstance(total, int) or total <= 0:
        return None
    if not isinstance(used, int):
        return element("p", f"{size(total)} of memory")
    return _bar("memory", used, total)


def _bars(facts: Facts) -> Iterator[Markup]:
    memory = facts.memory
    if not isinstance(memory, Unknown) and isinstance(memory.total_bytes, int) and isinstance(memory.available_bytes, int):
        yield _bar("Main memory", memory.total_bytes - memory.available_bytes, memory.total_bytes)
    if isinstance(facts.disks, Unknown):
        yield element("p", f"Disks: {told(facts.disks)}", class_="quiet")
        return
    for label, disk in _file_systems(facts.disks):
        if isinstance(disk.total_bytes, int) and isinstance(disk.free_bytes, int) and disk.total_bytes > 0:
            kind = ", ".join(filter(None, (known(disk.file_system, ""), known(disk.kind, ""))))
            yield _bar(f"{label}{f' ({kind})' if kind else ''}", disk.total_bytes - disk.free_bytes, disk.total_bytes)


def _file_systems(disks: tuple[Disk, ...]) -> Iterator[tuple[str, Disk]]:
    """Each file system once, with all that lies on it."""
    shared: dict[tuple[object, ...], list[Disk]] = {}
    for disk in disks:
        shared.setdefault((str(disk.mount_point), disk.total_bytes), []).append(disk)
    for members in shared.values():
        purposes = ", ".join(dict.fromkeys(disk.purpose for disk in members))
        where = known(members[0].mount_point, "") or members[0].path
        yield f"{where}: {purposes}", members[0]


def _bar(label: str, used: int, total: int) -> Markup:
    share = min(max(round(100 * used / total), 0), 100)
    said = f"{size(max(used, 0))} of {size(total)} used, {size(max(total - used, 0))} free"
    level = "tight" if share >= _TIGHT_PERCENT else "easy"
    return element(
        "div",
        element("p", element("span", label), element("span", said, class_="quiet"), class_="bar-text"),
        element(
            "div",
            element("div", class_=level, style=f"width: {share}%"),
            class_="bar",
            role="img",
            aria_label=f"{label}: {share}% used",
        ),
        class_="measure",
    )
