"""Zipped: a wheel as a system whose root is the archive. Members are read inside the archive; none is written to disk.

Small libraries are unpacked into memory, one at a time; large ones pass by once, and only what they say of themselves is
kept (`binary.passing`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

from envdoctor.system.binary import read_binary_in, read_gpu_code_in
from envdoctor.system.binary.passing import Passed, told, watch
from envdoctor.system.binary.window import Window, open_window, window_of
from envdoctor.system.files import answering
from envdoctor.system.keyed import Keyed
from envdoctor.system.port import (
    HEADERS_LIMIT_BYTES,
    Binary,
    GpuCode,
    Malformed,
    Missing,
    SourceError,
    Status,
    TimedOut,
    Unsupported,
    read_limit,
)
from envdoctor.system.zip_directory import Member, data_offset, is_stored, member_chunks, read_directory

WHOLE_LIMIT_BYTES = 48 << 20
"""Larger libraries are not unpacked whole."""


class Zipped(Keyed):
    """A wheel, opened; close it when done. For one thread."""

    def __init__(self, path: str, limit_s: float | None = None) -> None:
        """Open an archive.

        Args:
            path: the file.
            limit_s: how long after this moment large libraries may still pass; None for as long as it takes.

        Raises:
            SourceError: it cannot be opened, or is no ZIP archive.
        """
        self._descriptor = -1
        self._end = None if limit_s is None else time.monotonic() + limit_s
        self._passed: dict[str, Passed | SourceError] = {}
        with answering(path):
            self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            self._archive = open_window(self._descriptor, path)
            self.members = read_directory(self._archive)
        self._folders = _folders(self.members)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        """Answer a question about files; an archive has no answer to others.

        Raises:
            SourceError: no such member, or a damaged one.
        """
        path = _normal(key if kind != "gpu_code" else question[0])
        if kind == "list":
            return self._list(path)
        if kind in {"stat", "resolve"} and path in self._folders:
            return f"/{path}" if kind == "resolve" else Status("folder", 0, 0o755)
        if kind not in {"read", "headers", "stat", "resolve", "binary", "gpu_code"}:
            raise (Missing if kind in {"link", "env"} else Unsupported)(key, "an archive is no machine, and has no links")
        member = self.members.get(path)
        if member is None:
            raise Missing(key, "no such member" if path not in self._folders else "a folder")
        if kind == "resolve":
            return f"/{path}"
        if kind == "stat":
            return Status("file", member.size_bytes, 0o644)
        if kind in {"read", "headers"}:
            return self._text(member, kind)
        return self._library(member, kind)

    def _list(self, path: str) -> list[str]:
        if path not in self._folders:
            raise Missing(f"/{path}", "no such folder")
        return sorted(self._folders[path])

    def _text(self, member: Member, kind: str) -> str:
        data, limit = b"", read_limit(member.name) if kind == "read" else HEADERS_LIMIT_BYTES
        for chunk in member_chunks(self._archive, member):
            data += chunk
            if len(data) > limit:
                break
        if kind == "headers":
            data = data[:limit].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        elif len(data) > limit:
            raise Malformed(member.name, f"longer than {limit} bytes")
        return data.decode("utf-8", "replace")

    def _library(self, member: Member, kind: str) -> Binary | GpuCode:
        if member.name not in self._passed:
            is_short = is_stored(member) or member.size_bytes <= WHOLE_LIMIT_BYTES
            self._passed[member.name] = self._whole(member) if is_short else self._pass(member)
        passed = self._passed[member.name]
        answer = passed if isinstance(passed, SourceError) else passed.binary if kind == "binary" else passed.gpu_code
        if isinstance(answer, SourceError):
            raise answer
        return answer

    def _whole(self, member: Member) -> Passed | SourceError:
        """Both answers at once, so that what was unpacked for one need not be unpacked again for the other."""
        try:
            window = self._window(member)
            return Passed(told(lambda: read_binary_in(window)), told(lambda: read_gpu_code_in(window, whole=True)))
        except SourceError as error:
            return error

    def _window(self, member: Member) -> Window:
        if is_stored(member):
            start = data_offset(self._archive, member)
            size = min(member.packed_bytes, self._archive.size - start)
            return Window(lambda offset, length: self._archive.take(start + offset, length), size, member.name)
        return window_of(b"".join(member_chunks(self._archive, member)), member.name)

    def _pass(self, member: Member) -> Passed | SourceError:
        if self._end is not None and time.monotonic() >= self._end:
            return TimedOut(member.name, "not unpacked: that takes too long without --deep")
        try:
            return watch(self._chunks_in_time(member), member.size_bytes, member.name)
        except SourceError as error:
            return error

    def _chunks_in_time(self, member: Member) -> Iterator[bytes]:
        for chunk in member_chunks(self._archive, member):
            yield chunk
            if self._end is not None and time.monotonic() > self._end:
                return


def _normal(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in {"", "."})


def _folders(members: Iterable[str]) -> dict[str, set[str]]:
    """Every folder, and the names in it."""
    folders: dict[str, set[str]] = {"": set()}
    for path in members:
        while path:
            path, _, name = path.rpartition("/")
            names = folders.setdefault(path, set())
            if name in names:
                break
            names.add(name)
    return folders
