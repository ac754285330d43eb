"""Which workloads measure what, how each is started, and how the time is divided. Pure."""

from __future__ import annotations

import os

from envdoctor.model.plan import Command
from envdoctor.model.record import record

TOTAL_S = 58.0
"""All parts together end within this, imports included."""
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workloads")
_SECONDS = {"disk": 10.0, "memory": 5.0, "cpu": 6.0, "loader": 5.0, "gpu": 16.0}
"""How long each part measures."""
_STARTING_S = {"disk": 6.0, "memory": 12.0, "cpu": 12.0, "loader": 12.0, "gpu": 25.0}
"""What each may take on top: the import of a large framework from a cold disk, a slow disk's file."""
_QUICK = 0.35
_FILE_BYTES = 1 << 30
_ORDER = ("gpu", "disk", "memory", "cpu", "loader")
"""GPUs first: where frameworks start slowly, what is cut short at the end is what matters less."""
_GPU_LIBRARIES = ("torch", "cupy", "jax")


@record
class Place:
    """Where and with what to measure."""

    folder: str
    """On the disk that is measured."""
    python: str | None
    """Interpreter of the environment under examination; None where there is none."""
    own_python: str
    """Runs what needs no package."""
    packages: frozenset[str]
    """Of the environment, normalized."""
    processors: int
    """How many this process may use."""
    room_bytes: int | None
    """Free on the disk; None where it is not known."""
    memory_bytes: int
    """What may be taken of main memory."""


@record
class Workload:
    """One program to run."""

    part: str
    command: Command
    limit_s: float


def choose_workloads(parts: tuple[str, ...], place: Place, quick: bool) -> tuple[Workload, ...]:
    """The programs for these parts, the GPU's only where a library can ask for one."""
    chosen = []
    for part in _ORDER:
        seconds = _SECONDS[part] * (_QUICK if quick else 1.0)
        argv = _argv(part, place, seconds, quick) if part in parts else None
        if argv is not None:
            variables = (("PYTHONDONTWRITEBYTECODE", "1"), ("TF_CPP_MIN_LOG_LEVEL", "3"))
            chosen.append(Workload(part, Command(argv, variables), seconds + _STARTING_S[part]))
    return tuple(chosen)


def gpu_library(packages: frozenset[str]) -> str | None:
    """The library of the environment through which GPUs are measured; None where it holds none."""
    named = {name.partition("-cuda")[0] if name.startswith("cupy") else name for name in packages}
    named |= {"cupy"} if any(name.startswith("cupy-") for name in packages) else set()
    return next((name for name in _GPU_LIBRARIES if name in named), None)


def file_bytes(room_bytes: int | None, quick: bool) -> int:
    """How large the file on the disk is: a gibibyte, or a tenth of what is free if that is less."""
    wanted = _FILE_BYTES // 4 if quick else _FILE_BYTES
    return wanted if room_bytes is None else max(min(wanted, room_bytes // 10), 16 << 20) >> 20 << 20


def _argv(part: str, place: Place, seconds: float, quick: bool) -> tuple[str, ...] | None:
    python = place.python or place.own_python
    if part == "disk":
        return _program(place.own_python, "disk_reads", place.folder, f"{seconds}", str(file_bytes(place.room_bytes, quick)))
    if part == "memory":
        return _program(python, "memory_streams", f"{seconds}", str(place.processors), str(place.memory_bytes))
    if part == "cpu":
        return _program(python, "processor_products", f"{seconds}")
    if part == "loader":
        return _program(python, "loader_samples", f"{seconds}", str(max(min(place.processors, 8), 1)))
    library = gpu_library(place.packages)
    return None if library is None else _program(python, f"gpu_{library}", f"{seconds}", "cuda")


def _program(python: str, name: str, *arguments: str) -> tuple[str, ...]:
    return (python, "-I", os.path.join(_FOLDER, f"{name}.py"), *arguments)
