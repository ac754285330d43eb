"""Which findings of a profile follow from which cause, through the whole engine."""

from __future__ import annotations

import pytest

from envdoctor.engine import diagnose
from envdoctor.model.facts import Facts
from envdoctor.model.findings import Report
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from envdoctor.rules import load_rules, rule_names
from tests.rules.facts import (
    container,
    gpu,
    gpu_machine,
    machine,
    pci_gpu,
    torch,
    torch_environment,
    with_framework,
)
from tests.rules.judging import knowledge


def check(facts: Facts, profile: str) -> Report:
    return diagnose(facts, load_profile(profile), knowledge(), load_rules())


def explained(report: Report) -> dict[str, set[str]]:
    """Each rule that found something, to the rules that its findings explain."""
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, set()).update(finding.explains)
    return found


K80 = gpu("Tesla K80", (3, 7), memory_total_bytes=12 << 30)


@pytest.mark.parametrize(
    ("facts", "profile", "cause", "consequences"),
    [
        (
            gpu_machine(torch_environment("2.9.1+cu128"), driver_version="470.82.01", cuda="11.4"),
            "pytorch-cuda12", "driver-too-old", {"profile-driver-unmet", "framework-cannot-use-gpu"},
        ),
        (
            gpu_machine(torch_environment("2.9.1+cu128"), driver_version=None, gpus=(pci_gpu(),)),
            "pytorch-cuda12", "no-driver", {"profile-driver-unmet", "framework-cannot-use-gpu"},
        ),
        (
            gpu_machine(torch_environment("2.13.0+cpu", "cpu")), "pytorch-cuda12", "cpu-only-build", {"profile-build-unmet"},
        ),
        (
            gpu_machine(
                with_framework(torch("2.7.1+cu126", cuda="12.6", code=("sm_50", "sm_60", "sm_80"))),
                gpus=(K80,), driver_version="470.82.01", cuda="11.4",
            ),
            "pytorch-cuda12", "gpu-arch-too-old", {"profile-gpu-unmet"},
        ),
        (
            machine(
                gpus=(pci_gpu(),), driver=None, container=container(), environment=torch_environment("2.9.1+cu128"),
            ),
            "pytorch-cuda12", "container-no-gpu", {"profile-driver-unmet", "framework-cannot-use-gpu"},
        ),
    ],
)  # fmt: skip
def test_a_cause_explains_what_the_profile_misses(facts: Facts, profile: str, cause: str, consequences: set[str]) -> None:
    report = check(facts, profile)
    found = explained(report)
    assert consequences <= found.get(cause, set()), found
    rules = [finding.rule for finding in report.findings]
    assert all(rules.index(cause) < rules.index(consequence) for consequence in consequences)


def test_a_missing_package_is_no_cause_of_another_ones_build() -> None:
    """Seen with a profile of torch and transformers: that transformers was missing "explained" that torch was a CPU build."""
    report = check(gpu_machine(torch_environment("2.13.0+cpu", "cpu", cuda=None)), "transformers")
    found = explained(report)
    assert found["profile-packages-unmet"] == set()


def test_a_framework_of_another_version_and_build_is_one_cause() -> None:
    report = check(machine(environment=torch_environment("1.13.1+cu117", cuda="11.7")), "pytorch-cuda12")
    assert "profile-build-unmet" in explained(report)["profile-packages-unmet"]


def test_a_gpu_too_old_for_a_build_does_not_explain_too_few_gpus() -> None:
    facts = gpu_machine(
        with_framework(torch("2.9.1+cu128", cuda="12.8", code=("sm_70", "sm_80"))), gpus=(gpu("GTX 1080", (6, 1)),),
        driver_version="580.95.05",
    )  # fmt: skip
    report = check(facts, "pytorch-cuda12")
    assert "profile-gpu-unmet" not in explained(report)["gpu-arch-too-old"]


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.name)
def test_rules_explain_only_rules_that_exist(rule) -> None:
    assert set(rule.explains) <= set(rule_names())
    assert rule.name not in rule.explains


def test_commands_name_a_profile_as_the_person_did() -> None:
    profile = replace(load_profile("pytorch-cuda12"), name="prof", named="conf/prof.yaml")
    facts = machine(environment=torch_environment("2.13.0+cpu", "cpu", cuda=None))
    report = diagnose(facts, profile, knowledge(), load_rules())
    commands = [
        argv
        for finding in report.findings
        for fix in finding.fixes
        for argv in fix.commands
        if argv[:2] == ("envdoctor", "install")
    ]
    assert report.profile == "conf/prof.yaml"
    assert {argv[2] for argv in commands} == {"conf/prof.yaml"}
