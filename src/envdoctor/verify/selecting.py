"""Which workloads there are for what an environment holds, and which of them are run. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.profile import Profile
from envdoctor.model.record import record
from envdoctor.verify.choosing import KERAS_BACKENDS

QUICK, DEFAULT, FULL = "quick", "default", "full"
LEVELS = (QUICK, DEFAULT, FULL)
_TRAINING = (("import", QUICK), ("mlp", QUICK), ("conv", QUICK), ("rnn", DEFAULT), ("transformer", DEFAULT))
_AROUND = (("all-reduce", DEFAULT), ("save-load", DEFAULT))
_SMOKE = (("import", QUICK), ("smoke", QUICK))
_KERAS = (*_TRAINING, ("mixed-precision", DEFAULT), ("save-load", DEFAULT))
_XLA = (*_TRAINING, ("mixed-precision", DEFAULT), ("gpu-libraries", QUICK), ("xla", DEFAULT), *_AROUND)


@record
class Subject:
    """A framework or library that can be verified."""

    name: str
    program: str
    """In `workloads/`."""
    distributions: tuple[str, ...]
    """Normalized names of what may bring it."""
    workloads: tuple[tuple[str, str], ...] = _SMOKE
    """Each with the level from which on it is run."""
    word: str = ""
    """What the program is told beside: a module, a backend."""
    on_gpu: bool = True
    """Whether it computes on GPUs at all."""


def _smoke(name: str, module: str, *distributions: str, on_gpu: bool = True) -> Subject:
    return Subject(name, "smoke_run.py", (name, *distributions), word=module, on_gpu=on_gpu)


SUBJECTS = (
    Subject(
        "torch", "torch_train.py", ("torch",),
        (*_TRAINING, ("mixed-precision", DEFAULT), ("gpu-libraries", QUICK), ("data-loader", DEFAULT), *_AROUND,
         ("compile", FULL)),
    ),
    Subject(
        "tensorflow", "tensorflow_train.py",
        ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-rocm", "tensorflow-macos", "tf-nightly", "tf-nightly-cpu",
         "intel-tensorflow", "tensorflow-intel", "tensorflow-cpu-aws"),
        _XLA,
    ),
    Subject("jax", "jax_train.py", ("jax",), _XLA),
    Subject(
        "mxnet", "mxnet_train.py",
        ("mxnet", "mxnet-cu101", "mxnet-cu102", "mxnet-cu110", "mxnet-cu112", "mxnet-cu117", "mxnet-mkl"),
        (*_TRAINING, ("mixed-precision", DEFAULT), ("compile", DEFAULT), ("data-loader", DEFAULT), *_AROUND),
    ),
    *(Subject(f"keras on {name}", "keras_train.py", ("keras", "keras-nightly"), _KERAS, name) for name in KERAS_BACKENDS),
    Subject(
        "onnxruntime", "onnxruntime_run.py",
        ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-rocm", "onnxruntime-migraphx", "ort-nightly"),
    ),
    _smoke("cupy", "cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x", "cupy-rocm-5-0", "cupy-rocm-7-0"),
    _smoke("cudf", "cudf", "cudf-cu11", "cudf-cu12", "cudf-cu13"),
    _smoke("torchvision", "torchvision"),
    _smoke("torchaudio", "torchaudio", on_gpu=False),
    _smoke("transformers", "transformers"),
    _smoke("torch-geometric", "torch_geometric"),
    _smoke("vllm", "vllm"),
    _smoke("numpy", "numpy", on_gpu=False),
    _smoke("scipy", "scipy", on_gpu=False),
    _smoke("pillow", "PIL", on_gpu=False),
    _smoke("scikit-learn", "sklearn", on_gpu=False),
)  # fmt: skip
GPU_ONLY = ("cupy", "cudf")
"""Subjects that compute on GPUs only."""


def subject_names() -> tuple[str, ...]:
    """What `--only` may name."""
    return tuple(dict.fromkeys(name.split(" ")[0] for name in (subject.name for subject in SUBJECTS)))


def select_subjects(installed: frozenset[str], profile: Profile | None, only: tuple[str, ...] = ()) -> tuple[Subject, ...]:
    """The subjects that are installed; those that the profile demands or that `only` names are tried installed or not.

    Args:
        installed: normalized names of distributions.
        profile: what it does not ask for is left out; None for all that is installed.
        only: names of `subject_names`.
    """
    families: dict[tuple[str, ...], list[Subject]] = {}
    for subject in SUBJECTS:
        if not only or subject.name.split(" ")[0] in only:
            families.setdefault(subject.distributions, []).append(subject)
    packages = profile.packages if profile is not None else ()
    asked = {package.name for package in packages} | (set() if profile is not None else installed)
    demanded = {package.name for package in packages if not package.optional and package.marker is None}
    chosen: list[Subject] = []
    for names, family in families.items():
        is_there = not installed.isdisjoint(names)
        if (is_there and (only or not asked.isdisjoint(names))) or (not is_there and (only or not demanded.isdisjoint(names))):
            chosen += _variants(family, installed, profile)
    return tuple(chosen)


def _variants(family: list[Subject], installed: frozenset[str], profile: Profile | None) -> list[Subject]:
    """Of Keras, one for the backend that the profile names, else for each that is installed; the first where there is none."""
    if len(family) == 1:
        return family
    said = dict(profile.variables).get("KERAS_BACKEND") if profile is not None else None
    if named := [subject for subject in family if subject.word == said]:
        return named
    backends = {subject.name: subject.distributions for subject in SUBJECTS}
    return [subject for subject in family if not installed.isdisjoint(backends[subject.word])] or family[:1]


def other_imports(profile: Profile | None, subjects: tuple[Subject, ...]) -> tuple[str, ...]:
    """Modules that the profile wants imported and that no subject imports."""
    covered = {subject.word or subject.name for subject in subjects} | {subject.name.split(" ")[0] for subject in subjects}
    return tuple(module for module in (profile.imports if profile is not None else ()) if module not in covered)


def select_workloads(subject: Subject, level: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The workloads of a subject that a level runs; those that it leaves out, each with what would run it."""
    reach = LEVELS.index(level)
    run = tuple(name for name, needed in subject.workloads if LEVELS.index(needed) <= reach)
    words = {DEFAULT: "not with --quick", FULL: "only with --full"}
    return run, tuple((name, words[needed]) for name, needed in subject.workloads if name not in run)


def select_devices(said: str, gpus: int | None) -> Iterator[str]:
    """What the programs are told, for what `--device` says.

    Args:
        said: `auto`, `cpu`, `all`, `cuda:N`.
        gpus: how many GPUs there are; None where that is not known. Without any `all` is `auto`, so that a framework that
            was built for GPUs still has to find one.
    """
    if said != "all" or not gpus:
        yield "auto" if said == "all" else said
        return
    yield "cpu"
    yield from (f"cuda:{index}" for index in range(gpus))
