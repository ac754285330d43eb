"""glibc-too-old and libstdcxx-too-old by what libraries themselves ask for."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.findings import Confidence
from envdoctor.model.libraries import CompiledNeed, LibraryFile
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from tests.rules.facts import environment, linux, machine, package
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED

LIBRARY = "/home/ada/env/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so"
SYSTEM = "/lib/x86_64-linux-gnu/libstdc++.so.6"
CONDA = "/home/ada/env/lib/libstdc++.so.6"


def of_glibc(floor, tag="cp311-cp311-manylinux_2_28_x86_64", has="2.35", **changes):
    need = (CompiledNeed("torch", "GLIBC", Version(floor), LIBRARY),) if floor else ()
    found = environment(package("torch", "2.9.1", tags=(tag,)), compiled_needs=need)
    return machine(environment=found, os=linux(libc_version=Version(has)), **changes)


def of_cpp(
    provided, *, path=SYSTEM, way="ld.so.cache", kind="venv", targeted=(), family="GLIBCXX", wanted="3.4.29", is_own=False
):
    value = Version(provided) if isinstance(provided, str) else provided
    file = LibraryFile(path, Unknown("not looked at"), "", is_own) if path else None
    need = CompiledNeed("torch", family, Version(wanted), LIBRARY, file, way, value)
    found = environment(package("torch", "2.9.1"), kind=kind, compiled_needs=(need,))
    return replace(machine(environment=found), targeted=targeted)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (of_glibc("2.28", has="2.27"), FAIL, ["glibc 2.27 is too old for torch", f"{LIBRARY} needs GLIBC_2.28"]),
        (of_glibc("2.17", has="2.27"), PASS, []),
        (of_glibc(None, has="2.27"), FAIL, ["2.28 is wanted"]),
        (of_glibc("2.28"), PASS, []),
    ],
)
def test_glibc_too_old(facts, verdict, words):
    expect("system.glibc_too_old", facts, verdict, *words)


def test_libraries_are_certain_and_tags_likely():
    assert outcome("system.glibc_too_old", of_glibc("2.28", has="2.27")).findings[0].confidence is Confidence.CERTAIN
    assert outcome("system.glibc_too_old", of_glibc(None, has="2.27")).findings[0].confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (of_cpp("3.4.28"), FAIL, [f"{SYSTEM} is too old for torch", "`GLIBCXX_3.4.29' not found", "Use a newer system"]),
        (of_cpp("3.4.29"), PASS, []),
        (of_cpp("1.3.11", family="CXXABI", wanted="1.3.13"), FAIL, ["CXXABI_1.3.13"]),
        (of_cpp("3.4.28", path=CONDA, way="RPATH", kind="conda"), FAIL, ["conda update --yes --prefix /home/ada/env"]),
        (of_cpp("3.4.28", path="/old/libstdc++.so.6", way="LD_LIBRARY_PATH"), FAIL, ["Remove /old from LD_LIBRARY_PATH"]),
        (of_cpp("3.4.28", targeted=("os",)), SKIP, []),
        (of_cpp("3.4.28", targeted=("os",), is_own=True), FAIL, []),
        (of_cpp(Unknown("damaged")), UNDECIDED, ["damaged"]),
        (of_cpp(None, path=None), PASS, []),
        (machine(environment=environment(package("torch", "2.9.1"))), SKIP, []),
        (machine(), SKIP, []),
    ],
)
def test_libstdcxx_too_old(facts, verdict, words):
    expect("system.libstdcxx_too_old", facts, verdict, *words)
