"""Many machines and environments that differ in a few things each, for laws over all rules and for measuring them.

A variant is a recorded machine (or one that is stated) with other GPUs, another driver, another system, another Python
environment: recordings times GPUs times drivers times builds of frameworks times what lies beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random

from packaging.version import Version

from envdoctor.model.facts import Facts, Framework, Gpu, NvmlFailure, Package, PythonEnvironment, Subject
from envdoctor.model.messages import Message
from envdoctor.model.record import replace
from envdoctor.probes.collecting import collect_facts
from envdoctor.system.recorded import load_recording
from tests.rules.facts import (
    UNKNOWN,
    container,
    cpu,
    driver,
    environment,
    failed_driver,
    framework,
    gpu,
    linux,
    machine,
    package,
    python,
    windows,
)

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
LISTING = Path(__file__).with_name("listing.json")
"""An environment of 159 packages, as the package index states them: name to version, Python and requirement lines."""
GPUS: tuple[tuple[Gpu, ...], ...] = (
    (),
    *(
        (gpu(name, capability),)
        for name, capability in (
            ("Tesla K80", (3, 7)), ("NVIDIA GeForce GTX 980", (5, 2)), ("NVIDIA GeForce GTX 1080", (6, 1)),
            ("Tesla P100-PCIE-16GB", (6, 0)), ("Tesla V100-SXM2-16GB", (7, 0)), ("Tesla T4", (7, 5)),
            ("NVIDIA GeForce RTX 2080 Ti", (7, 5)), ("NVIDIA A100-SXM4-80GB", (8, 0)), ("NVIDIA GeForce RTX 3090", (8, 6)),
            ("NVIDIA GeForce RTX 4090", (8, 9)), ("NVIDIA L40S", (8, 9)), ("NVIDIA H100 80GB HBM3", (9, 0)),
            ("NVIDIA B200", (10, 0)), ("NVIDIA GeForce RTX 5090", (12, 0)), ("NVIDIA GB10", (12, 1)), (UNKNOWN, UNKNOWN),
        )
    ),
    (gpu("NVIDIA H100 80GB HBM3", (9, 0)),) * 8,
    (gpu("NVIDIA GeForce GTX 1080", (6, 1)), gpu("NVIDIA GeForce RTX 5090", (12, 0), index=1)),
    (gpu("AMD Instinct MI300X", None, vendor="amd", gfx_target="gfx942"),),
    (gpu("AMD Radeon RX 580", None, vendor="amd", gfx_target="gfx803"),),
)  # fmt: skip
DRIVERS = (
    None, UNKNOWN, *(driver(version, cuda) for version, cuda in (
        ("418.226.00", "10.1"), ("450.80.02", "11.0"), ("470.256.02", "11.4"), ("525.60.13", "12.0"), ("535.309.01", "12.2"),
        ("550.163.01", "12.4"), ("570.124.06", "12.8"), ("580.95.05", "13.0"), ("595.45.04", "13.2"),
    )),
    driver("570.124.06", "12.8", open_kernel_module=True),
    failed_driver(NvmlFailure.DRIVER_NOT_LOADED, "Driver Not Loaded"), failed_driver(NvmlFailure.LIBRARY_ABSENT),
    failed_driver(NvmlFailure.VERSION_MISMATCH, "Driver/library version mismatch"),
)  # fmt: skip
SYSTEMS = (
    linux(), linux(libc_version=Version("2.17")), linux(wsl=2), linux(machine="aarch64"), windows(),
    linux(id="alpine", libc="musl", libc_version=Version("1.2.5")), linux(id="rhel", id_like=("fedora",), version="9.4"),
)  # fmt: skip
FRAMEWORKS: tuple[Framework, ...] = (
    *(
        framework("torch", f"{release}+cu{cuda.replace('.', '')}", cuda=cuda)
        for release, cuda in (
            ("1.13.1", "11.7"), ("2.0.1", "11.8"), ("2.5.1", "12.1"), ("2.7.1", "11.8"), ("2.7.1", "12.8"), ("2.9.1", "12.6"),
            ("2.9.1", "12.8"), ("2.9.1", "13.0"),
        )
    ),
    framework("torch", "2.15.0", cuda="13.2"), framework("torch", "2.9.1+cpu", "cpu"),
    framework("torch", "2.9.1+rocm6.4", "rocm"),
    framework("tensorflow", "2.10.1", cuda="11.2"), framework("tensorflow", "2.19.1", cuda="12.5"),
    framework("jax", "0.6.2", cuda="12.8"), framework("jax", "0.8.0", cuda="12.8"), framework("jax", "0.8.0", cuda="13.0"),
    framework("onnxruntime", "1.27.0", cuda="13.0", distribution="onnxruntime-gpu"),
    framework("onnxruntime", "1.18.1", cuda="11.8", distribution="onnxruntime-gpu"),
    framework("cupy", "13.6.0", cuda="12.0", distribution="cupy-cuda12x"),
)  # fmt: skip
PACKAGES: tuple[Package, ...] = (
    package("numpy", "2.2.0"), package("numpy", "1.26.4"), package("torchvision", "0.24.1"), package("xformers", "0.0.30"),
    package("nvidia-cudnn-cu12", "9.10.2.21"), package("protobuf", "5.29.0"),
    package("vllm", "0.20.1", "torch==2.9.1", "numpy<2"),
    package("onnxruntime", "1.27.0"), package("transformers", "4.57.0", "numpy>=1.17", "torch>=2.2"),
    package("broken", UNKNOWN, fault="left behind"),
)  # fmt: skip
VARIABLES = ({}, {"CUDA_VISIBLE_DEVICES": "-1"}, {"LD_LIBRARY_PATH": "/usr/local/cuda-12.8/compat"}, UNKNOWN)
MESSAGES = (UNKNOWN, (), (Message("fabric-802", ("fabric-manager",), "certain", "system not yet initialized", 1),))
PYTHONS = ("3.8.20", "3.10.13", "3.12.1", "3.13.0", "3.14.0", "3.15.0")


def variants(random: Random, count: int) -> Iterator[Facts]:
    """That many machines; the same for the same seed."""
    bases = (machine(), *recorded_machines())
    environments = [_environment(random, bases) for _ in range(max(100, count // 20))]
    for _ in range(count):
        base = random.choice(bases)
        os = base.os if random.random() < 0.4 else random.choice(SYSTEMS)
        yield replace(
            base, os=os, gpus=random.choice(GPUS), driver=random.choice(DRIVERS), variables=random.choice(VARIABLES),
            container=random.choice((base.container, None, container(), UNKNOWN)), cpu=random.choice((base.cpu, cpu(), UNKNOWN)),
            environment=random.choice(environments), messages=random.choice(MESSAGES),
        )  # fmt: skip


@lru_cache(maxsize=1)
def recorded_machines() -> tuple[Facts, ...]:
    """The machines whose recordings lie with the tests."""
    paths = sorted(RECORDINGS.glob("*.json"))
    return tuple(collect_facts(load_recording(str(path)), Subject("recording", path.stem)) for path in paths)


@lru_cache(maxsize=1)
def listed_packages() -> tuple[Package, ...]:
    """The packages of a large environment; of torch's own libraries none, which depend on its build."""
    listing = json.loads(LISTING.read_text(encoding="utf-8"))
    return tuple(
        package(name, version, *(line for line in lines if "nvidia-" not in line), requires_python=requires_python)
        for name, (version, requires_python, lines) in listing.items()
        if name != "triton" and not name.startswith("nvidia-")
    )


def _environment(random: Random, bases: Sequence[Facts]) -> PythonEnvironment | None:
    lot = random.random()
    if lot < 0.05:
        return None
    recorded = random.choice(bases).environment
    if lot < 0.2 and isinstance(recorded, PythonEnvironment):
        return recorded
    made = random.sample(FRAMEWORKS, random.randint(0, 2))
    there = random.sample(PACKAGES, random.randint(0, 4))
    if lot > 0.7:
        named = {one.name for one in (*made, *there)}
        there += [one for one in listed_packages() if one.name not in named]
    return _with(random, made, there)


def _with(random: Random, made: Sequence[Framework], there: Sequence[Package]) -> PythonEnvironment:
    own = [package(one.distribution or one.name, str(one.version)) for one in made]
    interpreter = python(random.choice(PYTHONS))
    frameworks = tuple(replace(one, gpu_code=UNKNOWN if one.flavour != "cpu" else None) for one in made)
    return environment(*own, *there, interpreter=interpreter, frameworks=frameworks)
