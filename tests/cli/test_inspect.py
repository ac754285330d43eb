"""`envdoctor inspect`: text, JSON, and files that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envdoctor.cli import run
from tests.system.made_libraries import ARCHITECTURE_ONLY, CUBIN, PTX, elf_with, pe_with, piece, region
from tests.system.test_zipped import METADATA, wheel

CODE = region(piece(CUBIN, 80), piece(CUBIN, 90, ARCHITECTURE_ONLY), piece(PTX, 90))
FLAGS = b"\0sm_80 sm_90a compute_90\0"
TORCH = {
    "torch/version.py": "__version__ = '2.9.1+cu128'\ncuda: Optional[str] = '12.8'\nhip = None\n",
    "torch/lib/libtorch_python.so": elf_with({".rodata": FLAGS}),
    "torch/lib/libtorch_cuda.so": elf_with({".nv_fatbin": CODE * 2}),
    "torch/lib/libc10.so": elf_with({".text": b"x"}),
    "torch-2.9.1.dist-info/METADATA": METADATA.replace("mine", "torch").replace("1.5", "2.9.1"),
    "torch-2.9.1.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_28_x86_64\n",
}


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run(["inspect", *arguments])
    found = capsys.readouterr()
    return status, found.out, found.err


def document(capsys: pytest.CaptureFixture[str], *paths: str) -> list[dict[str, Any]]:
    _status, out, _err = said(capsys, *paths, "--format", "json")
    found = json.loads(out)
    assert found["schema"] == "envdoctor.inspect/1"
    files: list[dict[str, Any]] = found["files"]
    return files


def test_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "libmine.so"
    path.write_bytes(elf_with({".nv_fatbin": CODE}))
    status, out, err = said(capsys, str(path))
    assert (status, err) == (0, "")
    assert "elf, x86_64" in out
    assert "sm_80 sm_90a compute_90" in out
    (file,) = document(capsys, str(path))
    assert (file["kind"], file["format"], file["machine"], file["size_bytes"]) == (
        "library",
        "elf",
        "x86_64",
        path.stat().st_size,
    )
    assert file["gpu_code"]["architectures"] == {"sm_80": 1, "sm_90a": 1, "compute_90": 1}
    assert file["gpu_code"]["is_whole"] is True


def test_windows_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.dll"
    path.write_bytes(pe_with({".nv_fatb": CODE}, ("cudart64_12.dll",)))
    (file,) = document(capsys, str(path))
    assert (file["format"], file["needed"], file["gpu_code"]["container"]) == ("pe", ["cudart64_12.dll"], ".nv_fatb")


def test_wheel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "torch-2.9.1-cp312-cp312-manylinux_2_28_x86_64.whl"
    path.write_bytes(wheel(TORCH))
    status, out, _err = said(capsys, str(path))
    assert status == 0
    for text in ("torch 2.9.1+cu128: cuda, CUDA 12.8", "cp312-cp312-manylinux_2_28_x86_64", "2 more without GPU code"):
        assert text in " ".join(out.split())
    (file,) = document(capsys, str(path))
    assert (file["kind"], file["name"], file["version"], file["requires_python"]) == ("wheel", "torch", "2.9.1", ">=3.9")
    (framework,) = file["frameworks"]
    assert (framework["cuda_version"], framework["gpu_code"]) == ("12.8", ["sm_80", "sm_90a", "compute_90"])
    code = {library["path"]: library["gpu_code"]["architectures"] for library in file["libraries"]}
    assert code["torch/lib/libtorch_cuda.so"] == {"sm_80": 2, "sm_90a": 2, "compute_90": 2}
    assert code["torch/lib/libc10.so"] == {}


def test_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "env/lib/python3.12/site-packages"
    for name, data in TORCH.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data.encode() if isinstance(data, str) else data)
    (tmp_path / "env/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    (file,) = document(capsys, str(tmp_path / "env"))
    assert file["kind"] == "environment"
    assert [one["name"] for one in file["frameworks"]] == ["torch"]
    assert [Path(library["path"]).name for library in file["libraries"]] == ["libtorch_cuda.so"]
    status, out, _err = said(capsys, str(tmp_path / "env"))
    assert status == 0
    assert "torch 2.9.1+cu128" in out


def test_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, text, archive = tmp_path / "good.so", tmp_path / "words.txt", tmp_path / "broken.whl"
    good.write_bytes(elf_with({".text": b"x"}))
    text.write_text("words")
    archive.write_bytes(b"PK\3\4 but nothing more")
    empty, short, other = tmp_path / "empty", tmp_path / "short.so", tmp_path / "other.zip"
    empty.write_bytes(b"")
    short.write_bytes(elf_with({".text": b"x" * 500})[:40])
    other.write_bytes(wheel({"words.txt": "words"}))
    status, out, err = said(capsys, *map(str, (good, text, archive, tmp_path / "nothing", tmp_path, empty, short, other)))
    assert (status, err.count("\n")) == (2, 1)
    assert "elf, x86_64" in out
    for path in (text, archive, tmp_path / "nothing", tmp_path):
        assert f"{path}: " in err
    for words in (f"{empty}: it is empty", f"{short}: damaged or cut short", f"{other}: no wheel"):
        assert words in err
    assert run(["inspect", str(good), str(text), "--format", "json"]) == 2
    files = json.loads(capsys.readouterr().out)["files"]
    assert ["error" in file for file in files] == [False, True]
