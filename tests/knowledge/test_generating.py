"""File names → rows of the table `wheels`."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.knowledge import loading
from envdoctor.knowledge.added import is_sound
from envdoctor.knowledge.compiling import read_sources
from envdoctor.knowledge.generating import Generated, generate_rows, join_rows, render_wheels
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import spread_rows
from envdoctor.system.index_pages import JSON_TYPE, parse_page

DATA = os.path.join(os.path.dirname(loading.__file__), "data")
ONE = [{"versions": "1.0"}]


def page(*files: str | dict[str, object]) -> str:
    """A simple page as PEP 691 has it; a bare name has nothing else said of it."""
    entries = [{"filename": file, "url": f"/{file}", "hashes": {}} if isinstance(file, str) else file for file in files]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": "gadget", "files": entries})


def generated(text: str, shipped: list[dict[str, object]]) -> Generated:
    return generate_rows(parse_page(text, JSON_TYPE, "https://index/simple/gadget/", "https://index/simple"), shipped)


@pytest.mark.parametrize(
    ("tags", "cells"),
    [
        ("cp312-cp312-manylinux_2_28_x86_64", {"linux-x86_64": "2.28: 3.12"}),
        ("cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", {"linux-x86_64": "2.17: 3.12"}),
        ("cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.manylinux1_x86_64", {"linux-x86_64": "2.5: 3.9"}),
        ("cp38-abi3-manylinux_2_17_aarch64", {"linux-aarch64": "2.17: 3.8+"}),
        ("cp313-cp313t-win_amd64", {"windows-x86_64": "3.13t"}),
        ("cp313-cp313-win_arm64", {"windows-arm64": "3.13"}),
        ("cp37-cp37m-linux_x86_64", {"linux-x86_64": "3.7"}),
        ("cp310-cp310-macosx_11_0_universal2", {"macos-x86_64": "11.0: 3.10", "macos-arm64": "11.0: 3.10"}),
        ("cp36-cp36m-macosx_10_9_intel", {"macos-x86_64": "10.9: 3.6"}),
        ("cp314-cp314-musllinux_1_2_x86_64", {"musl-x86_64": "1.2: 3.14"}),
        ("py3-none-any", {"any": "any"}),
        ("py2.py3-none-any", {"any": "any"}),
        ("py310-none-any", {"any": "3.10+"}),
        ("py3-none-manylinux_2_27_x86_64", {"linux-x86_64": "2.27: any"}),
        ("cp39-none-win_amd64", {"windows-x86_64": "3.9"}),
        ("cp27-cp27mu-manylinux1_x86_64", {}),
        ("pp310-pypy310_pp73-win_amd64", {}),
        ("cp312-cp312-win32", {}),
        ("cp312-cp312-manylinux_2_28_ppc64le", {}),
        ("cp312-cp312-ios_13_0_arm64_iphoneos", {}),
        ("cp312-cp312-musllinux_1_2_aarch64", {}),
        ("cp312-cp312-manylinux_99999_0_x86_64", {}),
        ("py3-abi3-any", {}),
    ],
)
def test_tags(tags: str, cells: dict[str, object]) -> None:
    assert generated(page(f"gadget-1.0-{tags}.whl"), ONE).rows == ({"versions": "1.0", **cells},)


def test_a_platform_has_its_pythons_by_floor_and_the_lowest_floor_of_each() -> None:
    names = [
        f"gadget-1.0-cp3{minor}-cp3{minor}-manylinux_2_{glibc}_x86_64.whl"
        for minor, glibc in ((9, 17), (10, 28), (10, 17), (13, 28))
    ]
    assert generated(page(*names), ONE).rows == ({"versions": "1.0", "linux-x86_64": ["2.17: 3.9 3.10", "2.28: 3.13"]},)


def test_like_neighbours_share_a_row_oldest_first() -> None:
    names = [f"gadget-{version}-py3-none-any.whl" for version in ("1.10", "1.2", "1.0")]
    found = generated(page(*names, "gadget-1.3.tar.gz"), ONE)
    assert found.rows == ({"versions": "1.0 1.2", "any": "any"}, {"versions": "1.3"}, {"versions": "1.10", "any": "any"})
    assert found.newer == ("1.2", "1.3", "1.10")
    assert found.changed == ("1.0",)


@pytest.mark.parametrize(
    ("stated", "row"),
    [
        (">=3.9", {"python": ">=3.9"}),
        (">=3.9,\n <4", {"python": ">=3.9, <4"}),
        ("three or more", {}),
        ("", {}),
        (None, {}),
        (3, {}),
    ],
)
def test_requires_python_is_kept_where_it_can_be_read(stated: object, row: dict[str, object]) -> None:
    file = {"filename": "gadget-1.0-py3-none-any.whl", "url": "x", "requires-python": stated}
    assert generated(page(file), ONE).rows == ({"versions": "1.0", **row, "any": "any"},)


def test_which_releases_are_told_of() -> None:
    """Older ones than the table has are not, nor are pre-releases but those of the table, nor yanked ones."""
    shipped = [{"versions": "1.0 1.1rc1 1.2 1.3 1.4", "any": "any"}]
    names = [f"gadget-{version}-py3-none-any.whl" for version in ("0.9", "1.0", "1.1rc1", "1.4", "1.5rc1", "1.5")]
    taken_back = [
        {"filename": f"gadget-{version}-py3-none-any.whl", "url": "x", "yanked": "broken"} for version in ("1.2", "1.6")
    ]
    found = generated(page(*names, *taken_back), shipped)
    assert found.rows == ({"versions": "1.0 1.1rc1 1.4 1.5", "any": "any"},)
    assert (found.newer, found.changed, found.yanked, found.lost) == (("1.5",), (), ("1.2",), ("1.3",))


def test_rows_spread_and_join(knowledge: Knowledge) -> None:
    for package, rows in knowledge.tables["wheels"]["packages"].items():
        assert list(join_rows(spread_rows(rows))) == rows, package


def test_the_shipped_file_is_what_is_rendered_from_it() -> None:
    table = read_sources(DATA)["wheels"]
    with open(os.path.join(DATA, "wheels.yaml"), encoding="utf-8") as file:
        assert file.read() == render_wheels(table["checked"], table["source"], table["packages"])


def test_rendered_text_is_read_as_it_was(tmp_path: object) -> None:
    rows = [
        {"versions": "1.0", "python": ">=3 'x: #\"", "any": ["2.1: any", "3.9+"]},
        {"versions": "1.1 1.10"},
        {"versions": "2"},
    ]
    path = os.path.join(str(tmp_path), "wheels.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(render_wheels("2026-01-02", "somewhere", {"gadget": rows}))
    assert read_sources(str(tmp_path)) == {
        "wheels": {"checked": "2026-01-02", "source": "somewhere", "packages": {"gadget": rows}}
    }


TAGS = st.sampled_from(
    [
        "py3-none-any",
        "cp312-cp312-win_amd64",
        "cp39-abi3-manylinux_2_17_x86_64",
        "cp313-cp313t-macosx_14_0_arm64",
        "cp3-abi3-manylinux_1",
    ]
)
NAMES = st.one_of(
    st.text(max_size=30),
    st.builds("gadget-{}-{}.whl".format, st.from_regex(r"\d{1,3}(\.\d{1,3}){0,2}((a|rc|\.post)\d)?", fullmatch=True), TAGS),
    st.from_regex(r"gadget-\d\.\d-(cp|py|pp)3\d{0,4}-[a-z0-9]{1,6}-[a-z]{1,9}_\d{1,6}_\d_[a-z0-9_]{1,8}\.whl", fullmatch=True),
    st.from_regex(r"gadget-\d(\.\d)?\.(tar\.gz|zip)", fullmatch=True),
)
FILES = st.fixed_dictionaries(
    {"filename": NAMES},
    optional={"requires-python": st.text(max_size=20) | st.integers(), "yanked": st.booleans() | st.text(max_size=3)},
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda some: st.lists(some) | st.dictionaries(st.text(max_size=8), some),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(files=st.lists(FILES | ANYTHING, max_size=12))
def test_any_page_gives_lawful_rows_or_the_error_of_a_page(files: list[object]) -> None:
    found = generated(json.dumps({"files": files}), ONE)
    releases = [version for row in found.rows for version in row["versions"].split()]
    assert len(set(releases)) == len(releases)
    assert "1.0" in {*releases, *found.yanked, *found.lost}
    final = [row for row in found.rows if row["versions"].count(" ") < 100 and "python" not in row]
    assert all(is_sound(row) for row in final)


@settings(deadline=None, max_examples=60)
@given(document=ANYTHING)
def test_what_is_no_page_is_a_value_error(document: object) -> None:
    if isinstance(document, dict) and isinstance(document.get("files"), list):
        return
    with pytest.raises(ValueError, match="list of files"):
        generated(json.dumps(document), ONE)
