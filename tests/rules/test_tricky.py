"""Questions that careless tools get wrong, asked of `check`: an environment, a target, and what must be said.

Numbers are those of the list of tricky facts. Questions about `--best`, about resolving a requirement and about indexes are
for `compat`; those about look-ups alone are in tests/knowledge/test_tricky_facts.py.
"""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.engine import diagnose
from envdoctor.knowledge.torch import torch_release
from envdoctor.knowledge.wheels import machine_name, platform_name
from envdoctor.model.facts import Facts, Framework, Package, PythonEnvironment, Subject, Unknown
from envdoctor.model.findings import Finding, Report, Severity
from envdoctor.model.record import replace
from envdoctor.rules import load_rules
from envdoctor.targets import apply_target, parse_target
from tests.rules.facts import driver, environment, framework, gpu, gpu_machine, linux, machine, package, python
from tests.rules.judging import knowledge, text_of

UNSEEN = Unknown("a requirement has no files")
RULES = load_rules(for_profile=False)


def torch(version: str, target: str = "") -> PythonEnvironment:
    """An environment with a build of torch as the tables describe it, on the platform of a target."""
    stated = parse_target(target) if target else None
    system = (stated and stated.os) or "linux"
    where = platform_name(system, machine_name((stated and stated.machine) or "x86_64"))
    build = torch_release(knowledge(), Version(version), where)
    assert build is not None
    if isinstance(build, Unknown) or build is None:
        raise AssertionError(build)
    made = framework("torch", str(build.version) if system == "macos" else build.full_version, build.flavour, cuda=None)
    made = replace(made, cuda_version=build.cuda, rocm_version=build.rocm, gpu_code=UNSEEN if build.flavour != "cpu" else None)
    return holding(made)


def holding(made: Framework, *more: Package, frameworks: tuple[Framework, ...] = ()) -> PythonEnvironment:
    """An environment of which only versions are known: what a requirement or a pasted list tells."""
    own = package(made.distribution or made.name, str(made.version), tags=UNSEEN, requires=UNSEEN)
    return environment(own, *more, frameworks=(made, *frameworks))


def ask(found: PythonEnvironment | None, target: str) -> Report:
    facts = apply_target(machine(subject=Subject("report", "question"), environment=found), parse_target(target), knowledge())
    return diagnose(facts, None, knowledge(), RULES)


def errors(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings if finding.severity is Severity.ERROR} - {"framework-cannot-use-gpu"}


def the(report: Report, rule: str) -> Finding:
    return next(finding for finding in report.findings if finding.rule == rule)


def said(report: Report) -> str:
    return "\n".join(text_of(finding) for finding in report.findings)


A100, RTX_4090 = "gpu=NVIDIA A100-SXM4-80GB", "gpu=GeForce RTX 4090"
WORKS: set[str] = set()
LIBRARIES = {"tf-missing-cuda-libs", "ort-cuda-mismatch"}
"""What is said where the wheels of CUDA's libraries are not there: they are no part of these questions."""

TORCH = [
    (1, "2.8.0", f"{A100},driver=525.60.13,python=3.12", WORKS),
    (1, "2.8.0", f"{A100},driver=520.61.05,python=3.12", {"driver-too-old"}),
    (2, "2.7.1+cu118", "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12", WORKS),
    (2, "2.7.1", "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12", {"driver-too-old"}),
    (3, "2.8.0+cu129", f"{RTX_4090},driver=570.124.06,python=3.12", WORKS),
    (4, "2.15.0", "gpu=NVIDIA L4,driver=580.65.06,python=3.12", WORKS),
    (7, "2.15.0", f"{A100},driver=535.309.01,python=3.12", {"driver-too-old"}),
    (8, "2.8.0+cu128", "gpu=GeForce RTX 4070,driver=551.61,os=windows,python=3.12", WORKS),
    (8, "2.8.0+cu128", "gpu=GeForce RTX 4070,driver=527.20,os=windows,python=3.12", {"driver-too-old"}),
    (9, "2.15.0+cu132", "gpu=GeForce RTX 4070,driver=576.57,os=windows,python=3.12", {"driver-too-old"}),
    (10, "2.7.1+cu128", "gpu=Tesla V100-SXM2-16GB,driver=570.124.06,python=3.12", {"gpu-arch-too-old"}),
    (10, "2.7.1", "gpu=Tesla V100-SXM2-16GB,driver=570.124.06,python=3.12", WORKS),
    (11, "2.9.1", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", {"gpu-arch-too-old"}),
    (11, "2.9.1+cu126", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", WORKS),
    (12, "2.9.1", f"{RTX_4090},driver=570.124.06,python=3.12", WORKS),
    (13, "2.10.0", "gpu=NVIDIA GB10,driver=580.95.05,machine=aarch64,python=3.12", {"cpu-only-build"}),
    (13, "2.11.0", "gpu=NVIDIA GB10,driver=580.95.05,machine=aarch64,python=3.12", WORKS),
    (14, "1.12.1", "gpu=NVIDIA A100-SXM4-40GB,driver=535.54.03,python=3.10", {"gpu-arch-too-new"}),
    (14, "1.12.1+cu116", "gpu=NVIDIA A100-SXM4-40GB,driver=535.54.03,python=3.10", WORKS),
    (15, "1.12.1", "gpu=Tesla T4,driver=470.256.02,python=3.10", WORKS),
    (16, "2.0.1", "gpu=Tesla K80,driver=470.256.02,python=3.10", WORKS),
    (16, "2.1.0", "gpu=Tesla K80,driver=470.256.02,python=3.10", {"driver-too-old", "gpu-arch-too-old"}),
    (17, "2.9.1", "gpu=Tesla V100-SXM2-32GB,driver=580.95.05,python=3.12", WORKS),
    (17, "2.9.1", "gpu=GeForce RTX 5090,driver=580.95.05,python=3.12", WORKS),
    (20, "2.8.0", "gpu=GeForce RTX 5060,driver=550.163.01,python=3.12", {"driver-too-old"}),
    (25, "2.9.1", "gpu=NVIDIA A10,driver=570.124.06,python=3.14", WORKS),
    (25, "2.9.1", "gpu=NVIDIA A10,driver=570.124.06,python=3.15", {"python-unsupported"}),
    (26, "2.4.1", "python=3.13", {"python-unsupported"}),
    (26, "2.5.1", "python=3.13", WORKS),
    (29, "2.9.1", "gpu=GeForce RTX 4070,driver=581.15,os=windows,python=3.12", {"cpu-only-build"}),
    (29, "2.9.1+cu128", "gpu=GeForce RTX 4070,driver=581.15,os=windows,python=3.12", WORKS),
    (30, "2.10.0", "gpu=NVIDIA GH200 480GB,driver=580.95.05,machine=aarch64,python=3.12", {"cpu-only-build"}),
    (30, "2.11.0", "gpu=NVIDIA GH200 480GB,driver=580.95.05,machine=aarch64,python=3.12", WORKS),
    (32, "2.12.0", "os=macos 13,machine=arm64,python=3.12", {"platform-unsupported", "mps-unavailable"}),
    (32, "2.11.0", "os=macos 13,machine=arm64,python=3.12", {"mps-unavailable"}),
    (32, "2.8.0", "os=macos 13,machine=arm64,python=3.12", WORKS),
    (41, "2.14.1", "gpu=NVIDIA A10,driver=580.65.06,python=3.12", WORKS),
    (44, "2.9.1+rocm6.4", "gpu=AMD Radeon RX 6700 XT,python=3.12", {"rocm-arch-unsupported"}),
    (45, "2.14.1+rocm7.14", "gpu=AMD Instinct MI300X,python=3.12", WORKS),
]


@pytest.mark.parametrize(("number", "version", "target", "wrong"), TORCH)
def test_torch(number: int, version: str, target: str, wrong: set[str]) -> None:
    report = ask(torch(version, target), target)
    assert errors(report) == wrong, f"question {number}: {said(report)}"
    for rule in wrong:
        assert all(piece.source for piece in the(report, rule).evidence), f"question {number}"


OTHERS = [
    (21, framework("jax", "0.8.0", cuda="12"), ("nvidia-cudnn-cu12", "9.15.0.58"),
     "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", {"cudnn-mismatch"}),
    (21, framework("jax", "0.8.0", cuda="12"), ("nvidia-cudnn-cu12", "9.10.2.21"),
     "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", WORKS),
    (21, framework("jax", "0.8.0", cuda="13"), None,
     "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", {"driver-too-old", "gpu-arch-too-old"}),
    (24, framework("onnxruntime", "1.26.0", cuda="12.8", distribution="onnxruntime-gpu"), None,
     "gpu=NVIDIA A10,driver=550.163.01,python=3.12", WORKS),
    (24, framework("onnxruntime", "1.27.0", cuda="13.0", distribution="onnxruntime-gpu"), None,
     "gpu=NVIDIA A10,driver=550.163.01,python=3.12", {"driver-too-old"}),
    (27, framework("vllm", "0.20.1", cuda="13.0"), None, f"{A100},driver=580.95.05,glibc=2.34,python=3.12", {"glibc-too-old"}),
    (27, framework("vllm", "0.21.0", cuda="13.0"), None, f"{A100},driver=580.95.05,glibc=2.34,python=3.12", WORKS),
    (28, framework("torch", "2.9.1", cuda="12.8"), None, "os=alpine,python=3.12", {"platform-unsupported"}),
    (35, framework("tensorflow", "2.21.0", "cpu"), None, "python=3.14", {"python-unsupported"}),
    (35, framework("tensorflow", "2.22.0rc0", "cpu"), None, "python=3.14", WORKS),
    (36, framework("tensorflow", "2.19.1", cuda="12.5"), ("nvidia-cudnn-cu12", "9.3.0.75"),
     "gpu=NVIDIA A10,driver=525.60.13,python=3.12", WORKS),
    (39, framework("paddle", "2.6.2", cuda="12.0", distribution="paddlepaddle-gpu"), None,
     "gpu=NVIDIA A10,driver=580.95.05,python=3.13", {"python-unsupported"}),
]  # fmt: skip


@pytest.mark.parametrize(("number", "made", "beside", "target", "wrong"), OTHERS)
def test_other_frameworks(number: int, made: Framework, beside: tuple[str, str] | None, target: str, wrong: set[str]) -> None:
    more = (package(*beside, requires=UNSEEN),) if beside else ()
    report = ask(holding(replace(made, gpu_code=UNSEEN), *more), target)
    assert errors(report) - LIBRARIES == wrong, f"question {number}: {said(report)}"


def test_5_what_nvidia_smi_and_nvcc_say_is_no_error() -> None:
    from envdoctor.model.facts import CudaToolkit

    nvcc = CudaToolkit("/usr/local/cuda-11.8", Version("11.8"), has_nvcc=True, is_default=True, source="version.json")
    facts = gpu_machine(torch("2.9.0+cu126"), toolkits=(nvcc,), gpus=(gpu("NVIDIA A10", (8, 6)),))
    report = diagnose(facts, None, knowledge(), RULES)
    assert errors(report) == WORKS
    assert the(report, "nvcc-torch-mismatch").severity is Severity.INFO


def test_6_a_compat_library_older_than_the_driver() -> None:
    facts = gpu_machine(
        torch("2.8.0"), gpus=(gpu("NVIDIA H100 80GB HBM3", (9, 0)),),
        variables={"LD_LIBRARY_PATH": "/usr/local/cuda-12.4/compat:/usr/lib"},
    )  # fmt: skip
    assert errors(diagnose(facts, None, knowledge(), RULES)) == {"forward-compat-unsupported"}


def test_7_a_compat_package_is_a_way_out_for_data_centers_only() -> None:
    a100 = ask(torch("2.15.0"), f"{A100},driver=535.309.01,python=3.12")
    rtx = ask(torch("2.15.0"), f"{RTX_4090},driver=535.309.01,python=3.12")
    assert "cuda-compat-13-2" in text_of(the(a100, "driver-too-old"))
    assert "cuda-compat-13" not in text_of(the(rtx, "driver-too-old"))


def test_8_between_two_official_numbers_it_is_undecided() -> None:
    target = "gpu=GeForce RTX 4070,driver=528.02,os=windows,python=3.12"
    report = ask(torch("2.8.0+cu128", target), target)
    assert errors(report) == WORKS
    assert "driver-too-old" in {outcome.rule.name for outcome in report.outcomes if outcome.verdict.value == "unknown"}


def test_9_no_longer_number_than_is_stated() -> None:
    target = "gpu=GeForce RTX 4070,driver=576.57,os=windows,python=3.12"
    assert "needs 580 or newer" in text_of(the(ask(torch("2.15.0+cu132", target), target), "driver-too-old"))


def test_11_torch_compile_is_not_for_pascal() -> None:
    report = ask(torch("2.9.1+cu126"), "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12")
    assert the(report, "torch-compile-unsupported").severity is Severity.INFO


def test_17_no_module_serves_volta_and_blackwell() -> None:
    cards = (gpu("Tesla V100-SXM2-32GB", (7, 0)), gpu("NVIDIA GeForce RTX 5090", (12, 0), index=1))
    report = diagnose(gpu_machine(torch("2.9.1"), gpus=cards), None, knowledge(), RULES)
    assert errors(report) == {"open-kernel-module-required"}


def test_18_an_ambiguous_name_is_undecided() -> None:
    made = framework("tensorflow", "2.17.1", cuda="12.3", gpu_code=UNSEEN)
    report = ask(holding(made), "gpu=TITAN X,driver=550.163.01,python=3.12")
    undecided = {outcome.rule.name: outcome.reason for outcome in report.outcomes if outcome.verdict.value == "unknown"}
    assert "5.2 or 6.1" in undecided["gpu-arch-too-old"]


def test_19_blackwell_with_the_proprietary_module() -> None:
    card = gpu("NVIDIA GeForce RTX 5070 Ti", (12, 0))
    facts = machine(gpus=(card,), driver=driver("570.133.07", "12.8", open_kernel_module=False), os=linux())
    report = diagnose(facts, None, knowledge(), RULES)
    assert "nvidia-driver-570-open" in text_of(the(report, "open-kernel-module-required"))


def test_20_the_card_decides_which_driver() -> None:
    report = ask(torch("2.8.0"), "gpu=GeForce RTX 5060,driver=550.163.01,python=3.12")
    assert "570" in the(report, "driver-too-old").title


def test_21_the_pin_is_the_fix() -> None:
    made = framework("jax", "0.8.0", cuda="12")
    found = holding(made, package("nvidia-cudnn-cu12", "9.15.0.58", requires=UNSEEN))
    report = ask(found, "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12")
    assert "nvidia-cudnn-cu12==9.10.2.21" in text_of(the(report, "cudnn-mismatch"))


def test_25_what_still_does_not_work_is_a_note() -> None:
    report = ask(torch("2.9.1"), "gpu=NVIDIA A10,driver=570.124.06,python=3.14")
    assert "3.14" in the(report, "torch-compile-unsupported").title


def test_26_the_companion_has_no_wheel() -> None:
    vision = package("torchvision", "0.20.1", tags=UNSEEN, requires=UNSEEN)
    made = framework("torch", "2.5.1", cuda="12.4")
    found = holding(made, vision, frameworks=(framework("torchvision", "0.20.1", "any"),))
    assert errors(ask(found, "python=3.13")) == {"python-unsupported"}


def test_31_no_linux_driver_inside_wsl() -> None:
    facts = machine(os=linux(wsl=2, kernel="5.15.167.4-microsoft-standard-WSL2"), environment=torch("2.9.1"))
    report = diagnose(facts, None, knowledge(), RULES)
    assert "apt" not in said(report)


@pytest.mark.parametrize(("numpy", "wrong"), [("1.26.4", {"dependency-conflict"}), ("1.23.5", WORKS)])
def test_33_mxnet_needs_an_old_numpy(numpy: str, wrong: set[str]) -> None:
    found = environment(package("mxnet", "1.9.1", "numpy<2.0.0,>1.16.0"), package("numpy", numpy), interpreter=python("3.11.9"))
    report = ask(found, "python=3.11")
    assert {finding.rule for finding in report.findings} & {"dependency-conflict", "numpy2-abi"} == wrong
    assert not wrong or "numpy<1.24" in text_of(the(report, "dependency-conflict"))


@pytest.mark.parametrize(("version", "wrong"), [("0.49.2", {"extension-binary-missing"}), ("0.50.2", WORKS)])
def test_38_the_library_of_bitsandbytes(version: str, wrong: set[str]) -> None:
    made = framework("torch", "2.15.0+cu132", cuda="13.2", gpu_code=UNSEEN)
    found = holding(made, package("bitsandbytes", version, requires=UNSEEN))
    assert errors(ask(found, "gpu=NVIDIA A10,driver=580.95.05,python=3.12")) == wrong


def test_43_a_compiler_that_nvcc_refuses() -> None:
    from envdoctor.model.facts import CudaToolkit, Tool

    nvcc = CudaToolkit("/usr/local/cuda-12.9", Version("12.9"), has_nvcc=True, is_default=True, source="version.json")
    gcc = Tool("gcc", "/usr/bin/gcc", Version("15.1.1"), source="gcc --version")
    facts: Facts = machine(toolkits=(nvcc,), tools=(gcc,))
    report = diagnose(facts, None, knowledge(), RULES)
    assert "14" in text_of(the(report, "host-compiler-unsupported"))


def test_44_the_override_is_unofficial() -> None:
    target = "gpu=AMD Radeon RX 6700 XT,python=3.12"
    text = text_of(the(ask(torch("2.9.1+rocm6.4"), target), "rocm-arch-unsupported"))
    assert "HSA_OVERRIDE_GFX_VERSION" in text
    assert "official" in text
