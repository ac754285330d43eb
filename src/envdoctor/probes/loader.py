"""A process as the dynamic loader would fill it: which file a library's name leads to, by glibc's order (see loader_musl).

Order (glibc, elf/dl-load.c, `_dl_map_object`): what is loaded already under that name; the RPATH of the library that needs
it, of whoever loaded that one, and of the program, unless the library has a RUNPATH; LD_LIBRARY_PATH; its RUNPATH;
/etc/ld.so.cache (of an image without one: what ldconfig will put there); the default folders. A file of another
architecture is passed over. Nothing is loaded or run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.loader_conf import configured_folders
from envdoctor.probes.loader_folders import Folders
from envdoctor.probes.loader_paths import default_folders, hardware_folders, hardware_level
from envdoctor.probes.places import name_of, parent_of
from envdoctor.system.port import Binary, Denied, Malformed, Missing, System

CACHE_WAY, CONF_WAY, DEFAULT_WAY = "ld.so.cache", "ld.so.conf", "default folder"
_ABSENT = (Missing, Denied)


@record
class Place:
    """Where a library may be, and which way leads there."""

    path: str
    way: str
    """See LoadedLibrary.way."""
    way_of: str


@record
class Loaded:
    """A library in the process."""

    name: str
    place: Place
    binary: Binary | Unknown
    """Unknown for a file that is no library: the loader would stop there."""
    caller: Loaded | None
    """Who needed it, or opened it."""

    @property
    def needed(self) -> tuple[str, ...]:
        """The names that it needs."""
        return () if isinstance(self.binary, Unknown) else self.binary.needed


class Process:
    """A process to be: what is in it, and what would come where more is needed."""

    def __init__(
        self,
        system: System,
        machine: str,
        library_path: tuple[str, ...] = (),
        program: str | None = None,
        is_followed: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        """Start with nothing but the program.

        Args:
            system: what to ask; other errors of it than "not there" and "may not be looked at" go through.
            machine: the architecture of the process; files for others are passed over.
            library_path: the folders of LD_LIBRARY_PATH.
            program: path of the executable, whose RPATH counts for all.
            is_followed: which names to look for; others are left out, with all that they need.
        """
        self.system = system
        self.machine = machine
        self.folders = Folders(system, machine)
        self.is_followed = is_followed
        self.loaded: dict[str, Loaded] = {}
        self.missing: dict[str, Loaded] = {}
        """Names that lead nowhere, with who needs them."""
        self._library_path = library_path
        self._configured: tuple[str, ...] | None = None
        self._program = None if program is None else self._read("", Place(program, "", ""), None)

    @property
    def program(self) -> Loaded | None:
        """The executable; None where there is none, or it cannot be read."""
        return self._program

    def open_path(self, path: str, way: str = "preload", way_of: str = "") -> Loaded | None:
        """Open a library by its path, and all that it needs; None where it is not there or for another machine."""
        already = next((one for one in self.loaded.values() if one.place.path == path), None)
        made = already or self._read(name_of(path), Place(path, way, way_of), self._program)
        return made if already or made is None else self._filled(made)

    def open_name(self, name: str, caller: Loaded | None = None) -> Loaded | None:
        """Open a library by its name, and all that it needs; None where it is found nowhere."""
        if name in self.loaded:
            return self.loaded[name]
        made = self._first(name, caller or self._program)
        return None if made is None else self._filled(made)

    def found_for(self, name: str, path: str, binary: Binary) -> Loaded | None:
        """What a library that the program opens would get under a name; nothing is noted."""
        if name in self.loaded:
            return self.loaded[name]
        caller = Loaded(name_of(path), Place(path, "preload", path), binary, self._program)
        found = (self._read(name, place, caller) for place in self.places(name, caller))
        return next((one for one in found if one is not None), None)

    def places(self, name: str, caller: Loaded | None) -> Iterator[Place]:
        """Every file of that name, in the order in which the loader comes to them."""
        if "/" in name:
            yield Place(self.folders.expanded(name, caller.place.path if caller else "/"), "path", name)
            return
        yield from self.stated_places(name, caller)
        yield from self._cached(name)
        for folder in default_folders(self.machine):
            for one in (*self._hardware(folder), folder):
                if self.folders.has(one, name):
                    yield Place(f"{one}/{name}", DEFAULT_WAY, one)

    def stated_places(self, name: str, caller: Loaded | None) -> Iterator[Place]:
        """Those of the places that a variable or a run path states, not the system's own."""
        for folder, way, way_of in self._stated_folders(caller):
            for one in (*self._hardware(folder), folder):
                if self.folders.has(one, name):
                    yield Place(f"{one}/{name}", way, way_of)

    def _stated_folders(self, caller: Loaded | None) -> Iterator[tuple[str, str, str]]:
        binary = caller.binary if caller else None
        own = binary if isinstance(binary, Binary) else None
        has_run_path = own is not None and bool(own.run_paths) and not own.has_rpath
        if not has_run_path:
            yield from self._inherited(caller)
        for folder in self._library_path:
            yield folder, "LD_LIBRARY_PATH", folder
        if has_run_path and caller is not None and own is not None:
            for folder in self.folders.run_paths(own.run_paths, caller.place.path):
                yield folder, "RUNPATH", caller.place.path

    def _inherited(self, caller: Loaded | None) -> Iterator[tuple[str, str, str]]:
        one, met_program = caller, False
        while one is not None or not met_program:
            current = one if one is not None else self._program
            met_program = met_program or current is self._program
            if current is not None and isinstance(current.binary, Binary) and current.binary.has_rpath:
                for folder in self.folders.run_paths(current.binary.run_paths, current.place.path):
                    yield folder, "RPATH", current.place.path
            one = one.caller if one is not None else None

    def _hardware(self, folder: str) -> tuple[str, ...]:
        return hardware_folders(folder, self.folders.level) if self.folders.has(folder, "glibc-hwcaps") else ()

    def _cached(self, name: str) -> list[Place]:
        try:
            entries = self.system.loader_cache(name)
        except Missing:
            return [Place(f"{folder}/{name}", CONF_WAY, folder) for folder in self._conf() if self.folders.has(folder, name)]
        except (Denied, Malformed):
            return []
        fitting = [one.path for one in entries if one.machine in {"", self.machine}]
        if any(hardware_level(path) > 1 for path in fitting):
            level = self.folders.level or 1
            fitting = sorted((path for path in fitting if hardware_level(path) <= level), key=hardware_level, reverse=True)
        return [Place(path, CACHE_WAY, path) for path in fitting if self.folders.has(parent_of(path), name_of(path))]

    def _conf(self) -> tuple[str, ...]:
        if self._configured is None:
            self._configured = configured_folders(self.system)
        return self._configured

    def _first(self, name: str, caller: Loaded | None) -> Loaded | None:
        for place in self.places(name, caller):
            made = self._read(name, place, caller)
            if made is not None:
                return made
        if caller is not None:
            self.missing.setdefault(name, caller)
        return None

    def _read(self, name: str, place: Place, caller: Loaded | None) -> Loaded | None:
        try:
            binary: Binary | Unknown = self.system.binary(place.path)
        except _ABSENT:
            return None
        except Malformed as error:
            binary = Unknown(error.reason)
        if isinstance(binary, Binary) and binary.machine != self.machine:
            return None
        return Loaded(name, place, binary, caller)

    def _filled(self, first: Loaded) -> Loaded:
        """Note a library and everything that it needs, breadth first."""
        waiting = [self._noted(first)]
        while waiting:
            one = waiting.pop(0)
            for name in one.needed:
                if name not in self.loaded and self.is_followed(name):
                    made = self._first(name, one)
                    if made is not None:
                        waiting.append(self._noted(made))
        return first

    def _noted(self, one: Loaded) -> Loaded:
        self.loaded.setdefault(one.name, one)
        if isinstance(one.binary, Binary) and one.binary.soname:
            self.loaded.setdefault(one.binary.soname, one)
        self.missing.pop(one.name, None)
        return one
