"""What rules ask of the facts first: each answer is there, or ends the rule as not applicable or undecided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from envdoctor.model.facts import (
    Facts,
    Framework,
    Gpu,
    Interpreter,
    NvidiaDriver,
    Package,
    PythonEnvironment,
    Unknown,
    need,
    skip,
)
from envdoctor.model.findings import Case, Finding
from envdoctor.model.unknown import Skipped, Undecided

T = TypeVar("T")

TORCH_EXTENSIONS = frozenset({
    "torchvision", "torchaudio", "torchtext", "torchcodec", "xformers", "triton", "flash-attn", "bitsandbytes", "deepspeed",
    "torch-scatter", "torch-sparse", "torch-cluster", "torch-spline-conv", "pyg-lib", "mmcv", "torchao",
})  # fmt: skip
"""What runs only inside torch. vLLM is none of them: its own driver and GPU floors count."""
VENDORS = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple"}
"""Vendors as they write themselves."""


def is_image(facts: Facts) -> bool:
    """Whether the facts are of files that are not running: there is no GPU, driver or memory in an image."""
    return facts.subject.kind in {"rootfs", "image"}


def need_machine(case: Case, fact: str) -> object:
    """A fact of a running machine, by its field name.

    Raises:
        Skipped: an image is looked at, and no target says what it is meant for.
        Undecided: the fact is Unknown.
    """
    value = getattr(case.facts, fact)
    if isinstance(value, Unknown) and is_image(case.facts) and fact not in case.facts.targeted:
        raise skip(f"an image says nothing of the {fact} it will meet; --target can")
    return need(value)


def variables_of(case: Case) -> Mapping[str, str]:
    """The environment variables; a folder of files, which has none, ends the rule."""
    if isinstance(case.facts.variables, Unknown) and is_image(case.facts):
        raise skip("a root file system says nothing of environment variables")
    return need(case.facts.variables)


def of_this_machine(case: Case, *names: str) -> None:
    """End a rule about the state of hardware where a target stands in its place: a target is in no state.

    Raises:
        Skipped: one of these facts was stated by `--target`.
    """
    for name in names:
        if name in case.facts.targeted:
            raise skip(f"--target states the {name}, and no state that it is in")


def environment(case: Case) -> PythonEnvironment:
    """The Python environment under examination."""
    found = need(case.facts.environment)
    if found is None:
        raise skip("there is no Python environment")
    return found


def interpreter(case: Case) -> Interpreter:
    """The interpreter of the environment."""
    return need(environment(case).interpreter)


def packages(case: Case) -> tuple[Package, ...]:
    """The installed packages; none installed ends the rule."""
    found = need(environment(case).packages)
    if not found:
        raise skip("no packages are installed")
    return found


def package(case: Case, name: str) -> Package:
    """The installed package of that normalized name."""
    found = need(environment(case).package(name))
    if found is None:
        raise skip(f"{name} is not installed")
    return found


def frameworks(case: Case) -> tuple[Framework, ...]:
    """The frameworks in the environment; none ends the rule."""
    found = need(environment(case).frameworks)
    if not found:
        raise skip("no framework is installed")
    return found


def leading_frameworks(case: Case) -> tuple[Framework, ...]:
    """The frameworks without the extensions of a torch that is installed too: they run where it runs, which is said of it."""
    found = frameworks(case)
    if not any(one.name == "torch" for one in found):
        return found
    return tuple(one for one in found if one.name not in TORCH_EXTENSIONS)


def framework(case: Case, name: str) -> Framework:
    """The framework of that distribution name."""
    found = need(environment(case).framework(name))
    if found is None:
        raise skip(f"{name} is not installed")
    return found


def gpus_of(case: Case, vendor: str) -> tuple[Gpu, ...]:
    """The GPUs of one vendor (`nvidia`, `amd`, ...); none ends the rule."""
    facts = case.facts
    if isinstance(facts.gpus, Unknown):
        need_machine(case, "gpus")
    found = facts.gpus_of(vendor)
    if not found:
        raise skip(f"there is no {VENDORS.get(vendor, vendor)} GPU")
    return found


def nvidia_gpus(case: Case) -> tuple[Gpu, ...]:
    """The NVIDIA GPUs; none ends the rule."""
    return gpus_of(case, "nvidia")


def nvidia_driver(case: Case) -> NvidiaDriver:
    """The NVIDIA driver; a machine without one ends the rule (no-driver speaks of that)."""
    need_machine(case, "driver")
    found = need(case.facts.driver)
    if found is None:
        raise skip("there is no NVIDIA driver")
    return found


def on_linux(case: Case) -> None:
    """End the rule on other systems."""
    if need(need(case.facts.os).system) != "linux":
        raise skip("this is about Linux")


def is_passed_on(gpu: Gpu) -> bool:
    """Whether a GPU is set aside for virtual machines: no program of this system is meant to use it."""
    return gpu.kernel_driver == "vfio-pci"


def gpu_label(gpu: Gpu) -> str:
    """How a GPU is called in a sentence."""
    return gpu.name if isinstance(gpu.name, str) else f"{VENDORS.get(gpu.vendor, '')} GPU {gpu.index}".strip()


def names_of(framework: Framework) -> tuple[str, ...]:
    """What a framework and the distribution that brought it are called: what a finding is about."""
    return tuple(dict.fromkeys(name for name in (framework.name, framework.distribution) if name))


def apart(items: Iterable[T], judge: Callable[[T], Iterator[Finding]]) -> Iterator[Finding]:
    """Judge each item for itself: what is undecided or does not apply for one hides nothing of the others.

    Raises:
        Undecided: at the end, with the first reason, where an item could not be judged.
        Skipped: at the end, where the rule applied to no item.
    """
    if isinstance(items, tuple) and len(items) == 1:  # one GPU, as most machines have: nothing stands apart
        yield from judge(items[0])
        return
    undecided: Undecided | None = None
    skipped: Skipped | None = None
    applied = False
    for item in items:
        try:
            yield from judge(item)
            applied = True
        except Undecided as reason:
            undecided = undecided or reason
        except Skipped as reason:
            skipped = skipped or reason
    if undecided is not None:
        raise undecided
    if skipped is not None and not applied:
        raise skipped
