"""Machines for tests: one made up of stated answers, and those that the recordings beside the project hold."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envdoctor.system.keyed import Keyed
from envdoctor.system.port import Malformed, Missing, Output, SourceError, Status, Unsupported, Usage, read_limit
from envdoctor.system.rootfs import Rootfs

LINUX = {"system": "Linux", "release": "6.1.0-18-amd64", "version": "#1 SMP", "machine": "x86_64"}


class Machine(Keyed):
    """A machine of which everything is stated: a file that was not given is missing, any other question unsupported.

    A value that is a SourceError is raised, so that any question can be made to fail.
    """

    def __init__(
        self,
        files: Mapping[str, str | SourceError] | None = None,
        *,
        links: Mapping[str, str] | None = None,
        folders: tuple[str, ...] = (),
        variables: Mapping[str, str] | None = None,
        host: Mapping[str, Any] | None = None,
        nvml: Mapping[str, Any] | None = None,
        commands: Mapping[str, Output | SourceError] | None = None,
        usages: Mapping[str, Usage | SourceError] | None = None,
        devices: Mapping[str, str] | None = None,
    ) -> None:
        """Take the answers; `devices` are device files with their `major:minor`."""
        self.files = dict(files or {})
        self.links = dict(links or {})
        self.devices = dict(devices or {})
        self.stated = {
            "env": dict(variables or {}), "host": dict(host or {}), "nvml": dict(nvml or {}),
            "run": dict(commands or {}), "usage": dict(usages or {}),
        }  # fmt: skip
        self.names: dict[str, set[str]] = {"/": set()}
        for path in (*self.files, *self.links, *self.devices, *(f"{folder}/." for folder in folders)):
            self._place(path.removesuffix("/."), is_folder=path.endswith("/."))

    def _place(self, path: str, is_folder: bool) -> None:
        if is_folder:
            self.names.setdefault(path, set())
        while path != "/":
            above, name = posixpath.split(path)
            self.names.setdefault(above, set()).add(name)
            path = above

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        if kind in self.stated:
            return self._stated(kind, key)
        if kind == "link":
            return self._link(key)
        path = self._resolved(key, key)
        if kind == "resolve":
            return path
        return getattr(self, f"_{kind}")(key, path)

    def _stated(self, kind: str, key: str) -> Any:
        if key not in self.stated[kind]:
            if kind == "env":
                return None
            raise Missing(key, "no such command") if kind == "run" else Unsupported(key, "not stated")
        answer = self.stated[kind][key]
        if isinstance(answer, SourceError):
            raise answer
        return answer

    def _link(self, key: str) -> str:
        above, name = posixpath.split(key)
        path = posixpath.join(self._resolved(above, key), name)
        if path not in self.links:
            raise Missing(key, "not a symbolic link")
        return self.links[path]

    def _resolved(self, path: str, question: str, depth: int = 40) -> str:
        if depth == 0:
            raise Malformed(question, "too many links")
        done = "/"
        parts = [part for part in path.split("/") if part not in ("", ".")]
        while parts:
            part = parts.pop(0)
            step = posixpath.normpath(posixpath.join(done, part))
            if step in self.links:
                target = posixpath.join(done, self.links[step], *parts)
                return self._resolved(target, question, depth - 1)
            if not (step in self.files or step in self.names or step in self.devices):
                raise Missing(question, "no such file or folder")
            done = step
        return done

    def _read(self, key: str, path: str) -> str:
        text = self._text(key, path)
        if len(text) > read_limit(path):
            raise Malformed(key, "too long")
        return text

    def _text(self, key: str, path: str) -> str:
        text = self.files.get(path)
        if text is None:
            raise Malformed(key, "not a regular file")
        if isinstance(text, SourceError):
            raise text
        return text

    def _headers(self, key: str, path: str) -> str:
        return self._text(key, path).replace("\r\n", "\n").partition("\n\n")[0]

    def _list(self, key: str, path: str) -> list[str]:
        if path not in self.names:
            raise Malformed(key, "not a folder")
        return sorted(self.names[path])

    def _stat(self, key: str, path: str) -> Status:
        if path in self.devices:
            return Status("device", 0, 0o666, self.devices[path])
        if path in self.names:
            return Status("folder", 0, 0o755)
        text = self.files[path]
        return Status("file", len(text) if isinstance(text, str) else 0, 0o644)

    def _binary(self, key: str, path: str) -> Any:
        raise Malformed(key, "not a library")

    def _gpu_code(self, key: str, path: str) -> Any:
        raise Malformed(key, "not a library")


def load_tree(path: Path, at: str = "/") -> Machine:
    """The machine in a `*.tree.json` recording, its paths put under `at`."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    return Machine(
        {posixpath.join(at, name): text for name, text in tree["files"].items()},
        links={posixpath.join(at, name): target for name, target in tree["links"].items()},
        folders=tuple(posixpath.join(at, name) for name in tree["empty_dirs"]),
    )


def unpack_tree(path: Path, folder: Path, at: str = "/") -> Rootfs:
    """The same on disk under `folder`, looked at as a root file system."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    top = folder / at.strip("/")
    for name, text in tree["files"].items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding="utf-8")
    for name in tree["empty_dirs"]:
        (top / name).mkdir(parents=True, exist_ok=True)
    for name, target in tree["links"].items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).symlink_to(target)
    return Rootfs(str(folder))


def trees(shared: Path, kind: str = "*") -> list[Path]:
    """Every `*.tree.json` recording of a kind (`cpu-tree`, `cgroup`, ...)."""
    return sorted((shared / "hardware").glob(f"{kind}/*.tree.json"))
