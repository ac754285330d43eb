"""Commands for a person are those of the distribution that is there; where none is known, none is shown."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.facts import CudaToolkit, DevicePlace, Facts, Gpu, IntelStack, Interconnect, NvmlFailure, OperatingSystem
from tests.rules.facts import failed_driver, framework, gpu, gpu_machine, linux, machine, tool, torch_environment, with_framework
from tests.rules.judging import outcome

SYSTEMS = {
    "ubuntu": linux(),
    "debian": linux(id="debian", id_like=(), version="13", name="Debian GNU/Linux 13"),
    "fedora": linux(id="fedora", id_like=(), version="42", name="Fedora Linux 42"),
    "rhel": linux(id="rhel", id_like=("fedora",), version="9.4", name="RHEL 9.4"),
    "suse": linux(id="opensuse-leap", id_like=("suse", "opensuse"), version="15.6", name="openSUSE Leap 15.6"),
    "arch": linux(id="arch", id_like=(), version=None, name="Arch Linux"),
    "alpine": linux(id="alpine", id_like=(), version="3.20", name="Alpine Linux"),
}
OWN = {
    "ubuntu": {"apt", "apt-get", "update-grub", "ubuntu-drivers"}, "debian": {"apt", "apt-get", "update-grub"},
    "fedora": {"dnf", "grubby"}, "rhel": {"dnf", "grubby"}, "suse": {"zypper", "grub2-mkconfig"},
    "arch": {"pacman", "grub-mkconfig"}, "alpine": {"apk"},
}  # fmt: skip
ANYWHERE = {"reboot", "wsl.exe", "systemctl", "modprobe"}


def in_wsl(os: OperatingSystem) -> Facts:
    inside = failed_driver(
        NvmlFailure.DRIVER_NOT_LOADED, library_version=DriverVersion("550.54.15"), libcuda_path="/usr/lib64/libcuda.so.1"
    )
    return machine(os=linux(id=os.id, id_like=os.id_like, wsl=2), driver=inside, environment=torch_environment())


def with_old_nvcc(os: OperatingSystem) -> Facts:
    toolkit = CudaToolkit(path="/usr/local/cuda", version=Version("12.4"), is_default=True, has_nvcc=True, source="nvcc")
    return machine(os=os, tools=(tool("gcc", "15.1"),), toolkits=(toolkit,))


def with_intel(os: OperatingSystem) -> Facts:
    arc = Gpu("intel", 0, "Intel Arc A770", pci_id="8086:56a0", kernel_driver="xe", source="sysfs")
    stack = IntelStack(kernel_drivers=("xe",), device_files=(), level_zero_loader=None, compute_runtime=None, source="files")
    return machine(os=os, gpus=(arc,), intel=stack, environment=with_framework(framework("torch", "2.9.1+xpu", "xpu")))


def with_iommu(os: OperatingSystem) -> Facts:
    places = tuple(
        DevicePlace(
            name=f"GPU {index}", kind="gpu", pci_address=f"0000:3{index}:00.0", numa_node=0, bridges=(), local_cpus="0-15",
            iommu_type="DMA-FQ", root="pci0000:17",
        )
        for index in range(2)
    )  # fmt: skip
    return gpu_machine(gpus=(gpu(), gpu(index=1)), os=os, interconnect=Interconnect(places=places))


CASES = {
    "driver.wsl_misconfig": in_wsl,
    "cuda.host_compiler_unsupported": with_old_nvcc,
    "gpu.intel_runtime_missing": with_intel,
    "gpu.iommu_translates_gpus": with_iommu,
    "driver.no_driver": lambda os: gpu_machine(os=os, driver_version=None),
}


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("path", CASES)
def test_a_distribution_gets_its_own_commands(path: str, name: str) -> None:
    (finding,) = outcome(path, CASES[path](SYSTEMS[name])).findings
    for fix in finding.fixes:
        used = {argv[1] if argv[0] == "sudo" else argv[0] for argv in fix.commands}
        assert used <= OWN[name] | ANYWHERE, used
        assert fix.commands or fix.text


def test_red_hat_names_its_compilers_otherwise() -> None:
    (finding,) = outcome("cuda.host_compiler_unsupported", with_old_nvcc(SYSTEMS["rhel"])).findings
    (fix,) = finding.fixes
    assert fix.commands == (("sudo", "dnf", "install", "gcc-toolset-13"),)
    assert "NVCC_CCBIN=/opt/rh/gcc-toolset-13/root/usr/bin/g++" in fix.text
