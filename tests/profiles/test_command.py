"""`envdoctor profiles list|show|validate|schema`, as a person and as a program see them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from envdoctor.cli import run
from envdoctor.profiles.compiled_profiles import load_compiled


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles", "list"]) == 0
    shown = capsys.readouterr().out
    assert "pytorch-cuda12" in shown
    assert "PyTorch with CUDA 12" in shown


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles", "list", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "envdoctor.profiles/1"
    entries = {entry["name"]: entry for entry in document["profiles"]}
    assert entries["mxnet-legacy"]["retired"]
    assert entries["pytorch-cpu"]["problem"] is None


def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles", "show", "mxnet-legacy"]) == 0
    shown = capsys.readouterr().out
    for words in ("mxnet>=1.9.1,<2", "For old work only", ">=3.7,<3.12", "envdoctor install mxnet-legacy"):
        assert words in shown


def test_show_everything_that_a_profile_can_ask_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lab.yaml"
    path.write_text(
        "title: Lab\nos: {system: linux, distribution: ubuntu, version: '>=22.04'}\nglibc: '>=2.28'\narchitecture: x86_64\n"
        "cpu: {features: [avx2], level: x86-64-v3, cores: '>=8'}\nram: 8 GiB\ndisk: 9 GiB\nshm: 1 GiB\n"
        "gpu: {vendor: nvidia, count: '>=2', memory: 24 GiB, compute_capability: '>=8.0'}\naccelerator: tpu\n"
        "driver: '>=525'\ncuda: '>=12'\ncudnn: '>=9'\ntoolkit: '>=12'\npython: '>=3.10'\nbackend: conda\n"
        "packages: [{requirement: torch, build: cuda12, optional: true}]\nimports: [torch]\n"
        "variables: {A: x, B: '*', C: null}\ntools: {git: '*', cmake: '>=3.18'}\nnotes: [Mind the gap.]\nretired: Old.\n",
        encoding="utf-8",
    )
    assert run(["profiles", "show", str(path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "Linux, ubuntu", "x86-64-v3", "cores >=8", "shared memory 1 GiB", "nvidia, >=2 of them, 24 GiB each",
        "compute capability >=8.0",
        "accelerator tpu", "cuDNN >=9", "torch (build cuda12, optional)", "A = x", "B set", "C not set", "git any version",
        "cmake >=3.18", "Mind the gap.", "backend conda",
    ):  # fmt: skip
        assert words in shown, shown


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles", "show", "pytorch-cpu", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["name"]) == ("envdoctor.profile/1", "pytorch-cpu")
    assert document["packages"][0] == {"line": "torch>=2.1,<3", "name": "torch", "build": "cpu", "specifier": "<3,>=2.1"}


def test_show_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["profiles", "show", "pytorch-gpu12"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "did you mean pytorch-cpu" in said.err or "did you mean pytorch-cuda12" in said.err


def test_validate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("title: Good\n", encoding="utf-8")
    bad.write_text("title: Bad\npython: 3.10\nrum: 8 GiB\n", encoding="utf-8")
    assert run(["profiles", "validate", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: OK\n"
    assert run(["profiles", "validate", str(good), str(bad)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{good}: OK"
    assert [line.split(": ")[0:2] for line in lines[1:]] == [[f"{bad}:2", "python"], [f"{bad}:3", "rum"]]


def test_validate_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: [\n", encoding="utf-8")
    assert run(["profiles", "validate", "--format", "json", str(bad), "pytorch-cpu"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert [entry["valid"] for entry in document["files"]] == [False, True]
    assert document["files"][0]["problems"][0].startswith(f"{bad}:2: not YAML")


def test_schema(tmp_path: Path) -> None:
    target = tmp_path / "schema.json"
    assert run(["profiles", "schema", "-o", str(target)]) == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(target.read_text(encoding="utf-8")))


def test_a_broken_profile_ends_check_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: Bad\ngpu:\n  vendr: nvidia\n", encoding="utf-8")
    assert run(["check", str(bad)]) == 2
    said = capsys.readouterr()
    assert said.err == f"envdoctor: {bad}:3: gpu.vendr: unknown key; did you mean vendor?\n"
    assert said.out == ""


def test_a_compiled_profile_needs_neither_yaml_nor_pydantic() -> None:
    if load_compiled() is None:
        pytest.skip("the profiles of this source tree have changed since they were compiled")
    code = (
        "import sys\nfrom envdoctor.profiles.loading import load_profile\nload_profile('pytorch-cuda12')\n"
        "print([name for name in ('yaml', 'pydantic', 'dataclasses', 'inspect', 'difflib', 'packaging.requirements') "
        "if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
