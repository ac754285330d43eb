"""Which findings of a profile follow from which cause, through the whole engine."""

from __future__ import annotations

import pytest

from envdoctor.engine import CURE_ORDER, SETTINGS, diagnose
from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.facts import FabricManager, Facts, Interconnect, NvmlFailure
from envdoctor.model.findings import Report, Severity
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from envdoctor.rules import load_rules, rule_names
from tests.rules.facts import (
    container,
    disk,
    failed_driver,
    gpu,
    gpu_machine,
    machine,
    package,
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


def test_no_rule_explains_itself_through_others() -> None:
    """A cycle would leave a report without a root cause."""
    explains = {rule.name: rule.explains for rule in load_rules()}

    def reached(name: str) -> set[str]:
        found: set[str] = set()
        ahead = [name]
        while ahead:
            more = set(explains[ahead.pop()]) - found
            found |= more
            ahead += more
        return found

    assert [name for name in explains if name in reached(name)] == []


def test_every_subject_has_its_place_in_the_order_of_curing() -> None:
    """Rules about Dockerfiles judge no machine, and stand beside none of the others."""
    assert {rule.subject for rule in load_rules()} - {"recipe"} <= set(CURE_ORDER)
    assert {rule.name for rule in load_rules() if rule.subject == "gpu"} >= SETTINGS


STOPPED = Interconnect(nvswitches=4, fabric_manager=FabricManager(DriverVersion("470.82.01"), False, "/usr/bin/nv-fabricmanager"))


@pytest.mark.parametrize(
    ("facts", "order"),
    [
        # The fabric manager must be of the version of the driver that stays: the driver is cured first.
        (
            gpu_machine(
                torch_environment("2.9.1+cu130", cuda="13.0"), driver_version="470.82.01", cuda="11.4", interconnect=STOPPED
            ),
            ["driver-too-old", "fabric-manager"],
        ),
        # A torn installation of Python packages is no reason to install a driver later.
        (
            gpu_machine(
                with_framework(torch("2.9.1+cu130", cuda="13.0"), package("numpy", "2.1.3"), package("scipy", "1.8.0")),
                driver_version="470.82.01", cuda="11.4",
            ),
            ["driver-too-old", "numpy2-abi"],
        ),
        # Room on the disk comes before anything that is installed.
        (
            gpu_machine(
                torch_environment("2.9.1+cpu", "cpu", cuda=None),
                disks=(disk("environment", free=1 << 20), disk("temporary", path="/tmp", free=1 << 20)),
            ),
            ["disk-full", "cpu-only-build"],
        ),
    ],
    ids=["driver before fabric manager", "driver before packages", "disk before installs"],
)  # fmt: skip
def test_causes_stand_in_the_order_of_curing(facts: Facts, order: list[str]) -> None:
    report = diagnose(facts, None, knowledge(), load_rules(for_profile=False))
    rules = [finding.rule for finding in report.findings]
    assert [rule for rule in dict.fromkeys(rules) if rule in order] == order, rules


def test_one_full_disk_is_one_cause() -> None:
    facts = machine(disks=(disk("environment", free=1 << 20), disk("temporary", path="/tmp", free=1 << 20)))
    report = diagnose(facts, None, knowledge(), load_rules(for_profile=False))
    assert explained(report)["disk-full"] == {"temporary-folder-full"}
    apart = machine(disks=(disk("environment", free=1 << 20), disk("temporary", path="/tmp", mount_point="/tmp", free=1 << 20)))
    assert explained(diagnose(apart, None, knowledge(), load_rules(for_profile=False)))["disk-full"] == set()


def test_a_driver_that_knows_no_blackwell_explains_its_kernel_module() -> None:
    facts = gpu_machine(torch_environment(), gpus=(gpu("NVIDIA B200", (10, 0)),), driver_version="550.163.01", cuda="12.4")
    report = diagnose(facts, None, knowledge(), load_rules(for_profile=False))
    assert report.findings[0].rule == "driver-too-old"
    assert "open-kernel-module-required" in explained(report)["driver-too-old"]


def test_a_driver_that_says_that_its_halves_differ_is_there() -> None:
    failed = failed_driver(NvmlFailure.VERSION_MISMATCH, "Driver/library version mismatch")
    report = diagnose(gpu_machine(driver=failed, gpus=(pci_gpu(),)), None, knowledge(), load_rules(for_profile=False))
    rules = {finding.rule for finding in report.findings}
    assert "driver-library-mismatch" in rules
    assert "no-driver" not in rules


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


def test_gpus_for_virtual_machines_are_no_fault_of_the_host() -> None:
    facts = gpu_machine(torch_environment(), gpus=(pci_gpu(kernel_driver="vfio-pci"),), driver_version=None)
    report = diagnose(facts, None, knowledge(), load_rules(for_profile=False))
    assert [(one.rule, one.severity) for one in report.findings] == [("framework-cannot-use-gpu", Severity.INFO)]


@pytest.mark.parametrize(
    ("environment", "variables", "severity"),
    [
        (torch_environment(), {}, Severity.ERROR),
        (None, {}, Severity.INFO),
        (None, {"NVIDIA_VISIBLE_DEVICES": "all"}, Severity.ERROR),
    ],
    ids=["a CUDA build", "nothing for a GPU", "the image asks for one"],
)
def test_a_container_without_the_gpu_is_an_error_where_something_wants_one(environment, variables, severity) -> None:
    facts = machine(
        gpus=(pci_gpu(),), driver=None, container=container(injected=False), environment=environment, variables=variables
    )
    report = diagnose(facts, None, knowledge(), load_rules(for_profile=False))
    assert [one.severity for one in report.findings if one.rule == "container-no-gpu"] == [severity]
