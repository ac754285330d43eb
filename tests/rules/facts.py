"""Facts for the tests of rules: a healthy machine, and words to make it ill."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.facts import (
    Container,
    Cpu,
    Disk,
    Facts,
    Framework,
    Gpu,
    Interpreter,
    Limits,
    Memory,
    NvidiaDriver,
    NvmlFailure,
    OperatingSystem,
    Package,
    PythonEnvironment,
    Subject,
    Tool,
    Unknown,
)
from envdoctor.model.record import replace

GIB = 1 << 30
UNKNOWN = Unknown("nobody looked")
X86_V3 = frozenset({
    "sse4_1", "sse4_2", "ssse3", "popcnt", "cx16", "lahf_lm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe",
})  # fmt: skip


def machine(**changes: object) -> Facts:
    """A healthy Linux machine without a GPU and without a Python environment."""
    base = Facts(
        subject=Subject("live", "this machine"),
        os=linux(),
        container=None,
        limits=Limits(cgroup_version=2, source="cgroup"),
        cpu=cpu(),
        memory=Memory(total_bytes=64 * GIB, available_bytes=48 * GIB, source="/proc/meminfo"),
        disks=(disk("environment"), disk("home"), disk("temporary", path="/tmp"), disk("cache")),
        driver=None,
        gpus=(),
        devices=(),
        toolkits=(),
        cudnns=(),
        tools=(),
        variables={},
        environment=None,
    )
    return replace(base, **changes)


def linux(**changes: object) -> OperatingSystem:
    base = OperatingSystem(
        system="linux", machine="x86_64", id="ubuntu", id_like=("debian",), version="22.04", name="Ubuntu 22.04.5 LTS",
        kernel="6.8.0-45-generic", libc="glibc", libc_version=Version("2.35"), source="/etc/os-release",
    )  # fmt: skip
    return replace(base, **changes)


def windows(**changes: object) -> OperatingSystem:
    base = OperatingSystem(
        system="windows", machine="AMD64", version="10.0.22631", name="Windows 11", kernel="10.0.22631", source="platform",
    )  # fmt: skip
    return replace(base, **changes)


def macos(**changes: object) -> OperatingSystem:
    base = OperatingSystem(
        system="macos", machine="arm64", version="14.5", name="macOS 14.5", kernel="23.5.0", source="SystemVersion.plist",
    )  # fmt: skip
    return replace(base, **changes)


def cpu(**changes: object) -> Cpu:
    base = Cpu(
        vendor="GenuineIntel", model="Intel(R) Xeon(R) Gold 6338", sockets=1, cores=16, threads=32, features=X86_V3,
        x86_64_level=3, numa_nodes=1, source="/proc/cpuinfo",
    )  # fmt: skip
    return replace(base, **changes)


def disk(purpose: str, *, path: str = "/home/ada", free: int | Unknown = 200 * GIB, **changes: object) -> Disk:
    base = Disk(
        purpose=purpose, path=path, mount_point="/", total_bytes=500 * GIB, free_bytes=free, file_system="ext4", kind="nvme",
        read_only=False, source="/proc/mounts",
    )  # fmt: skip
    return replace(base, **changes)


def gpu(name: str | Unknown = "NVIDIA A100-SXM4-80GB", capability: object = (8, 0), **changes: object) -> Gpu:
    base = Gpu(
        vendor="nvidia", index=0, name=name, uuid="GPU-1", pci_address="0000:3b:00.0", pci_id="10de:20b2",
        compute_capability=capability, memory_total_bytes=80 * GIB, memory_used_bytes=0, compute_mode="default",
        throttle_reasons=(), processes=(), source="NVML",
    )  # fmt: skip
    return replace(base, **changes)


def driver(version: str | Unknown = "550.54.15", cuda: str | None = "12.4", **changes: object) -> NvidiaDriver:
    parsed = version if isinstance(version, Unknown) else DriverVersion(version)
    base = NvidiaDriver(
        version=parsed, cuda_version=Version(cuda) if cuda else None, kernel_module_version=parsed, library_version=parsed,
        open_kernel_module=False, libcuda_path="/usr/lib/x86_64-linux-gnu/libcuda.so.1", source="NVML",
    )  # fmt: skip
    return replace(base, **changes)


def failed_driver(failure: NvmlFailure, message: str = "", **changes: object) -> NvidiaDriver:
    base = NvidiaDriver(
        version=Unknown("NVML did not answer"), cuda_version=Unknown("NVML did not answer"), kernel_module_version=None,
        library_version=None, open_kernel_module=None, libcuda_path=None, nvml_failure=failure, nvml_message=message or None,
        source="NVML",
    )  # fmt: skip
    return replace(base, **changes)


def pci_gpu(**changes: object) -> Gpu:
    """An NVIDIA GPU as sysfs shows it, without NVML."""
    base = Gpu(
        vendor="nvidia", index=0, name="NVIDIA A100-SXM4-80GB", pci_address="0000:3b:00.0", pci_id="10de:20b2",
        compute_capability=(8, 0), source="/sys/bus/pci/devices",
    )  # fmt: skip
    return replace(base, **changes)


def container(runtime: str = "docker", injected: bool | Unknown = False) -> Container:
    return Container(runtime=runtime, nvidia_injected=injected, source="/.dockerenv")


def python(version: str = "3.11.9", **changes: object) -> Interpreter:
    parsed = Version(version)
    base = Interpreter(
        path="/home/ada/env/bin/python", version=parsed, implementation="cpython", abi=f"cp{parsed.major}{parsed.minor}",
        machine="x86_64", source="pyvenv.cfg",
    )  # fmt: skip
    return replace(base, **changes)


def package(name: str, version: str | Unknown, *lines: str, **changes: object) -> Package:
    base = Package(
        name=name, version=Version(version) if isinstance(version, str) else version,
        requires=lines, installer="pip", source="METADATA",
        path=f"/home/ada/env/lib/python3.11/site-packages/{name.replace('-', '_')}.dist-info",
    )  # fmt: skip
    return replace(base, **changes)


def environment(*packages: Package, interpreter: object = None, frameworks: object = (), **changes: object) -> PythonEnvironment:
    base = PythonEnvironment(
        prefix="/home/ada/env", kind="venv", found_by="VIRTUAL_ENV", packages=packages,
        interpreter=python() if interpreter is None else interpreter,
        frameworks=frameworks, site_packages=("/home/ada/env/lib/python3.11/site-packages",), source="pyvenv.cfg",
    )  # fmt: skip
    return replace(base, **changes)


def framework(name: str, version: str, flavour: object = "cuda", *, cuda: str | None = None, **changes: object) -> Framework:
    base = Framework(
        name=name, version=Version(version), flavour=flavour, cuda_version=Version(cuda) if cuda else None,
        source=f"{name}/version.py",
    )  # fmt: skip
    return replace(base, **changes)


def with_framework(made: Framework, *more: Package, **changes: object) -> PythonEnvironment:
    """An environment with one framework, its package, and more packages."""
    own = package(made.name, str(made.version))
    return environment(own, *more, frameworks=(made,), **changes)


def torch(version: str = "2.9.1", flavour: object = "cuda", *, cuda: str | None = "12.8", code: object = None) -> Framework:
    """A torch of that version; its GPU code is given or unknown."""
    return framework(
        "torch", version, flavour, cuda=cuda if flavour == "cuda" else None,
        gpu_code=code if code is not None else (UNKNOWN if flavour in {"cuda", "rocm"} else None),
        gpu_code_source="libtorch_python.so" if code else "",
    )  # fmt: skip


def torch_environment(version: str = "2.9.1", flavour: object = "cuda", **changes: object) -> PythonEnvironment:
    return with_framework(torch(version, flavour, **changes))


def gpu_machine(
    environment: object = None, *, gpus: tuple[Gpu, ...] | None = None, driver_version: str | None = "580.95.05",
    cuda: str | None = "13.0", **changes: object,
) -> Facts:  # fmt: skip
    """A healthy Linux machine with an NVIDIA GPU and its driver."""
    return machine(**{
        "gpus": gpus if gpus is not None else (gpu(),),
        "driver": driver(driver_version, cuda) if driver_version else None,
        "environment": environment, **changes,
    })  # fmt: skip


def image(**changes: object) -> Facts:
    """An image: nothing is known of the machine that it will run on."""
    absent = Unknown("not in an image")
    return machine(**{
        "subject": Subject("image", "app.tar"), "gpus": absent, "driver": absent, "container": absent, "limits": absent,
        "cpu": absent, "memory": absent, "disks": absent, "devices": absent, **changes,
    })  # fmt: skip


def tool(name: str, version: str | None = None) -> Tool:
    return Tool(name=name, path=f"/usr/bin/{name}", version=Version(version) if version else None, source="PATH")
