"""The planner's choices against a second derivation from the reference tables, by a rule of thumb written apart from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from envdoctor.install.planner import Options, plan_install
from envdoctor.model.plan import Plan, Refusal
from envdoctor.profiles.loading import load_profile
from tests.install.planning import CAPABILITIES, KNOWLEDGE, machine, offers, package_index

FLOORS = {11: "450.80.02", 12: "525.60.13", 13: "580"}
PROFILES = {"pytorch-cuda11": (11, "1.13", "2.8"), "pytorch-cuda12": (12, "2.1", "3"), "pytorch-cuda13": (13, "2.9", "3")}
DRIVERS = ("450.51.06", "450.80.02", "470.82.01", "520.61.05", "525.60.13", "535.104.05", "550.54.15", "575.57.08", "580.95.05")


@pytest.fixture(scope="module")
def default_builds(shared_folder: Path) -> list[tuple[Version, Version, list[int]]]:
    """Release, CUDA and sm numbers of what the package index gives Python 3.11 on Linux x86_64."""
    table = yaml.safe_load((shared_folder / "reference" / "pytorch.yaml").read_text())
    rows: list[dict[str, Any]] = table["releases"]["rows"]
    return [
        (
            Version(row["version"]),
            Version(str(row["pypi_linux_x86_64"]).split()[1]),
            [int(flag[3:]) for flag in str(row["pypi_arch_flags"]).split() if flag.startswith("sm_")],
        )
        for row in rows
        if str(row["pypi_linux_x86_64"]).startswith("cuda ") and "cp311" in str(row["python_linux_x86_64"]).split()
    ]


def expected(
    builds: list[tuple[Version, Version, list[int]]], profile: str, capability: tuple[int, int], driver: str
) -> str | None:
    """The newest release whose CUDA the driver runs and whose machine code serves the card."""
    major, low, high = PROFILES[profile]
    fitting = [
        release
        for release, cuda, codes in builds
        if cuda.major == major
        and Version(low) <= release < Version(high)
        and Version(driver) >= Version(FLOORS[major])
        and any(code // 10 == capability[0] and code % 10 <= capability[1] for code in codes)
    ]
    return str(max(fitting)) if fitting else None


@pytest.mark.parametrize("gpu", CAPABILITIES)
@pytest.mark.parametrize("profile", PROFILES)
def test_default_builds(default_builds: list[tuple[Version, Version, list[int]]], profile: str, gpu: str) -> None:
    available = offers(package_index("torch", "torchvision", "torchaudio", "numpy"))
    for driver in DRIVERS:
        outcome = plan_install(machine(gpu, driver), load_profile(profile), KNOWLEDGE, available, Options("/e", python="3.11"))
        wanted = expected(default_builds, profile, CAPABILITIES[gpu], driver)
        if wanted is None:
            assert isinstance(outcome, Refusal), (driver, outcome)
        else:
            assert isinstance(outcome, Plan), (driver, outcome)
            assert outcome.steps[1].requirements[0] == f"torch=={wanted}", driver


@pytest.mark.parametrize(
    ("profile", "gpu", "driver", "lines"),
    [
        # others.yaml: CUDA 13 from 1.27 on, and no longer for Maxwell, Pascal and Volta
        ("onnxruntime-gpu", "A100", "470.82.01", None),
        ("onnxruntime-gpu", "A100", "525.60.13", ["onnxruntime-gpu[cuda,cudnn]>=1.21,!=1.27.0,<=1.26.0"]),
        ("onnxruntime-gpu", "A100", "580.95.05", ["onnxruntime-gpu[cuda,cudnn]>=1.21,!=1.27.0"]),
        (
            "onnxruntime-gpu", "GTX 1080", "580.95.05",
            ["onnxruntime-gpu[cuda,cudnn]>=1.21,!=1.27.0,<=1.26.0", "nvidia-cudnn-cu12==9.10.2.21"],
        ),
        ("onnxruntime-gpu", "K80", "470.82.01", None),
        ("tensorflow-cuda", "A100", "535.104.05", ["tensorflow[and-cuda]>=2.15.1,<3"]),
        ("tensorflow-cuda", "A100", "470.82.01", None),
        # the extra asks for cuDNN >=9.3,<10: the newest has no kernels below 7.5 (nvidia_wheels.yaml)
        ("tensorflow-cuda", "V100", "550.54.15", ["tensorflow[and-cuda]>=2.15.1,<3", "nvidia-cudnn-cu12==9.10.2.21"]),
        ("tensorflow-cuda", "RTX 5090", "580.95.05", None),
        ("jax-cuda12", "A100", "525.60.13", ["jax[cuda12]>=0.4.31,<1"]),
        ("jax-cuda12", "V100", "535.104.05", ["jax[cuda12]>=0.4.31,<1", "nvidia-cudnn-cu12==9.10.2.21"]),
        ("jax-cuda12", "A100", "470.82.01", None),
        ("jax-cuda13", "A100", "550.54.15", None),
        ("jax-cuda13", "A100", "580.95.05", ["jax[cuda13]>=0.7.2,<1"]),
        ("jax-cuda13", "V100", "580.95.05", None),
        ("jax-cuda12", "RTX 5090", "575.57.08", ["jax[cuda12]>=0.4.31,<1"]),
    ],
)  # fmt: skip
def test_packages_with_one_cuda_a_release(profile: str, gpu: str, driver: str, lines: list[str] | None) -> None:
    available = offers(package_index("onnxruntime-gpu", "tensorflow", "jax", "keras"))
    outcome = plan_install(machine(gpu, driver), load_profile(profile), KNOWLEDGE, available, Options("/e", python="3.11"))
    if lines is None:
        assert isinstance(outcome, Refusal), outcome
        return
    assert isinstance(outcome, Plan), outcome
    asked = list(outcome.steps[1].requirements)
    assert [line for line in asked if not line.startswith(("numpy", "keras"))] == lines
