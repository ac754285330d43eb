"""Plans as tables: machine and profile → what is chosen."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.install.planner import Options, plan_install, refuse_room
from envdoctor.model.facts import Facts, Gpu, Interpreter, PythonEnvironment, Unknown
from envdoctor.model.offers import IndexSettings, OfferedFile, Offers, Room
from envdoctor.model.plan import Download, Plan, Refusal
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from tests.install.planning import AWAY, KNOWLEDGE, PIP, UV, machine, offers, package_index, python, wheel

TORCH = ("torch", "torchvision", "torchaudio", "numpy")
SIBLINGS = tuple(load_profile(name) for name in ("pytorch-cpu", "pytorch-cuda11", "pytorch-cuda12", "pytorch-cuda13"))
OPTIONS = Options("/e", siblings=SIBLINGS)


def plan(profile: str, facts: Facts, available: Offers, options: Options = OPTIONS) -> Plan | Refusal:
    return plan_install(facts, load_profile(profile), KNOWLEDGE, available, options)


def lines(outcome: Plan | Refusal) -> tuple[str, ...]:
    assert isinstance(outcome, Plan), outcome
    return tuple(line for step in outcome.steps for line in step.requirements)


def refused(outcome: Plan | Refusal) -> Refusal:
    assert isinstance(outcome, Refusal), outcome
    return outcome


@pytest.mark.parametrize(
    ("profile", "gpu", "driver", "expected"),
    [
        # driver 535 runs any CUDA 12 by the minor-version rule; 2.10 is the last whose own build is CUDA 12
        ("pytorch-cuda12", "A100", "535.104.05", "torch==2.10.0"),
        ("pytorch-cuda12", "A100", "525.60.13", "torch==2.10.0"),
        # Pascal has code in the default builds up to 2.7
        ("pytorch-cuda12", "GTX 1080", "580.95.05", "torch==2.7.1"),
        ("pytorch-cuda12", "V100", "570.124.06", "torch==2.10.0"),
        ("pytorch-cuda12", "RTX 5090", "575.57.08", "torch==2.10.0"),
        ("pytorch-cuda13", "RTX 4090", "580.95.05", "torch==2.15.0"),
        ("pytorch-cuda11", "A100", "470.256.02", "torch==2.0.1"),
    ],
)
def test_without_the_pytorch_index_the_newest_default_build_that_runs(profile: str, gpu: str, driver: str, expected: str) -> None:
    outcome = plan(profile, machine(gpu, driver), offers(package_index(*TORCH)))
    assert lines(outcome)[0] == expected
    assert isinstance(outcome, Plan)
    assert any("PyTorch index could not be asked" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("profile", "gpu", "driver", "variants", "expected", "variant"),
    [
        ("pytorch-cuda12", "A100", "535.104.05", {"cu126": "2.14.1", "cu128": "2.11.0"}, "torch==2.14.1+cu126", "cu126"),
        ("pytorch-cuda12", "GTX 1080", "580.95.05", {"cu126": "2.14.1", "cu128": "2.11.0"}, "torch==2.14.1+cu126", "cu126"),
        # 2.11 for CUDA 12.8 dropped Volta
        ("pytorch-cuda12", "V100", "570.124.06", {"cu128": "2.11.0", "cu126": "2.9.1"}, "torch==2.10.0", None),
        ("pytorch-cuda13", "A100", "580.95.05", {"cu130": "2.15.0", "cu132": "2.15.0"}, "torch==2.15.0+cu132", "cu132"),
        ("pytorch-cuda11", "K80", "470.82.01", {"cu118": "2.3.1"}, "torch==2.3.1+cu118", "cu118"),
        ("pytorch-cpu", None, None, {"cpu": "2.15.0"}, "torch==2.15.0+cpu", "cpu"),
    ],
)
def test_with_the_pytorch_index_its_build(
    profile: str, gpu: str | None, driver: str | None, variants: dict[str, str], expected: str, variant: str | None
) -> None:
    files: dict[str, tuple[OfferedFile, ...]] = package_index(*TORCH)
    for name, version in variants.items():
        files[f"torch@{name}"] = (wheel("torch", f"{version}+{name}"),)
    outcome = plan(profile, machine(gpu, driver), offers(files, pytorch=True))
    assert expected in lines(outcome)
    assert isinstance(outcome, Plan)
    indexes = [index for step in outcome.steps for index in step.extra_indexes]
    assert [index.rpartition("/")[2] for index in indexes] == ([variant] if variant else [])


def test_companions_come_from_the_same_variant() -> None:
    files = package_index(*TORCH)
    files["torch@cu126"] = (wheel("torch", "2.9.1+cu126"),)
    files["torchvision@cu126"] = (wheel("torchvision", "0.24.1+cu126"), wheel("torchvision", "0.23.0+cu126"))
    files["torch"] = ()
    outcome = plan("pytorch-cuda12", machine("A100", "535.104.05"), offers(files, pytorch=True))
    assert isinstance(outcome, Plan)
    (install,) = (step for step in outcome.steps if step.action == "install-packages")
    assert install.requirements == ("torch==2.9.1+cu126", "torchvision==0.24.1+cu126", "numpy>=1.23")
    assert install.extra_indexes == ("https://download.pytorch.org/whl/cu126",)
    assert install.index is None
    assert any(note.startswith("torchaudio is left out") for note in outcome.notes)


def test_a_cpu_wheel_that_pips_configuration_offers() -> None:
    files = package_index(*TORCH)
    files["torch"] += (wheel("torch", "2.13.0+cpu", origin="/wheels"),)
    available = offers(files, settings=IndexSettings(find_links=("/wheels",), stated=("find_links",)))
    outcome = plan("pytorch-cpu", machine(), available)
    assert lines(outcome) == ("torch==2.13.0+cpu", "numpy>=1.23")
    assert isinstance(outcome, Plan)
    assert ("from", "/wheels") in [(choice.what, choice.value) for choice in outcome.choices]
    assert any(note.startswith("torchvision is left out") for note in outcome.notes)


def test_a_cpu_wheel_for_another_python_decides_for_that_python() -> None:
    files = package_index(*TORCH)
    files["torch"] += (wheel("torch", "2.13.0+cpu", "cp312-cp312", origin="/wheels"),)
    outcome = plan("pytorch-cpu", machine(), offers(files, pythons=(python("3.11.7"), python("3.12.1"))))
    assert lines(outcome)[0] == "torch==2.13.0+cpu"
    assert isinstance(outcome, Plan)
    assert outcome.steps[0].python == "/python3.12.1"


def test_a_cuda_build_stands_in_for_the_cpu_build_and_says_so() -> None:
    outcome = plan("pytorch-cpu", machine(), offers(package_index(*TORCH)))
    assert lines(outcome)[0] == "torch==2.15.0"
    assert isinstance(outcome, Plan)
    assert any("several GB" in note for note in outcome.notes)
    assert any("runs on the CPU, too" in choice.reason for choice in outcome.choices)


@pytest.mark.parametrize(
    ("system", "arch", "platform", "tag"),
    [("macos", "arm64", "macos-arm64", ""), ("windows", "AMD64", "windows-x86_64", "win_amd64")],
)
def test_elsewhere_the_default_build_is_the_cpu_build(system: str, arch: str, platform: str, tag: str) -> None:
    files = package_index(*TORCH, platform=platform, tag=tag)
    outcome = plan(
        "pytorch-cpu", machine(system=system, arch=arch, os_version="15.1"), offers(files, pythons=(python(arch=arch),))
    )
    assert lines(outcome)[:2] == ("torch==2.15.0", "torchvision==0.29.2")
    assert isinstance(outcome, Plan)
    assert not any("several GB" in note for note in outcome.notes)


@pytest.mark.parametrize(("glibc", "expected"), [("2.36", "torch==2.10.0"), ("2.27", "torch==2.6.0"), ("2.17", "torch==2.6.0")])
def test_an_old_glibc_bounds_the_release(glibc: str, expected: str) -> None:
    outcome = plan("pytorch-cuda12", machine("A100", "570.124.06", glibc=glibc), offers(package_index(*TORCH)))
    assert lines(outcome)[0] == expected


def test_a_package_index_that_does_not_answer_is_believed_to_have_what_the_tables_say() -> None:
    away: dict[str, object] = dict.fromkeys(TORCH, AWAY)
    outcome = plan("pytorch-cuda12", machine("A100", "535.104.05"), offers(away))  # type: ignore[arg-type]
    assert lines(outcome) == ("torch==2.10.0", "numpy>=1.23")
    assert isinstance(outcome, Plan)
    assert any("package index could not be asked" in note for note in outcome.notes)


def test_a_local_twin_of_the_chosen_version_is_kept_out() -> None:
    """`torch==2.10.0` would also take 2.10.0+cpu, which installers prefer."""
    files = package_index(*TORCH)
    files["torch"] += (wheel("torch", "2.10.0+cpu", origin="/wheels"),)
    outcome = plan("pytorch-cuda12", machine("A100", "535.104.05"), offers(files))
    assert lines(outcome)[0] == "torch===2.10.0"


def test_a_release_newer_than_the_tables_is_not_guessed_about() -> None:
    files = package_index(*TORCH)
    files["torch"] += (wheel("torch", "9.9.0"),)
    outcome = plan("pytorch-cuda12", machine("A100", "535.104.05"), offers({**files, "torch": files["torch"]}))
    assert lines(outcome)[0] == "torch==2.10.0"


@pytest.mark.parametrize(
    ("profile", "facts", "reason", "instead"),
    [
        ("pytorch-cuda12", machine(), "this machine has none", "envdoctor install pytorch-cpu"),
        ("pytorch-cuda12", machine("A100", "470.82.01"), "this one is 470.82.01", "envdoctor install pytorch-cuda11"),
        ("pytorch-cuda12", machine("A100", "470.82.01"), ">=525.60.13", "a newer NVIDIA driver"),
        ("pytorch-cuda12", machine("K80", "470.82.01"), "K80 has 3.7", "envdoctor install pytorch-cuda11"),
        ("pytorch-cuda13", machine("V100", "580.95.05"), "V100 has 7.0", "envdoctor install pytorch-cuda12"),
        ("pytorch-cuda12", machine("A100"), "no NVIDIA driver", "envdoctor install pytorch-cpu"),
        ("pytorch-cpu", machine(libc="musl"), "musl", ""),
        ("pytorch-cuda13", machine("A100", "580.95.05", glibc="2.17"), "this system has 2.17", ""),
        ("pytorch-mps", machine(), "it is for macos", ""),
        ("jax-tpu", machine(), "TPU", ""),
        ("caffe-legacy", machine(), "conda", ""),
        ("tensorflow-cuda", machine("A100", "535.104.05", arch="aarch64"), "this machine is aarch64", ""),
    ],
)
def test_what_cannot_run_is_refused_with_what_can(profile: str, facts: Facts, reason: str, instead: str) -> None:
    refusal = refused(plan(profile, facts, offers(package_index(*TORCH))))
    assert reason in " | ".join(refusal.reasons)
    assert instead in " | ".join(refusal.instead)


def test_a_profile_for_cuda_11_is_no_advice_where_it_would_be_refused_itself() -> None:
    refusal = refused(plan("pytorch-cuda12", machine(), offers(package_index(*TORCH))))
    assert not any("cuda" in advice for advice in refusal.instead if advice.startswith("envdoctor install"))


def test_an_unknown_gpu_refuses_a_gpu_profile_with_the_reason() -> None:
    facts = replace(machine(), gpus=Unknown("no permission"))
    assert "no permission" in refused(plan("pytorch-cuda12", facts, offers(package_index(*TORCH)))).reasons[0]


def test_force_plans_for_hardware_that_is_not_here() -> None:
    outcome = plan("pytorch-cuda12", machine(), offers(package_index(*TORCH)), replace(OPTIONS, force=True))
    assert lines(outcome)[0] == "torch==2.10.0"
    assert isinstance(outcome, Plan)
    assert any(note.startswith("--force") for note in outcome.notes)


def test_every_gpu_counts() -> None:
    old = Gpu("nvidia", 1, "GTX 1080", compute_capability=(6, 1))
    facts = machine("A100", "535.104.05")
    assert not isinstance(facts.gpus, Unknown)
    outcome = plan("pytorch-cuda12", replace(facts, gpus=(*facts.gpus, old)), offers(package_index(*TORCH)))
    assert lines(outcome)[0] == "torch==2.7.1"


@pytest.mark.parametrize(
    ("driver", "gpu", "expected"),
    [("535.104.05", "A100", "<=1.26.0"), ("580.95.05", "A100", ">=1.21,!=1.27.0"), ("580.95.05", "V100", "<=1.26.0")],
)
def test_a_package_built_for_one_cuda_a_release_is_bounded_by_driver_and_gpu(driver: str, gpu: str, expected: str) -> None:
    outcome = plan("onnxruntime-gpu", machine(gpu, driver), offers(package_index("onnxruntime-gpu", "numpy")))
    assert lines(outcome)[0].endswith(expected)


def test_what_no_release_runs_is_refused_with_the_reason() -> None:
    refusal = refused(plan("tensorflow-cuda", machine("RTX 5090", "580.95.05"), offers(package_index("tensorflow"))))
    assert "its CUDA 12.5.1 does not know this GPU" in refusal.reasons[0]


def test_a_cpu_build_nearby_is_ruled_out_where_a_gpu_is_meant() -> None:
    index = package_index("vllm", "torch")
    nearby = (wheel("torch", "2.13.0+cpu", origin="/wheels"), wheel("torch", "2.9.0+cu128", origin="/wheels"))
    outcome = plan("vllm", machine("A100", "535.104.05"), offers({**index, "torch": (*index["torch"], *nearby)}))
    assert isinstance(outcome, Plan)
    line = next(line for step in outcome.steps for line in step.requirements if line.startswith("torch"))
    assert ",!=2.13.0+cpu" in line
    assert "cu128" not in line


def test_vllm_decides_on_torch() -> None:
    outcome = plan("vllm", machine("A100", "535.104.05"), offers(package_index("vllm", "torch")))
    assert lines(outcome)[0].endswith("<=0.19.1")
    assert not lines(outcome)[1].startswith("torch==")


def test_markers_choose_by_platform() -> None:
    arm = machine(arch="aarch64")
    assert lines(plan("tensorflow-cpu", arm, offers(pythons=(python(arch="aarch64"),)))) == ("tensorflow>=2.15,<3",)
    assert lines(plan("tensorflow-cpu", machine(), offers())) == ("tensorflow-cpu>=2.15,<3",)


@pytest.mark.parametrize(
    ("pythons", "wanted", "expected"),
    [
        ((python("3.11.7"), python("3.12.1")), None, "/python3.11.7"),
        ((python("3.8.18"), python("3.13.0"), python("3.12.1")), None, "/python3.13.0"),
        ((python("3.11.7"), python("3.12.1")), "3.12", "/python3.12.1"),
        ((python("3.8.18"),), None, "3.14"),
        ((python("3.11.7"),), "3.13", "3.13"),
        ((python("3.11.7", venv=False),), None, "/python3.11.7"),
    ],
)
def test_which_python(pythons: tuple[object, ...], wanted: str | None, expected: str) -> None:
    outcome = plan("jax-cpu", machine(), offers(pythons=pythons), replace(OPTIONS, python=wanted))  # type: ignore[arg-type]
    assert isinstance(outcome, Plan)
    assert outcome.steps[0].python == expected


@pytest.mark.parametrize(
    ("pythons", "wanted", "reason"),
    [
        ((python("3.8.18"),), None, "found: 3.8.18"),
        ((python("3.11.7"),), "3.12", "--python 3.12"),
        ((python("3.11.7", venv=False),), None, "venv module is not complete"),
        ((), None, "found: none"),
    ],
)
def test_no_python_for_pip(pythons: tuple[object, ...], wanted: str | None, reason: str) -> None:
    available = offers(pythons=pythons, backends=(PIP,))  # type: ignore[arg-type]
    refusal = refused(plan("jax-cpu", machine(), available, replace(OPTIONS, python=wanted)))
    assert reason in refusal.reasons[0]


def existing(version: str) -> PythonEnvironment:
    return PythonEnvironment("/e", "venv", "--python", Interpreter("/e/bin/python", Version(version), abi="cp311"), ())


def test_an_existing_environment_keeps_its_python() -> None:
    outcome = plan("jax-cpu", machine(environment=existing("3.11.2")), offers(pythons=(python("3.13.0"),)))
    assert isinstance(outcome, Plan)
    assert not outcome.creates_environment
    assert [step.action for step in outcome.steps] == ["install-packages", "verify"]


@pytest.mark.parametrize(
    ("version", "wanted", "reason"), [("3.8.18", None, "needs"), ("3.11.2", "3.12", "is for new environments")]
)
def test_an_existing_environment_with_the_wrong_python(version: str, wanted: str | None, reason: str) -> None:
    refusal = refused(plan("jax-cpu", machine(environment=existing(version)), offers(), replace(OPTIONS, python=wanted)))
    assert reason in refusal.reasons[0]


@pytest.mark.parametrize(
    ("asked", "available", "expected"), [("auto", (UV, PIP), "uv"), ("auto", (PIP,), "pip"), ("pip", (UV, PIP), "pip")]
)
def test_which_backend(asked: str, available: tuple[object, ...], expected: str) -> None:
    outcome = plan("jax-cpu", machine(), offers(backends=available), replace(OPTIONS, backend=asked))  # type: ignore[arg-type]
    assert isinstance(outcome, Plan)
    assert outcome.backend == expected
    assert [choice.what for choice in outcome.choices][:2] == ["python", "backend"]


def test_every_step_of_the_package_manager_has_its_command() -> None:
    outcome = plan("jax-cpu", machine(), offers())
    assert isinstance(outcome, Plan)
    assert [len(step.commands) for step in outcome.steps] == [2, 1, 0]
    assert all(isinstance(part, str) for step in outcome.steps for command in step.commands for part in command.argv)


def test_too_little_room_is_refused_before_anything_runs() -> None:
    outcome = plan("jax-cpu", machine(), offers())
    assert isinstance(outcome, Plan)
    sized = replace(outcome, downloads=(Download("jax", "1", 5 << 30, ""),), download_bytes=5 << 30, installed_bytes=9 << 30)
    tight = replace(offers(), rooms=(Room("environment", "/e", 1 << 30, "1"), Room("cache", "/c", 1 << 30, "1")))
    refusal = refuse_room(sized, tight)
    assert refusal is not None
    assert "9.0 GiB are needed" in refusal.reasons[0]
    roomy = replace(tight, rooms=(Room("environment", "/e", 99 << 30, "1"), Room("cache", "/c", 99 << 30, "1")))
    assert refuse_room(sized, roomy) is None
