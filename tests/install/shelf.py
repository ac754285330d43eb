"""Small real wheels, built here, and an index on the loopback device that serves them: installs without a network."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PROFILE = "title: Gadget\ndescription: A gadget\npackages: [gadget>=2]\nimports: [gadget]\n"
"""Asks for the newer of the two gadgets on the shelf."""
HAS_UV = shutil.which("uv") is not None or Path(sys.executable).with_name("uv").exists()
needs_uv = pytest.mark.skipif(not HAS_UV, reason="uv is not here")


def build_wheel(
    name: str, version: str, requires: tuple[str, ...] = (), modules: int = 60, weights: bytes | None = None
) -> tuple[str, bytes]:
    """A wheel with a package of many modules, a larger file, data and a command; its file name and contents."""
    info = f"{name}-{version}.dist-info"
    files = {f"{name}/__init__.py": f"__version__ = {version!r}\n\n\ndef main():\n    print(__version__)\n".encode()}
    files.update({f"{name}/part_{n}.py": f"VALUE = {n!r}\nVERSION = {version!r}\n".encode() * 40 for n in range(modules)})
    files[f"{name}/weights.bin"] = weights or version.encode() * 200_000
    files[f"{name}-{version}.data/data/share/{name}/note.txt"] = f"{name} {version}\n".encode()
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name} = {name}:main\n".encode()
    rows = [f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items()]
    files[f"{info}/RECORD"] = ("".join(rows) + f"{info}/RECORD,,\n").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return f"{name}-{version}-py3-none-any.whl", packed.getvalue()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def fill_shelf(folder: Path, modules: int = 60) -> Path:
    """gadget 1.0, gadget 2.0 which needs gizmo 2.0, and both gizmos, as the simple pages of an index."""
    for name, version, requires in (
        ("gadget", "1.0", ("gizmo",)), ("gadget", "2.0", ("gizmo>=2",)), ("gizmo", "1.0", ()), ("gizmo", "2.0", ()),
    ):  # fmt: skip
        file_name, data = build_wheel(name, version, requires, modules)
        place = folder / "simple" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / file_name).write_bytes(data)
    for place in (folder / "simple").iterdir():
        links = [
            f'<a href="{wheel.name}#sha256={hashlib.sha256(wheel.read_bytes()).hexdigest()}">{wheel.name}</a>\n'
            for wheel in sorted(place.glob("*.whl"))
        ]
        (place / "index.html").write_text("<!DOCTYPE html>\n" + "".join(links))
    return folder


class Serving(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing of it."""

    wait_s = 0.0

    def do_GET(self) -> None:
        """As slowly as it is told to."""
        time.sleep(self.wait_s)
        super().do_GET()

    def end_headers(self) -> None:
        """Pages may change at any time; uv would take them for good for ten minutes."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_words: object) -> None:
        """Keep silent."""


@contextmanager
def serving_shelf(folder: Path) -> Iterator[str]:
    """The address of the index."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Serving, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    finally:
        server.shutdown()
        server.server_close()


def plain_variables(cache: Path) -> dict[str, str]:
    """The variables of a process whose package managers know no other place than the one they are told."""
    unset = (
        "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX",
        "UV_FIND_LINKS", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONDONTWRITEBYTECODE",
    )  # fmt: skip
    set_ = {
        "UV_CACHE_DIR": str(cache / "uv"), "PIP_CACHE_DIR": str(cache / "pip"), "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }  # fmt: skip
    return {name: value for name, value in os.environ.items() if name not in unset} | set_
