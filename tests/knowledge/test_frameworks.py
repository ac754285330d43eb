"""Every framework through one door."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.knowledge.frameworks import builds_of, releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.model.unknown import Unknown

LINUX = "linux-x86_64"
PACKAGES = (
    "torch", "torchvision", "tensorflow", "tensorflow-cpu", "jax", "onnxruntime", "onnxruntime-gpu", "keras", "numpy",
    "vllm", "cupy-cuda12x", "cupy-cuda13x", "cudf-cu12", "cudf-cu13", "xformers", "bitsandbytes", "transformers", "mxnet",
)  # fmt: skip


def builds(knowledge: Knowledge, package: str, version: str, platform: str = LINUX) -> list[Release]:
    found = builds_of(knowledge, package, Version(version))
    assert isinstance(found, tuple)
    return [release for release in found if release.platform == platform]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_release_has_its_shape(knowledge: Knowledge, package: str) -> None:
    found = releases(knowledge, package)
    assert found
    for release in found:
        assert release.package == package
        assert release.wheels, release
        assert release.source or release.doubts, release
        assert release.flavour in {"cuda", "rocm", "xpu", "cpu"}
        assert (release.code is None) == (release.flavour in {"xpu", "cpu"}), release
        assert release.is_default == (release.index is None)
        assert release.requirement.endswith(f"=={release.version}")
        assert not release.version.is_prerelease
    assert [release.version for release in found] == sorted((release.version for release in found), reverse=True)


def test_releases_of_a_platform(knowledge: Knowledge) -> None:
    assert {release.platform for release in releases(knowledge, "torch", "linux-aarch64")} == {"linux-aarch64"}
    assert releases(knowledge, "nosuch") == ()


def test_tensorflow_is_one_gpu_build_with_and_without_its_extra(knowledge: Knowledge) -> None:
    plain, with_libraries = builds(knowledge, "tensorflow", "2.19.1")
    assert (plain.requirement, with_libraries.requirement) == ("tensorflow==2.19.1", "tensorflow[and-cuda]==2.19.1")
    assert plain.cuda == with_libraries.cuda == Version("12.5.1")
    assert (plain.cudnn, with_libraries.cudnn) == ("==9.*", "==9.3.0.75")
    assert plain.code == ("sm_60", "sm_70", "sm_80", "sm_89", "sm_90", "compute_90")


def test_tensorflow_elsewhere(knowledge: Knowledge) -> None:
    assert [b.flavour for b in builds(knowledge, "tensorflow", "2.10.1", "windows-x86_64")] == ["cuda"]
    assert [b.flavour for b in builds(knowledge, "tensorflow", "2.11.0", "windows-x86_64")] == ["cpu"]
    assert [b.flavour for b in builds(knowledge, "tensorflow", "2.21.0", "linux-aarch64")] == ["cpu"]
    assert builds(knowledge, "tensorflow", "2.17.0", "macos-x86_64") == []


def test_tensorflow_2_15_0_pins_what_cannot_be_installed(knowledge: Knowledge) -> None:
    broken = [build.broken is not None for build in builds(knowledge, "tensorflow", "2.15.0")]
    mended = [build.broken is not None for build in builds(knowledge, "tensorflow", "2.15.1")]
    assert (broken, mended) == ([False, True], [False, False])


def test_a_pre_release_says_what_it_is_and_no_more(knowledge: Knowledge) -> None:
    plain, *_ = builds(knowledge, "tensorflow", "2.22.0rc0")
    assert plain.fits_python("3.14")
    assert isinstance(plain.cuda, Unknown)
    assert isinstance(plain.code, Unknown)


def test_jax_comes_in_extras(knowledge: Knowledge) -> None:
    cpu, cuda12, cuda13 = builds(knowledge, "jax", "0.12.0")
    assert [b.requirement for b in (cpu, cuda12, cuda13)] == ["jax==0.12.0", "jax[cuda12]==0.12.0", "jax[cuda13]==0.12.0"]
    assert (cuda12.gpu_floor, cuda13.gpu_floor) == ((5, 2), (7, 5))
    assert (cuda12.cudnn, cuda13.cudnn) == ("<10.0,>=9.10.2.21", "<10.0,>=9.12.0.46")
    assert isinstance(cuda13.cuda, Version)
    assert cuda13.cuda.major == 13
    assert cuda12.doubts == ()
    assert not cpu.fits_python("3.11")


def test_jax_before_there_was_a_cuda13_plugin(knowledge: Knowledge) -> None:
    found = builds(knowledge, "jax", "0.7.1")
    assert [build.build for build in found] == ["cpu", "cuda12"]
    assert found[1].doubts == ("code",)
    assert [build.build for build in builds(knowledge, "jax", "0.12.0", "windows-x86_64")] == ["cpu"]


def test_jax_takes_the_jaxlib_before_it_where_there_is_none_of_its_number(knowledge: Knowledge) -> None:
    assert [build.build for build in builds(knowledge, "jax", "0.4.37")] == ["cpu", "cuda12"]


@pytest.mark.parametrize(
    ("version", "cuda", "code"),
    [
        ("1.18.1", "11.8", "sm_52"),
        ("1.19.0", "12", "sm_52"),
        ("1.26.0", "12.8", "sm_60"),
        ("1.27.0", "13.0", "sm_100"),
        ("1.31.1", "13.0", "sm_120"),
    ],
)
def test_onnxruntime_gpu(knowledge: Knowledge, version: str, cuda: str, code: str) -> None:
    (release,) = builds(knowledge, "onnxruntime-gpu", version)
    assert release.cuda == Version(cuda)
    assert isinstance(release.code, tuple)
    assert code in release.code


def test_extensions(knowledge: Knowledge) -> None:
    (vllm,) = builds(knowledge, "vllm", "0.20.1")
    assert (vllm.cuda, vllm.gpu_floor, vllm.glibc_floor("3.12")) == (Version("13"), (7, 5), Version("2.35"))
    (cudf,) = builds(knowledge, "cudf-cu12", "26.10.2")
    assert (cudf.driver, cudf.gpu_floor) == (Version("535"), (7, 0))


def test_what_is_not_in_the_tables(knowledge: Knowledge) -> None:
    assert isinstance(builds_of(knowledge, "flax", Version("1.0")), Unknown)
    assert isinstance(builds_of(knowledge, "jax", Version("9.0")), Unknown)
    assert builds_of(knowledge, "jax", Version("0.11.77")) is None
