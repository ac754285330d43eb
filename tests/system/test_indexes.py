"""Asking indexes: a real one on loopback that can be slow, broken or closed, and folders."""

from __future__ import annotations

import base64
import io
import json
import os
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from envdoctor.model.offers import IndexSettings
from envdoctor.model.unknown import Unknown
from envdoctor.system.archive_sizes import file_bytes, unpacked_bytes
from envdoctor.system.indexes import ask_links, ask_project, local_path, side_by_side, without_credentials
from envdoctor.system.port import Denied, Malformed, Missing, SourceError, TimedOut, Unsupported

PLAIN = IndexSettings()
WHEEL = "gadget-1.0-py3-none-any.whl"


def archive(entries: int = 3, size: int = 1000) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(entries):
            made.writestr(f"gadget/{'x' * 60}{number}.py", b"a" * size)
    return content.getvalue()


class Index(BaseHTTPRequestHandler):
    """`/simple/NAME/` and files, with what goes wrong chosen by the name."""

    files: dict[str, bytes] = {}  # noqa: RUF012
    seen: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        """Answer."""
        self.seen.append(self.headers.get("Authorization", ""))
        name = self.path.strip("/").rpartition("/")[2]
        if name == "slow":
            time.sleep(2)
        if name in self.files:
            self._send_part(self.files[name])
        elif name in {"missing", "broken", "closed"}:
            self.send_error({"missing": 404, "broken": 500, "closed": 401}[name])
        elif name == "nonsense":
            self._send(b"<html>", "application/vnd.pypi.simple.v1+json")
        elif name == "html":
            self._send(f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode(), "text/html")
        else:
            page = {"files": [{"filename": WHEEL, "url": f"/files/{WHEEL}", "size": 77}]}
            self._send(json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def _send_part(self, body: bytes) -> None:
        wanted = self.headers.get("Range", "").removeprefix("bytes=")
        if not wanted or "whole" in self.path:
            self._send(body, "application/octet-stream")
            return
        first, _, last = wanted.partition("-")
        start = int(first) if first else max(0, len(body) - int(last))
        part = body[start : int(last) + 1] if first and last else body[start:]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(body)}")
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    Index.files = {WHEEL: archive(), "large-1.whl": archive(5000, 10), "text-1.whl": b"no archive at all"}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_json_page(index: str) -> None:
    (file,) = ask_project(f"{index}/simple", "Gad_get", PLAIN)
    assert (file.name, file.size_bytes, file.url) == ("gadget", 77, f"{index}/files/{WHEEL}")


def test_an_html_page(index: str) -> None:
    (file,) = ask_project(f"{index}/simple", "html", PLAIN)
    assert isinstance(file.size_bytes, Unknown)


def test_a_project_that_the_index_does_not_know_has_no_files(index: str) -> None:
    assert ask_project(f"{index}/simple", "missing", PLAIN) == ()


@pytest.mark.parametrize(("name", "error"), [("broken", Unsupported), ("closed", Denied), ("nonsense", Malformed)])
def test_what_goes_wrong_is_told_apart(index: str, name: str, error: type[SourceError]) -> None:
    with pytest.raises(error):
        ask_project(f"{index}/simple", name, PLAIN)


def test_a_slow_index_counts_as_away(index: str) -> None:
    with pytest.raises(TimedOut):
        ask_project(f"{index}/simple", "slow", PLAIN, timeout_s=0.2)


def test_nobody_listens() -> None:
    with pytest.raises(Unsupported, match="cannot be reached"):
        ask_project("http://127.0.0.1:9/simple", "x", PLAIN, timeout_s=2)


@pytest.mark.parametrize("address", ["ftp://host/simple", "gopher://x"])
def test_only_http_is_spoken(address: str) -> None:
    with pytest.raises(SourceError):
        ask_project(address, "x", PLAIN)


def test_credentials_are_sent_and_not_kept(index: str) -> None:
    secret = index.replace("http://", "http://me:s3cret@")
    (file,) = ask_project(f"{secret}/simple", "gadget", PLAIN)
    assert Index.seen[-1] == "Basic " + base64.b64encode(b"me:s3cret").decode()
    assert "s3cret" not in repr(file)
    with pytest.raises(SourceError) as failure:
        ask_project(f"{secret}/simple", "broken", PLAIN)
    assert "s3cret" not in str(failure.value)
    assert without_credentials("https://a:b@host/x") == "https://host/x"


def test_questions_side_by_side_hurt_each_other_in_nothing(index: str) -> None:
    answers = side_by_side(
        {
            "good": lambda: len(ask_project(f"{index}/simple", "gadget", PLAIN)),
            "bad": lambda: len(ask_project(f"{index}/simple", "broken", PLAIN)),
            "late": lambda: time.sleep(5) or 1,
        },
        limit_s=1,
    )
    assert answers["good"] == 1
    assert isinstance(answers["bad"], Unknown)
    assert isinstance(answers["late"], Unknown)
    assert "no answer within" in answers["late"].reason


def test_what_an_archive_unpacks_to_is_read_from_its_end(index: str) -> None:
    assert unpacked_bytes(f"{index}/files/{WHEEL}", PLAIN) == 3000
    assert unpacked_bytes(f"{index}/files/large-1.whl", PLAIN) == 50000


def test_the_length_of_a_file_is_what_the_server_says(index: str) -> None:
    assert file_bytes(f"{index}/files/{WHEEL}", PLAIN) == len(archive())
    with pytest.raises(Malformed):
        file_bytes(f"{index}/whole/{WHEEL}", PLAIN)


def test_a_server_without_parts_and_a_file_that_is_no_archive(index: str) -> None:
    with pytest.raises(Unsupported, match="parts"):
        unpacked_bytes(f"{index}/whole/{WHEEL}", PLAIN)
    with pytest.raises(Malformed):
        unpacked_bytes(f"{index}/files/text-1.whl", PLAIN)


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
def test_folders_of_wheels_and_pages_on_disk(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(archive())
    (tmp_path / "notes.txt").write_text("no wheel")
    (tmp_path / "dangling-1.0-py3-none-any.whl").symlink_to("nowhere")
    (file,) = ask_links(str(tmp_path), PLAIN)
    assert file.size_bytes == len(archive())
    assert ask_links(f"file://{tmp_path}", PLAIN)[0].file_name == WHEEL
    assert unpacked_bytes(file.url, PLAIN) == 3000
    page = tmp_path / "simple" / "gadget" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="../../{WHEEL}">x</a>')
    (linked,) = ask_project(f"file://{tmp_path}/simple", "gadget", PLAIN)
    assert local_path(linked.url) == str(tmp_path / WHEEL)
    assert ask_project(f"file://{tmp_path}/simple", "other", PLAIN) == ()
    with pytest.raises(Missing):
        ask_links(str(tmp_path / "nowhere"), PLAIN)
