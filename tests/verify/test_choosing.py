"""Which workloads prove a profile."""

from __future__ import annotations

import pytest

from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.verify.choosing import WORKLOADS, choose_workloads


def profile(*names: str, imports: tuple[str, ...] = (), variables: tuple[tuple[str, str | None], ...] = ()) -> Profile:
    packages = tuple(PackageRequirement(name, name) for name in names)
    return Profile("p", "P", packages=packages, imports=imports, variables=variables)


@pytest.mark.parametrize(
    ("asked", "installed", "expected"),
    [
        (profile("torch", "numpy", imports=("torch",)), {"torch", "numpy"}, ["torch", "numpy"]),
        (profile("torch", "torchvision", imports=("torch", "torchvision")), {"torch"}, ["torch", "import torchvision"]),
        (profile("tensorflow-cpu", "tensorflow"), {"tensorflow-cpu"}, ["tensorflow"]),
        (profile("onnxruntime-gpu"), {"onnxruntime-gpu"}, ["onnxruntime"]),
        (profile("scikit-learn", imports=("sklearn",)), {"scikit-learn"}, ["scikit_learn"]),
        (profile(imports=("json",)), set(), ["import json"]),
        (profile("torch"), set(), []),
    ],
)
def test_installed_frameworks_compute_and_other_modules_import(asked: Profile, installed: set[str], expected: list[str]) -> None:
    assert [workload.name for workload in choose_workloads(asked, frozenset(installed), "/e/bin/python", "cpu")] == expected


def test_they_run_alone_in_the_environments_interpreter() -> None:
    (workload,) = choose_workloads(profile("torch"), frozenset({"torch"}), "/e/bin/python", "gpu")
    assert workload.command.argv[:2] == ("/e/bin/python", "-I")
    assert workload.command.argv[-1] == "gpu"


@pytest.mark.parametrize(
    ("variables", "installed", "backend"),
    [
        ((("KERAS_BACKEND", "jax"),), {"keras", "torch", "jax"}, "jax"),
        ((), {"keras", "torch"}, "torch"),
        ((), {"keras", "jax"}, "jax"),
    ],
)
def test_keras_runs_on_the_backend_of_the_profile(
    variables: tuple[tuple[str, str], ...], installed: set[str], backend: str
) -> None:
    (workload,) = choose_workloads(profile("keras", variables=variables), frozenset(installed), "python", "cpu")
    assert workload.command.argv[-1] == backend


def test_every_workload_is_a_program_that_any_python_can_read() -> None:
    import ast
    from pathlib import Path

    import envdoctor.verify

    folder = Path(envdoctor.verify.__file__).parent / "workloads"
    for name in set(WORKLOADS.values()) | {"import"}:
        ast.parse((folder / f"{name}_step.py").read_text(encoding="utf-8"), feature_version=(3, 6))
