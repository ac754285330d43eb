"""Many machines and environments that differ in a few things each, for laws over all rules and for measuring them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from packaging.version import Version

from envdoctor.model.facts import Facts, Framework, Gpu, NvmlFailure, Package, PythonEnvironment
from envdoctor.model.messages import Message
from envdoctor.model.record import replace
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

GPUS: tuple[tuple[Gpu, ...], ...] = (
    (),
    *(
        (gpu(name, capability),)
        for name, capability in (
            ("Tesla K80", (3, 7)), ("NVIDIA GeForce GTX 1080", (6, 1)), ("Tesla V100-SXM2-16GB", (7, 0)), ("Tesla T4", (7, 5)),
            ("NVIDIA A100-SXM4-80GB", (8, 0)), ("NVIDIA GeForce RTX 4090", (8, 9)), ("NVIDIA H100 80GB HBM3", (9, 0)),
            ("NVIDIA GeForce RTX 5090", (12, 0)), ("NVIDIA GB10", (12, 1)), (UNKNOWN, UNKNOWN),
        )
    ),
    (gpu("NVIDIA H100 80GB HBM3", (9, 0)),) * 8,
)  # fmt: skip
DRIVERS = (
    None, UNKNOWN, *(driver(version, cuda) for version, cuda in (
        ("470.256.02", "11.4"), ("525.60.13", "12.0"), ("535.309.01", "12.2"), ("550.163.01", "12.4"), ("570.124.06", "12.8"),
        ("580.95.05", "13.0"), ("595.45.04", "13.2"),
    )),
    failed_driver(NvmlFailure.DRIVER_NOT_LOADED, "Driver Not Loaded"), failed_driver(NvmlFailure.LIBRARY_ABSENT),
)  # fmt: skip
SYSTEMS = (
    linux(), linux(libc_version=Version("2.17")), linux(wsl=2), linux(machine="aarch64"), windows(),
    linux(id="alpine", libc="musl", libc_version=Version("1.2.5")),
)  # fmt: skip
FRAMEWORKS: tuple[Framework, ...] = (
    framework("torch", "2.9.1+cu128", cuda="12.8"), framework("torch", "2.5.1+cu121", cuda="12.1"),
    framework("torch", "2.15.0", cuda="13.2"), framework("torch", "2.9.1+cpu", "cpu"),
    framework("torch", "2.9.1+rocm6.4", "rocm"),
    framework("tensorflow", "2.19.1", cuda="12.5"), framework("jax", "0.8.0", cuda="12.8"),
    framework("onnxruntime", "1.27.0", cuda="13.0", distribution="onnxruntime-gpu"),
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


def variants(random: Random, count: int) -> Iterator[Facts]:
    """That many machines; the same for the same seed."""
    for _ in range(count):
        yield machine(
            os=random.choice(SYSTEMS), gpus=random.choice(GPUS), driver=random.choice(DRIVERS),
            variables=random.choice(VARIABLES),
            container=random.choice((None, container(), UNKNOWN)), cpu=random.choice((cpu(), UNKNOWN)),
            environment=_environment(random), messages=random.choice(MESSAGES),
        )  # fmt: skip


def _environment(random: Random) -> PythonEnvironment | None:
    if random.random() < 0.05:
        return None
    made = random.sample(FRAMEWORKS, random.randint(0, 2))
    there = random.sample(PACKAGES, random.randint(0, 6))
    own = [package(one.distribution or one.name, str(one.version)) for one in made]
    interpreter = python(random.choice(("3.8.20", "3.10.13", "3.12.1", "3.14.0", "3.15.0")))
    frameworks = tuple(replace(one, gpu_code=UNKNOWN if one.flavour != "cpu" else None) for one in made)
    return environment(*own, *there, interpreter=interpreter, frameworks=frameworks)
