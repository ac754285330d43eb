"""What the embedded rattler says while it works, and what it leaves in an environment's history."""

from __future__ import annotations

import glob
import hashlib
import os
import time
from typing import Any

from envdoctor.system.indexes import local_path


class LinkTeller:
    """Tells every package as it is fetched and put in place; py-rattler calls these by name."""

    def __init__(self) -> None:
        self._total, self._done = 0, 0
        self._names: dict[int, str] = {}

    def on_transaction_start(self, total_operations: int) -> None:
        """The number of packages that come, go or change."""
        self._total = total_operations

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        """A package is looked for in the cache."""
        self._names[operation] = package_name
        return operation

    def on_download_start(self, cache_entry: int) -> int:
        """It is not there, and fetched."""
        print(f"fetching {self._names.get(cache_entry, 'a package')}", flush=True)
        return cache_entry

    def on_unlink_start(self, operation: int, package_name: str) -> int:
        """A package goes."""
        print(f"removing {package_name}", flush=True)
        return operation

    def on_link_start(self, operation: int, package_name: str) -> int:
        """A package comes."""
        self._done += 1
        print(f"installing {package_name} ({self._done} of {self._total})", flush=True)
        return operation

    def on_post_link_complete(self, index: int, success: bool) -> None:
        """A script of a package ended."""
        if not success:
            print("warning: the script that a package runs after it is installed failed", flush=True)

    def __getattr__(self, name: str) -> Any:
        """The steps that are not worth a line."""
        if name.startswith("on_"):
            return lambda *_arguments, **_more: 0
        raise AttributeError(name)


def need_intact(coming: list[Any]) -> None:
    """Compare packages in folders of this machine with what the channel says of them; over a network rattler does so itself.

    Raises:
        ValueError: one is not the file that was indexed.
    """
    for record in coming:
        path = local_path(record.url)
        if path is None or not record.sha256:
            continue
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        if digest.digest() != record.sha256:
            raise ValueError(f"hash mismatch: {path} is not the file that the channel's index speaks of")


def sweep_bytecode(prefix: str, gone: list[Any]) -> None:
    """Remove what Python has compiled of packages that went or changed.

    Nothing owns these files. Python would go on with one whose source has the same size and time as before, as in
    packages that are built reproducibly.
    """
    for record in gone:
        for path in map(str, record.files):
            folder, name = os.path.split(os.path.join(prefix, path))
            if not name.endswith(".py"):
                continue
            for compiled in glob.glob(os.path.join(glob.escape(folder), "__pycache__", f"{glob.escape(name[:-3])}.*.pyc")):
                os.unlink(compiled)


def note_history(prefix: str, coming: list[Any], gone: list[Any], verb: str, specs: list[str]) -> None:
    """Add what changed to `conda-meta/history`, which conda reads for what was asked for, and by which it knows its own."""
    lines = [time.strftime("==> %Y-%m-%d %H:%M:%S <=="), "# cmd: envdoctor install"]
    lines += sorted(f"-{_distribution(record)}" for record in gone)
    lines += sorted(f"+{_distribution(record)}" for record in coming)
    lines += [f"# {'remove' if verb == 'remove' else 'update'} specs: {list(specs)!r}"] if specs else []
    with open(os.path.join(prefix, "conda-meta", "history"), "a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _distribution(record: Any) -> str:
    """As conda writes it there: `conda-forge/linux-64::zlib-1.3.1-hb9d3cd8_2`."""
    channel = "/".join(part for part in _without_token(record.url).split("/")[-3:-1] if part)
    return f"{channel}::{record.name.normalized}-{record.version}-{record.build}"


def _without_token(url: str) -> str:
    """An address without the user name and password in it; the last two folders never hold a token."""
    return url.rpartition("@")[2]
