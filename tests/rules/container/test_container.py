"""Rules about containers and what they grant."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Limits, NvmlFailure
from tests.rules.facts import (
    GIB,
    UNKNOWN,
    container,
    cpu,
    disk,
    driver,
    failed_driver,
    framework,
    image,
    machine,
    pci_gpu,
    torch_environment,
    with_framework,
)
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

ABSENT = failed_driver(NvmlFailure.LIBRARY_ABSENT)


def inside(runtime="docker", injected=False, **changes):
    return machine(**{"container": container(runtime, injected), "gpus": (pci_gpu(),), "driver": ABSENT, **changes})


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (inside(), FAIL, ["docker run --gpus all", "Container Toolkit"]),
        (inside("podman"), FAIL, ["nvidia.com/gpu=all"]),
        (inside("kubernetes"), FAIL, ["nvidia.com/gpu: 1", "!docker run"]),
        (inside(driver=None), FAIL, []),
        (inside(injected=True), PASS, []),
        (inside(driver=driver()), PASS, []),
        (inside(variables={"NVIDIA_VISIBLE_DEVICES": "void"}), SKIP, ["cuda-hidden"]),
        (inside(gpus=()), SKIP, ["no NVIDIA GPU"]),
        (machine(gpus=(pci_gpu(),)), SKIP, ["not inside a container"]),
        (image(), SKIP, ["image"]),
        (inside(injected=UNKNOWN), UNDECIDED, ["nobody looked"]),
        (machine(container=UNKNOWN), UNDECIDED, []),
    ],
)
def test_container_no_gpu(facts, verdict, words):
    expect("container.container_no_gpu", facts, verdict, *words)


def shm(size, runtime="docker", environment=None):
    disks = (disk("shared memory", path="/dev/shm", total_bytes=size, file_system="tmpfs"),)
    return machine(container=container(runtime), disks=disks, environment=environment or torch_environment())


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (shm(64 << 20), FAIL, ["only 64 MiB", "--shm-size=8g", "--ipc=host"]),
        (shm(64 << 20, "kubernetes"), FAIL, ["medium: Memory"]),
        (shm(8 * GIB), PASS, []),
        (shm(UNKNOWN), UNDECIDED, []),
        (shm(64 << 20, environment=with_framework(framework("onnxruntime", "1.20.0", "cpu"))), SKIP, ["PyTorch"]),
        (machine(container=container(), environment=torch_environment()), SKIP, ["/dev/shm"]),
        (machine(environment=torch_environment()), SKIP, ["not inside"]),
    ],
)
def test_container_shm_too_small(facts, verdict, words):
    expect("container.container_shm_too_small", facts, verdict, *words)


@pytest.mark.parametrize(
    ("limits", "verdict", "words"),
    [
        (Limits(memory_bytes=2 * GIB, source="memory.max"), FAIL, ["Only 2 GiB"]),
        (Limits(memory_bytes=16 * GIB, memory_used_bytes=16 * GIB - 1, source="memory.max"), FAIL, ["nearly full"]),
        (Limits(memory_bytes=16 * GIB, memory_used_bytes=GIB, source="memory.max"), PASS, []),
        (Limits(memory_bytes=None), SKIP, ["no memory limit"]),
        (Limits(memory_bytes=UNKNOWN), UNDECIDED, []),
    ],
)
def test_container_memory_limit(limits, verdict, words):
    expect("container.container_memory_limit", machine(limits=limits, environment=torch_environment()), verdict, *words)


@pytest.mark.parametrize(
    ("limits", "variables", "verdict", "words"),
    [
        (Limits(cpu_cores=2.0, source="cpu.max"), {}, FAIL, ["see 32 processors and may use 2", "OMP_NUM_THREADS=2"]),
        (Limits(cpu_cores=2.0, affinity_cores=4, source="cpu.max"), {}, PASS, []),
        (Limits(cpu_cores=2.0), {"OMP_NUM_THREADS": "2"}, SKIP, []),
        (Limits(cpu_cores=None), {}, SKIP, ["no CPU quota"]),
        (Limits(cpu_cores=UNKNOWN), {}, UNDECIDED, []),
    ],
)
def test_cpu_oversubscribed(limits, variables, verdict, words):
    facts = machine(limits=limits, variables=variables, cpu=cpu(threads=32), environment=torch_environment())
    expect("container.cpu_oversubscribed", facts, verdict, *words)
