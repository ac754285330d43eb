"""Copying folders: real copies that share nothing with the original but, where the file system can, the blocks on disk."""

from __future__ import annotations

import os
import shutil

from envdoctor.system.files import answering

_FICLONE = 0x40049409
"""The ioctl of Linux that makes a file share another's blocks until one of them is written (`ioctl_ficlone(2)`)."""


def copy_tree(source: str, target: str) -> None:
    """Copy a folder with everything in it: contents, times, permissions; links as links. Nothing must be at the target.

    No hard links: a package manager may write into a file in place, and that must not reach the copy.

    Raises:
        SourceError: something cannot be read or written; what was copied until then stays there.
    """
    with answering(target):
        try:
            shutil.copytree(source, target, symlinks=True, copy_function=_copy_file)
        except shutil.Error as error:  # a list of what failed; the first says enough
            name, _target, reason = error.args[0][0]
            raise OSError(f"{name}: {reason}") from error


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


def _copy_file(source: str, target: str) -> str:
    if not _clone(source, target):
        shutil.copyfile(source, target)
    shutil.copystat(source, target)
    return target


def _clone(source: str, target: str) -> bool:
    """Share the blocks; False where the file system cannot."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    with open(source, "rb") as original, open(target, "wb") as copy:
        try:
            fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())
        except OSError:
            return False
    return True


def _raise(error: OSError) -> None:
    raise error
