"""Machines and environments that tools often judge wrongly: each with its cause, its cure and the exit status."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.compat.answering import answer_question
from envdoctor.engine import diagnose
from envdoctor.knowledge.messages import with_messages
from envdoctor.knowledge.supposing import suppose_facts
from envdoctor.knowledge.wheels import package_versions
from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.facts import FabricManager, Facts, Interconnect, NvmlFailure
from envdoctor.model.findings import Report, Severity
from envdoctor.reports.reading import read_report
from tests.rules.facts import (
    failed_driver,
    gpu,
    gpu_machine,
    linux,
    pci_gpu,
    torch_environment,
)
from tests.rules.judging import knowledge, text_of
from tests.rules.test_tricky import RULES, ask, torch

RTX_5090, RTX_4090, GTX_1080 = "gpu=GeForce RTX 5090", "gpu=GeForce RTX 4090", "gpu=GeForce GTX 1080"
A100, V100 = "gpu=NVIDIA A100-SXM4-80GB", "gpu=Tesla V100-SXM2-16GB"
ARM = "machine=aarch64"
FINE: tuple[str, str, int] = ("", "", 0)
"""No error, no cure, exit status 0."""

STATED = [
    ("2.5.1+cu121", f"{RTX_5090},driver=580.95.05,python=3.12", ("gpu-arch-too-new", "torch==2.15.0", 1)),
    ("2.7.1+cu128", f"{RTX_5090},driver=580.95.05,python=3.12", FINE),
    # The driver comes first where it does not know the card, and the build is one for that driver.
    ("2.5.1+cu121", f"{RTX_5090},driver=550.163.01,python=3.12", ("driver-too-old", "NVIDIA driver 570 or newer", 1)),
    ("2.9.1+cu126", f"{GTX_1080},driver=570.124.06,python=3.12", FINE),
    ("2.9.1+cu128", f"{GTX_1080},driver=570.124.06,python=3.12", ("gpu-arch-too-old", "torch==2.9.1+cu126", 1)),
    ("2.9.1+cu130", f"gpu=NVIDIA GB10,driver=580.95.05,{ARM},python=3.12", FINE),
    ("2.9.1+cu130", f"{V100},driver=580.95.05,python=3.12", ("gpu-arch-too-old", "torch==2.9.1+cu129", 1)),
    ("2.9.1+cu128", f"{A100},driver=525.60.13,python=3.12", FINE),
    ("2.9.1+cu128", f"{A100},driver=520.61.05,python=3.12", ("driver-too-old", "NVIDIA driver 525 or newer", 1)),
    ("2.9.1+cu130", f"{A100},driver=535.309.01,python=3.12", ("driver-too-old", "cuda-compat-13-0", 1)),
    ("2.9.1+cu130", f"{RTX_4090},driver=535.309.01,python=3.12", ("driver-too-old", "!cuda-compat-", 1)),
    ("2.15.0", f"{RTX_4090},driver=580.95.05,python=3.12", FINE),
    ("2.15.0", f"{RTX_4090},driver=595.45.04,python=3.12", FINE),
    ("2.9.1+cpu", f"{RTX_4090},driver=580.95.05,python=3.12", ("cpu-only-build", "torch==2.9.1+cu130", 1)),
    ("2.9.1+cu128", "os=alpine,python=3.12", ("platform-unsupported", "glibc", 1)),
    ("2.11.0", f"gpu=NVIDIA GH200 480GB,driver=580.95.05,{ARM},python=3.12", FINE),
    ("2.10.0", f"gpu=NVIDIA GH200 480GB,driver=580.95.05,{ARM},python=3.12", ("cpu-only-build", "torch==2.10.0+cu130", 1)),
    ("2.9.1+cu130", f"gpu=Orin,{ARM},python=3.12", FINE),
    ("2.9.1+cu130", f"gpu=NVIDIA Thor,driver=580.95.05,{ARM},python=3.12", FINE),
    ("2.7.1", "gpu=GeForce RTX 3090,driver=450.80.02,python=3.12", ("driver-too-old", "!cu118", 1)),
    ("2.9.1", f"{RTX_4090},driver=580.95.05,python=3.15", ("python-unsupported", "Make a new environment", 1)),
    ("2.15.0", f"{RTX_4090},driver=580.95.05,python=3.15", FINE),
]  # fmt: skip


def check(report: Report, expected: tuple[str, str, int], name: str) -> None:
    """The first error, a word of its cures (with `!` before: of no cure at all), and the exit status."""
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    said = "\n".join(text_of(finding) for finding in errors)
    rule, word, status = expected
    assert (errors[0].rule if errors else "") == rule, f"{name}: {said}"
    if word.startswith("!"):
        assert word[1:] not in said.replace("/cuda-compatibility/", ""), said
    elif word:
        assert word in text_of(errors[0]).split(errors[0].detail)[1], said
    assert report.exit_code == status, name


@pytest.mark.parametrize(("version", "target", "expected"), STATED, ids=lambda value: str(value))
def test_stated(version: str, target: str, expected: tuple[str, str, int]) -> None:
    check(ask(torch(version, target), target), expected, f"{version} on {target}")


CU128 = torch_environment("2.9.1+cu128", cuda="12.8")
CU130 = torch_environment("2.9.1+cu130", cuda="13.0")
MISMATCH = failed_driver(
    NvmlFailure.VERSION_MISMATCH, "Driver/library version mismatch",
    kernel_module_version=DriverVersion("535.183.01"), library_version=DriverVersion("550.54.15"),
)  # fmt: skip
LINUX_DRIVER_IN_WSL = failed_driver(
    NvmlFailure.DRIVER_NOT_LOADED, "Driver Not Loaded",
    library_version=DriverVersion("550.54.15"), libcuda_path="/usr/lib/x86_64-linux-gnu/libcuda.so.1",
)  # fmt: skip
GEFORCE = (gpu("NVIDIA GeForce RTX 4090", (8, 9)),)
OLD = {"driver_version": "535.309.01", "cuda": "12.2"}


JOINING = (gpu("NVIDIA H100 80GB HBM3", (9, 0), fabric_state="in_progress"),) * 8
STOPPED = FabricManager(DriverVersion("580.95.05"), False, "/usr/bin/nv-fabricmanager")


def compat(version: str) -> dict[str, str]:
    return {"LD_LIBRARY_PATH": f"/usr/local/cuda-{version}/compat"}


LIVE: list[tuple[str, Facts, tuple[str, str, int]]] = [
    (
        "RTX 4090 with code for 8.6",
        gpu_machine(torch_environment("2.9.1+cu128", cuda="12.8", code=("sm_80", "sm_86", "sm_90")), gpus=GEFORCE), FINE,
    ),
    ("NVML error 18", gpu_machine(CU128, gpus=(pci_gpu(),), driver=MISMATCH),
     ("driver-library-mismatch", "sudo reboot", 1)),
    ("NVML without nvidia-smi", gpu_machine(CU128, tools=()), FINE),
    ("A100 with a compat package", gpu_machine(CU130, variables=compat("13.0"), **OLD), FINE),
    ("GeForce with a compat package", gpu_machine(CU128, gpus=GEFORCE, variables=compat("12.8"), **OLD),
     ("forward-compat-unsupported", "Remove /usr/local/cuda-12.8/compat", 1)),
    ("a compat package older than the driver", gpu_machine(CU128, variables=compat("12.4")),
     ("forward-compat-unsupported", "Remove /usr/local/cuda-12.4/compat", 1)),
    ("Linux driver inside WSL", gpu_machine(CU128, gpus=(), os=linux(wsl=2), driver=LINUX_DRIVER_IN_WSL),
     ("wsl-misconfig", "sudo apt purge", 1)),
    ("H100 with the fabric manager down",
     gpu_machine(CU128, gpus=JOINING, interconnect=Interconnect(nvswitches=4, fabric_manager=STOPPED)),
     ("fabric-manager", "sudo systemctl enable --now nvidia-fabricmanager", 1)),
    ("H100 with no fabric manager",
     gpu_machine(CU128, gpus=JOINING, interconnect=Interconnect(nvswitches=4, fabric_manager=None)),
     ("fabric-manager", "sudo apt install nvidia-fabricmanager-580=580.95.05*", 1)),
    ("MIG without instances", gpu_machine(CU128, gpus=(gpu("NVIDIA H100 PCIe", (9, 0), mig_enabled=True, mig_instances=()),)),
     ("mig-misconfig", "sudo nvidia-smi mig -i 0 -cgi 0 -C", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts", "expected"), LIVE, ids=[row[0] for row in LIVE])
def test_looked_at(name: str, facts: Facts, expected: tuple[str, str, int]) -> None:
    check(diagnose(facts, None, knowledge(), RULES), expected, name)


PYTHONS = [
    ("torch", "works works works"),
    ("tensorflow", "works fails fails"),
    ("jax[cuda13]", "works works works"),
    ("onnxruntime-gpu", "works works fails"),
    ("vllm", "works works fails"),
    ("keras", "works works works"),
]


@pytest.mark.parametrize(("name", "verdicts"), PYTHONS)
def test_newest_release_on_new_pythons(name: str, verdicts: str) -> None:
    plain = name.partition("[")[0]
    newest = next(one for one in reversed(package_versions(knowledge(), plain)) if not one.is_prerelease)
    for python, verdict in zip(("3.13", "3.14", "3.15"), verdicts.split(), strict=True):
        target = f"gpu=NVIDIA A10,driver=595.45.04,glibc=2.35,python={python}"
        answer = answer_question(knowledge(), [f"{name}=={newest}"], target).answer
        assert answer.verdict == verdict, (python, answer.undecided)
        errors = {finding.rule for finding in answer.findings if finding.severity is Severity.ERROR}
        assert errors == ({"python-unsupported"} if verdict == "fails" else set()), python
    assert isinstance(newest, Version)


TOLD = [
    ("fabric-manager", "sudo systemctl enable --now nvidia-fabricmanager",
     "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1)\nRuntimeError: CUDA error 802: system not yet initialized\n"),
    ("mig-misconfig", "CUDA_VISIBLE_DEVICES",
     "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1)\nValueError: invalid literal for int() with base 10: 'MIG-9e1a'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "word", "text"), TOLD, ids=[row[0] for row in TOLD])
def test_told(rule: str, word: str, text: str) -> None:
    facts, lines = read_report(text, "a text")
    told = with_messages(suppose_facts(facts, knowledge()), knowledge(), lines)
    check(diagnose(told, None, knowledge(), RULES), (rule, word, 1), rule)
