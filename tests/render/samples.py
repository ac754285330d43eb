"""Facts and reports made by hand, for tests of what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from packaging.version import Version

from envdoctor.engine import Choices, diagnose
from envdoctor.model.facts import (
    Container,
    Cpu,
    DriverVersion,
    Facts,
    Framework,
    Gpu,
    Interpreter,
    Limits,
    Memory,
    NvidiaDriver,
    OperatingSystem,
    Package,
    PythonEnvironment,
    Subject,
    Unknown,
)
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Report, Rule, Severity
from envdoctor.model.profile import Profile
from envdoctor.model.record import replace
from envdoctor.model.unknown import Undecided, skip

GPU = Gpu(
    vendor="nvidia", index=0, name="NVIDIA A100-SXM4-80GB", compute_capability=(8, 0), memory_total_bytes=80 << 30, source="NVML"
)  # fmt: skip
DRIVER = NvidiaDriver(version=DriverVersion("470.82.01"), cuda_version=Version("11.4"), source="NVML")
TORCH = Framework("torch", Version("2.9.1+cu128"), "cuda", cuda_version=Version("12.8"))
ENVIRONMENT = PythonEnvironment(
    prefix="/home/me/project/.venv",
    kind="venv",
    found_by="VIRTUAL_ENV",
    interpreter=Interpreter("/home/me/project/.venv/bin/python", Version("3.11.7")),
    packages=(Package("pip", Version("24.0")), Package("torch", Version("2.9.1+cu128"))),
    frameworks=(TORCH, Framework("jax", Version("0.7.2"), "cpu")),
)
FACTS = Facts(
    subject=Subject("live", "this machine"),
    os=OperatingSystem("linux", "x86_64", "ubuntu", (), "22.04", "Ubuntu 22.04.5 LTS", "6.8.0-45-generic"),
    container=None,
    limits=Limits(cpu_cores=8.0, memory_bytes=32 << 30),
    cpu=Cpu("AuthenticAMD", "AMD EPYC 7763 64-Core Processor", 1, 64, 128, frozenset({"avx", "avx2"}), 3),
    memory=Memory(1 << 40, 900 << 30),
    disks=(),
    driver=DRIVER,
    gpus=(GPU, replace(GPU, index=1)),
    devices=(),
    toolkits=(),
    cudnns=(),
    tools=(),
    variables={"CUDA_HOME": "/usr/local/cuda"},
    environment=ENVIRONMENT,
)  # fmt: skip
CONTAINED = replace(FACTS, container=Container("docker", nvidia_injected=True))

TOO_OLD = Finding(
    title="The NVIDIA driver is too old for torch 2.9.1+cu128",
    detail="Driver 470.82.01 runs CUDA up to 11.4; this build of torch needs 12.8, and so driver 525.60.13 or newer. "
    "torch.cuda.is_available() returns False.",
    evidence=(
        Evidence("driver.version", "470.82.01", "NVML"),
        Evidence("environment.frameworks[torch].cuda_version", "12.8", "torch/version.py"),
    ),
    fixes=(
        Fix("Install a driver of branch 580", commands=(("sudo", "apt", "install", "nvidia-driver-580"),), text="Then restart."),
        Fix("Install the build for CUDA 11.8", safe=True, packages=("torch==2.7.1",), index="https://download.pytorch.org/whl/cu118"),
    ),
)  # fmt: skip
UNUSABLE = Finding("torch cannot use the GPU", "Its CUDA does not start.")
SMALL_SHM = Finding(
    "Shared memory is small",
    "/dev/shm has 64 MiB.",
    fixes=(Fix("Start with more", commands=(("docker", "run", "--shm-size=8g", "IMAGE"),)),),
    confidence=Confidence.LIKELY,
)
REMARK = Finding("The governor is powersave", "It costs a tenth of the speed.")


def a_rule(
    name: str, *found: Finding, severity: Severity = Severity.ERROR, end: Exception | None = None, **settings: Any
) -> Rule:
    """A rule that finds just that, and ends so."""

    def judge(_case: Case) -> Iterator[Finding]:
        yield from found
        if end is not None:
            raise end

    return Rule(name, settings.pop("subject", "driver"), severity, judge, **settings)


PASSED = (a_rule("no-driver"), a_rule("disk-full", subject="storage"))
SKIPPED = (a_rule("wsl-misconfig", end=skip("not in WSL")), a_rule("rocm-wrong-wheel", end=skip("no AMD GPU")))
UNDECIDED = (
    a_rule("fabric-manager", end=Undecided("NVML: no permission")),
    a_rule("gpu-hardware", end=Undecided("NVML: no permission")),
)
SICK = (
    a_rule("driver-too-old", TOO_OLD, explains=("framework-cannot-use-gpu",)),
    a_rule("framework-cannot-use-gpu", UNUSABLE),
    a_rule("container-shm-too-small", SMALL_SHM, severity=Severity.WARNING),
    a_rule("governor", REMARK, severity=Severity.INFO),
    *PASSED,
    *SKIPPED,
    *UNDECIDED,
)
HEALTHY = (*PASSED, *SKIPPED)


def a_report(rules: tuple[Rule, ...] = SICK, facts: Facts = FACTS, profile: str | None = None, **choices: Any) -> Report:
    """What the engine makes of facts by these rules."""
    asked = Profile(name=profile, title=profile) if profile else None
    report = diagnose(facts, asked, None, rules, Choices(**choices))
    return replace(report, knowledge_date="2026-11-21")


NOTHING_KNOWN = Facts(subject=Subject("rootfs", "/mnt/image"), driver=Unknown("not in an image"))
