"""One table per rule of the folder `profile`: what is asked, what is there, and how it ends."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.model.facts import AcceleratorDevice, CudaToolkit, Facts, Limits, Memory, Tool
from envdoctor.model.findings import Verdict
from envdoctor.model.profile import GpuRequirement, PackageRequirement, Profile
from envdoctor.rules import ALL
from tests.rules import facts as f
from tests.rules.judging import FAIL, PASS, SKIP, UNKNOWN, outcome, text_of

GIB = f.GIB
RULES = [path for path in ALL if path.startswith("profile.")]


def asking(**demands: object) -> Profile:
    """A profile that asks for these things only; text in place of a range is one."""
    ranges = {"os_version", "glibc", "cpu_cores", "driver", "cuda", "cudnn", "toolkit", "python"}
    made = {key: SpecifierSet(value) if key in ranges else value for key, value in demands.items()}
    return Profile(name="lab", title="Lab", path="lab.yaml", **made)


def wants(line: str, name: str | None = None, specifier: str = "", **more: object) -> PackageRequirement:
    return PackageRequirement(line=line, name=name or line, specifier=SpecifierSet(specifier), **more)


def nvidia(**more: object) -> GpuRequirement:
    ranges = {key: SpecifierSet(value) if isinstance(value, str) else value for key, value in more.items()}
    return GpuRequirement(vendor="nvidia", **ranges)


TORCH = wants("torch>=2.1,<3", "torch", ">=2.1,<3", build="cuda12")
CPU_TORCH = wants("torch>=2.1", "torch", ">=2.1", build="cpu")
NUMPY = wants("numpy>=1.26", "numpy", ">=1.26")
VISION = wants("torchvision>=0.16", "torchvision", ">=0.16", optional=True)
PLAIN = f.machine()
EMPTY = f.machine(environment=f.environment())
CU12 = f.gpu_machine(f.torch_environment("2.9.1", cuda="12.8"))
CU13 = f.gpu_machine(f.torch_environment("2.15.0", cuda="13.2"))
ON_CPU = f.machine(environment=f.torch_environment("2.9.1", "cpu"))
NOBODY_LOOKED = Facts(subject=PLAIN.subject)
ALPINE = f.linux(id="alpine", id_like=(), version="3.20.1", name="Alpine Linux v3.20", libc="musl", libc_version=None)
TOOLKIT = CudaToolkit("/usr/local/cuda", Version("12.4"), True, True, "version.json")
NO_NVCC = CudaToolkit("/opt/cuda", Version("12.8"), False, False, "version.json")
T4 = f.gpu("Tesla T4", (7, 5), memory_total_bytes=15109 << 20)
K80 = f.gpu("Tesla K80", (3, 7), memory_total_bytes=11441 << 20)
SHM = f.disk("shared memory", path="/dev/shm", total_bytes=64 << 20)
MARKED = wants("tensorflow-cpu", marker='sys_platform == "darwin"')

CASES: list[tuple[str, Facts, Profile | None, Verdict, tuple[str, ...]]] = [
    # operating system
    ("os", PLAIN, asking(systems=("linux",)), PASS, ()),
    ("os", PLAIN, asking(systems=("linux",), distributions=("debian",), os_version=">=20.04"), PASS, ()),
    ("os", f.machine(os=f.macos()), asking(systems=("linux", "windows")), FAIL, ("Linux or Windows", "macOS 14.5")),
    ("os", PLAIN, asking(distributions=("fedora",)), FAIL, ("fedora", "Ubuntu 22.04.5 LTS")),
    ("os", PLAIN, asking(os_version=">=24.04"), FAIL, (">=24.04", "22.04")),
    ("os", f.machine(os=f.linux(version=None)), asking(os_version=">=24.04"), UNKNOWN, ("no version",)),
    ("os", f.machine(os=f.linux(version="rawhide")), asking(os_version=">=24.04"), UNKNOWN, ("rawhide",)),
    ("os", NOBODY_LOOKED, asking(systems=("linux",)), UNKNOWN, ("not looked at",)),
    ("os", PLAIN, asking(), SKIP, ("asks nothing of the operating system",)),
    # C library
    ("glibc", PLAIN, asking(glibc=">=2.28"), PASS, ()),
    ("glibc", f.machine(os=f.linux(libc_version=Version("2.17"))), asking(glibc=">=2.28"), FAIL, (">=2.28", "glibc 2.17")),
    ("glibc", f.machine(os=ALPINE), asking(glibc=">=2.17"), FAIL, ("musl",)),
    ("glibc", f.machine(os=f.linux(libc=f.UNKNOWN)), asking(glibc=">=2.28"), UNKNOWN, ("nobody looked",)),
    ("glibc", f.machine(os=f.windows()), asking(glibc=">=2.28"), SKIP, ("Linux only",)),
    ("glibc", PLAIN, asking(), SKIP, ("asks nothing",)),
    # architecture
    ("architecture", PLAIN, asking(architectures=("x86_64",)), PASS, ()),
    ("architecture", f.machine(os=f.windows()), asking(architectures=("x86_64",)), PASS, ()),
    ("architecture", f.machine(os=f.macos()), asking(architectures=("aarch64",)), PASS, ()),
    ("architecture", f.machine(os=f.linux(machine="ppc64le")), asking(architectures=("x86_64", "aarch64")), FAIL, ("ppc64le",)),
    ("architecture", f.machine(os=f.linux(machine=f.UNKNOWN)), asking(architectures=("x86_64",)), UNKNOWN, ()),
    ("architecture", PLAIN, asking(), SKIP, ()),
    # processor
    ("cpu_features", PLAIN, asking(cpu_features=("avx", "avx2")), PASS, ()),
    ("cpu_features", PLAIN, asking(cpu_features=("avx2", "avx512f")), FAIL, ("without avx512f",)),
    ("cpu_features", f.machine(cpu=f.cpu(features=f.UNKNOWN)), asking(cpu_features=("avx",)), UNKNOWN, ()),
    ("cpu_features", f.machine(os=f.linux(machine="aarch64")), asking(cpu_features=("avx",)), SKIP, ("another architecture",)),
    ("cpu_features", PLAIN, asking(), SKIP, ()),
    ("cpu_level", PLAIN, asking(x86_64_level=3), PASS, ()),
    ("cpu_level", PLAIN, asking(x86_64_level=4), FAIL, ("x86-64-v4", "x86-64-v3")),
    ("cpu_level", f.machine(cpu=f.cpu(x86_64_level=f.UNKNOWN)), asking(x86_64_level=2), UNKNOWN, ()),
    ("cpu_level", f.machine(cpu=f.cpu(x86_64_level=None)), asking(x86_64_level=2), SKIP, ()),
    ("cpu_level", PLAIN, asking(), SKIP, ()),
    ("cpu_cores", PLAIN, asking(cpu_cores=">=8"), PASS, ()),
    ("cpu_cores", PLAIN, asking(cpu_cores=">=32"), FAIL, (">=32", "16 that may be used")),
    ("cpu_cores", f.machine(limits=Limits(cpu_cores=1.5, source="cgroup")), asking(cpu_cores=">=2"), FAIL, ("1.5",)),
    ("cpu_cores", f.machine(limits=f.UNKNOWN), asking(cpu_cores=">=2"), UNKNOWN, ()),
    ("cpu_cores", f.image(), asking(cpu_cores=">=2"), SKIP, ("--target",)),
    ("cpu_cores", PLAIN, asking(), SKIP, ()),
    # memory
    ("ram", PLAIN, asking(ram_bytes=64 * GIB), PASS, ()),
    ("ram", f.machine(memory=Memory(int(15.4 * GIB), GIB)), asking(ram_bytes=16 * GIB), PASS, ()),
    ("ram", PLAIN, asking(ram_bytes=128 * GIB), FAIL, ("128 GiB", "64 GiB", "more memory")),
    ("ram", f.machine(limits=Limits(memory_bytes=2 * GIB, source="cgroup")), asking(ram_bytes=4 * GIB), FAIL, ("by a limit",)),
    ("ram", f.machine(memory=f.UNKNOWN), asking(ram_bytes=GIB), UNKNOWN, ()),
    ("ram", f.image(), asking(ram_bytes=GIB), SKIP, ()),
    ("ram", PLAIN, asking(), SKIP, ()),
    # disk
    ("disk", EMPTY, asking(disk_bytes=10 * GIB, packages=(TORCH,)), PASS, ()),
    ("disk", f.machine(disks=(f.disk("environment", free=GIB),)), asking(disk_bytes=10 * GIB, packages=(TORCH,)), FAIL,
     ("10 GiB", "1 GiB")),
    ("disk", f.machine(disks=(f.disk("home", free=GIB),)), asking(disk_bytes=10 * GIB, packages=(TORCH,)), FAIL, ("/home/ada",)),
    ("disk", f.machine(disks=()), asking(disk_bytes=GIB, packages=(TORCH,)), UNKNOWN, ()),
    ("disk", f.machine(disks=(f.disk("environment", free=f.UNKNOWN),)), asking(disk_bytes=GIB, packages=(TORCH,)), UNKNOWN, ()),
    ("disk", f.machine(disks=(f.disk("environment", free=GIB),), environment=f.torch_environment()),
     asking(disk_bytes=10 * GIB, packages=(TORCH,)), SKIP, ("installed already",)),
    ("disk", PLAIN, asking(), SKIP, ("asks nothing of the disk",)),
    ("figures", PLAIN, asking(figures=(("disk.read_mb_per_s", ">=1000"),)), UNKNOWN,
     ("disk.read_mb_per_s >=1000", "envdoctor bench")),
    ("figures", PLAIN, asking(), SKIP, ("asks nothing of the speed",)),
    ("shm", f.machine(disks=(SHM,)), asking(shm_bytes=64 << 20), PASS, ()),
    ("shm", f.machine(disks=(SHM,)), asking(shm_bytes=GIB), FAIL, ("1 GiB", "64 MiB", "--shm-size")),
    ("shm", PLAIN, asking(shm_bytes=GIB), FAIL, ("no /dev/shm",)),
    ("shm", f.machine(disks=f.UNKNOWN), asking(shm_bytes=GIB), UNKNOWN, ()),
    ("shm", f.machine(os=f.windows()), asking(shm_bytes=GIB), SKIP, ()),
    ("shm", PLAIN, asking(), SKIP, ()),
    # GPUs
    ("gpu", CU12, asking(gpu=nvidia()), PASS, ()),
    ("gpu", CU12, asking(gpu=nvidia(compute_capability=">=7.5", memory_bytes=80 * GIB, count=">=1")), PASS, ()),
    ("gpu", f.gpu_machine(gpus=(T4,)), asking(gpu=nvidia(memory_bytes=16 * GIB)), PASS, ()),
    ("gpu", f.gpu_machine(gpus=(K80, T4)), asking(gpu=nvidia(compute_capability=">=5.0")), PASS, ()),
    ("gpu", PLAIN, asking(gpu=nvidia()), FAIL, ("lab asks for an NVIDIA GPU; here is none", "--target")),
    ("gpu", f.machine(gpus=(f.gpu("Radeon", None, vendor="amd"),)), asking(gpu=nvidia()), FAIL, ("none, only Radeon",)),
    ("gpu", f.gpu_machine(gpus=(K80,)), asking(gpu=nvidia(compute_capability=">=5.0")), FAIL,
     ("compute capability >=5.0", "Tesla K80 with compute capability 3.7")),
    ("gpu", f.gpu_machine(gpus=(T4,)), asking(gpu=nvidia(memory_bytes=24 * GIB)), FAIL, ("24 GiB", "14.8 GiB of memory")),
    ("gpu", f.gpu_machine(gpus=(T4,)), asking(gpu=nvidia(count=">=2")), FAIL, (">=2 of them", "1 that fits")),
    ("gpu", f.gpu_machine(gpus=(f.gpu(capability=f.UNKNOWN),)), asking(gpu=nvidia(compute_capability=">=7.5")), UNKNOWN, ()),
    ("gpu", f.gpu_machine(gpus=(f.gpu(memory_total_bytes=None),)), asking(gpu=nvidia(memory_bytes=GIB)), UNKNOWN, ()),
    ("gpu", f.machine(gpus=f.UNKNOWN), asking(gpu=nvidia()), UNKNOWN, ()),
    ("gpu", f.image(), asking(gpu=nvidia()), SKIP, ("--target",)),
    ("gpu", CU12, asking(gpu=GpuRequirement(vendor="none")), SKIP, ()),
    ("gpu", CU12, asking(), SKIP, ()),
    ("accelerator", f.machine(devices=(AcceleratorDevice("google", "TPU v5e", None),)), asking(accelerator="tpu"), PASS, ()),
    ("accelerator", PLAIN, asking(accelerator="tpu"), FAIL, ("a Cloud TPU", "none")),
    ("accelerator", f.machine(devices=(AcceleratorDevice("intel", "NPU", None),)), asking(accelerator="tpu"), FAIL,
     ("only NPU",)),
    ("accelerator", f.machine(devices=f.UNKNOWN), asking(accelerator="tpu"), UNKNOWN, ()),
    ("accelerator", PLAIN, asking(), SKIP, ()),
    # driver
    ("driver", CU12, asking(gpu=nvidia(), driver=">=525.60.13"), PASS, ()),
    ("driver", f.gpu_machine(driver_version="470.82.01"), asking(gpu=nvidia(), driver=">=525.60.13"), FAIL,
     (">=525.60.13", "driver 470.82.01")),
    ("driver", f.gpu_machine(driver_version=None), asking(gpu=nvidia(), driver=">=525.60.13"), FAIL, ("none",)),
    ("driver", f.machine(), asking(driver=">=525.60.13"), FAIL, ("none",)),
    ("driver", f.gpu_machine(driver=f.driver(f.UNKNOWN)), asking(gpu=nvidia(), driver=">=525"), UNKNOWN, ()),
    ("driver", f.machine(driver=f.UNKNOWN), asking(driver=">=525"), UNKNOWN, ()),
    ("driver", PLAIN, asking(gpu=nvidia(), driver=">=525.60.13"), SKIP, ("profile-gpu-unmet",)),
    ("driver", f.image(), asking(driver=">=525.60.13"), SKIP, ()),
    ("driver", PLAIN, asking(), SKIP, ()),
    # toolkit and tools
    ("toolkit", f.machine(toolkits=(NO_NVCC, TOOLKIT)), asking(toolkit=">=11.8"), PASS, ()),
    ("toolkit", f.machine(toolkits=(TOOLKIT,)), asking(toolkit=">=12.8"), FAIL, (">=12.8", "toolkit 12.4")),
    ("toolkit", f.machine(toolkits=(NO_NVCC,)), asking(toolkit=">=12.8"), FAIL, ("12.8 without nvcc",)),
    ("toolkit", PLAIN, asking(toolkit=">=12.8"), FAIL, ("no toolkit with nvcc",)),
    ("toolkit", f.machine(toolkits=(CudaToolkit("/usr/local/cuda", f.UNKNOWN, True, True),)), asking(toolkit=">=12"),
     UNKNOWN, ()),
    ("toolkit", f.machine(toolkits=f.UNKNOWN), asking(toolkit=">=12"), UNKNOWN, ()),
    ("toolkit", PLAIN, asking(), SKIP, ()),
    ("tools", f.machine(tools=(f.tool("cmake", "3.28.3"), f.tool("git"))),
     asking(tools=(("cmake", SpecifierSet(">=3.18")), ("git", SpecifierSet()))), PASS, ()),
    ("tools", f.machine(tools=(f.tool("cmake", "3.16.3"),)),
     asking(tools=(("cmake", SpecifierSet(">=3.18")),)), FAIL, ("cmake 3.16.3",)),
    ("tools", f.machine(tools=(Tool("git", None),)), asking(tools=(("git", SpecifierSet()),)), FAIL, ("no git on PATH",)),
    ("tools", PLAIN, asking(tools=(("sbt", SpecifierSet()),)), UNKNOWN, ("does not look for sbt",)),
    ("tools", f.machine(tools=(f.tool("cmake"),)), asking(tools=(("cmake", SpecifierSet(">=3.18")),)), UNKNOWN, ()),
    ("tools", f.machine(tools=f.UNKNOWN), asking(tools=(("git", SpecifierSet()),)), UNKNOWN, ()),
    ("tools", PLAIN, asking(), SKIP, ()),
    # Python
    ("python", EMPTY, asking(python=">=3.10,<3.14"), PASS, ()),
    ("python", f.machine(environment=f.environment(interpreter=f.python("3.8.18"))), asking(python=">=3.10,<3.14"), FAIL,
     (">=3.10,<3.14", "Python 3.8.18", "envdoctor install lab")),
    ("python", f.machine(environment=f.environment(interpreter=f.UNKNOWN)), asking(python=">=3.10"), UNKNOWN, ()),
    ("python", PLAIN, asking(python=">=3.10"), SKIP, ("no Python environment",)),
    ("python", EMPTY, asking(), SKIP, ()),
    # packages
    ("packages", CU12, asking(packages=(TORCH, VISION)), PASS, ()),
    ("packages", EMPTY, asking(packages=(TORCH,)), FAIL, ("torch", "not installed", "envdoctor install lab --env /home/ada/env")),
    ("packages", EMPTY, asking(packages=(NUMPY,)), FAIL, ("Install numpy", "numpy>=1.26")),
    ("packages", PLAIN, asking(packages=(TORCH, NUMPY)), FAIL, ("The packages of lab", "no Python environment")),
    ("packages", f.machine(environment=f.environment(f.package("numpy", "1.24.4"))), asking(packages=(NUMPY,)), FAIL,
     ("numpy 1.24.4", ">=1.26")),
    ("packages", f.machine(environment=f.environment(f.package("torchvision", "0.10.0"))), asking(packages=(VISION,)), FAIL,
     ("torchvision 0.10.0",)),
    ("packages", EMPTY, asking(packages=(MARKED,)), PASS, ()),
    ("packages", f.machine(os=f.macos(), environment=f.environment()), asking(packages=(MARKED,)), FAIL, ("tensorflow-cpu",)),
    ("packages", f.machine(environment=f.environment(f.package("numpy", f.UNKNOWN))), asking(packages=(NUMPY,)), UNKNOWN, ()),
    ("packages", f.machine(environment=f.UNKNOWN), asking(packages=(NUMPY,)), UNKNOWN, ()),
    ("packages", f.machine(os=f.UNKNOWN, environment=f.environment()), asking(packages=(MARKED,)), UNKNOWN, ()),
    ("packages", EMPTY, asking(), SKIP, ()),
    # build
    ("build", CU12, asking(packages=(TORCH,)), PASS, ()),
    ("build", ON_CPU, asking(packages=(CPU_TORCH,)), PASS, ()),
    ("build", CU13, asking(packages=(TORCH,)), FAIL, ("built for CUDA 13.2", "a build for CUDA 12", "envdoctor install lab")),
    ("build", ON_CPU, asking(packages=(TORCH,)), FAIL, ("CPUs only",)),
    ("build", CU12, asking(packages=(CPU_TORCH,)), FAIL, ("CUDA 12.8", "CPUs only")),
    ("build", f.machine(os=f.macos(), environment=f.torch_environment("2.9.1", "cpu")),
     asking(packages=(wants("torch", build="mps"),)), PASS, ()),
    ("build", f.machine(environment=f.torch_environment("2.9.1", f.UNKNOWN)), asking(packages=(TORCH,)), UNKNOWN, ()),
    ("build", f.machine(environment=f.environment(frameworks=f.UNKNOWN)), asking(packages=(TORCH,)), UNKNOWN, ()),
    ("build", EMPTY, asking(packages=(TORCH,)), SKIP, ("no framework",)),
    ("build", CU12, asking(packages=(NUMPY,)), SKIP, ()),
    # CUDA and cuDNN of the build
    ("cuda", CU12, asking(packages=(TORCH,), cuda=">=12,<13"), PASS, ()),
    ("cuda", f.machine(environment=f.with_framework(f.framework("jax", "0.9.0", cuda="12"))),
     asking(packages=(wants("jax"),), cuda=">=12,<13"), PASS, ()),
    ("cuda", CU13, asking(packages=(TORCH,), cuda=">=12,<13"), FAIL, (">=12,<13", "CUDA 13.2")),
    ("cuda", ON_CPU, asking(packages=(TORCH,), cuda=">=12"), FAIL, ("without CUDA",)),
    ("cuda", f.machine(environment=f.with_framework(f.framework("jax", "0.9.0", cuda="12"))),
     asking(packages=(wants("jax"),), cuda=">=12.4"), UNKNOWN, ("states only",)),
    ("cuda", f.machine(environment=f.with_framework(f.framework("tensorflow", "2.22.0", cuda_version=f.UNKNOWN))),
     asking(packages=(wants("tensorflow"),), cuda=">=12"), UNKNOWN, ()),
    ("cuda", EMPTY, asking(packages=(TORCH,), cuda=">=12"), SKIP, ()),
    ("cuda", CU12, asking(packages=(TORCH,)), SKIP, ()),
    ("cudnn", f.machine(environment=f.with_framework(f.framework("torch", "2.9.1", cuda="12.8", cudnn_version=Version("9.10")))),
     asking(packages=(TORCH,), cudnn=">=9,<10"), PASS, ()),
    ("cudnn", f.machine(environment=f.with_framework(f.framework("torch", "2.3.1", cuda="12.1", cudnn_version=Version("8.9.2")))),
     asking(packages=(TORCH,), cudnn=">=9,<10"), FAIL, ("cuDNN 8.9.2", ">=9,<10")),
    ("cudnn", f.machine(environment=f.with_framework(f.framework("torch", "2.9.1", cuda="12.8", cudnn_version=f.UNKNOWN))),
     asking(packages=(TORCH,), cudnn=">=9"), UNKNOWN, ()),
    ("cudnn", CU12, asking(packages=(TORCH,)), SKIP, ()),
    # environment variables
    ("variables", f.machine(variables={"KERAS_BACKEND": "torch", "HF_HOME": "/data"}),
     asking(variables=(("KERAS_BACKEND", "torch"), ("HF_HOME", "*"), ("LD_PRELOAD", None))), PASS, ()),
    ("variables", PLAIN, asking(variables=(("KERAS_BACKEND", "torch"),)), FAIL, ("not set", "export KERAS_BACKEND=torch")),
    ("variables", f.machine(variables={"KERAS_BACKEND": "jax"}),
     asking(variables=(("KERAS_BACKEND", "torch"),)), FAIL, ("'jax'",)),
    ("variables", PLAIN, asking(variables=(("HF_HOME", "*"),)), FAIL, ("to be set",)),
    ("variables", f.machine(variables={"LD_PRELOAD": "x.so"}),
     asking(variables=(("LD_PRELOAD", None),)), FAIL, ("unset LD_PRELOAD",)),
    ("variables", PLAIN, asking(variables=(("LAB_SECRET", None),)), UNKNOWN, ("does not look at LAB_SECRET",)),
    ("variables", f.machine(variables=f.UNKNOWN), asking(variables=(("HF_HOME", "*"),)), UNKNOWN, ()),
    ("variables", f.image(variables=f.UNKNOWN), asking(variables=(("HF_HOME", "*"),)), SKIP, ()),
    ("variables", PLAIN, asking(), SKIP, ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("demand", "facts", "profile", "verdict", "words"),
    CASES,
    ids=[f"{number}-{case[0]}-{case[3].value}" for number, case in enumerate(CASES)],
)
def test_demand(demand: str, facts: Facts, profile: Profile | None, verdict: Verdict, words: tuple[str, ...]) -> None:
    found = outcome(f"profile.profile_{demand}_unmet", facts, profile)
    said = "\n".join([found.reason, *(text_of(finding) for finding in found.findings)])
    assert found.verdict is verdict, said
    assert [word for word in words if word not in said] == [], said
    for finding in found.findings:
        assert finding.evidence
        assert all(piece.source for piece in finding.evidence)
        assert finding.fixes
        assert finding.title.startswith("lab") or "lab" in finding.title


@pytest.mark.parametrize("path", RULES)
def test_without_a_profile_no_demand_is_judged(path: str) -> None:
    found = outcome(path, CU12)
    assert (found.verdict, found.reason) == (SKIP, "no profile was named")


def test_every_demand_has_every_ending_in_the_table() -> None:
    there = {(case[0], case[3]) for case in CASES}
    demands = {path.removeprefix("profile.profile_").removesuffix("_unmet") for path in RULES} - {
        "profile.profile_retired",
        "retired",
    }
    missing = {(demand, verdict) for demand in demands for verdict in (PASS, FAIL, UNKNOWN, SKIP)} - there
    assert missing == {("figures", PASS), ("figures", FAIL)}  # only `bench` can tell


def test_a_retired_profile_is_told() -> None:
    found = outcome("profile.profile_retired", PLAIN, asking(retired="Nobody mends it."))
    assert found.verdict is FAIL
    assert "Nobody mends it." in text_of(found.findings[0])
    assert outcome("profile.profile_retired", PLAIN, asking()).verdict is SKIP
