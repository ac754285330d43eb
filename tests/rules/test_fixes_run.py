"""A fix is never proposed that would fail on that very machine: it passes through the same rules first.

Over a grid of GPUs, drivers, Pythons and builds, each package fix is applied to the stated machine, and judged again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from random import Random

import pytest

from envdoctor.compat.asked import parse_asked
from envdoctor.compat.choosing import choose
from envdoctor.compat.judging import judge_on
from envdoctor.compat.place import Stated, stated_machines
from envdoctor.compat.stating import with_packages
from envdoctor.engine import diagnose
from envdoctor.model.facts import Facts, NvidiaDriver, PythonEnvironment
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.record import replace
from envdoctor.rules import load_rules
from envdoctor.rules.places import place_of
from envdoctor.targets import parse_target
from tests.rules.facts import UNKNOWN, gpu_machine, with_framework
from tests.rules.facts import driver as driver_facts
from tests.rules.facts import framework as jax
from tests.rules.facts import gpu as card
from tests.rules.judging import knowledge
from tests.rules.variants import variants

RULES = load_rules(for_profile=False)
GPUS = (
    "Tesla K80", "GeForce GTX 1080", "Tesla V100-SXM2-16GB", "Tesla T4", "NVIDIA A100-SXM4-80GB", "GeForce RTX 3090",
    "GeForce RTX 4090", "NVIDIA H100 80GB HBM3", "GeForce RTX 5090",
)  # fmt: skip
DRIVERS = ("450.80.02", "470.256.02", "525.60.13", "550.163.01", "570.124.06", "595.45.04")
PYTHONS = ("3.10", "3.14")
ASKED = (
    "torch==2.0.1", "torch==2.5.1+cu121", "torch==2.7.1", "torch==2.9.1+cpu", "torch==2.9.1+cu130", "torch==2.15.0",
    "tensorflow[and-cuda]==2.19.1", "tensorflow-cpu==2.20.0", "jax[cuda12]==0.6.2", "jax[cuda13]==0.8.0",
)  # fmt: skip
SYSTEMS = ("os=linux,glibc=2.35", "os=linux,glibc=2.17", "os=windows")


OTHERS = (
    ("onnxruntime-gpu==1.18.1",), ("onnxruntime-gpu==1.22.0",), ("onnxruntime-gpu==1.31.1",), ("cupy-cuda11x==13.6.0",),
    ("cupy-cuda13x==14.2.0",), ("vllm==0.11.0",), ("vllm==0.30.0",), ("cudf-cu12==25.10.0",), ("torch==2.9.1+rocm6.4",),
    ("torch==2.9.0", "xformers==0.0.33"), ("torch==2.9.1+cu128", "torchvision==0.23.0"),
)  # fmt: skip
"""What stands on a framework, and frameworks of others; several that are installed together."""
AMD = ("AMD Instinct MI300X", "AMD Radeon RX 7900 XTX", "AMD Radeon RX 580")


def machine(gpu: str, driver: str, python: str, system: str) -> Stated:
    target = parse_target(f"gpu={gpu},driver={driver},python={python},{system}")
    return stated_machines(target, knowledge(), "test")[0]


def found_on(asked: Sequence[str], stated: Stated) -> tuple[Finding, ...]:
    facts = with_packages(stated, choose(knowledge(), parse_asked(list(asked)), stated), knowledge())
    return diagnose(facts, None, knowledge(), RULES).findings


def driver_of(fix: Fix, there: str) -> str:
    """The driver that a fix says comes first; the one that is there where it says none."""
    said = re.search(r"driver (\d[\d.]*)", fix.title)
    if not said:
        return there
    assert fix.title.startswith("After the driver"), fix.title
    return said[1] if "." in said[1] else f"{said[1]}.500"


@pytest.mark.parametrize("gpu", GPUS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_build_that_is_proposed_runs(gpu: str, system: str) -> None:
    tried = 0
    for driver, python, asked in product(DRIVERS, PYTHONS, ASKED):
        stated = machine(gpu, driver, python, system)
        for finding in found_on([asked], stated):
            for fix in finding.fixes:
                if not fix.packages or finding.severity is not Severity.ERROR:
                    continue
                cured = machine(gpu, driver_of(fix, driver), python, system)
                answer = judge_on(knowledge(), parse_asked(list(fix.packages)), cured)
                errors = [f"{one.rule}: {one.title}" for one in answer.findings if one.severity is Severity.ERROR]
                assert not errors, (asked, driver, python, finding.title, fix.title, fix.packages, errors)
                tried += 1
    assert tried


def after(fix: Fix, asked: Sequence[str]) -> list[str]:
    """What is installed when a fix was followed: its packages, and those of before that it does not name."""
    named = {one.name for one in parse_asked(list(fix.packages))}
    return [*fix.packages, *(line for line in asked if parse_asked([line])[0].name not in named)]


def errors_after(fix: Fix, asked: Sequence[str], cured: Stated) -> list[str]:
    answer = judge_on(knowledge(), parse_asked(after(fix, asked)), cured)
    return [f"{one.rule}: {one.title}" for one in answer.findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize("asked", OTHERS, ids=lambda asked: " ".join(asked))
def test_what_stands_on_a_framework(asked: tuple[str, ...]) -> None:
    """A fix cures what it is for, and brings no error that was not there before."""
    for gpu, driver, python, system in product(GPUS[2:], DRIVERS[1:], PYTHONS, SYSTEMS[:1]):
        stated = machine(gpu, driver, python, system)
        before = found_on(asked, stated)
        there = {f"{one.rule}: {one.title}" for one in before}
        for finding in before:
            for fix in finding.fixes:
                if fix.packages and finding.severity is Severity.ERROR:
                    left = errors_after(fix, asked, machine(gpu, driver_of(fix, driver), python, system))
                    added = [one for one in left if one not in there or one.startswith(f"{finding.rule}: {finding.title}")]
                    assert not added, (gpu, driver, python, system, finding.title, fix.title, fix.packages, added)


def test_a_library_for_the_cuda_of_torch() -> None:
    asked = ("torch==2.9.1+cu130", "bitsandbytes==0.46.0")
    for gpu in ("Tesla T4", "NVIDIA H100 80GB HBM3"):
        stated = machine(gpu, "595.45.04", "3.12", SYSTEMS[0])
        (finding,) = [one for one in found_on(asked, stated) if one.rule == "extension-binary-missing"]
        assert not errors_after(finding.fixes[0], asked, stated)


@pytest.mark.parametrize("gpu", AMD)
def test_builds_for_amd(gpu: str) -> None:
    for asked, python, glibc in product(("torch==2.9.1", "torch==2.9.1+rocm6.4", "torch==2.9.1+cpu"), PYTHONS, ("2.35", "2.28")):
        stated = stated_machines(parse_target(f"gpu={gpu},os=linux,glibc={glibc},python={python}"), knowledge(), "test")[0]
        for finding in found_on([asked], stated):
            for fix in finding.fixes:
                if fix.packages and finding.severity is not Severity.INFO:
                    assert not errors_after(fix, [asked], stated), (finding.title, fix.title, fix.packages)


OF_BUILDS = {"cpu-only-build", "driver-too-old", "gpu-arch-too-new", "gpu-arch-too-old", "rocm-wrong-wheel", "mps-unavailable"}
OF_THE_MACHINE = "open-kernel-module-required"
"""No build cures two GPUs that need different kernel modules."""


def cured_machine(facts: Facts, fix: Fix) -> Stated | None:
    """The machine without its packages, and with the driver that a fix says comes first; None where builds cannot be judged."""
    here, driver = facts.environment, facts.driver
    place = place_of(Case(facts, knowledge()))
    if place is None or not isinstance(here, PythonEnvironment):
        return None
    there = str(driver.version) if isinstance(driver, NvidiaDriver) else ""
    named = re.search(r"driver (\d[\d.]*)", fix.title)
    wanted = there if named is None else named[1] if "." in named[1] else f"{named[1]}.500"
    if wanted != there:
        facts = replace(facts, driver=driver_facts(wanted, None))
    elif not isinstance(driver, NvidiaDriver) or driver.nvml_failure is not None:
        return None
    facts = replace(facts, environment=replace(here, packages=(), frameworks=(), libraries=()), variables={}, container=None)
    place = place_of(Case(facts, knowledge()))
    return None if place is None else Stated(facts, place, True)


def test_builds_for_machines_that_differ() -> None:
    """Variants of recorded machines: what is proposed for them installs and runs on just them."""
    tried = 0
    for facts in variants(Random(23), 300):
        for finding in diagnose(facts, None, knowledge(), RULES).findings:
            for fix in finding.fixes if finding.rule in OF_BUILDS else ():
                stated = cured_machine(facts, fix) if fix.packages else None
                if stated is None:
                    continue
                answer = judge_on(knowledge(), parse_asked(list(fix.packages)), stated)
                errors = [f"{one.rule}: {one.title}" for one in answer.findings if one.severity is Severity.ERROR]
                wrong = [error for error in errors if not error.startswith(OF_THE_MACHINE)]
                assert not wrong, (finding.title, fix.title, fix.packages, wrong)
                tried += 1
    assert tried >= 20


def test_a_companion_without_a_wheel_for_this_python_holds_a_build_back() -> None:
    """Seen: torch 2.13.0 installs on Python 3.15, and the torchvision that belongs to it does not."""
    stated = machine("NVIDIA A100-SXM4-80GB", "550.163.01", "3.15", SYSTEMS[0])
    for asked in (["torch==2.15.0+cu130", "torchvision==0.30.0+cu130"], ["torch==2.15.0+cu130"]):
        for finding in found_on(asked, stated):
            for fix in finding.fixes:
                assert not fix.packages or not errors_after(fix, asked, stated), fix.packages


def test_a_driver_that_is_named_beside_a_build_knows_the_gpu() -> None:
    here = with_framework(jax("jax", "0.8.0", cuda="13.0"))
    for one, words in ((card("Tesla V100-SXM2-16GB", (7, 0)), "with driver 580"), (card("NVIDIA B200", (10, 0)), "")):
        facts = gpu_machine(here, gpus=(one,), driver=UNKNOWN)
        titles = [fix.title for one in diagnose(facts, None, knowledge(), RULES).findings for fix in one.fixes if fix.packages]
        assert all(title.endswith(words) for title in titles), titles
        assert bool(titles) is bool(words)
