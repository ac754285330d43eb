"""Which CUDA libraries the frameworks of an environment would load, by which way, and what they shadow."""

from __future__ import annotations

from envdoctor.model.libraries import LoadedLibrary
from envdoctor.model.software import Framework, Interpreter
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, names_or_none, variable
from envdoctor.probes.loader import Loaded, Place, Process
from envdoctor.probes.loader_frameworks import OPENERS
from envdoctor.probes.loader_paths import is_absolute, parse_library_path, parse_preload
from envdoctor.probes.loader_versions import LibraryFiles, component_of
from envdoctor.probes.places import parent_of, resolved
from envdoctor.system.port import SourceError, System

_FOLLOWED = ("libtorch", "libc10", "libshm", "libtensorflow", "libonnxruntime", "libjax")
_CUDNN = "libcudnn.so."


def probe_libraries(
    system: System, interpreter: Interpreter, sites: tuple[str, ...], frameworks: tuple[Framework, ...]
) -> tuple[LoadedLibrary, ...] | Unknown:
    """The CUDA libraries of every framework built for CUDA, on Linux; nothing is loaded.

    Sources: the libraries' own headers, LD_LIBRARY_PATH and LD_PRELOAD, /etc/ld.so.cache, and the Python files in which
    torch and JAX say what they open by path.
    """
    concerned = [one for one in frameworks if one.name in OPENERS and one.flavour == "cuda"]
    if not concerned:
        return ()
    if isinstance(interpreter.machine, Unknown):
        return Unknown(f"the architecture of the interpreter is not known: {interpreter.machine.reason}")
    found: list[LoadedLibrary] = []
    try:
        for framework in concerned:
            process = start_process(system, interpreter.machine, interpreter.path)
            OPENERS[framework.name](process, sites, framework)
            found += _described(system, process, sites, framework.name)
    except SourceError as error:
        return Unknown(str(error))
    return tuple(found)


def is_followed(name: str) -> bool:
    """Whether a library matters here: CUDA's, and those of frameworks that need them."""
    return component_of(name) is not None or name.startswith(_FOLLOWED)


def start_process(system: System, machine: str, program: str | Unknown | None) -> Process:
    """A process as it is before anything is imported."""
    stated = variable(system, "LD_LIBRARY_PATH")
    working = host_answer(system, "cwd") if stated and not is_absolute(stated) else None
    path = parse_library_path(stated, working if isinstance(working, str) else None)
    executable = resolved(system, program) if isinstance(program, str) else None
    process = Process(system, machine, path, executable, is_followed)
    if needs_musl(process):
        from envdoctor.probes.loader_musl import MuslProcess, parse_musl_paths

        path = parse_musl_paths(stated or "", working if isinstance(working, str) else None)
        process = MuslProcess(system, machine, path, executable, is_followed)
    for library in parse_preload(variable(system, "LD_PRELOAD")):
        if "/" in library:
            process.open_path(library, "LD_PRELOAD", library)
        elif is_followed(library):
            process.open_name(library)
    return process


def needs_musl(process: Process) -> bool:
    """Whether musl's loader would fill it; of most programs one name tells that it would not."""
    program = process.program
    if program is not None and "libc.so.6" in program.needed:
        return False
    from envdoctor.probes.loader_musl import uses_musl

    return uses_musl(process.system, program)


def _described(system: System, process: Process, sites: tuple[str, ...], framework: str) -> list[LoadedLibrary]:
    files = LibraryFiles(system, sites)
    wheels = _wheel_folders(system, sites)
    found = []
    for name, one in process.loaded.items():
        if name == one.name and component_of(name) is not None:
            others = _shadowed(process, name, one.place, one.caller, wheels)
            found.append(_library(process.system, files, framework, name, one.place, one.caller, others))
            found += _sub_libraries(process, files, framework, one, wheels)
    for name, caller in process.missing.items():
        if component_of(name) is not None:
            found.append(LoadedLibrary(framework, name, caller.place.path, None, "", "", source=caller.place.path))
    return found


def _sub_libraries(
    process: Process, files: LibraryFiles, framework: str, cudnn: Loaded, wheels: list[str]
) -> list[LoadedLibrary]:
    """Parts of cuDNN that come from elsewhere than the library that opens them by their names when they are needed."""
    number = cudnn.name.removeprefix(_CUDNN)
    if not cudnn.name.startswith(_CUDNN) or not number.isdecimal():
        return []
    folder = parent_of(cudnn.place.path)
    found = []
    names = names_or_none(process.system, folder) if "/nvidia/" in folder else []
    for name in names:
        part = name.removeprefix("libcudnn_").removesuffix(f".so.{number}")
        if name != f"libcudnn_{part}.so.{number}" or not part.replace("_", "a").isalnum():
            continue
        place = next(process.places(name, cudnn), None)
        if place is not None and parent_of(place.path) != folder:
            found.append(
                _library(process.system, files, framework, name, place, cudnn, _shadowed(process, name, place, cudnn, wheels))
            )
    return found


def _library(
    system: System, files: LibraryFiles, framework: str, name: str, place: Place, caller: Loaded | None, others: list[str]
) -> LoadedLibrary:
    needed_by = caller.place.path if caller else ""
    return LoadedLibrary(
        framework=framework,
        name=name,
        needed_by=needed_by,
        file=files.describe(place.path),
        way=place.way,
        way_of=place.way_of,
        shadows=tuple(files.describe(path) for path in others),
        source=needed_by or place.way_of,
        missing_symbols=missing_symbols(system, caller, place),
    )


def missing_symbols(system: System, caller: Loaded | None, place: Place) -> tuple[str, ...]:
    """Symbols that one CUDA library needs of another and does not find, where that one is of another origin."""
    if caller is None or place.way in {"RPATH", "RUNPATH", "preload"}:
        return ()
    try:
        return system.missing_symbols(caller.place.path, (place.path,))
    except SourceError:
        return ()  # not to be told: the versions speak alone


def _shadowed(process: Process, name: str, used: Place, caller: Loaded | None, wheels: list[str]) -> list[str]:
    """Other files of that name where variables and run paths lead, and in distributions; each once."""
    stated = [place.path for place in process.stated_places(name, caller)]
    stated += [f"{folder}/{name}" for folder in wheels if process.folders.has(folder, name)]
    others = [path for path in dict.fromkeys(stated) if path != used.path]
    if not others:
        return []
    real = {resolved(process.system, used.path)}
    distinct = []
    for path in others:
        target = resolved(process.system, path)
        if target not in real:
            real.add(target)
            distinct.append(path)
    return distinct


def _wheel_folders(system: System, sites: tuple[str, ...]) -> list[str]:
    return [f"{site}/nvidia/{name}/lib" for site in sites for name in names_or_none(system, f"{site}/nvidia") if name[:1] != "_"]
