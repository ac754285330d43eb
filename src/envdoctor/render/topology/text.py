"""The picture of a machine as lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envdoctor.model.facts import Cpu, Facts, Interconnect, Unknown
from envdoctor.model.record import replace
from envdoctor.model.unknown import known
from envdoctor.render.clouds import cloud_words
from envdoctor.render.layout import Line, plain
from envdoctor.render.topology.drawing import LEAST_COLUMNS, MOST_COLUMNS, draw_box
from envdoctor.render.topology.links import links_lines
from envdoctor.render.topology.picture import Box, picture_of
from envdoctor.render.words import counted, size, told


def topology_lines(facts: Facts, width: int, say: Callable[[str], str] = str) -> Iterator[Line]:
    """The machine in a sentence, its parts as boxes, and its links as tables; never wider than `width` from 20 columns on.

    `say` translates what stands in a box: it is laid out here, and cannot be translated afterwards.
    """
    yield plain(summary_of(facts), "strong")
    width = min(max(width, LEAST_COLUMNS), MOST_COLUMNS)
    picture = picture_of(facts)
    for box in picture.boxes:
        yield from draw_box(_told_box(box, say), width)
    if any(device.switch for box in picture.boxes for device in box.devices):
        yield plain("Devices under one bracket share a PCIe switch.", "dim")
    for note in notes(facts, picture.left_out):
        yield plain(note, "dim")
    yield from links_lines(facts, width)


def _told_box(box: Box, say: Callable[[str], str]) -> Box:
    devices = tuple(replace(device, words=say(device.words), link=say(device.link)) for device in box.devices)
    return replace(box, title=say(box.title), processors=say(box.processors), memory=say(box.memory), devices=devices)


def summary_of(facts: Facts) -> str:
    """`2 × Xeon 8480+, 112 cores, 2 TiB of memory, 8 GPUs, AWS p5.48xlarge`."""
    parts = [_processor(facts.cpu), _memory(facts), _gpus(facts), cloud_words(facts.cloud)]
    return ", ".join(part for part in parts if part)


def _processor(cpu: Cpu | Unknown) -> str:
    if isinstance(cpu, Unknown):
        return f"processor {told(cpu)}"
    sockets, cores = known(cpu.sockets, 1), known(cpu.cores, 0)
    model = known(cpu.model, "") or known(cpu.vendor, "") or "processor"
    return f"{f'{sockets} × ' if sockets > 1 else ''}{model}" + (f", {counted(cores, 'core')}" if cores else "")


def _memory(facts: Facts) -> str:
    total = None if isinstance(facts.memory, Unknown) else known(facts.memory.total_bytes, None)
    return f"{size(total)} of memory" if total else ""


def _gpus(facts: Facts) -> str:
    if isinstance(facts.gpus, Unknown):
        return "GPUs unknown"
    devices = 0 if isinstance(facts.devices, Unknown) else len(facts.devices)
    if not facts.gpus:
        return counted(devices, "accelerator") if devices else "no GPU"
    return counted(len(facts.gpus), "GPU") + (f", {counted(devices, 'other accelerator')}" if devices else "")


def notes(facts: Facts, left_out: int) -> list[str]:
    """What no box shows: NVSwitches, nodes that were left out, and why there are no links."""
    found = []
    interconnect = facts.interconnect
    if isinstance(interconnect, Interconnect) and isinstance(interconnect.nvswitches, int) and interconnect.nvswitches:
        found.append(f"{counted(interconnect.nvswitches, 'NVSwitch').replace('NVSwitchs', 'NVSwitches')} on this machine's bus")
    if left_out:
        found.append(f"{counted(left_out, 'NUMA node')} with neither processors nor memory left out")
    if isinstance(facts.devices, tuple):
        found += [f"{device.vendor} {known(device.name, 'accelerator')}{f' ({device.path})' if device.path else ''}"
                  for device in facts.devices[:16]]  # fmt: skip
    return found
