"""A small tree of files with everything in it that a question about files can meet."""

from __future__ import annotations

import os
import sys
from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1+cu128\n\nA long description.\n" + "text\n" * 5000


def plant_tree(root: Path) -> None:
    """Make the tree below `root`, which is to be taken for `/`."""
    (root / "etc").mkdir(parents=True)
    (root / "usr/lib").mkdir(parents=True)
    (root / "usr/lib/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    (root / "etc/os-release").symlink_to("../usr/lib/os-release")
    (root / "etc/latin").write_bytes(b"caf\xe9\n")
    (root / "etc/empty").write_text("")
    (root / "etc/windows").write_bytes(b"Name: a\r\nVersion: 1\r\n\r\nbody\r\n")
    (root / "etc/headless").write_text("\nbody\n")
    (root / "etc/unended").write_text("Name: a\nVersion: 1")
    (root / "etc/folder link").symlink_to("../usr/lib")
    (root / "etc/dangling").symlink_to("nowhere")
    (root / "etc/loop").symlink_to("loop")
    (root / "etc/long").write_bytes(b"x" * ((1 << 20) + 1))
    (root / "METADATA").write_text(METADATA)
    (root / "lib64").symlink_to("usr/lib")
    (root / "usr/lib/libfake.so").write_bytes(b"\x7fELF but nothing more")
    if sys.platform != "win32":
        os.mkfifo(root / "etc/fifo")


def plant_library(source: Path, root: Path) -> None:
    """Put a real library into the tree."""
    (root / "usr/lib/libreal.so").write_bytes(source.read_bytes())


QUESTIONS: list[tuple[str, str]] = [
    *(
        (kind, path)
        for kind in ("read", "headers", "list", "link", "resolve", "stat", "binary", "gpu_code")
        for path in (
            "/", "/etc", "/etc/", "/etc/os-release", "/etc/os-release/", "/etc/os-release/x", "/etc/latin", "/etc/empty",
            "/etc/windows", "/etc/headless", "/etc/unended", "/etc/folder link", "/etc/folder link/os-release",
            "/etc/folder link/../../etc/empty", "/etc/dangling", "/etc/dangling/x", "/etc/loop", "/etc/loop/x", "/etc/fifo",
            "/etc/long", "/METADATA", "/METADATA/..", "/lib64", "/lib64/os-release",
            "/lib64/libfake.so", "/lib64/libreal.so", "/nothing",
            "/nothing/..", "//etc//./os-release", "relative", "", "/nul\0in it", "/lone surrogate \ud800",
        )
    ),
]  # fmt: skip
