"""Whether an image runs on hardware that `--target` states: by its driver floor, its GPU code, its glibc, the processor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envdoctor.cli import run
from tests.hostile.packing import CONFIG, entries_of_oci, layer_of_files, write_folder
from tests.system.made_libraries import CUBIN, elf_with, piece, region

SITE = "opt/env/lib/python3.12/site-packages"
LIBRARY = elf_with({".text": b"x", ".nv_fatbin": region(piece(CUBIN, 80), piece(CUBIN, 90))})
BASE: dict[str, str | bytes] = {
    "etc/os-release": 'ID=ubuntu\nVERSION_ID="22.04"\n',
    "usr/bin/ldd": "#! /bin/bash\n    echo 'ldd (Ubuntu GLIBC 2.35-0ubuntu3) 2.35'\n",
    "lib64/ld-linux-x86-64.so.2": b"",
    "opt/env/pyvenv.cfg": "home = /usr/bin\nversion = 3.12.3\n",
    "opt/env/bin/python3": elf_with({".text": b"x"}),
}
COMPAT = "usr/local/cuda-13.0/compat/libcuda.so.580.95.05"


def installed(name: str, version: str, **files: str | bytes) -> dict[str, str | bytes]:
    folder = f"{SITE}/{name}-{version}.dist-info"
    return {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_28_x86_64\n",
        **{f"{SITE}/{path}": content for path, content in files.items()},
    }


def torch_for(cuda: str) -> dict[str, str | bytes]:
    text = f"__version__ = '2.9.1+cu{cuda.replace('.', '')}'\ncuda: Optional[str] = '{cuda}'\nhip: Optional[str] = None\n"
    files: dict[str, str | bytes] = {"torch/version.py": text, "torch/__init__.py": "", "torch/lib/libtorch_cuda.so": LIBRARY}
    return {**BASE, **installed("torch", "2.9.1", **files)}


class Answers:
    """Asks `check` about images made of files."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def report(self, files: dict[str, str | bytes], target: str, *variables: str) -> dict[str, Any]:
        config = {**CONFIG, "config": {"Env": ["PATH=/usr/bin", "VIRTUAL_ENV=/opt/env", *variables]}}
        path = write_folder(
            self._folder / f"image{len(list(self._folder.iterdir()))}", entries_of_oci([layer_of_files(files)], config)
        )
        run(["check", "--image", path, "--target", target, "--format", "json", "--fail-on", "never"])
        found: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return found

    def rules(self, files: dict[str, str | bytes], target: str, *variables: str) -> set[str]:
        """What fails, and with `?` what is not decided."""
        report = self.report(files, target, *variables)
        return {one["rule"] for one in report["findings"]} | {f"?{one['rule']}" for one in report["undecided"]}


@pytest.fixture
def answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Answers:
    return Answers(tmp_path, capsys)


@pytest.mark.parametrize(("driver", "is_enough"), [("580.95.05", True), ("575.57.08", False)])
def test_the_driver(answers: Answers, driver: str, is_enough: bool) -> None:
    found = answers.rules(torch_for("13.0"), f"gpu=NVIDIA A100-SXM4-80GB,driver={driver}")
    assert ("driver-too-old" in found) != is_enough


@pytest.mark.parametrize(
    ("gpu", "driver", "expected"),
    [
        ("NVIDIA A100-SXM4-80GB", "570.86.15", set()),  # NVIDIA's table has this branch for 13.0
        ("GeForce RTX 4090", "570.86.15", {"driver-too-old"}),  # no GeForce takes a compat package
        ("NVIDIA A100-SXM4-80GB", "470.82.01", {"?driver-too-old"}),  # the table does not speak of this branch
    ],
)
def test_a_compat_package_in_the_image(answers: Answers, gpu: str, driver: str, expected: set[str]) -> None:
    files: dict[str, str | bytes] = {**torch_for("13.0"), COMPAT: b"", "usr/local/cuda/compat/libcuda.so.580.95.05": b""}
    target = f"gpu={gpu},driver={driver}"
    assert answers.rules(files, target) & {"driver-too-old", "?driver-too-old"} == expected
    assert "driver-too-old" in answers.rules(torch_for("13.0"), target)


def test_a_compat_package_that_is_used_only_by_the_library_path(answers: Answers) -> None:
    files = {**torch_for("13.0"), COMPAT: b""}
    target = "gpu=NVIDIA A100-SXM4-80GB,driver=570.86.15"
    assert "driver-too-old" in answers.rules(files, target)
    assert "driver-too-old" not in answers.rules(files, target, "LD_LIBRARY_PATH=/usr/local/cuda-13.0/compat:/usr/lib")


def test_a_compat_package_that_is_itself_too_old(answers: Answers) -> None:
    files = {**torch_for("13.0"), "usr/local/cuda/compat/libcuda.so.550.54.15": b""}
    assert "driver-too-old" in answers.rules(files, "gpu=NVIDIA A100-SXM4-80GB,driver=535.54.03")


@pytest.mark.parametrize(
    ("gpu", "rule"),
    [("NVIDIA A100-SXM4-80GB", ""), ("GeForce RTX 3090", ""), ("Tesla V100-SXM2-16GB", "gpu-arch-too-old"),
     ("NVIDIA B200", "gpu-arch-too-new")],
)  # fmt: skip
def test_gpu_code(answers: Answers, gpu: str, rule: str) -> None:
    """The library holds sm_80 and sm_90, and no PTX."""
    found = answers.rules(torch_for("12.8"), f"gpu={gpu},driver=580.95.05")
    assert found & {"gpu-arch-too-old", "gpu-arch-too-new"} == ({rule} if rule else set())


@pytest.mark.parametrize(("glibc", "is_enough"), [("2.28", True), ("2.17", False)])
def test_glibc(answers: Answers, glibc: str, is_enough: bool) -> None:
    ldd: dict[str, str | bytes] = {"usr/bin/ldd": f"#! /bin/bash\n    echo 'ldd (GNU libc) {glibc}'\n"}
    target = "gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05"
    assert ("glibc-too-old" in answers.rules({**torch_for("12.8"), **ldd}, target)) != is_enough
    assert ("glibc-too-old" in answers.rules(torch_for("12.8"), f"{target},glibc={glibc}")) != is_enough


@pytest.mark.parametrize(("cpu", "is_enough"), [("x86-64-v3", True), ("x86-64-v2", False)])
def test_the_level_of_the_processor(answers: Answers, cpu: str, is_enough: bool) -> None:
    build = "def get_build_info():\n  return {}\n"
    files = {
        **BASE,
        **installed("tensorflow", "2.18.0", **{"tensorflow/__init__.py": "", "tensorflow/python/platform/build_info.py": build}),
    }
    assert ("avx-missing" in answers.rules(files, f"cpu={cpu}")) != is_enough


@pytest.mark.parametrize("target", ["gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05", "gpu=GeForce RTX 3090,driver=580.95.05"])
def test_everything_about_driver_and_gpu_is_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, answers: Answers
) -> None:
    assert answers.report(torch_for("12.8"), target)["undecided"] == []
    for name, content in torch_for("12.8").items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    argv = ["check", "--rootfs", str(tmp_path / "root"), "--python", "/opt/env", "--format", "json"]
    for more in ([], ["--target", target]):
        assert run([*argv, *more]) == 0
        assert json.loads(capsys.readouterr().out)["undecided"] == []
