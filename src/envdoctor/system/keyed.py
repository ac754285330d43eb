"""The questions of the port, each as a kind and a key: what a recording needs to look answers up or to note them."""

from __future__ import annotations

from typing import Any

from envdoctor.system.answers import command_key, gpu_code_key, nvml_key, symbols_key
from envdoctor.system.port import Binary, CacheEntry, GpuCode, Output, Status, Usage


class Keyed:
    """A system that answers every question in one place. See `port.System` for what the questions mean."""

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        """Answer the question of that kind; `question` is what the port's method was called with.

        Raises:
            SourceError: there is no answer.
        """
        raise NotImplementedError

    def read(self, path: str) -> str:
        """The text of a file."""
        text: str = self.answer("read", path, path)
        return text

    def headers(self, path: str) -> str:
        """The text of a file up to its first empty line."""
        text: str = self.answer("headers", path, path)
        return text

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted."""
        names: list[str] = self.answer("list", path, path)
        return names

    def link(self, path: str) -> str:
        """Where a symbolic link points."""
        target: str = self.answer("link", path, path)
        return target

    def resolve(self, path: str) -> str:
        """The path with every symbolic link followed."""
        resolved: str = self.answer("resolve", path, path)
        return resolved

    def stat(self, path: str) -> Status:
        """What a path is."""
        status: Status = self.answer("stat", path, path)
        return status

    def usage(self, path: str) -> Usage:
        """Room on the file system of a path."""
        usage: Usage = self.answer("usage", path, path)
        return usage

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """What a command printed."""
        output: Output = self.answer("run", command_key(argv), argv, timeout_s)
        return output

    def env(self, name: str) -> str | None:
        """An environment variable."""
        value: str | None = self.answer("env", name, name)
        return value

    def host(self, query: str) -> Any:
        """A named question of `host.QUERIES`."""
        return self.answer("host", query, query)

    def nvml(self, query: str, device: int | None = None) -> Any:
        """A named question of `nvml.QUERIES`."""
        return self.answer("nvml", nvml_key(query, device), query, device)

    def binary(self, path: str) -> Binary:
        """What a shared library says of itself."""
        binary: Binary = self.answer("binary", path, path)
        return binary

    def gpu_code(self, path: str, whole: bool = False) -> GpuCode:
        """The GPU code in a shared library."""
        code: GpuCode = self.answer("gpu_code", gpu_code_key(path, whole), path, whole)
        return code

    def missing_symbols(self, path: str, providers: tuple[str, ...]) -> tuple[str, ...]:
        """Symbols of PyTorch that a library needs and that none of the providers exports."""
        symbols: tuple[str, ...] = self.answer("missing_symbols", symbols_key(path, providers), path, providers)
        return symbols

    def numpy_major(self, path: str) -> int | None:
        """The NumPy whose C interface a compiled module was built against."""
        major: int | None = self.answer("numpy_major", path, path)
        return major

    def loader_cache(self, name: str) -> tuple[CacheEntry, ...]:
        """The files that the loader's cache names for a library."""
        entries: tuple[CacheEntry, ...] = self.answer("loader_cache", name, name)
        return entries
