"""What conda, mamba, micromamba and rattler print of a dry run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.install.conda_resolution import parse_solution
from envdoctor.model.unknown import Unknown

ZLIB = {
    "name": "zlib", "version": "1.3.1", "build_string": "hb9d3cd8_2", "build_number": 2, "channel": "conda-forge",
    "base_url": "https://conda.anaconda.org/conda-forge", "dist_name": "zlib-1.3.1-hb9d3cd8_2",
}  # fmt: skip
FETCH = {
    **ZLIB, "size": 92286, "sha256": "5d7c" * 16, "depends": ["libzlib 1.3.1"],
    "url": "https://conda.anaconda.org/t/tk-12345/conda-forge/linux-64/zlib.conda",
}  # fmt: skip
OLD = {"name": "zlib", "version": "1.2.13", "build_string": "0", "channel": "conda-forge"}


def said(**actions: Any) -> str:
    return json.dumps({"actions": actions, "success": True, "dry_run": True})


def test_conda_states_sizes_of_what_it_would_fetch() -> None:
    solution = parse_solution(said(FETCH=[FETCH], LINK=[ZLIB], UNLINK=[OLD], PREFIX="/e"))
    (zlib,) = solution.downloads
    assert (zlib.name, zlib.version, zlib.size_bytes) == ("zlib", "1.3.1", 92286)
    assert zlib.archives[0].sha256 == "5d7c" * 16
    assert "tk-12345" not in zlib.source
    assert solution.pins == ("zlib=1.3.1=hb9d3cd8_2",)
    assert solution.removed == (), "an older build that makes room is no removal"


def test_what_is_in_the_cache_has_no_size() -> None:
    (zlib,) = parse_solution(said(LINK=[ZLIB])).downloads
    assert isinstance(zlib.size_bytes, Unknown)


def test_micromamba_states_everything_of_what_it_links() -> None:
    linked = {**FETCH, "build": "hb9d3cd8_2"}
    python = {**linked, "name": "python", "version": "3.11.9", "build": "h1_0_cpython", "build_string": "h1_0_cpython"}
    solution = parse_solution(said(LINK=[python, linked]))
    assert solution.python == "3.11.9"
    assert solution.downloads[1].size_bytes == 92286


def test_what_goes_is_told() -> None:
    assert parse_solution(said(UNLINK=[OLD])).removed == ("zlib",)


def test_conda_4_3_writes_a_list_and_names_alone() -> None:
    text = json.dumps({"actions": [{"LINK": ["defaults::zlib-1.2.8-3"], "PREFIX": "/e"}], "success": True})
    assert parse_solution(text).pins == ("zlib=1.2.8=3",)


def test_nothing_to_do() -> None:
    text = json.dumps({"message": "All requested packages already installed.", "success": True})
    assert parse_solution(text).pins == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"success": false, "message": "PackagesNotFoundError: caffe"}', "PackagesNotFoundError: caffe"),
        ('{"success": false, "solver_problems": ["nothing provides x"]}', "nothing provides x"),
        ('{"error": "UnsatisfiableError: a and b", "caused_by": "None"}', "UnsatisfiableError: a and b"),
        ("Traceback", "no JSON"),
        ("", "no JSON"),
        ("{", "no JSON"),
        ('{"success": true, "actions": {"LINK": [{"version": "1"}]}}', "not as expected"),
        ('{"success": true, "actions": {"LINK": ["x"]}}', "not as expected"),
    ],
)
def test_no_solution_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_solution(text)


def test_warnings_before_the_json_are_passed_over() -> None:
    assert parse_solution("WARNING: something\n" + said(LINK=[ZLIB])).pins == ("zlib=1.3.1=hb9d3cd8_2",)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["LINK", "FETCH", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(ANYTHING)
def test_only_a_value_error_comes_of_strange_json(actions: Any) -> None:
    for document in ({"actions": actions, "success": True}, {"schema": "s", "install": actions, "remove": []}):
        try:
            parse_solution(json.dumps(document))
        except ValueError:
            continue
