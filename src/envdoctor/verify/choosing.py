"""Which workloads prove a profile, and how each is started. Pure."""

from __future__ import annotations

import os

from envdoctor.model.plan import Command
from envdoctor.model.profile import Profile
from envdoctor.model.record import record

WORKLOADS = {
    "torch": "torch",
    "tensorflow": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "jax": "jax",
    "onnxruntime": "onnxruntime",
    "onnxruntime-gpu": "onnxruntime",
    "keras": "keras",
    "numpy": "numpy",
    "scikit-learn": "scikit_learn",
}
"""Package to the program in `workloads/` that exercises it."""
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workloads")
KERAS_BACKENDS = ("torch", "tensorflow", "jax")


@record
class Workload:
    """One proof."""

    name: str
    """What it proves: `torch`, or `import sklearn`."""
    command: Command


def choose_workloads(profile: Profile, installed: frozenset[str], python: str, device: str) -> tuple[Workload, ...]:
    """The workloads for the profile's packages that are installed, then its imports that no workload covers.

    `device` is `cpu` where the hardware at hand is not what the environment is for, else `auto`.
    """
    wanted = dict.fromkeys(
        WORKLOADS[package.name] for package in profile.packages if package.name in WORKLOADS.keys() & installed
    )
    computed = tuple(_computation(name, profile, installed, python, device) for name in wanted)
    covered = {"scikit_learn": "sklearn"}
    imported = {covered.get(name, name) for name in wanted}
    imports = tuple(_import(module, python) for module in profile.imports if module not in imported)
    return (*computed, *imports)


def _computation(name: str, profile: Profile, installed: frozenset[str], python: str, device: str) -> Workload:
    argv: tuple[str, ...] = (python, "-I", os.path.join(_FOLDER, f"{name}_step.py"), device)
    if name == "keras":
        argv = (*argv, *_keras_backend(profile, installed))
    return Workload(name, Command(argv, (("PYTHONDONTWRITEBYTECODE", "1"),)))


def _keras_backend(profile: Profile, installed: frozenset[str]) -> tuple[str, ...]:
    """The backend that the profile's KERAS_BACKEND names, else the one that is installed."""
    said = dict(profile.variables).get("KERAS_BACKEND")
    if said and said != "*":
        return (said,)
    return tuple(name for name in KERAS_BACKENDS if name in installed)[:1]


def _import(module: str, python: str) -> Workload:
    argv = (python, "-I", os.path.join(_FOLDER, "import_step.py"), "cpu", module)
    return Workload(f"import {module}", Command(argv, (("PYTHONDONTWRITEBYTECODE", "1"),)))
