"""VersionRange answers as packaging does, whether it asks it or not."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.model.ranges import VersionRange, lies_between

RELEASES = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
ENDINGS = st.sampled_from(["", "", "", "rc1", ".dev2", ".post1", "+cu128", "+cpu"])
VERSIONS = st.builds(lambda release, ending: Version(release + ending), RELEASES, ENDINGS)
OPERATORS = st.sampled_from([">=", "<=", "==", "!=", "<", ">"])
CLAUSES = st.one_of(
    st.builds(lambda operator, release: f"{operator}{release}", OPERATORS, RELEASES),
    st.builds(lambda operator, release: f"{operator}{release}.*", st.sampled_from(["==", "!="]), RELEASES),
    st.builds(lambda release, patch: f"~={release}.{patch}", RELEASES, st.integers(0, 3)),
    st.builds(lambda operator, release: f"{operator}{release}rc2", OPERATORS, RELEASES),
)
RANGES = st.lists(CLAUSES, max_size=3).map(",".join)


@settings(max_examples=500, deadline=None)
@given(VERSIONS, RANGES)
def test_it_contains_what_packaging_says(version: Version, text: str) -> None:
    assert VersionRange(text).contains(version, prereleases=True) == SpecifierSet(text).contains(version, prereleases=True)


@settings(max_examples=100, deadline=None)
@given(VERSIONS, RANGES)
def test_in_is_the_same_word_as_for_packaging(version: Version, text: str) -> None:
    assert (version in VersionRange(text)) == (version in SpecifierSet(text))


@given(RANGES)
def test_it_looks_like_what_packaging_makes(text: str) -> None:
    ours, theirs = VersionRange(text), SpecifierSet(text)
    assert ours == theirs
    assert theirs == ours
    assert hash(ours) == hash(theirs)
    assert (str(ours), bool(ours)) == (str(theirs), bool(theirs))
    assert {clause.operator for clause in ours} == {clause.operator for clause in theirs}


@pytest.mark.parametrize(
    ("version", "text", "answer"),
    [
        ("525.60.13", ">=525.60.13", True), ("470.82.01", ">=525.60.13", False), ("580.65.06", ">=580", True),
        ("3.14.0", ">=3.9,<3.15", True), ("3.15.0", ">=3.9,<3.15", False), ("2.9.1+cu128", ">=2.1,<3", True),
        ("12", ">=12,<13", True),
        ("1.27.0", ">=1.21,!=1.27.0", False), ("3.11.7", "==3.11.*", True), ("1.5", "", True),
        ("3.0rc1", ">=2", None), ("2.1", "~=2.0", None), ("2.1", ">=2.0rc1", None), ("2.1.post1", ">=2", True),
        ("2.1.post1", "==2.1", False), ("2.1.post1", ">2.1", False), ("2.1.post1", "<=2.1.0", False),
        ("2.1.post1", "!=2.1", True),
    ],
)  # fmt: skip
def test_what_is_answered_without_packaging(version: str, text: str, answer: bool | None) -> None:
    assert lies_between(Version(version), text) is answer


def test_it_can_be_copied() -> None:
    made = VersionRange(">=1,<2")
    assert copy.deepcopy(made) == made
    assert pickle.loads(pickle.dumps(made)) == made


def test_plain_questions_import_nothing() -> None:
    code = (
        "import sys\nfrom packaging.version import Version\nfrom envdoctor.model.ranges import VersionRange\n"
        "assert VersionRange('>=12,<13').contains(Version('12.8'), prereleases=True)\n"
        "print('packaging.specifiers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
