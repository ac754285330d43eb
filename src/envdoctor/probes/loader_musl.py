"""The same for musl's loader, which has an order of its own, and no cache.

Order (musl, ldso/dynlink.c, `load_library`): what was found under that name before (sonames count for nothing); LD_LIBRARY_PATH;
the run path of the library that needs it, then of whoever loaded that one, up to the program (RPATH and RUNPATH are alike, and
both are inherited); the folders in /etc/ld-musl-ARCH.path, or /lib, /usr/local/lib and /usr/lib where there is no such file.
The first file that is there decides: one of another architecture is the end of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.probes.loader import DEFAULT_WAY, Loaded, Place, Process
from envdoctor.probes.places import is_file, joined, resolved
from envdoctor.system.port import Binary, System

_NAMES = {"i686": "i386", "armv7l": "armhf", "ppc64": "powerpc64", "ppc64le": "powerpc64le", "ppc": "powerpc"}
"""Architectures that musl calls otherwise than `uname -m`."""
_DEFAULT = ("/lib", "/usr/local/lib", "/usr/lib")
_PARTS = re.compile("[:\n]")
_FOREIGN_TOKEN = re.compile(r"\$(?!ORIGIN|\{ORIGIN\})")


def is_for_musl(program: Loaded | None) -> bool | None:
    """Whether a program is linked with musl: `libc.musl-x86_64.so.1` (Alpine) or `libc.so`; None where it does not tell."""
    needed = program.needed if program is not None else ()
    if any(name == "libc.so" or name.startswith("libc.musl-") for name in needed):
        return True
    return False if any(name.startswith("libc.so.") for name in needed) else None


def parse_musl_paths(text: str, working: str | None = None) -> tuple[str, ...]:
    """The folders of an LD_LIBRARY_PATH or of /etc/ld-musl-ARCH.path: `:` and line ends part them, empty ones are nothing."""
    found = []
    for part in _PARTS.split(text):
        if part.startswith("/"):
            found.append(joined("/", part))
        elif part and working is not None:
            found.append(joined(working, part))
    return tuple(dict.fromkeys(found))


def system_folders(system: System, machine: str) -> tuple[tuple[str, ...], str]:
    """Where musl looks in the end, and which way leads there: its file, or what it does without one."""
    file = f"/etc/ld-musl-{_NAMES.get(machine, machine)}.path"
    text = read_text(system, file)
    if text is None:
        return _DEFAULT, DEFAULT_WAY
    return (parse_musl_paths(text), file) if isinstance(text, str) else ((), file)


class MuslProcess(Process):
    """A process that musl's loader fills."""

    def __init__(
        self,
        system: System,
        machine: str,
        library_path: tuple[str, ...] = (),
        program: str | None = None,
        is_followed: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        """Start with nothing but the program; see Process."""
        super().__init__(system, machine, library_path, program, is_followed)
        self._by_file: dict[str, Loaded] = {}
        self._last, self._last_way = system_folders(system, machine)

    def open_path(self, path: str, way: str = "preload", way_of: str = "") -> Loaded | None:
        """Open a library by its path, and all that it needs; whoever needs its name looks for that all the same."""
        made = self._read(path, Place(path, way, way_of), self._program)
        return None if made is None else self._by_file.get(resolved(self.system, path)) or self._filled(made)

    def found_for(self, name: str, path: str, binary: Binary) -> Loaded | None:
        """What a library that the program opens would get under a name; nothing is noted."""
        if name in self.loaded:
            return self.loaded[name]
        return self._sought(name, Loaded(path, Place(path, "preload", path), binary, self._program))

    def places(self, name: str, caller: Loaded | None) -> Iterator[Place]:
        """Every file of that name, in the order in which musl comes to them."""
        if "/" in name:
            yield Place(name, "path", name)
            return
        yield from self.stated_places(name, caller)
        for folder in self._last:
            if self.folders.has(folder, name):
                yield Place(f"{folder}/{name}", self._last_way, folder)

    def _stated_folders(self, caller: Loaded | None) -> Iterator[tuple[str, str, str]]:
        for folder in self._library_path:
            yield folder, "LD_LIBRARY_PATH", folder
        one = caller
        while one is not None:
            binary = one.binary
            if isinstance(binary, Binary) and not any(_FOREIGN_TOKEN.search(path) for path in binary.run_paths):
                for folder in self.folders.run_paths(binary.run_paths, one.place.path):
                    yield folder, "RPATH" if binary.has_rpath else "RUNPATH", one.place.path
            one = one.caller

    def _hardware(self, _folder: str) -> tuple[str, ...]:
        return ()

    def _sought(self, name: str, caller: Loaded | None) -> Loaded | None:
        for place in self.places(name, caller):
            made = self._read(name, place, caller)
            if made is not None:
                there = self._by_file.get(resolved(self.system, place.path))
                return made if there is None else replace(there, name=name)
            if is_file(self.system, place.path):
                return None
        return None

    def _first(self, name: str, caller: Loaded | None) -> Loaded | None:
        made = self._sought(name, caller)
        if made is None and caller is not None:
            self.missing.setdefault(name, caller)
        return made

    def _noted(self, one: Loaded) -> Loaded:
        self.loaded.setdefault(one.name, one)
        self._by_file.setdefault(resolved(self.system, one.place.path), one)
        self.missing.pop(one.name, None)
        return one


def uses_musl(system: System, program: Loaded | None) -> bool:
    """Whether the loader of a process is musl's: by its program, else by which loaders are installed."""
    stated = is_for_musl(program)
    if stated is not None:
        return stated
    if program is not None and not isinstance(program.binary, Unknown) and program.needed:
        return False  # it needs something, and neither C library: nothing says musl
    from envdoctor.probes.libc import has_musl_alone

    return has_musl_alone(system)
