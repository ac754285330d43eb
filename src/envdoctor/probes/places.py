"""Places on a machine: environment variables, the home folder, the folders of PATH, and the programs in them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer
from envdoctor.system.port import SourceError, Status, System

USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What programs are looked up in where no PATH is set, as in an image without a configuration."""

_WINDOWS_SUFFIXES = (".exe", ".cmd", ".bat")


def variable(system: System, name: str) -> str | None:
    """An environment variable; None where it is not set, is empty, or the system has no variables."""
    try:
        return system.env(name) or None
    except SourceError:
        return None


def home_folder(system: System) -> str | None:
    """The home folder of the user; None where the system knows none."""
    home = variable(system, "HOME") or variable(system, "USERPROFILE")
    if home is None:
        user = host_answer(system, "user")
        home = user.get("home") if isinstance(user, dict) else None
    return posix(home).rstrip("/") if home else None


def posix(path: str) -> str:
    """A path with forward slashes: the port's notation, also for a Windows path out of a variable or file."""
    return path.replace("\\", "/") if is_windows_path(path) else path


def is_windows_path(path: str) -> bool:
    """Whether a path starts with a drive letter or names a Windows share."""
    return (path[1:2] == ":" and path[:1].isalpha()) or path.startswith("\\\\")


def parent_of(path: str) -> str:
    """The folder that a path lies in."""
    return path.rstrip("/").rpartition("/")[0] or "/"


def name_of(path: str) -> str:
    """The last component of a path."""
    return path.rstrip("/").rpartition("/")[2]


def joined(folder: str, path: str) -> str:
    """A path that may be relative to `folder`, without `.` and `..`."""
    whole = path if path.startswith("/") or is_windows_path(path) else f"{folder}/{path}"
    kept: list[str] = []
    for part in whole.split("/"):
        if part == ".." and kept and kept[-1]:
            kept.pop()
        elif part not in {"", ".", ".."} or not kept:
            kept.append(part)
    return "/".join(kept) or "/"


def resolved(system: System, path: str) -> str:
    """The path with links followed, or as it is where that cannot be told."""
    try:
        return system.resolve(path)
    except SourceError:
        return path


def status_of(system: System, path: str) -> Status | None:
    """What a path is; None where nothing is seen there."""
    try:
        return system.stat(path)
    except SourceError:
        return None


def is_file(system: System, path: str) -> bool:
    """Whether a regular file is seen at the path."""
    status = status_of(system, path)
    return status is not None and status.kind == "file"


def is_folder(system: System, path: str) -> bool:
    """Whether a folder is seen at the path."""
    status = status_of(system, path)
    return status is not None and status.kind == "folder"


def parse_search_path(text: str) -> tuple[str, ...]:
    """The absolute folders of a PATH text, each once, in order.

    Folders of Windows drives under the Windows Subsystem for Linux (`/mnt/c/...`) are left out: each look there takes
    milliseconds, and the programs in them are Windows programs.
    """
    windows = text[1:3] in {":\\", ":/"} and text[0].isascii() and text[0].isalpha()
    folders = [posix(part).rstrip("/") or "/" for part in text.split(";" if windows else ":") if part]
    absolute = [folder for folder in folders if folder.startswith("/") or is_windows_path(folder)]
    return tuple(dict.fromkeys(folder for folder in absolute if not _is_on_drive(folder)))


def _is_on_drive(folder: str) -> bool:
    return folder.startswith("/mnt/") and re.match(r"/mnt/[a-z]/", folder + "/") is not None


def search_path(system: System) -> tuple[str, ...]:
    """The folders in which programs are looked up."""
    return parse_search_path(variable(system, "PATH") or USUAL_PATH)


def find_program(system: System, name: str, folders: Iterable[str]) -> str | None:
    """The first program of that name in the folders, not resolved; None where there is none.

    On Windows a file of no size is passed over: the aliases that offer the Store instead of Python.
    """
    for folder in folders:
        windows = is_windows_path(folder)
        for suffix in _WINDOWS_SUFFIXES if windows else ("",):
            path = f"{folder.rstrip('/')}/{name}{suffix}"
            status = status_of(system, path)
            if status and status.kind == "file" and (status.size_bytes > 0 if windows else status.mode & 0o111):
                return path
    return None


def absent(question: str) -> Unknown:
    """An Unknown for what no file that was looked at states."""
    return Unknown(f"{question} is stated nowhere that was looked at")
