from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from envdoctor.model.facts import AcceleratorDevice, DriverVersion, Framework, Gpu, Limits, NvidiaDriver, NvmlFailure, Unknown
from envdoctor.model.record import replace
from envdoctor.render.glance import driver, environment, frameworks, glance, gpus, machine, memory, processor
from tests.render.samples import CONTAINED, DRIVER, ENVIRONMENT, FACTS, GPU, NOTHING_KNOWN

WHY = Unknown("no permission")


def test_the_machine_and_what_it_runs_in() -> None:
    assert machine(FACTS) == "Ubuntu 22.04.5 LTS, kernel 6.8.0-45-generic, x86_64"
    assert machine(CONTAINED).endswith("in a container (docker)")
    wsl = replace(FACTS, os=replace(FACTS.os, wsl=2, virtual_machine="hyperv"))  # type: ignore[type-var]
    assert machine(wsl).endswith("WSL 2, virtual machine (hyperv)")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "NVIDIA 470.82.01, runs CUDA up to 11.4"),
        ({"version": WHY, "cuda_version": WHY}, "NVIDIA, version unknown"),
        ({"cuda_version": None, "nvml_failure": NvmlFailure.VERSION_MISMATCH, "nvml_message": "Driver/library version mismatch"},
         "NVIDIA 470.82.01 (Driver/library version mismatch)"),
    ],
)  # fmt: skip
def test_the_driver(changes: dict[str, Any], text: str) -> None:
    assert driver(replace(DRIVER, **changes)) == text


def test_driver_versions_are_written_as_nvidia_writes_them() -> None:
    for text in ("535.104.05", "470.82.01", "566.03", "580.65.06", "390.157"):
        assert str(DriverVersion(text)) == f"{DriverVersion(text)}" == text
    assert DriverVersion("535.104.05") == Version("535.104.5") < Version("535.129.03")
    assert hash(DriverVersion("566.03")) == hash(Version("566.3"))


def test_no_driver_and_an_unknown_one_are_told_apart() -> None:
    assert driver(None) == "no NVIDIA driver"
    assert driver(WHY) == "unknown: no permission"
    assert driver(NvidiaDriver(Unknown("x"), None)) == "NVIDIA, version unknown"


def test_equal_gpus_are_counted_and_different_ones_listed() -> None:
    card = "NVIDIA A100-SXM4-80GB, 80 GiB, compute capability 8.0"
    assert gpus(FACTS) == [f"2 × {card}"]
    amd = Gpu(vendor="amd", index=2, name=None, pci_id="1002:74a1", gfx_target="gfx942")
    bare = Gpu(vendor="intel", index=3, name=WHY, mig_enabled=True)
    tpu = AcceleratorDevice("google", "TPU v5e", "/dev/accel0")
    mixed = replace(FACTS, gpus=(GPU, amd, bare), devices=(tpu,))
    assert gpus(mixed) == [card, "AMD GPU 1002:74a1, gfx942", "Intel GPU, MIG", "Google TPU v5e"]
    assert gpus(replace(FACTS, gpus=())) == ["none"]
    assert gpus(replace(FACTS, gpus=WHY)) == ["unknown: no permission"]


def test_the_processor_says_how_much_of_it_may_be_used() -> None:
    text = "AMD EPYC 7763 64-Core Processor, 128 threads, 8 of them usable, x86-64-v3"
    cpu = FACTS.cpu
    assert not isinstance(cpu, Unknown)
    assert processor(cpu, FACTS) == text
    assert processor(cpu, replace(FACTS, limits=Limits(cpu_cores=1.5, affinity_cores=4))).split(", ")[2] == "1.5 of them usable"
    assert processor(cpu, replace(FACTS, limits=WHY)).split(", ")[1:] == ["128 threads", "x86-64-v3"]
    assert (
        processor(replace(cpu, model=None, vendor=None, threads=WHY, x86_64_level=None), replace(FACTS, limits=WHY)) == "unnamed"
    )


def test_memory_says_the_limit_where_it_is_less() -> None:
    found = FACTS.memory
    assert not isinstance(found, Unknown)
    assert memory(found, FACTS) == "900 GiB available of 1 TiB, of which 32 GiB may be used"
    assert memory(found, replace(FACTS, limits=Limits(memory_bytes=2 << 40))) == "900 GiB available of 1 TiB"
    assert memory(replace(found, total_bytes=WHY, available_bytes=WHY), replace(FACTS, limits=WHY)) == "unknown: no permission"


def test_the_environment_and_its_frameworks() -> None:
    assert environment(ENVIRONMENT) == "Python 3.11.7 in /home/me/project/.venv (venv, found by VIRTUAL_ENV)"
    assert environment(replace(ENVIRONMENT, interpreter=WHY)).startswith("Python, version unknown in /home")
    assert environment(None) == "no Python found"
    assert frameworks(ENVIRONMENT) == ["torch 2.9.1+cu128 (CUDA 12.8)", "jax 0.7.2 (CPU only)"]
    assert frameworks(replace(ENVIRONMENT, frameworks=())) == ["none installed"]
    assert frameworks(replace(ENVIRONMENT, frameworks=WHY)) == ["unknown: no permission"]
    odd = (Framework("mxnet", WHY, WHY), Framework("torch", Version("2.5"), "rocm", rocm_version=Version("6.2")),
           Framework("cupy", Version("13"), "cuda", cuda_version=WHY))  # fmt: skip
    assert frameworks(replace(ENVIRONMENT, frameworks=odd)) == ["mxnet", "torch 2.5 (ROCm 6.2)", "cupy 13 (CUDA)"]


def test_what_is_not_known_is_said_with_its_reason() -> None:
    rows = {line.lead[0].strip(): line.pieces[0][0] for line in glance(NOTHING_KNOWN, None)}
    assert rows["Driver"] == "unknown: not in an image"
    assert rows["Machine"] == rows["Memory"] == rows["Environment"] == "unknown: not looked at"
    assert "Frameworks" not in rows


def test_target_and_profile_are_named() -> None:
    rows = {
        line.lead[0].strip(): line.pieces[0][0] for line in glance(replace(FACTS, targeted=("gpus", "driver")), "pytorch-cuda12")
    }
    assert rows["Target"] == "gpus, driver as --target states"
    assert rows["Profile"] == "pytorch-cuda12"
