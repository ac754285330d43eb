"""Profiles that are captured from environments."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.model.facts import Facts, Framework, Interpreter, Package, PythonEnvironment, Subject, Unknown
from envdoctor.profiles.capturing import Captured, asked_for, capture_profile, range_of
from envdoctor.profiles.loading import load_profile
from envdoctor.profiles.validating import find_problems
from tests.install.planning import machine


def environment(*packages: Package, torch: Framework | None = None) -> PythonEnvironment:
    interpreter = Interpreter("/e/bin/python", Version("3.11.7"), abi="cp311")
    return PythonEnvironment("/e", "venv", "--python", interpreter, packages, (torch,) if torch else ())


PACKAGES = (
    Package("torch", Version("2.9.1"), ("numpy", "nvidia-cudnn-cu12; sys_platform == 'never'")),
    Package("numpy", Version("2.4.6")), Package("six", Version("1.17.0")), Package("pip", Version("25")),
    Package("nvidia-cudnn-cu12", Version("9.1")), Package("mine", Version("0.1"), editable=True),
)  # fmt: skip
CUDA = Framework("torch", Version("2.9.1+cu128"), "cuda", Version("12.8"), distribution="torch")


def test_what_somebody_wanted_is_asked_for() -> None:
    assert [package.name for package in asked_for(PACKAGES, frozenset({"torch"}))] == ["torch", "six"]


@pytest.mark.parametrize(
    ("gpu", "words", "stated"), [(None, "# driver:", None), ("A100", 'driver: ">=525.60.13"', "nvidia")]
)  # fmt: skip
def test_a_captured_profile_can_be_used(tmp_path: Path, gpu: str | None, words: str, stated: str | None) -> None:
    facts = machine(gpu, "535.104.05" if gpu else None, environment=environment(*PACKAGES, torch=CUDA))
    captured = capture_profile(facts, "mine", "525.60.13")
    assert isinstance(captured, Captured)
    assert words in captured.text
    assert captured.left_out == ("mine: it is installed from a working folder",)
    path = tmp_path / "mine.yaml"
    path.write_text(captured.text)
    assert find_problems(str(path)) == ()
    profile = load_profile(str(path))
    assert [(one.line, one.build) for one in profile.packages] == [("torch>=2.9.1,<3", "cuda12"), ("six>=1.17.0,<2", None)]
    assert (profile.gpu.vendor if profile.gpu else None) == stated
    assert "# seen: 2.9.1" in captured.text


def test_what_cannot_be_read_is_not_captured() -> None:
    nothing = Facts(Subject("live", "x"), environment=None)
    assert isinstance(capture_profile(nothing, "x"), Unknown)
    unread = machine(environment=PythonEnvironment("/e", "venv", "x", Unknown("gone"), ()))
    assert isinstance(capture_profile(unread, "x"), Unknown)


@given(st.from_regex(r"([0-9]!)?(0|[1-9][0-9]?)(\.[0-9]{1,3}){0,3}(rc[0-9])?(\.post[0-9])?(\.dev[0-9])?(\+cpu)?", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_a_range_holds_the_version_that_it_was_made_from(text: str) -> None:
    version = Version(text)
    assert SpecifierSet(range_of(version)).contains(version, prereleases=True)
