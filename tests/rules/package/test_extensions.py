"""Rules about packages that are compiled against a framework."""

from __future__ import annotations

import pytest

from envdoctor.model.record import replace
from tests.rules.facts import UNKNOWN, environment, framework, machine, package, torch
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED


def beside(version, *, cuda="13.2", flavour="cuda", files=(), **changes):
    """bitsandbytes beside a torch for that CUDA; the libraries among its files, where these were looked at."""
    own = replace(framework("bitsandbytes", "0.1", cuda=None), libraries=tuple(f"libbitsandbytes_{name}.so" for name in files))
    frameworks = (torch("2.15.0", flavour, cuda=cuda), *([own] if files else []))
    found = environment(package("torch", "2.15.0"), package("bitsandbytes", version), frameworks=frameworks)
    return machine(environment=found, **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            beside("0.49.2"),
            FAIL,
            ["no library for CUDA 13.2", "libbitsandbytes_cuda132", "BNB_CUDA_VERSION=130", "bitsandbytes==0.5"],
        ),
        (beside("0.50.2"), PASS, []),
        (beside("0.49.2", cuda="12.8"), PASS, []),
        (beside("0.49.2", files=("cpu", "cuda128", "cuda130")), FAIL, ["cuda128 and cuda130", "libraries=cuda128, cuda130"]),
        (beside("0.49.2", cuda="13.0", files=("cpu", "cuda130")), PASS, []),
        (beside("99.0", cuda="13.0", files=("cuda130",)), PASS, []),
        (beside("99.0", cuda="13.0", files=("cuda128",)), FAIL, []),
        (beside("0.49.2", variables={"BNB_CUDA_VERSION": "130"}), SKIP, ["BNB_CUDA_VERSION"]),
        (beside("0.49.2", flavour="cpu"), SKIP, []),
        (beside("99.0"), UNDECIDED, []),
        (beside(UNKNOWN), UNDECIDED, []),
        (machine(environment=environment(package("torch", "2.9.1"))), SKIP, ["bitsandbytes is not installed"]),
    ],
)
def test_extension_binary_missing(facts, verdict, words):
    expect("package.extension_binary_missing", facts, verdict, *words)
