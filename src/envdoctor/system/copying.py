"""Sizes and places of folders."""

from __future__ import annotations

import os

from envdoctor.system.files import answering


def folder_size(path: str) -> int:
    """Bytes on disk of a folder's files, each counted once however many names it has.

    Raises:
        SourceError: the folder cannot be read.
    """
    total, seen = 0, set()
    with answering(path):
        for folder, _folders, names in os.walk(path, onerror=_raise):
            for name in names:
                status = os.lstat(os.path.join(folder, name))
                if (status.st_dev, status.st_ino) not in seen:
                    seen.add((status.st_dev, status.st_ino))
                    total += status.st_size
    return total


def device_of(path: str) -> str:
    """Names the file system that a path, or what there is of it, lies on; equal names share their free space."""
    return str(os.stat(nearest_folder(path)).st_dev)


def nearest_folder(path: str) -> str:
    """The path, or the nearest folder above it that exists."""
    path = os.path.abspath(path)
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _raise(error: OSError) -> None:
    raise error
