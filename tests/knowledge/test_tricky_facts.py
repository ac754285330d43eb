"""Questions that careless tools get wrong, as far as a look-up alone can answer them."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.amd import gfx_override, wheel_targets
from envdoctor.knowledge.cuda import DriverFloor, driver_floor, newest_host_compiler, ptx_version
from envdoctor.knowledge.cudnn import cudnn_floor, last_cudnn_for, newest_cudnn
from envdoctor.knowledge.drivers import cuda_of_driver, forward_compatibility, is_compat_refused
from envdoctor.knowledge.extensions import bitsandbytes_library, pins
from envdoctor.knowledge.frameworks import builds_of, releases
from envdoctor.knowledge.gpu_code import serves
from envdoctor.knowledge.gpus import architecture, find_gpus, module_flavours
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import mps_floor, torch_release
from envdoctor.knowledge.torch_compile import compile_refuses_from
from envdoctor.knowledge.wheels import is_python_supported, package_versions
from envdoctor.model.unknown import Unknown

LINUX = "linux-x86_64"


def torch(knowledge: Knowledge, version: str, platform: str = LINUX) -> Release:
    found = torch_release(knowledge, Version(version), platform)
    assert isinstance(found, Release), found
    return found


def runs(knowledge: Knowledge, release: Release, gpu: str, driver: str, system: str = "linux") -> tuple[bool | Unknown, bool]:
    """Whether the driver is new enough for the build, and whether the build's machine code serves the GPU."""
    (capability,) = {model.compute_capability for model in find_gpus(knowledge, gpu)}
    assert capability is not None
    assert isinstance(release.cuda, Version)
    assert isinstance(release.code, tuple)
    floor = driver_floor(knowledge, release.cuda, system)
    assert isinstance(floor, DriverFloor)
    return floor.admits(Version(driver)), serves(release.code, capability).native


@pytest.mark.parametrize(
    ("number", "version", "gpu", "driver", "answer"),
    [
        (1, "2.8.0", "NVIDIA A100-SXM4-80GB", "525.60.13", (True, True)),
        (1, "2.8.0", "NVIDIA A100-SXM4-80GB", "520.61.05", (False, True)),
        (2, "2.7.1+cu118", "GeForce RTX 3090", "470.256.02", (True, True)),
        (2, "2.7.1", "GeForce RTX 3090", "470.256.02", (False, True)),
        (3, "2.8.0+cu129", "GeForce RTX 4090", "570.124.06", (True, True)),
        (4, "2.15.0", "NVIDIA L4", "580.65.06", (True, True)),
        (7, "2.15.0", "NVIDIA A100-SXM4-80GB", "535.309.01", (False, True)),
        (10, "2.7.1+cu128", "Tesla V100-SXM2-16GB", "570.124.06", (True, False)),
        (10, "2.7.1", "Tesla V100-SXM2-16GB", "570.124.06", (True, True)),
        (11, "2.9.1", "GeForce GTX 1080", "580.95.05", (True, False)),
        (11, "2.9.1+cu126", "GeForce GTX 1080", "580.95.05", (True, True)),
        (12, "2.9.1", "GeForce RTX 4090", "570.124.06", (True, True)),
        (14, "1.12.1", "NVIDIA A100-SXM4-40GB", "535.54.03", (True, False)),
        (14, "1.12.1+cu116", "NVIDIA A100-SXM4-40GB", "535.54.03", (True, True)),
        (15, "1.12.1", "Tesla T4", "470.256.02", (True, True)),
        (16, "2.0.1", "Tesla K80", "470.256.02", (True, True)),
        (16, "2.1.0", "Tesla K80", "470.256.02", (False, False)),
        (17, "2.9.1", "Tesla V100-SXM2-32GB", "580.95.05", (True, True)),
        (17, "2.9.1", "GeForce RTX 5090", "580.95.05", (True, True)),
        (41, "2.14.1", "NVIDIA A10", "580.65.06", (True, True)),
    ],
)
def test_torch_on_linux(
    knowledge: Knowledge, number: int, version: str, gpu: str, driver: str, answer: tuple[bool, bool]
) -> None:
    assert runs(knowledge, torch(knowledge, version), gpu, driver) == answer, f"question {number}"


def test_1_what_the_driver_would_have_to_compile_fails(knowledge: Knowledge) -> None:
    emitted, understood = ptx_version(knowledge, Version("12.8")), ptx_version(knowledge, Version("12.0"))
    assert isinstance(emitted, Version)
    assert isinstance(understood, Version)
    assert emitted > understood


def test_2_the_newest_on_driver_470_is_2_7_1_cu118(knowledge: Knowledge) -> None:
    def is_running(release: Release) -> bool:
        return (
            release.flavour == "cuda"
            and release.fits_python("3.12")
            and runs(knowledge, release, "GeForce RTX 3090", "470.256.02") == (True, True)
        )

    newest = next(release for release in releases(knowledge, "torch", LINUX) if is_running(release))
    assert newest.full_version == "2.7.1+cu118"


def test_6_7_forward_compatibility(knowledge: Knowledge) -> None:
    assert is_compat_refused(knowledge, Version("12.4"), 580) is True
    allowed = forward_compatibility(knowledge, Version("13.2"), 535, "datacenter")
    assert allowed is not None
    assert not isinstance(allowed, Unknown)
    assert allowed.package == "cuda-compat-13-2"
    assert forward_compatibility(knowledge, Version("13.2"), 535, "consumer") is None
    assert isinstance(forward_compatibility(knowledge, Version("13.2"), 550, "datacenter"), Unknown)


@pytest.mark.parametrize(("driver", "answer"), [("551.61", True), ("527.20", False)])
def test_8_windows_has_its_own_numbers(knowledge: Knowledge, driver: str, answer: bool) -> None:
    build = torch(knowledge, "2.8.0+cu128", "windows-x86_64")
    assert runs(knowledge, build, "GeForce RTX 4070", driver, "windows") == (answer, True)


def test_8_between_two_official_numbers_nothing_is_certain(knowledge: Knowledge) -> None:
    build = torch(knowledge, "2.8.0+cu128", "windows-x86_64")
    assert isinstance(runs(knowledge, build, "GeForce RTX 4070", "528.02", "windows")[0], Unknown)


def test_9_no_longer_number_than_is_stated(knowledge: Knowledge) -> None:
    floor = driver_floor(knowledge, Version("13.2"), "windows")
    assert isinstance(floor, DriverFloor)
    assert str(floor.version) == "580"


def test_13_30_arm(knowledge: Knowledge) -> None:
    assert torch(knowledge, "2.10.0", "linux-aarch64").flavour == "cpu"
    build = torch(knowledge, "2.11.0", "linux-aarch64")
    assert runs(knowledge, build, "NVIDIA GB10", "580.95.05") == (True, True)
    assert runs(knowledge, build, "NVIDIA GH200 480GB", "580.95.05") == (True, True)


def test_16_convolutions_on_kepler_end_with_cudnn_8(knowledge: Knowledge) -> None:
    floors = {}
    for version in ("2.0.1", "2.3.1+cu118", "2.4.1+cu118"):
        build = torch(knowledge, version)
        assert isinstance(build.cudnn, str)
        assert isinstance(build.cuda, Version)
        floor = cudnn_floor(knowledge, Version(build.cudnn.removeprefix("==")), build.cuda)
        assert not isinstance(floor, Unknown)
        floors[version] = floor.compute_capability <= (3, 7)
    assert floors == {"2.0.1": True, "2.3.1+cu118": True, "2.4.1+cu118": False}


def test_17_19_no_module_serves_volta_and_blackwell(knowledge: Knowledge) -> None:
    volta, blackwell = architecture(knowledge, (7, 0)), architecture(knowledge, (12, 0))
    assert not isinstance(volta, Unknown)
    assert not isinstance(blackwell, Unknown)
    assert module_flavours(knowledge, volta, "Tesla V100", 580) == "proprietary"
    assert module_flavours(knowledge, blackwell, "GeForce RTX 5070 Ti", 570) == "open"


def test_18_titan_x_is_two_gpus(knowledge: Knowledge) -> None:
    assert {model.compute_capability for model in find_gpus(knowledge, "TITAN X")} == {(5, 2), (6, 1)}


def test_20_a_card_can_need_a_newer_driver_than_cuda(knowledge: Knowledge) -> None:
    (model,) = find_gpus(knowledge, "GeForce RTX 5060")
    assert model.compute_capability is not None
    found = architecture(knowledge, model.compute_capability)
    assert not isinstance(found, Unknown)
    assert found.first_branch == 570
    assert runs(knowledge, torch(knowledge, "2.8.0"), "GeForce RTX 5060", "550.163.01") == (True, True)


def test_21_jax_takes_a_cudnn_without_pascal(knowledge: Knowledge) -> None:
    builds = builds_of(knowledge, "jax", package_versions(knowledge, "jax")[-1])
    assert isinstance(builds, tuple)
    of = {build.build: build for build in builds if build.platform == LINUX}
    newest = newest_cudnn(knowledge, Version("12"))
    assert newest is not None
    floor = cudnn_floor(knowledge, newest)
    assert not isinstance(floor, Unknown)
    assert (of["cuda12"].gpu_floor or (9, 9)) <= (6, 1) < floor.compute_capability
    pin = last_cudnn_for(knowledge, (6, 1))
    assert pin is not None
    assert pin.requirement == "nvidia-cudnn-cu12==9.10.2.21"
    assert (of["cuda13"].gpu_floor or (0, 0)) > (6, 1)


def test_24_newest_onnxruntime_gpu_for_cuda_12(knowledge: Knowledge) -> None:
    def newest(python: str) -> str:
        for release in releases(knowledge, "onnxruntime-gpu", LINUX):
            assert isinstance(release.cuda, Version)
            floor = driver_floor(knowledge, release.cuda, "linux")
            if release.fits_python(python) and isinstance(floor, DriverFloor) and floor.admits(Version("550.163.01")) is True:
                return str(release.version)
        return "none"

    assert (newest("3.12"), newest("3.10")) == ("1.26.0", "1.23.2")


def test_25_26_python(knowledge: Knowledge) -> None:
    assert torch(knowledge, "2.9.1").fits_python("3.14")
    assert compile_refuses_from(knowledge, Version("2.9.1")) == Version("3.14")
    assert not torch(knowledge, "2.9.1").fits_python("3.15")
    assert torch(knowledge, "2.5.1").fits_python("3.13")
    assert is_python_supported(knowledge, "torchvision", Version("0.20.1"), LINUX, "3.13") is False


def test_27_glibc_of_vllm(knowledge: Knowledge) -> None:
    floors = {}
    for version in ("0.19.1", "0.20.1", "0.21.0"):
        builds = builds_of(knowledge, "vllm", Version(version))
        assert isinstance(builds, tuple)
        floors[version] = next(build.glibc_floor("3.12") for build in builds if build.platform == LINUX)
    assert floors == {"0.19.1": Version("2.31"), "0.20.1": Version("2.35"), "0.21.0": Version("2.24")}


def test_28_29_32_platforms(knowledge: Knowledge) -> None:
    assert torch_release(knowledge, Version("2.9.1"), "musl-x86_64") is None
    assert torch(knowledge, "2.9.1", "windows-x86_64").flavour == "cpu"
    assert torch(knowledge, "2.9.1+cu128", "windows-x86_64").flavour == "cuda"
    installs = {v: torch(knowledge, v, "macos-arm64").macos_floor("3.12") for v in ("2.8.0", "2.11.0", "2.12.0")}
    assert installs == {"2.8.0": Version("11.0"), "2.11.0": Version("11.0"), "2.12.0": Version("14.0")}
    on_gpu = mps_floor(knowledge, Version("2.8.0"))
    assert on_gpu is not None
    assert not isinstance(on_gpu, Unknown)
    assert on_gpu.macos == Version("13.0")


def test_33_mxnet_needs_an_old_numpy(knowledge: Knowledge) -> None:
    found = pins(knowledge, "mxnet", Version("1.9.1"))
    assert found is not None
    assert not isinstance(found, Unknown)
    assert found.ranges["numpy"] == "<1.24"


def test_34_35_36_tensorflow(knowledge: Knowledge) -> None:
    builds = builds_of(knowledge, "tensorflow", Version("2.15.0"))
    assert isinstance(builds, tuple)
    assert [bool(build.broken) for build in builds if build.extra == "and-cuda"] == [True]
    assert is_python_supported(knowledge, "tensorflow", Version("2.21.0"), LINUX, "3.14") is False
    assert is_python_supported(knowledge, "tensorflow", Version("2.22.0rc0"), LINUX, "3.14") is True
    newer = builds_of(knowledge, "tensorflow", Version("2.20.0"))
    assert isinstance(newer, tuple)
    assert [build.cudnn for build in newer if build.extra] == ["<10.0,>=9.3.0.75"]


def test_38_bitsandbytes(knowledge: Knowledge) -> None:
    libraries = [bitsandbytes_library(knowledge, Version(v), Version("13.2"), "linux") for v in ("0.49.2", "0.50.2")]
    assert [found.name for found in libraries if not isinstance(found, Unknown)] == [None, "cuda132"]


def test_39_paddle(knowledge: Knowledge) -> None:
    newest = package_versions(knowledge, "paddlepaddle-gpu")[-1]
    assert is_python_supported(knowledge, "paddlepaddle-gpu", newest, LINUX, "3.13") is False


def test_41_what_the_registry_gives_beats_an_announcement(knowledge: Knowledge) -> None:
    assert torch(knowledge, "2.14.1").cuda == Version("13.0")
    assert torch(knowledge, "2.15.0").cuda == Version("13.2")


def test_43_gcc(knowledge: Knowledge) -> None:
    found = newest_host_compiler(knowledge, Version("12.9"), "gcc")
    assert not isinstance(found, Unknown)
    assert found.newest < Version("15.1.1")


def test_44_45_amd(knowledge: Knowledge) -> None:
    targets = wheel_targets(knowledge, Version("6.4"))
    assert not isinstance(targets, Unknown)
    assert targets.serves("gfx1031") is False
    assert gfx_override(knowledge, "gfx1031") is not None
    build = torch(knowledge, "2.14.1+rocm7.14")
    assert build.rocm is not None
    assert build.rocm > Version("7.2")
    assert isinstance(build.code, tuple)
    assert "gfx942" in build.code


def test_5_3_what_the_driver_reports_is_no_ceiling(knowledge: Knowledge) -> None:
    assert cuda_of_driver(knowledge, Version("570.124.06"), "linux") == Version("12.8")
    floor = driver_floor(knowledge, Version("12.9"), "linux")
    assert isinstance(floor, DriverFloor)
    assert floor.admits(Version("570.124.06")) is True
