"""Every recording beside the project that forms facts, with several environments on it, through the whole engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from envdoctor.engine import diagnose
from envdoctor.model.facts import Facts, NvidiaDriver
from envdoctor.model.findings import Report, Verdict
from envdoctor.rules import load_rules
from tests.rules.judging import knowledge
from tests.rules.recorded import ENVIRONMENTS, kernel_machines, smi_facts, smi_texts, text_machines, with_environments

FLOORS = {"torch cu118": (11, (450, 80, 2)), "torch cu126": (12, (525, 60, 13)), "torch cu130": (13, (580,))}
"""CUDA major and the driver from which minor-version compatibility holds on Linux, as NVIDIA's page states them."""
RULES = load_rules(for_profile=False)


def check(facts: Facts) -> Report:
    return diagnose(facts, None, knowledge(), RULES)


def expect_no_crash(machines: Iterable[tuple[str, Facts]], least: int) -> None:
    count = 0
    for name, machine in machines:
        for environment, facts in with_environments(machine):
            report = check(facts)
            count += 1
            crashed = [(outcome.rule.name, outcome.reason) for outcome in report.outcomes if outcome.verdict is Verdict.CRASH]
            assert not crashed, (name, environment)
            assert report.exit_code in {0, 1, 3}, (name, environment)
            undecided = [outcome.reason for outcome in report.outcomes if outcome.verdict is Verdict.UNKNOWN]
            assert all(undecided), (name, environment)
    assert count >= least * len(ENVIRONMENTS)


def test_trees(shared_folder: Path) -> None:
    expect_no_crash(kernel_machines(shared_folder), 80)


def test_single_files(shared_folder: Path) -> None:
    expect_no_crash(text_machines(shared_folder), 100)


def test_nvidia_smi(shared_folder: Path) -> None:
    expect_no_crash(((name, smi_facts(name, text)) for name, text in smi_texts(shared_folder)), 70)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def is_too_old(driver: str, reported: str | None, major: int, floor: tuple[int, ...]) -> bool:
    """The minor-version rule in its own words: what the driver reports first, then its number."""
    if reported is not None and (
        numbers(reported)[0] > major or (numbers(reported)[0] == major and numbers(reported) != (11, 0))
    ):
        return False
    return numbers(driver) < floor


@pytest.mark.parametrize("environment", FLOORS)
def test_old_drivers_by_the_recordings_own_words(shared_folder: Path, environment: str) -> None:
    """What a person would read off each text decides what driver-too-old must say of a framework's build."""
    judged = []
    for name, text in smi_texts(shared_folder):
        facts = smi_facts(name, text)
        stated = re.search(r"(?:<driver_version>|(?:Driver|KMD) Version\s*:\s*)(\d+(?:\.\d+)+)", text)
        if not stated or not isinstance(facts.gpus, tuple) or not facts.gpus or "WDDM" in text:
            continue
        cuda = re.search(r"(?:<cuda_version>|CUDA (?:UMD )?Version\s*:\s*)(\d+\.\d+)", text)
        assert isinstance(facts.driver, NvidiaDriver), name
        report = check(dict(with_environments(facts))[environment])
        said = [one for one in report.findings if one.rule == "driver-too-old" and "torch" in one.about]
        wanted = is_too_old(stated[1], cuda[1] if cuda else None, *FLOORS[environment])
        assert bool(said) is wanted, (name, stated[1], cuda and cuda[1], said)
        judged.append(wanted)
    assert len(judged) >= 30
    assert environment == "torch cu118" or {True, False} == set(judged)
