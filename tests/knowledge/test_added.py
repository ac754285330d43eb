"""What the user's cache may add to the tables, and that it can do no more."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.knowledge.added import (
    LIMIT_BYTES,
    LIMIT_RELEASES,
    SCHEMA,
    Added,
    added_path,
    is_sound,
    lacking_rows,
    load_added,
    parse_added,
)
from envdoctor.knowledge.frameworks import builds_of, releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import PackageRelease, is_python_supported, listed_release, package_release, package_versions
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown

SHIPPED = {
    "checked": "2026-11-21",
    "packages": {"gadget": [{"versions": "1.0 1.2", "any": "any"}], "widget": [{"versions": "3.0", "any": "3.9+"}]},
}
GOOD: dict[str, Any] = {
    "schema": SCHEMA,
    "checked": "2026-11-22T09:30:00Z",
    "index": "https://pypi.org/simple",
    "packages": {"gadget": [{"versions": "1.3 1.10", "python": ">=3.9", "linux-x86_64": ["2.17: 3.9", "2.28: 3.13t"]}]},
}


def noted(folder: Path, document: object) -> str:
    path = folder / "wheels.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


def test_newer_releases_are_added(tmp_path: Path) -> None:
    added = load_added(SHIPPED, noted(tmp_path, GOOD))
    assert (added.checked, added.index, added.note) == ("2026-11-22T09:30:00Z", "https://pypi.org/simple", None)
    assert added.releases == ("gadget 1.3", "gadget 1.10")
    assert added.rows["gadget"]["1.10"] == {"python": ">=3.9", "linux-x86_64": ["2.17: 3.9", "2.28: 3.13t"]}


def test_no_file_is_nothing(tmp_path: Path) -> None:
    for path in (str(tmp_path / "none.json"), str(tmp_path / "no" / "folder.json"), None):
        assert load_added(SHIPPED, path) == Added()


def test_what_ships_is_never_overridden() -> None:
    hostile = {"gadget": [{"versions": "1.3 1.0 1.1 1.2", "any": "3.99"}], "unheard-of": [{"versions": "1.0", "any": "any"}]}
    rows = lacking_rows(SHIPPED["packages"], hostile)  # type: ignore[arg-type]
    assert rows == {"gadget": {"1.1": {"any": "3.99"}, "1.3": {"any": "3.99"}}}
    assert list(rows["gadget"]) == ["1.1", "1.3"]


ROW = {"versions": "1.3", "any": "any"}


@pytest.mark.parametrize(
    "change",
    [
        "",
        "{",
        "[" * 60_000,
        "[]",
        '{"schema": 1' + "0" * 6_000 + "}",
        {**GOOD, "schema": "envdoctor.knowledge-added/2"},
        {**GOOD, "more": 1},
        {**GOOD, "checked": "2026-11-22"},
        {**GOOD, "checked": ["2026-11-22T09:30:00Z"]},
        {**GOOD, "index": "\x1b[2J"},
        {**GOOD, "index": None},
        {**GOOD, "packages": []},
        {**GOOD, "packages": {"gadget": ROW}},
        {**GOOD, "packages": {"gadget": [{**ROW, "versions": " ".join(f"2.{n}" for n in range(LIMIT_RELEASES + 1))}]}},
        "x" * (LIMIT_BYTES + 1),
    ],
)
def test_another_file_is_passed_over_with_a_note(tmp_path: Path, change: object) -> None:
    added = load_added(SHIPPED, noted(tmp_path, change))
    assert added.note is not None
    assert "is passed over" in added.note
    assert added.releases == ()


def test_an_older_file_is_passed_over(tmp_path: Path) -> None:
    added = load_added({**SHIPPED, "checked": "2026-11-23"}, noted(tmp_path, GOOD))
    assert added.rows == {}
    assert added.note is not None
    assert "older" in added.note


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "wheels.json")
    for path in (tmp_path / "wheels.json", tmp_path):
        assert load_added(SHIPPED, str(path)).note is not None


@pytest.mark.parametrize(
    ("row", "sound"),
    [
        (ROW, True),
        ({"versions": "1.3"}, True),
        ({**ROW, "python": ">=3.9, !=3.9.7,<4"}, True),
        ({**ROW, "python": "==3.*"}, True),
        ({**ROW, "python": "~=3.9"}, True),
        ({"versions": "1.3.post1", "macos-arm64": "11.0: 3.10 3.13t 3.9+"}, True),
        ({**ROW, "python": ">=3.*"}, False),
        ({**ROW, "python": "~=3"}, False),
        ({**ROW, "python": "three"}, False),
        ({**ROW, "python": None}, False),
        ({"any": "any"}, False),
        ({"versions": ""}, False),
        ({"versions": "1.3  1.4"}, False),
        ({"versions": "1.3rc1"}, False),
        ({"versions": "1.3+cu128"}, False),
        ({"versions": "v1.3"}, False),
        ({"versions": "latest"}, False),
        ({"versions": "1" * 5000}, False),
        ({"versions": 1.3}, False),
        ({**ROW, "source": "x"}, False),
        ({**ROW, "amiga": "any"}, False),
        ({**ROW, "any": []}, False),
        ({**ROW, "any": [["any"]]}, False),
        ({**ROW, "any": "2.17: "}, False),
        ({**ROW, "any": "rm -rf"}, False),
        ({**ROW, "any": "any\n"}, False),
        ("1.3", False),
    ],
)
def test_rows(row: object, sound: bool) -> None:
    assert is_sound(row) is sound


def test_every_shipped_final_row_is_of_that_form(knowledge: Knowledge) -> None:
    for rows in knowledge.tables["wheels"]["packages"].values():
        assert all(is_sound(row) for row in rows if "rc" not in row["versions"])


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"XDG_CACHE_HOME": "/c"}, "/c/envdoctor/knowledge/wheels.json"),
        ({"LOCALAPPDATA": "/l", "XDG_CACHE_HOME": ""}, "/l/envdoctor/knowledge/wheels.json"),
        ({"XDG_CACHE_HOME": "here"}, None),
    ],
)
def test_where_it_is(variables: dict[str, str], path: str | None) -> None:
    assert added_path(variables) == path


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1.3", "any", ">=3.9"]),
    lambda some: (
        st.lists(some, max_size=3) | st.dictionaries(st.sampled_from(["versions", "python", "any", "gadget"]), some, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        JUNK,
        st.builds(lambda junk: {**GOOD, "packages": {"gadget": [junk]}}, JUNK),
        st.builds(lambda junk: {**GOOD, "packages": junk}, JUNK),
    )
)
def test_any_document_is_sound_or_a_value_error(document: object) -> None:
    try:
        found = parse_added(json.dumps(document))
    except ValueError:
        return
    for rows in lacking_rows(SHIPPED["packages"], found["packages"]).values():  # type: ignore[arg-type]
        assert list(rows) == sorted(rows, key=Version)
        assert not {"1.0", "1.2"} & set(rows)


def test_what_was_added_tells_of_wheels_and_of_nothing_else(knowledge: Knowledge, tmp_path: Path) -> None:
    rows = [{"versions": "2.4.99 99.0", "python": ">=3.10", "linux-x86_64": "2.28: 3.12"}]
    packages = dict.fromkeys(knowledge.tables["wheels"]["packages"], rows)
    path = noted(tmp_path, {**GOOD, "checked": "9999-01-01T00:00:00Z", "packages": packages})
    whole = replace(knowledge, memory={}, added=load_added(knowledge.tables["wheels"], path))
    assert len(whole.added.releases) > len(packages)
    for package in packages:
        new = Version("99.0")
        listed = listed_release(whole, package, new)
        assert isinstance(listed, PackageRelease)
        assert listed.requires_python == ">=3.10"
        assert is_python_supported(whole, package, new, "linux-x86_64", "3.12") is True
        assert is_python_supported(whole, package, new, "linux-x86_64", "3.13") is False
        assert isinstance(package_release(whole, package, new), Unknown)
        assert isinstance(builds_of(whole, package, new), Unknown)
        assert package_versions(whole, package) == package_versions(knowledge, package)
        assert releases(whole, package) == releases(knowledge, package)
