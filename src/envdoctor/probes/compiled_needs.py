"""What compiled libraries ask of the system's own: the newest glibc and libstdc++, and which libstdc++ they would get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envdoctor.model.binaries import Binary
from envdoctor.model.libraries import CompiledNeed
from envdoctor.model.record import replace
from envdoctor.model.software import Framework, Interpreter, Package, PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.probes.compiled_libraries import (
    LIBRARIES_LIMIT,
    Owned,
    extension_libraries,
    main_libraries,
    needs_torch,
    owner_of,
    recorded_libraries,
)
from envdoctor.probes.loader import Loaded, Process
from envdoctor.probes.loader_libraries import start_process
from envdoctor.probes.loader_versions import LibraryFiles
from envdoctor.system.port import SourceError, System

_FAMILIES = (("GLIBC", "glibc_floor", ""), ("GLIBCXX", "glibcxx_floor", "glibcxx_defined"),
             ("CXXABI", "cxxabi_floor", "cxxabi_defined"))  # fmt: skip
"""Name, what a library asks for, and what libstdc++ has."""
_CPP = "libstdc++.so.6"


def with_compiled(system: System, found: PythonEnvironment, sites: tuple[str, ...], *, deep: bool = False) -> PythonEnvironment:
    """The environment with what its compiled libraries ask of the system, and with `deep` of torch."""
    packages, frameworks = _known(found.packages), _known(found.frameworks)
    main = main_libraries(system, packages, frameworks)
    torch = found.package("torch")
    quick = extension_libraries(system, main, sites) if isinstance(torch, Package) and not deep else ()
    owned = tuple(dict.fromkeys((*main, *(recorded_libraries(system, packages, sites) if deep else quick))))
    binaries = read_binaries(system, owned[:LIBRARIES_LIMIT])
    found = replace(found, compiled_needs=tuple(needs_of(system, found.interpreter, sites, owned, binaries)))
    concerned = owned if deep else tuple(one for one in quick if one[1] in binaries and needs_torch(binaries[one[1]]))
    if not concerned and not deep:
        return found
    if not isinstance(torch, Package):
        return replace(found, torch_extensions=())
    from envdoctor.probes.frameworks.torch_symbols import probe_extensions

    return replace(
        found,
        torch_extensions=tuple(
            one
            if one.package or one.missing_symbols == () or not one.path
            else replace(one, package=owner_of(system, packages, one.path))
            for one in probe_extensions(system, torch, concerned, binaries)
        ),
    )


def read_binaries(system: System, owned: tuple[Owned, ...]) -> dict[str, Binary]:
    """What libraries say of themselves, by path; those that cannot be read, or are none, are left out."""
    found = {}
    for _package, path in owned:
        try:
            found[path] = system.binary(path)
        except SourceError:
            continue  # no library, or one that is gone: a matter of other rules
    return found


def needs_of(
    system: System,
    interpreter: Interpreter | Unknown,
    sites: tuple[str, ...],
    owned: tuple[Owned, ...],
    binaries: Mapping[str, Binary],
) -> Iterator[CompiledNeed]:
    """The highest of each kind that each package asks for, and what it would get."""
    highest: dict[tuple[str, str], CompiledNeed] = {}
    for package, path in owned:
        for family, floor, _defined in _FAMILIES:
            version = getattr(binaries[path], floor) if path in binaries else None
            before = highest.get((package, family))
            if package and version is not None and (before is None or before.version < version):
                highest[package, family] = CompiledNeed(package, family, version, path)
    if all(need.family == "GLIBC" for need in highest.values()):
        yield from highest.values()
        return
    provision = _Provision(system, interpreter, sites)
    for need in highest.values():
        yield need if need.family == "GLIBC" else provision.supplied(need, binaries[need.path])


class _Provision:
    """Finds the libstdc++ that a library would get; what is found for one folder is found once."""

    def __init__(self, system: System, interpreter: Interpreter | Unknown, sites: tuple[str, ...]) -> None:
        machine = interpreter.machine if isinstance(interpreter, Interpreter) else interpreter
        program = interpreter.path if isinstance(interpreter, Interpreter) else None
        self._files = LibraryFiles(system, sites)
        self._process: Process | Unknown = machine if isinstance(machine, Unknown) else start_process(system, machine, program)
        self._found: dict[str, Loaded | None] = {}

    def supplied(self, need: CompiledNeed, binary: Binary) -> CompiledNeed:
        """The same need, with what would be loaded for it."""
        if isinstance(self._process, Unknown):
            return replace(need, provided=self._process)
        try:
            if need.path not in self._found:
                self._found[need.path] = self._process.found_for(_CPP, need.path, binary)
            found = self._found[need.path]
        except SourceError as error:
            return replace(need, provided=Unknown(str(error)))
        if found is None:
            return need
        defined = next(defined for family, _floor, defined in _FAMILIES if family == need.family)
        said = Unknown(f"{found.place.path} is no library") if isinstance(found.binary, Unknown) else None
        return replace(
            need,
            provider=self._files.describe(found.place.path),
            provider_way=found.place.way,
            provided=said or getattr(found.binary, defined),
        )


def _known(values: tuple[Framework, ...] | tuple[Package, ...] | Unknown) -> tuple:  # type: ignore[type-arg]
    return () if isinstance(values, Unknown) else values
