"""The folders that the dynamic loader searches, each looked into once; and its tokens, with what fills them."""

from __future__ import annotations

from envdoctor.probes.asking import read_text
from envdoctor.probes.cpu_levels import x86_64_level
from envdoctor.probes.cpuinfo import parse_cpuinfo
from envdoctor.probes.loader_paths import MULTIARCH, expand_tokens
from envdoctor.probes.places import is_folder, joined, parent_of, resolved
from envdoctor.system.port import Denied, Malformed, Missing, System

_OF_PACKAGES = ("/site-packages/", "/dist-packages/")


class Folders:
    """What lies in folders, as far as it was asked."""

    def __init__(self, system: System, machine: str) -> None:
        self._system = system
        self._machine = machine
        self._names: dict[str, frozenset[str]] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self._origins: dict[str, str] = {}
        self._run_paths: dict[str, tuple[str, ...]] = {}
        self._level: list[int | None] = []
        self._lib = ""

    def has(self, folder: str, name: str) -> bool:
        """Whether a name is seen in a folder.

        Folders of packages are small and are listed once; of others, which may hold thousands of files, only the name is
        asked for.

        Raises:
            SourceError: the system cannot tell.
        """
        if any(part in f"{folder}/" for part in _OF_PACKAGES):
            if folder not in self._names:
                self._names[folder] = self._listed(folder)
            return name in self._names[folder]
        place = (folder, name)
        if place not in self._known:
            self._known[place] = self._is_seen(f"{folder}/{name}")
        return self._known[place]

    def run_paths(self, paths: tuple[str, ...], library: str) -> tuple[str, ...]:
        """The run paths of a library with their tokens filled in."""
        if library not in self._run_paths:
            self._run_paths[library] = tuple(dict.fromkeys(self.expanded(path, library) for path in dict.fromkeys(paths)))
        return self._run_paths[library]

    def expanded(self, path: str, library: str) -> str:
        """A run path of a library with its tokens filled in; where it climbs, links on the way are followed."""
        if "$" not in path and ".." not in path:
            return path.rstrip("/") or "/"
        if "$" in path and "LIB" in path and not self._lib:
            triple = MULTIARCH.get(self._machine, "")
            self._lib = f"lib/{triple}" if triple and is_folder(self._system, f"/usr/lib/{triple}") else "lib64"
        origin = parent_of(library)
        if ".." in path:
            if origin not in self._origins:
                self._origins[origin] = resolved(self._system, origin)
            origin = self._origins[origin]
        return joined("/", expand_tokens(path, origin, self._machine, self._lib))

    @property
    def level(self) -> int | None:
        """The x86-64 level of the processor; None where it is none or cannot be told."""
        if not self._level:
            text = read_text(self._system, "/proc/cpuinfo") if self._machine == "x86_64" else None
            features = parse_cpuinfo(text.split("\n\n")[0]).features if isinstance(text, str) else None
            self._level.append(x86_64_level(features) if features else None)
        return self._level[0]

    def _listed(self, folder: str) -> frozenset[str]:
        try:
            return frozenset(self._system.list(folder))
        except (Missing, Denied, Malformed):
            return frozenset()

    def _is_seen(self, path: str) -> bool:
        try:
            self._system.stat(path)
        except (Missing, Denied, Malformed):
            return False
        return True
