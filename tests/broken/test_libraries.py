"""Libraries in front of the right ones: made with gcc, asked about by `check`, and loaded by Python as proof."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.broken.making import Environment, diagnose, finding, make_library, rules_of

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None or platform.libc_ver()[0] != "glibc", reason="needs gcc and glibc"
)
NEEDS_LINKER = "extern int __nvJitLinkComplete_12_8(void); int use(void) { return __nvJitLinkComplete_12_8(); }"
NEWER = "int __nvJitLinkComplete_12_1(void) { return 1; } int __nvJitLinkComplete_12_8(void) { return 8; }"
OLDER = "int __nvJitLinkComplete_12_1(void) { return 1; }"
RPATH = (
    "-Wl,--disable-new-dtags",
    *(f"-Wl,-rpath,$ORIGIN/../../nvidia/{part}/lib" for part in ("cudnn", "cusparse", "cuda_runtime")),
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Torch 2.4's arrangement: libraries find each other by run paths, libcusparse its linker by a RUNPATH."""
    made = Environment(tmp_path / "env")
    made.install_torch("2.4.1", "nvidia-nvjitlink-cu12", "nvidia-cudnn-cu12==9.1.0.70", cuda="12.4")
    for name, version in (
        ("cuda-runtime", "12.4.127"),
        ("nvjitlink", "12.8.93"),
        ("cusparse", "12.3.1.170"),
        ("cudnn", "9.1.0.70"),
    ):
        made.install(f"nvidia-{name}-cu12", version, **{f"nvidia/{name.replace('-', '_')}/__init__.py": ""})
    made.library("nvidia/cuda_runtime/lib/libcudart.so.12")
    made.library("nvidia/nvjitlink/lib/libnvJitLink.so.12", source=NEWER)
    new_run_path = ("-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN/../../nvjitlink/lib")
    made.library(
        "nvidia/cusparse/lib/libcusparse.so.12",
        "nvidia/nvjitlink/lib/libnvJitLink.so.12",
        source=NEEDS_LINKER,
        flags=new_run_path,
    )
    own = ("-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN")
    made.library("nvidia/cudnn/lib/libcudnn.so.9", flags=own)
    made.library("nvidia/cudnn/lib/libcudnn_graph.so.9", flags=own)
    parts = [
        f"nvidia/{part}"
        for part in ("cuda_runtime/lib/libcudart.so.12", "cusparse/lib/libcusparse.so.12", "cudnn/lib/libcudnn.so.9")
    ]
    made.library("torch/lib/libtorch_global_deps.so", *parts[:1], flags=RPATH)
    made.library("torch/lib/libtorch_cuda.so", *parts, flags=RPATH)
    return made


def load(environment: Environment, path: str, library_path: Path) -> str:
    """What Python says that loads a library with that LD_LIBRARY_PATH; empty where it loads."""
    code = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], mode=os.RTLD_NOW)"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(environment.site / path)],
        env={"LD_LIBRARY_PATH": str(library_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.stderr.strip().rpartition("\n")[2]


def test_nothing_is_wrong_with_the_wheels_alone(
    environment: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(environment, "torch/lib/libtorch_cuda.so", tmp_path) == ""
    assert (
        rules_of(diagnose(environment.prefix, capsys)) & {"cuda-libs-conflict", "cudnn-mismatch", "cuda-library-not-found"}
        == set()
    )


@pytest.mark.parametrize(
    ("file_name", "hash_style"),
    [
        ("libnvJitLink.so.12.1.105", "gnu"),
        ("libnvJitLink.so.12", "gnu"),
        ("libnvJitLink.so.12", "sysv"),
        ("libnvJitLink.so.12", "both"),
    ],
)
def test_an_older_linker_on_the_library_path(
    environment: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file_name: str,
    hash_style: str,
) -> None:
    folder = tmp_path / "old"
    flags = (f"-Wl,--hash-style={hash_style}",)  # NVIDIA linked libnvJitLink 12.1 with the old kind of table alone
    made = make_library(folder / file_name, source=OLDER, soname="libnvJitLink.so.12", flags=flags)
    if made.name != "libnvJitLink.so.12":
        (folder / "libnvJitLink.so.12").symlink_to(made.name)
    assert "undefined symbol: __nvJitLinkComplete_12_8" in load(environment, "torch/lib/libtorch_cuda.so", folder)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(folder))
    report = diagnose(environment.prefix, capsys)
    found = finding(report, "cuda-libs-conflict")
    assert (found["severity"], found["confidence"], report["exit_status"]) == ("error", "certain", 1)
    assert str(folder / "libnvJitLink.so.12") in found["detail"]
    assert str(environment.site / "nvidia/nvjitlink/lib/libnvJitLink.so.12") in found["detail"]
    assert "__nvJitLinkComplete_12_8" in found["detail"]
    assert found["fixes"][0]["title"] == f"Remove {folder} from LD_LIBRARY_PATH"
    monkeypatch.delenv("LD_LIBRARY_PATH")
    assert "cuda-libs-conflict" not in rules_of(diagnose(environment.prefix, capsys))


def test_parts_of_an_older_cudnn_on_the_library_path(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cudnn"
    for name in ("libcudnn", "libcudnn_graph"):
        make_library(folder / f"{name}.so.9.0.0", soname=f"{name}.so.9")
        (folder / f"{name}.so.9").symlink_to(f"{name}.so.9.0.0")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(folder))
    report = diagnose(environment.prefix, capsys)
    errors = [one for one in report["findings"] if one["rule"] == "cudnn-mismatch" and one["severity"] == "error"]
    assert [one["confidence"] for one in errors] == ["certain"]
    assert "libcudnn_graph.so.9" in errors[0]["detail"]
    assert errors[0]["fixes"][0]["title"] == f"Remove {folder} from LD_LIBRARY_PATH"
    monkeypatch.delenv("LD_LIBRARY_PATH")
    assert "cudnn-mismatch" not in rules_of(diagnose(environment.prefix, capsys))


def test_a_library_that_is_gone(environment: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (environment.site / "nvidia/cudnn/lib/libcudnn.so.9").unlink()
    assert "libcudnn.so.9: cannot open shared object file" in load(environment, "torch/lib/libtorch_cuda.so", tmp_path)
    found = finding(diagnose(environment.prefix, capsys), "cuda-library-not-found")
    assert "libcudnn.so.9" in found["title"]
