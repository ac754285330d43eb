"""Rules about the operating system and the processor."""

from __future__ import annotations

import pytest
from packaging.version import Version

from tests.rules.facts import (
    UNKNOWN,
    X86_V3,
    cpu,
    environment,
    framework,
    image,
    linux,
    machine,
    macos,
    package,
    python,
    windows,
    with_framework,
)
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

NEW = package("torch", "2.9.1", tags=("cp311-cp311-manylinux_2_28_x86_64",))
OLD = package("numpy", "1.26.4", tags=("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64"))
PURE = package("packaging", "24.0", tags=("py3-none-any",))
ALPINE = linux(id="alpine", libc="musl", libc_version=Version("1.2.5"))


def holding(*packages, **changes):
    return machine(environment=environment(*packages), **changes)


def listed(name, version, *, interpreter=None, **changes):
    """A framework whose wheel tags nobody looked at: only the package index tells what it was built for."""
    own = package(name, version, tags=UNKNOWN)
    made = environment(own, frameworks=(framework(name, version),), interpreter=interpreter)
    return machine(environment=made, **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (holding(NEW, OLD, os=linux(libc_version=Version("2.17"))), FAIL, ["glibc 2.17 is too old for torch", "2.28", "!numpy"]),
        (holding(NEW, OLD), PASS, []),
        (holding(PURE, os=linux(libc_version=Version("2.5"))), PASS, []),
        (holding(NEW, os=ALPINE), SKIP, []),
        (holding(NEW, os=windows()), SKIP, []),
        (holding(NEW, os=linux(libc_version=UNKNOWN)), UNDECIDED, []),
        (image(environment=environment(NEW), os=linux(libc_version=Version("2.17"))), FAIL, []),
        (listed("vllm", "0.20.1", os=linux(libc_version=Version("2.34"))), FAIL, ["glibc 2.34 is too old for vllm", "2.35"]),
        (listed("vllm", "0.21.0", os=linux(libc_version=Version("2.34"))), PASS, []),
    ],
)
def test_glibc_too_old(facts, verdict, words):
    expect("system.glibc_too_old", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (holding(NEW, PURE, os=ALPINE), FAIL, ["torch: made for glibc, and this system uses musl", "-slim"]),
        (holding(package("numpy", "2.0", tags=("cp311-cp311-musllinux_1_2_x86_64",)), os=ALPINE), PASS, []),
        (machine(environment=environment(NEW, interpreter=python(machine="aarch64"))), FAIL, ["another processor than aarch64"]),
        (
            machine(
                os=macos(),
                environment=environment(
                    package("torch", "2.8.0", tags=("cp311-none-macosx_11_0_arm64",)), interpreter=python(machine="arm64")
                ),
            ),
            PASS,
            [],
        ),
        (
            machine(
                os=windows(),
                environment=environment(package("x", "1", tags=("cp311-cp311-win_amd64",)), interpreter=python(machine="AMD64")),
            ),
            PASS,
            [],
        ),
        (
            machine(
                os=macos(),
                environment=environment(
                    package("x", "1", tags=("cp311-cp311-macosx_10_9_universal2",)), interpreter=python(machine="arm64")
                ),
            ),
            PASS,
            [],
        ),
        (holding(NEW, OLD, PURE), PASS, []),
        (holding(package("a", "1")), SKIP, ["wheel tags"]),
        (holding(NEW, PURE, os=windows()), FAIL, ["torch: made for Linux, and this is Windows", "!packaging"]),
        (listed("torch", "2.9.1", os=ALPINE), FAIL, ["torch: made for other platforms than musl-x86_64", "-slim"]),
        (listed("torch", "2.3.0", os=macos(machine="x86_64")), FAIL, ["macos-x86_64"]),
        (listed("torch", "2.2.2", os=macos(machine="x86_64")), PASS, []),
        (listed("torch", "2.12.0", os=macos(version="13.6")), FAIL, ["macOS 14.0 and newer, and this is 13.6"]),
        (listed("torch", "2.11.0", os=macos(version="13.6")), PASS, []),
        (
            machine(
                os=macos(version="13.6"),
                environment=environment(
                    package("x", "1", tags=("cp311-cp311-macosx_14_0_arm64",)), interpreter=python(machine="arm64")
                ),
            ),
            FAIL,
            ["a newer macOS than 13.6"],
        ),
        (machine(environment=environment(NEW, interpreter=python(machine=UNKNOWN))), UNDECIDED, []),
    ],
)
def test_platform_unsupported(facts, verdict, words):
    expect("system.platform_unsupported", facts, verdict, *words)


TENSORFLOW = with_framework(framework("tensorflow", "2.19.0", cuda="12.5"))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (machine(environment=TENSORFLOW, cpu=cpu(features=X86_V3 - {"avx", "avx2"})), FAIL, ["needs AVX", "illegal instruction"]),
        (machine(environment=TENSORFLOW), PASS, []),
        (machine(environment=TENSORFLOW, cpu=cpu(features=UNKNOWN)), UNDECIDED, []),
        (machine(environment=TENSORFLOW, os=linux(machine="aarch64")), SKIP, ["x86-64"]),
        (machine(environment=with_framework(framework("torch", "2.9.1", cuda="12.8"))), SKIP, []),
        (image(environment=TENSORFLOW), SKIP, ["--target"]),
    ],
)
def test_avx_missing(facts, verdict, words):
    expect("system.avx_missing", facts, verdict, *words)
