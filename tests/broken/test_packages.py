"""Packages that do not fit each other, or are there only in part: each is called by its right name, for certain."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.broken.making import Environment, diagnose, finding, rules_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made with links, as on POSIX systems")


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "env")


def test_torch_and_torchvision_of_different_releases(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.install_torch("2.9.1")
    environment.install("torchvision", "0.23.0", "torch==2.8.0", **{"torchvision/__init__.py": ""})
    report = diagnose(environment.prefix, capsys)
    found = finding(report, "torch-companion-mismatch")
    assert (found["severity"], found["confidence"], report["exit_status"]) == ("error", "certain", 1)
    environment.uninstall("torchvision", "0.23.0")
    environment.install("torchvision", "0.24.1", "torch==2.9.1", **{"torchvision/__init__.py": ""})
    assert "torch-companion-mismatch" not in rules_of(diagnose(environment.prefix, capsys))


def test_wheels_for_two_releases_of_cuda(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    path = "nvidia/cudnn/lib/libcudnn.so.9"
    environment.install_torch("2.9.1", "nvidia-cudnn-cu12==9.10.2.21")
    environment.install("nvidia-cudnn-cu12", "9.10.2.21", **{path: b"twelve"})
    environment.install("nvidia-cudnn-cu13", "9.12.0.46", **{path: b"thirteen"})
    report = diagnose(environment.prefix, capsys)
    found = finding(report, "cuda-libs-conflict")
    assert (found["severity"], found["confidence"], report["exit_status"]) == ("error", "certain", 1)
    assert "those of nvidia-cudnn-cu13" in found["detail"]
    assert "Keep nvidia-cudnn-cu12 only" in found["fixes"][0]["title"]
    environment.uninstall("nvidia-cudnn-cu13", "9.12.0.46")
    environment.install("nvidia-cudnn-cu12", "9.10.2.21", **{path: b"twelve"})
    assert "cuda-libs-conflict" not in rules_of(diagnose(environment.prefix, capsys))


def test_numpy_2_under_a_package_for_numpy_1(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.install("numpy", "2.2.0", **{"numpy/__init__.py": ""})
    environment.install("compiled-thing", "1.0", "numpy<2,>=1.21", **{"compiled_thing/__init__.py": ""})
    found = finding(diagnose(environment.prefix, capsys), "numpy2-abi")
    assert (found["severity"], found["confidence"]) == ("error", "likely")
    assert "numpy<2" in found["fixes"][0]["commands"][-1][-1]
    environment.uninstall("numpy", "2.2.0")
    environment.install("numpy", "1.26.4", **{"numpy/__init__.py": ""})
    assert "numpy2-abi" not in rules_of(diagnose(environment.prefix, capsys))


def test_an_interrupted_install(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.install_torch("2.9.1")
    for name in ("torch", "torch-2.9.1.dist-info"):
        (environment.site / name).rename(environment.site / f"~{name[1:]}")
    environment.install_torch("2.8.0")
    report = diagnose(environment.prefix, capsys)
    assert "broken-package-metadata" in rules_of(report)
    assert all(one["confidence"] == "certain" for one in report["findings"] if one["rule"] == "broken-package-metadata")
    for name in ("~orch", "~orch-2.9.1.dist-info"):
        shutil.rmtree(environment.site / name)
    assert "broken-package-metadata" not in rules_of(diagnose(environment.prefix, capsys))


def test_a_package_that_is_half_uninstalled(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"half/__init__.py": "", "half/part.py": "x = 1\n"}
    environment.install("half", "1.0", **files)
    assert "package-files-missing" not in rules_of(diagnose(environment.prefix, capsys, "--deep"))
    (environment.site / "half/part.py").unlink()
    found = finding(diagnose(environment.prefix, capsys, "--deep"), "package-files-missing")
    assert (found["severity"], found["confidence"]) == ("error", "certain")
    assert found["fixes"][0]["commands"][-1][-1] == "half==1.0"
    shutil.rmtree(environment.site / "half")
    assert "package-files-missing" in rules_of(diagnose(environment.prefix, capsys))
    environment.install("half", "1.0", **files)
    assert "package-files-missing" not in rules_of(diagnose(environment.prefix, capsys, "--deep"))


def test_metadata_of_two_versions(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.install("thing", "1.0", **{"thing/__init__.py": ""})
    environment.install("thing", "2.0", **{"thing/__init__.py": ""})
    found = finding(diagnose(environment.prefix, capsys), "broken-package-metadata")
    assert found["confidence"] == "certain"
    shutil.rmtree(environment.site / "thing-1.0.dist-info")
    assert "broken-package-metadata" not in rules_of(diagnose(environment.prefix, capsys))


def test_conda_and_pip_both_own_numpy(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    (environment.prefix / "pyvenv.cfg").unlink()
    records = environment.prefix / "conda-meta"
    records.mkdir()
    (records / "history").write_text("")
    (records / f"python-{'.'.join(map(str, sys.version_info[:3]))}-h1_0.json").write_text("{}")
    (records / "numpy-1.26.4-py311_0.json").write_text('{"name": "numpy"}')
    environment.install("numpy", "2.2.0", **{"numpy/__init__.py": ""})
    report = diagnose(environment.prefix, capsys)
    found = finding(report, "mixed-pip-conda")
    assert "dependency-conflict" not in [one["rule"] for one in report["undecided"]]
    assert found["confidence"] == "certain"
    assert "1.26.4" in found["detail"]
    assert "2.2.0" in found["detail"]
    environment.uninstall("numpy", "2.2.0")
    assert "mixed-pip-conda" not in rules_of(diagnose(environment.prefix, capsys))


@pytest.mark.parametrize("by_conda", ["1.26.4", "2.2.0"])
def test_conda_and_pip_both_left_metadata_of_numpy(
    environment: Environment, capsys: pytest.CaptureFixture[str], by_conda: str
) -> None:
    (environment.prefix / "pyvenv.cfg").unlink()
    records = environment.prefix / "conda-meta"
    records.mkdir()
    (records / "history").write_text("")
    (records / f"numpy-{by_conda}-py311_0.json").write_text('{"name": "numpy"}')
    for version in ("1.26.4", "2.2.0"):
        environment.install("numpy", version, **{"numpy/__init__.py": ""})
    (environment.site / f"numpy-{by_conda}.dist-info/INSTALLER").write_text("conda\n")
    report = diagnose(environment.prefix, capsys)
    found = finding(report, "mixed-pip-conda")
    assert found["confidence"] == "certain"
    by_pip = "2.2.0" if by_conda == "1.26.4" else "1.26.4"
    assert f"{by_pip} by pip, {by_conda} by conda" in found["detail"]
    assert [command[-1] for command in found["fixes"][0]["commands"]][-3:] == ["numpy", "numpy", f"numpy={by_conda}"]
    assert "broken-package-metadata" not in rules_of(report)
    (records / f"numpy-{by_conda}-py311_0.json").unlink()
    (environment.site / f"numpy-{by_conda}.dist-info/INSTALLER").write_text("pip\n")
    found_now = rules_of(diagnose(environment.prefix, capsys))
    assert "broken-package-metadata" in found_now
    assert "mixed-pip-conda" not in found_now


def test_a_build_without_cuda_for_a_machine_with_a_gpu(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.install_torch("2.9.1", cuda=None)
    target = "gpu=NVIDIA H100 80GB HBM3,driver=580.95.05,os=linux,machine=x86_64,glibc=2.35"
    found = finding(diagnose(environment.prefix, capsys, "--target", target), "cpu-only-build")
    assert found["confidence"] == "certain"
    assert "cpu-only-build" not in rules_of(diagnose(environment.prefix, capsys, "--target", "gpu=none"))


def test_two_opencv_packages(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.install("opencv-python", "4.10.0.84", **{"cv2/__init__.py": "", "cv2/cv2.abi3.so": b"with windows"})
    environment.install("opencv-python-headless", "4.10.0.84", **{"cv2/__init__.py": "", "cv2/cv2.abi3.so": b"without"})
    found = finding(diagnose(environment.prefix, capsys), "packages-share-files")
    assert found["confidence"] == "certain"
    assert "those of opencv-python-headless" in found["detail"]


def test_a_module_that_takes_the_name_of_a_standard_one(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code/random.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "code"))
    found = finding(diagnose(environment.prefix, capsys), "standard-library-shadowed")
    assert (found["severity"], found["confidence"]) == ("warning", "certain")
    monkeypatch.delenv("PYTHONPATH")
    assert "standard-library-shadowed" not in rules_of(diagnose(environment.prefix, capsys))


@pytest.mark.parametrize(
    ("first", "second", "path", "is_found"),
    [
        ("nvidia-curand-cu11", "nvidia-curand-cu12", "nvidia/curand/lib/libcurand.so.10", True),
        ("nvidia-nvtx-cu11", "nvidia-nvtx-cu12", "nvidia/nvtx/lib/libnvToolsExt.so.1", True),
        ("nvidia-cublas-cu11", "nvidia-cublas-cu12", "nvidia/cublas/include/cublas.h", False),  # libcublas.so.11, libcublas.so.12
        ("nvidia-cuda-runtime", "nvidia-cuda-runtime-cu12", "nvidia/shared.txt", False),
    ],
)
def test_parts_of_cuda_whose_libraries_have_one_name(
    environment: Environment, capsys: pytest.CaptureFixture[str], first: str, second: str, path: str, is_found: bool
) -> None:
    for name, content in ((first, b"one"), (second, b"other one")):
        module = name.replace("-", "_")
        environment.install(name, "10.3.0", **{path: content, f"nvidia/{module}.h": b"first"})
    report = diagnose(environment.prefix, capsys)
    if is_found:
        found = finding(report, "cuda-libs-conflict")
        assert (found["confidence"], f"those of {second}" in found["detail"]) == ("certain", True)
    else:
        assert "cuda-libs-conflict" not in {one["rule"] for one in report["findings"]}
