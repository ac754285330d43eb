"""Places of folders."""

from __future__ import annotations

import os


def device_of(path: str) -> str:
    """Names the file system that a path, or what there is of it, lies on; equal names share their free space."""
    return str(os.stat(nearest_folder(path)).st_dev)


def nearest_folder(path: str) -> str:
    """The path, or the nearest folder above it that exists."""
    path = os.path.abspath(path)
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path
