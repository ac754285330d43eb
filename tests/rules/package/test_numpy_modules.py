"""numpy2-abi by what compiled modules themselves say."""

from __future__ import annotations

from envdoctor.model.findings import Confidence
from envdoctor.model.libraries import NumpyModule
from envdoctor.model.record import replace
from tests.rules.facts import environment, machine, package
from tests.rules.judging import FAIL, PASS, expect, outcome

RULE = "package.numpy2_abi"
PANDAS = package("pandas", "2.1.0", "numpy>=1.23")


def with_module(major, *packages):
    found = environment(package("numpy", "2.1.3"), *packages)
    return machine(environment=replace(found, numpy_modules=(NumpyModule("pandas", "/site/pandas/_libs/algos.so", major),)))


def test_a_module_for_numpy_1_is_certain():
    expect(RULE, with_module(1, PANDAS), FAIL, "compiled for NumPy 1 (algos.so)", "numpy<2", "Or pandas 2.2.2 or newer")
    assert outcome(RULE, with_module(1, PANDAS)).findings[0].confidence is Confidence.CERTAIN
    expect(RULE, with_module(1, package("pandas", "9.0")), FAIL, "pandas 9.0 was compiled for NumPy 1")


def test_a_module_for_numpy_2_speaks_against_the_table():
    expect(RULE, with_module(2, PANDAS), PASS)
