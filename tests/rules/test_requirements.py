"""Requirement lines read quickly decide as packaging does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.model.unknown import Undecided
from envdoctor.rules.markers import applies, marker_values
from envdoctor.rules.requirements import combined_range, meets, parse_line, unmet_requirements
from tests.rules.facts import UNKNOWN, environment, machine, package, python, windows

NUMBERS = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
CLAUSES = st.builds("{}{}".format, st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="]), NUMBERS)
SUFFIXES = st.sampled_from(["", "", "", "rc1", ".post1", ".dev3", "+cu128", "a1", "+cpu"])


@settings(max_examples=300, deadline=None)
@given(NUMBERS, SUFFIXES, st.lists(CLAUSES, max_size=3))
def test_meets_agrees_with_packaging(number, suffix, clauses):
    specifier = ",".join(clause for clause in clauses if not (clause.startswith("~=") and "." not in clause))
    version = Version(number + suffix)
    assert meets(version, specifier) is SpecifierSet(specifier).contains(version, prereleases=True)


def test_a_range_that_cannot_be_read_is_undecided():
    with pytest.raises(Undecided, match="cannot be read"):
        meets(Version("1"), "=>1")


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("numpy>=1.21", ("numpy", ">=1.21", "")),
        ("Typing_Extensions", ("typing-extensions", "", "")),
        ("torch (>=2.0,<3)", ("torch", ">=2.0,<3", "")),
        ('uvicorn[standard] >= 0.1 ; extra == "all"', ("uvicorn", ">= 0.1", 'extra == "all"')),
        ("pkg @ https://example.org/pkg.whl", None),
        ("", None),
    ],
)
def test_parse_line(line, parsed):
    assert parse_line(line) == parsed


MARKERS = [
    'python_version >= "3.9"',
    "python_version<'3.9'",
    'python_full_version < "3.11.4"',
    'python_version in "3.10 3.11"',
    'python_version == "3.*"',
    'python_version ~= "3.10"',
    'sys_platform == "win32"',
    'platform_system == "Linux" and platform_machine == "x86_64"',
    'platform_system != "Linux" or python_version >= "3.10" and os_name == "nt"',
    '(sys_platform == "linux" or sys_platform == "darwin") and python_version > "3.8"',
    'implementation_name == "cpython"',
    'platform_python_implementation != "PyPy"',
    'platform_machine not in "aarch64 arm64"',
]


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("facts", [machine(), machine(os=windows())], ids=["linux", "windows"])
def test_markers_agree_with_packaging(marker, facts):
    values = marker_values(facts, environment(interpreter=python("3.11.9")))
    assert applies(marker, values) is Marker(marker).evaluate(values)


def test_a_marker_on_something_unknown_is_undecided():
    values = marker_values(machine(os=UNKNOWN), environment(interpreter=python()))
    assert applies('python_version >= "3.9"', values)
    with pytest.raises(Undecided, match="nobody looked"):
        applies('sys_platform == "linux"', values)
    with pytest.raises(Undecided, match="platform_release"):
        applies('platform_release == "6.8"', values)
    with pytest.raises(Undecided, match="cannot be read"):
        applies("nonsense (", values)


def test_unmet_requirements():
    found = environment(
        package("a", "1.0", "b>=2", "c", 'd; sys_platform == "win32"', 'e; extra == "test"', "f @ https://example.org/f.whl"),
        package("b", "1.5"),
    )
    assert [(one.name, one.specifier, str(one.installed)) for one in unmet_requirements(machine(), found)] == [
        ("b", ">=2", "1.5"),
        ("c", "", "None"),
    ]


def test_unknown_requirements_are_undecided_after_the_rest():
    found = environment(package("x", "1.0", requires=UNKNOWN), package("a", "1.0", "c"))
    told = unmet_requirements(machine(), found)
    assert next(told).name == "c"
    with pytest.raises(Undecided, match="nobody looked"):
        next(told)


@pytest.mark.parametrize(
    ("lines", "together"),
    [(("b>=2", "b<3"), ">=2,<3"), (("b>=2", "b<2"), None), (("b==1.0", "b==1.1"), None), (("b>1.0",), ">1.0"), (("b",), "")],
)
def test_combined_range(lines, together):
    found = environment(*(package(f"p{number}", "1", line) for number, line in enumerate(lines)))
    assert combined_range(found, "b") == together
