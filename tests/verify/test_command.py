"""The command itself: what it refuses, what it chooses, and one small real run."""

from __future__ import annotations

import json
import sys

import pytest

from envdoctor.cli import run
from envdoctor.cli.verifying import Wish, plan_child
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts
from envdoctor.verify.selecting import SUBJECTS
from tests.rules.facts import environment, framework, gpu_machine, package, torch_environment

TENSORFLOW = framework("tensorflow", "2.20.0")
BY_NAME = {subject.name: subject for subject in SUBJECTS}


def wish(facts: Facts, device: str = "auto", level: str = "default") -> Wish:
    return Wish(facts, load_knowledge(), None, device, level, (), 60.0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--device", "gpu7"], "--device gpu7: no such device"),
        (["--device", "cuda:x"], "--device cuda:x"),
        (["--only", "pytorch"], "did you mean torch"),
        (["--time-limit", "soon"], "--time-limit soon"),
        (["--time-limit", "0"], "--time-limit 0"),
        (["--time-limit", "nan"], "--time-limit nan"),
        (["--quick", "--full"], "choose one"),
        (["no-such-profile"], "no-such-profile"),
        (["--python", "/nowhere"], "/nowhere"),
    ],
)
def test_bad_input_is_said_in_a_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("facts", "subject", "word"),
    [
        (gpu_machine(torch_environment()), "torch", "gpu"),
        (gpu_machine(torch_environment(), gpus=(), driver_version=None), "torch", "gpu"),
        (gpu_machine(torch_environment(flavour="cpu")), "torch", ""),
        (gpu_machine(environment(frameworks=(TENSORFLOW,)), gpus=(), driver_version=None), "tensorflow", ""),
        (gpu_machine(environment(frameworks=(TENSORFLOW,))), "tensorflow", "gpu"),
        (
            gpu_machine(
                environment(package("nvidia-cudnn-cu12", "9.3"), frameworks=(TENSORFLOW,)),
                gpus=(), driver_version=None,
            ),
            "tensorflow", "gpu",
        ),
        (gpu_machine(None), "torch", ""),
    ],
)  # fmt: skip
def test_a_gpu_is_expected_of_what_was_built_for_one(facts: Facts, subject: str, word: str) -> None:
    child, _left = plan_child(wish(facts), BY_NAME[subject], "auto")
    assert child.word == word


def test_what_a_device_has_no_use_for_is_skipped_with_the_reason() -> None:
    child, left = plan_child(wish(gpu_machine(None), "cuda:0"), BY_NAME["numpy"], "cuda:0")
    assert child.workloads == ()
    assert dict(left) == {"import": "it computes on the CPU only", "smoke": "it computes on the CPU only"}


def test_an_environment_with_nothing_to_verify_is_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--python", sys.prefix, "--only", "numpy", "--device", "cuda:0", "--format", "json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "unknown"
    assert document["summary"] == {"passed": 0, "failed": 0, "skipped": 2, "impossible": 0}


def test_what_is_named_and_not_installed_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--python", sys.prefix, "--only", "mxnet", "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    first = document["results"][0]
    assert (first["workload"], first["status"]) == ("import", "failed")
    assert "mxnet" in first["reason"]
