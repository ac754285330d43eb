"""What torch.compile refuses."""

from __future__ import annotations

import pytest

from tests.rules.facts import UNKNOWN, environment, gpu, machine, package, python, torch
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

GTX_1080 = gpu("NVIDIA GeForce GTX 1080", (6, 1))


def running(version, interpreter, *, flavour="cuda", **changes):
    found = environment(package("torch", version), interpreter=interpreter, frameworks=(torch(version, flavour),))
    return machine(environment=found, **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (running("2.9.1", python("3.14.0")), FAIL, ["torch.compile of torch 2.9.1 refuses Python 3.14 and newer"]),
        (running("2.10.0", python("3.14.0")), PASS, []),
        (running("2.5.1", python("3.13.0")), FAIL, ["3.13"]),
        (
            running("2.9.1", python("3.12.0"), gpus=(GTX_1080,)),
            FAIL,
            ["not work on NVIDIA GeForce GTX 1080", "7.0 or newer"],
        ),
        (running("2.9.1", python("3.12.0"), gpus=(GTX_1080,), flavour="cpu"), PASS, []),
        (running("1.13.1", python("3.10.0"), gpus=(GTX_1080,)), PASS, []),
        (running("2.9.1", python("3.12.0"), gpus=(gpu(),)), PASS, []),
        (running("2.9.1", python("3.12.0"), gpus=UNKNOWN), PASS, []),
        (running("2.99.0", python("3.12.0")), UNDECIDED, []),
        (running("2.9.1", UNKNOWN), UNDECIDED, []),
        (machine(environment=environment()), SKIP, ["torch is not installed"]),
    ],
)
def test_torch_compile_unsupported(facts, verdict, words):
    expect("framework.torch_compile_unsupported", facts, verdict, *words)
