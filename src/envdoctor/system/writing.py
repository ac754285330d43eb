"""Changing files: the few operations that an install needs, each whole or not at all.

Paths are those of the platform; nothing here follows instructions from a profile or an image.
"""

from __future__ import annotations

import os

from envdoctor.system.files import answering


def make_folder(path: str) -> None:
    """Make a folder and those above it; one that is there already is no error.

    Raises:
        SourceError: it cannot be made, or something else is there.
    """
    with answering(path):
        os.makedirs(path, exist_ok=True)


def rename_folder(source: str, target: str) -> None:
    """Give a folder another name on the same file system, in one step; nothing must be at the new name.

    Raises:
        SourceError: something is there, or it cannot be renamed.
    """
    with answering(target):
        if os.path.lexists(target):
            raise FileExistsError(17, os.strerror(17), target)
        os.rename(source, target)
        _settle(os.path.dirname(os.path.abspath(target)))


def remove_tree(path: str) -> None:
    """Remove a folder with everything in it; links in it are removed, not followed. None there is no error.

    Raises:
        SourceError: something in it cannot be removed, or it is no folder.
    """
    import shutil

    with answering(path):
        if not os.path.lexists(path):
            return
        try:
            shutil.rmtree(path)
        except PermissionError:  # a folder that is read-only for its owner; packages come with those
            _make_writable(path)
            shutil.rmtree(path)


def _make_writable(path: str) -> None:
    for folder, names, _files in os.walk(path):
        for place in (folder, *(os.path.join(folder, name) for name in names)):
            if not os.path.islink(place):
                os.chmod(place, 0o700)


def write_text(path: str, text: str, mode: int = 0o644) -> None:
    """Write a file beside and move it into place when it is on disk.

    Raises:
        SourceError: it cannot be written.
    """
    with answering(path):
        data = text.encode("utf-8")
    write_bytes(path, data, mode)


def write_bytes(path: str, data: bytes, mode: int = 0o644) -> None:
    """Write a file beside and move it into place when it is on disk.

    Raises:
        SourceError: it cannot be written.
    """
    folder, name = os.path.split(os.path.abspath(path))
    beside = os.path.join(folder, f".{name}.{os.getpid()}.part")
    with answering(path):
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            if os.path.lexists(beside):  # not moved into place: something failed
                os.unlink(beside)
        _settle(folder)


def settle_all(path: str) -> None:
    """Bring everything that was written to a path's file system to the disk, so that it lasts over a power cut."""
    if os.name != "posix":
        return
    import ctypes

    settle = getattr(ctypes.CDLL(None), "syncfs", None)  # of this file system alone: Linux
    if settle is None:
        os.sync()
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        settle(descriptor)
    finally:
        os.close(descriptor)


def _settle(folder: str) -> None:
    """Make a change of names in a folder last over a power cut, where the platform can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
