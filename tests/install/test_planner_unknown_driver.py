"""Where the driver is not known, GPU code decides, and the plan says which driver must be there; and what else is advised."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.install.planner import Options, plan_install
from envdoctor.knowledge.choosing import Hardware, driver_wanted, hardware_of, newest_build, refusal, torch_builds
from envdoctor.model.facts import DriverVersion, Facts, NvidiaDriver, OperatingSystem, Unknown
from envdoctor.model.plan import Plan, Refusal
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from tests.install.planning import KNOWLEDGE, machine, offers, package_index

TORCH = ("torch", "torchvision", "torchaudio", "numpy")
SIBLINGS = tuple(load_profile(name) for name in ("pytorch-cpu", "pytorch-cuda11", "pytorch-cuda12", "pytorch-cuda13"))
UNKNOWN = (Unknown("--target states a GPU, but no driver"), NvidiaDriver(Unknown("not asked"), Unknown("not asked")))


def plan(profile: str, facts: Facts) -> Plan | Refusal:
    options = Options("/e", python="3.11", siblings=SIBLINGS)
    return plan_install(facts, load_profile(profile), KNOWLEDGE, offers(package_index(*TORCH, "onnxruntime-gpu")), options)


@pytest.mark.parametrize("driver", UNKNOWN)
@pytest.mark.parametrize(
    ("profile", "gpu", "line", "floor"),
    [
        ("pytorch-cuda11", "K80", "torch==2.0.1", "450.80.02"),
        ("pytorch-cuda12", "GTX 1080", "torch==2.7.1", "525.60.13"),
        ("pytorch-cuda13", "A100", "torch==2.15.0", "580"),
        ("onnxruntime-gpu", "V100", "onnxruntime-gpu[cuda,cudnn]>=1.21,!=1.27.0,<=1.26.0", "525.60.13"),
    ],
)
def test_the_plan_goes_by_the_gpu_and_names_the_driver(
    driver: NvidiaDriver | Unknown, profile: str, gpu: str, line: str, floor: str
) -> None:
    outcome = plan(profile, replace(machine(gpu), driver=driver))
    assert isinstance(outcome, Plan), outcome
    assert outcome.steps[1].requirements[0] == line
    (note,) = (note for note in outcome.notes if "driver is there is not known" in note)
    assert f"needs {floor} or newer" in note


def test_a_known_driver_is_not_mentioned() -> None:
    outcome = plan("pytorch-cuda12", machine("A100", "535.104.05"))
    assert isinstance(outcome, Plan)
    assert not any("driver" in note for note in outcome.notes)


@pytest.mark.parametrize("driver", UNKNOWN)
def test_a_gpu_that_no_build_serves_is_refused_without_knowing_the_driver(driver: NvidiaDriver | Unknown) -> None:
    outcome = plan("pytorch-cuda12", replace(machine("K80"), driver=driver))
    assert isinstance(outcome, Refusal)
    assert not any("driver" in reason for reason in outcome.reasons)


def test_no_driver_is_something_else_than_an_unknown_one() -> None:
    hardware = hardware_of(machine("A100"))
    builds = [build for build in torch_builds(KNOWLEDGE, "linux-x86_64") if build.flavour == "cuda"]
    assert newest_build(builds, lambda build: refusal(KNOWLEDGE, build, hardware)) is None
    unknown = replace(hardware, driver=UNKNOWN[0])
    newest = newest_build(builds, lambda build: refusal(KNOWLEDGE, build, unknown))
    assert newest is not None
    assert driver_wanted(KNOWLEDGE, newest, unknown) == DriverVersion("580")
    assert driver_wanted(KNOWLEDGE, newest, hardware) is None


def test_in_wsl_the_driver_has_the_numbers_of_windows() -> None:
    os = OperatingSystem("linux", "x86_64", libc="glibc", libc_version=Version("2.39"), version="24.04", wsl=2)
    assert hardware_of(replace(machine("A100"), os=os)) == replace(Hardware("windows"), gpus=machine("A100").gpus)


@pytest.mark.parametrize(
    ("profile", "gpu", "driver", "advice"),
    [
        ("pytorch-cuda13", "GTX 1080", "580.95.05", ["pytorch-cuda12", "pytorch-cuda11", "pytorch-cpu"]),
        ("pytorch-cuda13", "RTX 5090", "575.57.08", ["pytorch-cuda12", "pytorch-cpu"]),
        ("pytorch-cuda11", "H100", "580.95.05", ["pytorch-cuda13", "pytorch-cuda12", "pytorch-cpu"]),
        ("pytorch-cuda12", "RTX 3090", "470.82.01", ["pytorch-cuda11", "pytorch-cpu"]),
        ("pytorch-cuda12", "K80", "580.95.05", ["pytorch-cuda11", "pytorch-cpu"]),
    ],
)
def test_only_what_runs_here_is_advised_and_the_newest_first(profile: str, gpu: str, driver: str, advice: list[str]) -> None:
    outcome = plan(profile, machine(gpu, driver))
    assert isinstance(outcome, Refusal)
    told = [line.rpartition(" ")[2] for line in outcome.instead if line.startswith("envdoctor install ")]
    assert told == advice
