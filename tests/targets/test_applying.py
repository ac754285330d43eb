"""Laying a target over facts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import (
    Container,
    Cpu,
    Facts,
    Gpu,
    Interpreter,
    NvidiaDriver,
    NvmlFailure,
    OperatingSystem,
    PythonEnvironment,
    Subject,
    Unknown,
)
from envdoctor.model.record import replace
from envdoctor.targets import apply_target, parse_target

OWN_GPU = Gpu("nvidia", 0, "Tesla T4", compute_capability=(7, 5), memory_total_bytes=15 * 2**30, source="NVML")
MACHINE = Facts(
    Subject("live", "this machine"),
    os=OperatingSystem("linux", "x86_64", "debian", (), "12", "Debian 12", "6.1", "glibc", Version("2.36"), source="os-release"),
    container=Container("docker", nvidia_injected=False),
    cpu=Cpu("GenuineIntel", "Xeon", 1, 4, 8, frozenset({"avx512f"}), 4),
    driver=NvidiaDriver(
        Version("470.82.01"), None, nvml_failure=NvmlFailure.VERSION_MISMATCH, open_kernel_module=True, source="NVML"
    ),
    gpus=(OWN_GPU,),
    variables={"CUDA_VISIBLE_DEVICES": "", "LD_LIBRARY_PATH": "/x"},
    environment=PythonEnvironment("/env", "venv", "--python", Interpreter("/env/bin/python", Version("3.11.7"), abi="cp311"), ()),
)
IMAGE = Facts(Subject("rootfs", "/image"), variables={"CUDA_VISIBLE_DEVICES": "7"})


def aimed(knowledge: Knowledge, text: str, facts: Facts = MACHINE) -> Facts:
    return apply_target(facts, parse_target(text), knowledge)


def the_gpu(facts: Facts) -> Gpu:
    assert isinstance(facts.gpus, tuple)
    return facts.gpus[0]


def the_driver(facts: Facts) -> NvidiaDriver:
    assert isinstance(facts.driver, NvidiaDriver)
    return facts.driver


def the_os(facts: Facts) -> OperatingSystem:
    assert isinstance(facts.os, OperatingSystem)
    return facts.os


def test_gpu_and_driver_replace_the_machines_own(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05")
    gpu, driver = the_gpu(facts), the_driver(facts)
    assert facts.targeted == ("gpus", "driver")
    assert (gpu.vendor, gpu.compute_capability, gpu.memory_total_bytes) == ("nvidia", (8, 0), 84181359001)  # 0.98 of 80 GiB
    assert (driver.version, driver.cuda_version) == (Version("535.104.05"), Version("12.2"))
    assert driver.nvml_failure is None
    assert isinstance(driver.open_kernel_module, Unknown)
    assert gpu.source.startswith("--target")
    assert driver.source == "--target"
    assert driver.cuda_source == f"the knowledge base of {knowledge.date}: driver branch R535 reports CUDA 12.2"


def test_what_the_machine_says_of_its_own_gpus_does_not_hold_for_others(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "gpu=NVIDIA A100,driver=535.104.05")
    assert isinstance(facts.container, Container)
    assert isinstance(facts.container.nvidia_injected, Unknown)
    assert facts.variables == {"LD_LIBRARY_PATH": "/x"}


def test_what_an_image_sets_goes_where_it_goes(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "gpu=NVIDIA A100,driver=535.104.05", IMAGE)
    assert isinstance(facts.variables, Mapping)
    assert facts.variables["CUDA_VISIBLE_DEVICES"] == "7"


def test_what_a_target_does_not_say_stays(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "glibc=2.31")
    assert replace(facts, os=MACHINE.os, targeted=()) == MACHINE
    assert the_os(facts).libc_version == Version("2.31")
    assert facts.targeted == ("os",)


def test_a_gpu_without_a_driver_leaves_the_driver_open(knowledge: Knowledge) -> None:
    driver = aimed(knowledge, "gpu=NVIDIA H100").driver
    assert isinstance(driver, Unknown)
    assert "driver=" in driver.reason


def test_no_gpu_is_no_driver(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "gpu=none")
    assert (facts.gpus, facts.driver, facts.targeted) == ((), None, ("gpus", "driver"))


def test_a_driver_alone_keeps_the_machines_nvidia_gpus(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "driver=550.54.15")
    assert facts.gpus == (OWN_GPU,)
    assert facts.targeted == ("driver",)


def test_a_driver_alone_where_there_is_no_gpu(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "driver=550.54.15", replace(MACHINE, gpus=()))
    assert isinstance(facts.gpus, Unknown)


def test_several_gpus(knowledge: Knowledge) -> None:
    gpus = aimed(knowledge, "gpu=NVIDIA H100,count=8,memory=94GiB").gpus
    assert isinstance(gpus, tuple)
    assert [gpu.index for gpu in gpus] == list(range(8))
    assert {gpu.memory_total_bytes for gpu in gpus} == {94 * 2**30}


def test_more_of_the_machines_own(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "count=2,memory=20GiB")
    assert isinstance(facts.gpus, tuple)
    assert [(gpu.name, gpu.memory_total_bytes) for gpu in facts.gpus] == [("Tesla T4", 20 * 2**30)] * 2
    assert facts.driver == MACHINE.driver
    assert isinstance(aimed(knowledge, "count=2", IMAGE).gpus, Unknown)


@pytest.mark.parametrize(
    ("name", "word"),
    [("TITAN X", "5.2 or 6.1"), ("GeForce RTX 9090", "not in the knowledge base"), ("NVIDIA B100", "no official source")],
)
def test_a_name_that_does_not_tell_the_capability(knowledge: Knowledge, name: str, word: str) -> None:
    capability = the_gpu(aimed(knowledge, f"gpu={name},driver=550.163.01")).compute_capability
    assert isinstance(capability, Unknown)
    assert word in capability.reason


def test_amd(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "gpu=AMD Radeon RX 6700 XT")
    gpu = the_gpu(facts)
    assert (gpu.vendor, gpu.gfx_target, gpu.compute_capability, facts.driver) == ("amd", "gfx1031", None, None)
    unknown = the_gpu(aimed(knowledge, "gpu=AMD Radeon RX 99000"))
    assert unknown.vendor == "amd"
    assert isinstance(unknown.gfx_target, Unknown)


@pytest.mark.parametrize(("name", "vendor"), [("Intel Arc A770", "intel"), ("Apple M3", "apple")])
def test_other_vendors(knowledge: Knowledge, name: str, vendor: str) -> None:
    facts = aimed(knowledge, f"gpu={name}")
    assert (the_gpu(facts).vendor, the_gpu(facts).compute_capability, facts.driver) == (vendor, None, None)


def test_a_driver_outside_the_tables_reports_an_unknown_cuda(knowledge: Knowledge) -> None:
    assert isinstance(the_driver(aimed(knowledge, "gpu=NVIDIA A100,driver=999.1")).cuda_version, Unknown)


def test_windows_drivers_are_read_as_windows_drivers(knowledge: Knowledge) -> None:
    assert the_driver(aimed(knowledge, "gpu=GeForce RTX 4070,driver=551.61,os=windows")).cuda_version == Version("12.4")
    wsl = replace(MACHINE, os=replace(the_os(MACHINE), wsl=2))
    assert the_driver(aimed(knowledge, "gpu=GeForce RTX 4070,driver=551.61", wsl)).cuda_version == Version("12.4")


def test_another_system_leaves_little_of_the_old_one(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "os=windows")
    os = the_os(facts)
    assert (os.system, os.machine, os.id, os.libc, os.libc_version, os.name) == ("windows", "x86_64", None, None, None, "Windows")
    assert isinstance(os.version, Unknown)
    assert isinstance(facts.driver, Unknown)


def test_a_mac(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "os=macos 13,machine=aarch64,python=3.12")
    os = the_os(facts)
    assert (os.system, os.machine, os.version, os.name) == ("macos", "arm64", "13", "macOS 13")
    assert (the_gpu(facts).vendor, facts.driver) == ("apple", None)
    assert isinstance(the_os(aimed(knowledge, "os=macos")).machine, Unknown)


@pytest.mark.parametrize(
    ("text", "libc", "version"),
    [
        ("os=ubuntu 22.04", "glibc", "2.35"),
        ("os=rhel 9.4", "glibc", "2.34"),
        ("os=ubuntu 22.04,glibc=2.39", "glibc", "2.39"),
        ("os_version=13", "glibc", "2.41"),
    ],
)
def test_distributions_have_their_glibc(knowledge: Knowledge, text: str, libc: str, version: str) -> None:
    os = the_os(aimed(knowledge, text))
    assert (os.libc, os.libc_version) == (libc, Version(version))


@pytest.mark.parametrize(
    ("text", "libc"), [("os=alpine", "musl"), ("os=arch", "glibc"), ("os=ubuntu", "glibc"), ("os=void", None)]
)
def test_where_the_glibc_is_not_known(knowledge: Knowledge, text: str, libc: str | None) -> None:
    os = the_os(aimed(knowledge, text))
    assert os.libc == libc or (libc is None and isinstance(os.libc, Unknown))
    assert isinstance(os.libc_version, Unknown)


def test_an_image_gets_the_target_s_machine(knowledge: Knowledge) -> None:
    os = the_os(aimed(knowledge, "os=linux,machine=arm64", IMAGE))
    assert (os.system, os.machine) == ("linux", "aarch64")
    assert isinstance(os.libc, Unknown)


def test_a_level_is_the_features_of_that_level(knowledge: Knowledge) -> None:
    cpu = aimed(knowledge, "cpu=x86-64-v3").cpu
    assert isinstance(cpu, Cpu)
    assert isinstance(cpu.features, frozenset)
    assert cpu.x86_64_level == 3
    assert {"avx2", "sse4_2"} <= cpu.features
    assert "avx512f" not in cpu.features
    assert cpu.vendor == "GenuineIntel"


def test_another_architecture_is_another_processor(knowledge: Knowledge) -> None:
    cpu = aimed(knowledge, "machine=aarch64").cpu
    assert isinstance(cpu, Cpu)
    assert isinstance(cpu.features, Unknown)
    assert isinstance(cpu.vendor, Unknown)
    assert cpu.x86_64_level is None
    assert aimed(knowledge, "machine=amd64").cpu == MACHINE.cpu


def test_python(knowledge: Knowledge) -> None:
    environment = aimed(knowledge, "python=3.13").environment
    assert isinstance(environment, PythonEnvironment)
    assert isinstance(environment.interpreter, Interpreter)
    assert (environment.interpreter.version, environment.interpreter.abi) == (Version("3.13"), "cp313")
    assert environment.prefix == "/env"
    assert aimed(knowledge, "python=3.13", replace(MACHINE, environment=None)).environment is None


def test_python_where_no_environment_is_looked_at(knowledge: Knowledge) -> None:
    environment = aimed(knowledge, "python=3.13", IMAGE).environment
    assert isinstance(environment, PythonEnvironment)
    assert isinstance(environment.packages, Unknown)
    assert environment.package("torch") == environment.packages


def test_a_second_target_adds_to_the_first(knowledge: Knowledge) -> None:
    facts = aimed(knowledge, "driver=550.54.15", aimed(knowledge, "gpu=NVIDIA A100"))
    assert facts.targeted == ("gpus", "driver")
    assert the_gpu(facts).compute_capability == (8, 0)


@pytest.mark.parametrize(
    ("target", "machine", "stated"),
    [
        ("machine=aarch64", "aarch64", True),
        ("os=macos,machine=arm64", "arm64", True),
        ("machine=x86_64", "x86_64", False),
        ("glibc=2.31", "x86_64", False),
    ],
)
def test_packages_meet_an_interpreter_for_the_targets_processor(
    knowledge: Knowledge, target: str, machine: str, stated: bool
) -> None:
    own = MACHINE.environment
    assert isinstance(own, PythonEnvironment)
    assert isinstance(own.interpreter, Interpreter)
    here = replace(MACHINE, environment=replace(own, interpreter=replace(own.interpreter, machine="x86_64")))
    facts = aimed(knowledge, target, here)
    assert isinstance(facts.environment, PythonEnvironment)
    assert isinstance(facts.environment.interpreter, Interpreter)
    assert facts.environment.interpreter.machine == machine
    assert ("environment" in facts.targeted) is stated
