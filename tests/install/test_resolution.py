"""What package managers say that they would install."""

from __future__ import annotations

import json

import pytest
from packaging.version import Version

from envdoctor.install.measuring import complete_sizes
from envdoctor.install.resolution import SMALL_FACTOR, estimated_bytes, parse_resolution, total, with_length, with_sizes
from envdoctor.model.offers import IndexSettings, OfferedFile
from envdoctor.model.plan import Archive, Download
from envdoctor.model.unknown import Unknown

REPORT = {"install": [{"metadata": {"name": "NumPy", "version": "2.3.5"}, "download_info": {"url": "https://f/numpy-2.3.5.whl"}}]}
LOCK = """
lock-version = "1.0"
[[packages]]
name = "numpy"
version = "2.3.5"
wheels = [{ url = "https://f/numpy-2.3.5.whl", size = 12, hashes = { sha256 = "00" } }]
[[packages]]
name = "old"
version = "1"
sdist = { url = "https://f/old-1.tar.gz" }
"""


def test_pips_report() -> None:
    (found,) = parse_resolution("report.json", json.dumps(REPORT))
    assert (found.name, found.version, found.source) == ("numpy", "2.3.5", "https://f/numpy-2.3.5.whl")
    assert isinstance(found.size_bytes, Unknown)


def test_uvs_lock() -> None:
    numpy, old = parse_resolution("pylock.toml", LOCK)
    assert numpy.size_bytes == 12
    assert old.source.endswith("old-1.tar.gz")
    assert isinstance(old.size_bytes, Unknown)


@pytest.mark.parametrize(("name", "text"), [("report.json", json.dumps(REPORT)), ("pylock.toml", LOCK)])
def test_an_address_loses_its_password(name: str, text: str) -> None:
    for found in parse_resolution(name, text.replace("https://f/", "https://me:s3cret@f/")):
        assert found.source.startswith("https://f/")


@pytest.mark.parametrize(
    ("name", "text"), [("report.json", "{}"), ("report.json", "nonsense"), ("pylock.toml", "a = ["), ("pylock.toml", "")]
)
def test_anything_else_is_an_error(name: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_resolution(name, text)


def test_sizes_come_from_index_pages_where_the_tool_states_none() -> None:
    file = OfferedFile("numpy", Version("2.3.5"), "numpy-2.3.5.whl", "https://f/numpy-2.3.5.whl", 7)
    (found,) = with_sizes(parse_resolution("report.json", json.dumps(REPORT)), {file.file_name: file})
    assert found.size_bytes == 7


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert total([1, 2]) == 3
    unknown = total([1, Unknown("x")])
    assert isinstance(unknown, Unknown)
    assert "1 of 2" in unknown.reason


def test_what_the_archive_states_beats_the_estimate() -> None:
    download = Download("a", "1", 100, "")
    assert estimated_bytes(download, 150) == 150
    assert estimated_bytes(download, Unknown("not asked")) == 100 * SMALL_FACTOR


def test_the_length_of_a_file_is_that_of_its_archive_too() -> None:
    address = "https://host/a-1-py3-none-any.whl"
    others = (Archive(address, "ab"), Archive("https://host/b.whl", "cd"))
    sized = with_length(Download("a", "1", Unknown("not stated"), address, others), 5)
    assert sized.size_bytes == 5
    assert [one.size_bytes for one in sized.archives] == [5, None]
    assert with_length(sized, Unknown("no answer")).size_bytes == Unknown("no answer")


def test_offline_no_size_is_asked_for() -> None:
    address = "http://127.0.0.1:9/a-1-py3-none-any.whl"
    download = Download("a", "1", Unknown("not stated"), address, (Archive(address),))
    assert complete_sizes((download,), IndexSettings(offline=True)) == (download,)
