"""Machines in the recordings beside the project, and environments to stand on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from envdoctor.model.facts import Facts, NvmlFailure, PythonEnvironment, Subject, Unknown
from envdoctor.model.record import replace
from envdoctor.probes.collecting import collect_facts
from envdoctor.system.port import Missing, Output
from tests.machines import LINUX, Machine, load_tree, trees
from tests.rules.facts import framework, linux, package, torch_environment, windows, with_framework

SMI = "/usr/bin/nvidia-smi"
LIBCUDA = "/usr/lib/x86_64-linux-gnu/libcuda.so.1"
RUNNING = {"/proc/version": "Linux version 6.8.0-45-generic (buildd@x) #45-Ubuntu SMP", SMI: ""}

ENVIRONMENTS: dict[str, PythonEnvironment | None] = {
    "none": None,
    "torch cpu": torch_environment("2.9.1+cpu", "cpu"),
    "torch cu118": torch_environment("2.7.1+cu118", cuda="11.8"),
    "torch cu126": torch_environment("2.9.1+cu126", cuda="12.6"),
    "torch cu128": torch_environment("2.9.1+cu128", cuda="12.8"),
    "torch cu130": torch_environment("2.9.1+cu130", cuda="13.0"),
    "torch rocm": torch_environment("2.9.1+rocm6.4", "rocm"),
    "tensorflow": with_framework(framework("tensorflow", "2.19.1", cuda="12.5")),
    "jax": with_framework(framework("jax", "0.8.0", cuda="12.8"), package("jaxlib", "0.8.0")),
}


def kernel_machines(shared: Path) -> Iterator[tuple[str, Facts]]:
    """Every recorded tree: processors, containers, control groups, memory, topology, AMD GPUs."""
    for path in trees(shared):
        at = "/sys/class/kfd/kfd" if path.parent.name == "amd-kfd" else "/"
        yield path.name, collect_facts(load_tree(path, at=at), Subject("recording", path.name))


def text_machines(shared: Path) -> Iterator[tuple[str, Facts]]:
    """Single recorded files of a Linux machine, each where that machine has it."""
    places = {
        "cpu-cpuinfo": "/proc/cpuinfo",
        "os-release": "/etc/os-release",
        "meminfo": "/proc/meminfo",
        "mounts": "/proc/mounts",
    }
    for folder, place in places.items():
        for path in sorted((shared / "hardware" / folder).iterdir()):
            if not path.name.endswith(".json"):
                files = {"/proc/version": RUNNING["/proc/version"], place: path.read_text(encoding="utf-8", errors="replace")}
                yield (
                    f"{folder}/{path.name}",
                    collect_facts(Machine(files, host={"uname": LINUX}), Subject("recording", path.name)),
                )


def smi_texts(shared: Path) -> Iterator[tuple[str, str]]:
    """Every text of nvidia-smi."""
    for folder in ("nvidia-smi-xml", "nvidia-smi-text", "nvidia-smi-captures"):
        for path in sorted((shared / "hardware" / folder).iterdir()):
            yield f"{folder}/{path.name}", path.read_text(encoding="utf-8", errors="replace")


def smi_facts(name: str, text: str) -> Facts:
    """A machine on which nvidia-smi is all that tells of GPUs, and prints that text."""
    status = 0 if name.endswith(".xml") else 1
    absent = Missing("nvml", "libnvidia-ml.so.1 is not there", NvmlFailure.LIBRARY_ABSENT)
    machine = Machine(
        {**RUNNING, LIBCUDA: ""},
        host={"uname": LINUX},
        nvml={"driver_version": absent},
        commands={f"{SMI} -q -x": Output(status, text, "")},
    )
    facts = collect_facts(machine, Subject("recording", name))
    return replace(facts, os=windows() if "WDDM" in text else linux())


def with_environments(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """The machine with each environment on it; what the recording does not tell of the system is that of a plain one."""
    system = facts.os if not isinstance(facts.os, Unknown) and isinstance(facts.os.system, str) else linux()
    for name, environment in ENVIRONMENTS.items():
        yield name, replace(facts, environment=environment, os=system)
