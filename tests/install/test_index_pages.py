"""Pages of package indexes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.unknown import Unknown
from envdoctor.system.index_pages import parse_html, parse_page

WHEEL = "torch-2.9.1+cu126-cp311-cp311-manylinux_2_28_x86_64.whl"


def test_json_states_sizes() -> None:
    page = {
        "files": [{"filename": WHEEL, "url": "/f/torch.whl", "size": 5, "hashes": {"sha256": "ab"}, "requires-python": ">=3.10"}]
    }
    (file,) = parse_page(json.dumps(page), "application/vnd.pypi.simple.v1+json", "https://i/simple/torch/", "https://i")
    assert (file.name, str(file.version), file.size_bytes, file.sha256) == ("torch", "2.9.1+cu126", 5, "ab")
    assert file.url == "https://i/f/torch.whl"
    assert file.requires_python == ">=3.10"
    assert file.tags == ("cp311", "cp311", "manylinux_2_28_x86_64")


def test_html_states_no_sizes() -> None:
    text = f'<a href="../../f/{WHEEL.replace("+", "%2B")}#sha256=cd" data-requires-python="&gt;=3.10" data-yanked="bad">x</a>'
    (file,) = parse_html(text, "https://i/simple/torch/", "https://i")
    assert isinstance(file.size_bytes, Unknown)
    assert file.url.startswith("https://i/f/torch-2.9.1%2Bcu126")
    assert file.file_name == WHEEL
    assert file.requires_python == ">=3.10"
    assert file.yanked
    assert file.sha256 == "cd"


@pytest.mark.parametrize("name", ["torch-2.9.1.exe", "torch.whl", "torch-x-py3-none-any.whl", "", "../../etc/passwd"])
def test_names_that_no_installer_understands_are_left_out(name: str) -> None:
    page = json.dumps({"files": [{"filename": name, "url": "u"}]})
    assert parse_page(page, "application/json", "https://i/", "i") == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', "<html>"])
def test_a_json_page_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever json or the parser says
        parse_page(text, "application/json", "https://i/", "i")


HOSTILE = st.text(st.sampled_from("<!>[]&#;/\"'= ahrefbase-_1.whl\n\0"), max_size=60)


@given(st.sampled_from(["", "<!", "<![", "<a href=", "<base href=", "<?", "</"]), st.one_of(HOSTILE, st.text(max_size=400)))
@settings(max_examples=150, deadline=None)
def test_a_page_is_read_or_refused(start: str, text: str) -> None:
    try:
        found = parse_page(start + text, "text/html", "https://i/", "i")
    except ValueError:
        return
    assert isinstance(found, tuple)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"files":' * 20_000])
def test_json_that_is_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested|Expecting"):
        parse_page(text, "application/json", "https://i/", "i")


def test_fields_of_other_types_count_as_not_stated() -> None:
    entry = {"filename": WHEEL, "url": "u", "size": "7", "requires-python": 3, "hashes": {"sha256": 4}}
    (file,) = parse_page(json.dumps({"files": [entry]}), "application/json", "https://i/", "i")
    assert (file.requires_python, file.sha256) == (None, None)
    assert isinstance(file.size_bytes, Unknown)
