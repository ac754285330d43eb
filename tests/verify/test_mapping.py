"""From an error of a framework to the rule that it comes from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.messages import with_messages
from envdoctor.model.facts import Facts
from envdoctor.model.findings import Evidence, Finding, Report, Severity
from envdoctor.model.record import replace
from envdoctor.reports.cleaning import clean_lines
from envdoctor.rules import load_rules
from envdoctor.verify.mapping import explain_result
from envdoctor.verify.results import FAILED, IMPOSSIBLE, PASSED, SKIPPED, Identity, Result, Verification
from tests.rules.facts import gpu_machine, torch_environment

HERE = gpu_machine(torch_environment(), gpus=(), driver_version=None)
GONE = Finding(
    title="torch is installed only in part",
    detail="",
    evidence=(Evidence("environment.faults[torch]", "torch/lib/libtorch_cpu.so", "RECORD"),),
    rule="package-files-missing",
    severity=Severity.ERROR,
)


def judge_of(facts: Facts, *more: Finding) -> Callable[[str], Report]:
    knowledge, rules = load_knowledge(), load_rules(for_profile=False)

    def judge(text: str) -> Report:
        report = diagnose(with_messages(facts, knowledge, clean_lines(text)), None, knowledge, rules)
        return replace(report, findings=(*report.findings, *more))

    return judge


def failed(reason: str, *, workload: str = "import", subject: str = "torch", output: str = "") -> Result:
    return Result(subject, workload, "cpu", FAILED, reason=reason, output=output)


@pytest.mark.parametrize(
    ("result", "rule"),
    [
        (failed("RuntimeError: Found no NVIDIA driver on your system."), "no-driver"),
        (failed("ValueError: numpy.dtype size changed, may indicate binary incompatibility.", subject="scipy"), "numpy2-abi"),
        (
            failed("RuntimeError: unable to allocate shared memory(shm) for file </torch_1_2_0>: No space left on device (28)"),
            "container-shm-too-small",
        ),
        (
            failed("it crashed: Bus error (SIGBUS)", workload="data-loader", output="it crashed: Bus error (SIGBUS)\nDataLoader"),
            "container-shm-too-small",
        ),
        (failed("it crashed: Illegal instruction (SIGILL)"), "avx-missing"),
        (failed("AssertionError: Torch not compiled with CUDA enabled", workload="device"), "cpu-only-build"),
        (failed("AssertionError: training did not lower the loss: 1 to 2"), None),
    ],
)
def test_messages(result: Result, rule: str | None) -> None:
    judge = judge_of(HERE)
    cause = explain_result(result, judge, judge).cause
    assert (cause.rule if cause is not None else None) == rule


def test_a_library_that_is_gone_says_more_than_a_message() -> None:
    result = failed("ImportError: libtorch_cpu.so: cannot open shared object file: No such file or directory")
    cause = explain_result(result, judge_of(HERE), judge_of(HERE, GONE)).cause
    assert cause is not None
    assert cause.rule == "package-files-missing"


def test_a_library_of_another_package_is_not_what_is_gone() -> None:
    result = failed("ImportError: libother.so: cannot open shared object file: No such file or directory")
    cause = explain_result(result, judge_of(HERE), judge_of(HERE, GONE)).cause
    assert cause is None or cause.rule != "package-files-missing" or "torch" in cause.title


def test_a_gpu_that_cannot_be_used_always_has_a_cause() -> None:
    judge = judge_of(HERE)
    cause = explain_result(failed("RuntimeError: something new", workload="device"), judge, judge).cause
    assert cause is not None
    assert cause.rule == "framework-cannot-use-gpu"


@pytest.mark.parametrize(
    ("subject", "flavour", "reason", "rule"),
    [
        (
            "jax",
            "cuda",
            "RuntimeError: Unknown backend: 'gpu' requested, but no platforms that are instances of gpu",
            "cpu-only-build",
        ),
        ("tensorflow", "cpu", "Cannot dlopen some GPU libraries", "tf-missing-cuda-libs"),
    ],
)
def test_a_message_is_not_believed_against_the_build(subject: str, flavour: str, reason: str, rule: str) -> None:
    judge = judge_of(HERE)
    result = failed(reason, workload="device", subject=subject)
    plain, sure = (explain_result(result, judge, judge, said).cause for said in ("", flavour))
    assert plain is not None
    assert plain.rule == rule
    assert sure is not None
    assert sure.rule in {"framework-cannot-use-gpu", "cpu-only-build"} - {rule}


def test_what_passed_is_not_judged() -> None:
    def never(_text: str) -> Report:
        raise AssertionError("nobody asked")

    result = Result("torch", "mlp", "cpu", PASSED)
    assert explain_result(result, never, never) is result


@pytest.mark.parametrize(
    ("statuses", "verdict", "exit_code"),
    [
        ((PASSED, SKIPPED), "passed", 0),
        ((PASSED, FAILED, IMPOSSIBLE), "failed", 1),
        ((SKIPPED,), "unknown", 3),
        ((), "unknown", 3),
    ],
)
def test_exit_codes(statuses: tuple[str, ...], verdict: str, exit_code: int) -> None:
    results = tuple(Result("torch", str(place), "cpu", status) for place, status in enumerate(statuses))
    verification = Verification(results, (Identity("torch", "2"),))
    assert (verification.verdict, verification.exit_code) == (verdict, exit_code)
