"""A package index on the loopback device that serves one tiny wheel, well or badly."""

from __future__ import annotations

import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WHEEL_NAME = "gadget-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: gadget\nVersion: 1.0\n"
MANNERS = (
    "well", "no-head", "error", "cut", "cut-wheel", "garbage", "wrong-hash", "silent", "loop", "locked", "bad-json",
    "no-wheel", "slow-wheel",
)  # fmt: skip
"""How it serves: see `_Serving.do_GET`."""
PASSWORD = "hunter2-very-secret"
"""What must never be shown."""


def wheel_bytes(body: str = "__version__ = '1.0'\n") -> bytes:
    """A wheel with one module."""
    files = {
        "gadget.py": body,
        "gadget-1.0.dist-info/METADATA": METADATA,
        "gadget-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, "gadget-1.0.dist-info/RECORD"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {**files, "gadget-1.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return packed.getvalue()


class _Serving(BaseHTTPRequestHandler):
    manner = "well"
    body = b""
    target = ""
    ended: threading.Event

    def do_GET(self) -> None:
        """Answer in the server's manner."""
        if self.manner == "error":
            self._send(b"<h1>Internal</h1>", status=500)
        elif self.manner == "silent":
            self.ended.wait(60)
        elif self.manner == "loop":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif self.manner == "elsewhere":
            self.send_response(302)
            self.send_header("Location", f"{self.target}/gadget/")
            self.end_headers()
        elif self.manner == "locked" and not self.headers.get("Authorization"):
            self._send(b"who are you?", status=401)
        elif self.path.endswith(".metadata"):
            self._send(METADATA.encode())
        elif self.path.endswith(".whl"):
            self._wheel()
        elif "/gadget" in self.path:
            self._page()
        else:
            self._send(b"no such project", status=404)

    def do_HEAD(self) -> None:
        """Answer without a body, where this server does that."""
        self.do_GET() if self.manner != "no-head" else self._send(b"", status=501)

    def log_message(self, *_words: object) -> None:
        """Keep silent."""

    def _page(self) -> None:
        digest = "0" * 64 if self.manner == "wrong-hash" else hashlib.sha256(self.body).hexdigest()
        apart = 'data-core-metadata="true"' if self.manner == "slow-wheel" else ""
        page = f'<!DOCTYPE html><a href="/files/{WHEEL_NAME}#sha256={digest}" {apart}>{WHEEL_NAME}</a>'.encode()
        if self.manner == "garbage":
            self._send(b"<html><body><h1>Log in to the hotel's wireless network</h1><form>\xff\xfe\x00" * 3)
        elif self.manner == "bad-json":
            self._send(b'{"files": [{"filename": 7}, ', content="application/vnd.pypi.simple.v1+json")
        elif self.manner == "cut":
            self._send(page, stated=len(page) + 5000)
        else:
            self._send(page)

    def _wheel(self) -> None:
        if self.manner == "no-wheel":
            self._send(b"this is no archive at all")
        elif self.manner == "cut-wheel":
            self._send(self.body[: len(self.body) // 2], stated=len(self.body))
        else:
            if self.manner == "slow-wheel" and not self.headers.get("Range"):
                self.ended.wait(60)
            self._send(self.body, content="application/octet-stream")

    def _send(self, body: bytes, status: int = 200, content: str = "text/html", stated: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body) if stated is None else stated))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def serving(manner: str, body: bytes | None = None, target: str = "") -> Iterator[str]:
    """An index that serves in some manner, or sends on to another one; its address."""
    ended = threading.Event()
    kind = type("Serving", (_Serving,), {"manner": manner, "body": body or wheel_bytes(), "target": target, "ended": ended})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    import sys

    with serving(sys.argv[1]) as address:
        print(address, flush=True)
        time.sleep(3600)
