"""Which workloads are run for what."""

from __future__ import annotations

import ast

import pytest

from envdoctor.verify import trying
from envdoctor.verify.selecting import (
    DEFAULT,
    FULL,
    QUICK,
    SUBJECTS,
    other_imports,
    select_devices,
    select_subjects,
    select_workloads,
    subject_names,
)  # fmt: skip
from tests.verify.test_choosing import profile


@pytest.mark.parametrize(
    ("installed", "asked", "only", "expected"),
    [
        ({"torch", "numpy", "pip"}, None, (), ["torch", "numpy"]),
        ({"torch", "numpy"}, None, ("numpy",), ["numpy"]),
        ({"tensorflow-cpu", "keras"}, None, (), ["tensorflow", "keras on tensorflow"]),
        ({"keras", "torch", "jax"}, None, ("keras",), ["keras on torch", "keras on jax"]),
        ({"keras"}, None, (), ["keras on torch"]),
        ({"cupy-cuda12x", "cudf-cu12", "onnxruntime-gpu"}, None, (), ["onnxruntime", "cupy", "cudf"]),
        ({"torch", "numpy", "scipy"}, profile("torch"), (), ["torch"]),
        ({"numpy"}, profile("torch", "numpy"), (), ["torch", "numpy"]),
        ({"keras", "torch", "jax"}, profile("keras", "jax", variables=(("KERAS_BACKEND", "jax"),)), (), ["jax", "keras on jax"]),
        (set(), None, ("torch",), ["torch"]),
        (set(), None, (), []),
        ({"flask"}, profile("flask"), (), []),
    ],
)
def test_what_is_verified(installed: set[str], asked: object, only: tuple[str, ...], expected: list[str]) -> None:
    assert [subject.name for subject in select_subjects(frozenset(installed), asked, only)] == expected  # type: ignore[arg-type]


def test_every_family_can_be_named() -> None:
    families = {"torch", "tensorflow", "keras", "jax", "mxnet", "onnxruntime", "cupy", "cudf", "transformers", "vllm"}
    assert families <= set(subject_names())
    assert not any(" " in name for name in subject_names())


def test_levels_nest_and_say_what_would_run_the_rest() -> None:
    torch = next(subject for subject in SUBJECTS if subject.name == "torch")
    quick, rest = select_workloads(torch, QUICK)
    assert quick == ("import", "mlp", "conv", "gpu-libraries")
    assert dict(rest)["rnn"] == "not with --quick"
    default, left = select_workloads(torch, DEFAULT)
    assert left == (("compile", "only with --full"),)
    assert set(quick) < set(default) < set(select_workloads(torch, FULL)[0])
    assert {"rnn", "transformer", "mixed-precision", "data-loader", "all-reduce", "save-load"} <= set(default)


@pytest.mark.parametrize(
    ("said", "gpus", "expected"),
    [
        ("cpu", 8, ["cpu"]),
        ("cuda:3", 0, ["cuda:3"]),
        ("auto", None, ["auto"]),
        ("all", 2, ["cpu", "cuda:0", "cuda:1"]),
        ("all", 0, ["auto"]),
        ("all", None, ["auto"]),
    ],
)
def test_devices(said: str, gpus: int | None, expected: list[str]) -> None:
    assert list(select_devices(said, gpus)) == expected


def test_imports_that_no_subject_covers() -> None:
    asked = profile("torch", "scikit-learn", imports=("torch", "sklearn", "yaml"))
    assert other_imports(asked, select_subjects(frozenset({"torch", "scikit-learn"}), asked)) == ("yaml",)
    assert other_imports(None, ()) == ()


@pytest.mark.parametrize("name", sorted({subject.program for subject in SUBJECTS} | {"workload_session.py", "torch_paths.py"}))
def test_every_program_is_there_and_older_pythons_can_read_it(name: str) -> None:
    from pathlib import Path

    text = (Path(trying.__file__).parent / "workloads" / name).read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 7))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in imported if module.startswith("envdoctor")]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_every_workload_is_known_to_its_program(subject: object) -> None:
    """A name that no program knows would never be run, and nobody would notice."""
    from pathlib import Path

    folder = Path(trying.__file__).parent / "workloads"
    program = folder / subject.program  # type: ignore[attr-defined]
    texts = [program.read_text(encoding="utf-8")]
    if program.name == "torch_train.py":
        texts.append((folder / "torch_paths.py").read_text(encoding="utf-8"))
    for name, _level in subject.workloads:  # type: ignore[attr-defined]
        assert any(f'"{name}"' in text for text in texts), name
