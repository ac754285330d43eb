"""Rules about the interpreter."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Gpu
from tests.rules.facts import UNKNOWN, environment, machine, macos, package, python, torch, windows
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

APPLE = Gpu(vendor="apple", index=0, name="Apple M2", source="machine")


def holding(interpreter, **changes):
    return machine(environment=environment(interpreter=interpreter), **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (holding(python("3.8.18")), FAIL, ["since 2024-10-07"]),
        (holding(python("2.7.18")), FAIL, ["Python 2.7"]),
        (holding(python("3.12.1")), PASS, []),
        (holding(python("3.99.0")), UNDECIDED, ["does not know Python 3.99.0"]),
        (holding(python(version="3.8.0", path=None)), FAIL, []),
        (holding(UNKNOWN), UNDECIDED, []),
        (machine(), SKIP, ["no Python environment"]),
    ],
)
def test_python_end_of_life(facts, verdict, words):
    expect("python.python_end_of_life", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (holding(python(machine="x86"), os=windows()), FAIL),
        (holding(python(machine="i686")), FAIL),
        (holding(python()), PASS),
        (holding(python(machine="AMD64"), os=windows()), PASS),
        (holding(python(machine=UNKNOWN)), UNDECIDED),
        (machine(), SKIP),
    ],
)
def test_python_is_32bit(facts, verdict):
    expect("python.python_is_32bit", facts, verdict)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (holding(python(machine="x86_64"), os=macos(), gpus=(APPLE,)), FAIL, ["Intel build", "arm64"]),
        (holding(python(machine="x86_64"), os=macos(machine="x86_64"), gpus=(APPLE,)), FAIL, []),
        (holding(python(machine="x86_64"), os=macos(machine="x86_64")), SKIP, ["no Apple GPU"]),
        (holding(python(machine="arm64"), os=macos()), PASS, []),
        (holding(python()), SKIP, ["macOS"]),
        (holding(python(machine=UNKNOWN), os=macos()), UNDECIDED, []),
    ],
)
def test_python_under_rosetta(facts, verdict, words):
    expect("python.python_under_rosetta", facts, verdict, *words)


def listed(version, running, *, tags=UNKNOWN, installer="pip", os=None):
    """A torch whose tags nobody looked at: only the package index tells which Pythons it was built for."""
    own = package("torch", version, tags=tags, installer=installer)
    made = environment(own, interpreter=python(running), frameworks=(torch(version),))
    return machine(environment=made, **({} if os is None else {"os": os}))


CP311 = package("torch", "2.9.1", tags=("cp311-cp311-manylinux_2_28_x86_64",))
ABI3 = package("tokenizers", "0.21", tags=("cp39-abi3-manylinux_2_17_x86_64",))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            machine(environment=environment(CP311, interpreter=python("3.12.1"))),
            FAIL,
            ["torch cannot run on Python 3.12.1", "new environment with Python 3.11"],
        ),
        (
            machine(environment=environment(package("a", "1", requires_python=">=3.12"))),
            FAIL,
            ["a cannot run on Python 3.11.9", "Python >=3.12"],
        ),
        (machine(environment=environment(CP311, ABI3, package("a", "1", requires_python=">=3.8,!=3.9.1"))), PASS, []),
        (machine(environment=environment(ABI3, interpreter=python("3.13.0"))), PASS, []),
        (machine(environment=environment(package("a", "1", requires_python="nonsense"))), PASS, []),
        (machine(environment=environment(CP311, interpreter=python("3.12.1", implementation="pypy"))), PASS, []),
        (machine(environment=environment(CP311, interpreter=UNKNOWN)), UNDECIDED, []),
        (machine(environment=environment()), SKIP, []),
        (listed("2.9.1", "3.15.0"), FAIL, ["torch cannot run on Python 3.15.0", "3.14t"]),
        (listed("2.9.1", "3.14.0"), PASS, []),
        (listed("2.9.1+cu128", "3.9.1"), FAIL, []),
        (listed("2.9.1+nv25.9", "3.9.1"), PASS, []),
        (listed("2.9.1", "3.9.1", installer="conda"), PASS, []),
        (listed("2.9.1", "3.9.1", tags=None), PASS, []),
        (listed("2.99.0", "3.9.1"), PASS, []),
        (listed("2.9.1", "3.15.0", os=UNKNOWN), PASS, []),
        (machine(environment=environment(package("torch", "2.9.1", tags=UNKNOWN), interpreter=python("3.15.0"))), PASS, []),
    ],
)
def test_python_unsupported(facts, verdict, words):
    expect("python.python_unsupported", facts, verdict, *words)
