"""The Python environment under examination: its kind, interpreter, packages and frameworks, read from its files."""

from __future__ import annotations

from envdoctor.model.libraries import LoadedLibrary
from envdoctor.model.record import replace
from envdoctor.model.software import Framework, Interpreter, Package, PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, read_text
from envdoctor.probes.frameworks import BUILT, is_framework, probe_frameworks
from envdoctor.probes.interpreters import (
    Library,
    asked_library,
    describe_interpreter,
    find_executable,
    find_library,
    unsupported,
)
from envdoctor.probes.metadata import parse_settings
from envdoctor.probes.packages import probe_conda_packages, probe_packages, with_conda, with_wheel_details
from envdoctor.probes.places import is_folder, name_of, parent_of, posix, variable
from envdoctor.probes.python_choice import Choice, chosen_environment, environment_on_path, own_environment
from envdoctor.probes.site_packages import Site, library_folders, open_sites, stated_folders, user_folder
from envdoctor.system.port import System


def probe_environment(system: System, python: str | None = None, *, deep: bool = False) -> PythonEnvironment | Unknown | None:
    """The environment under examination; None where there is no Python at all.

    `python` is what `--python` said: a prefix, an executable, or the name of a program on PATH. One that does not
    exist or that is no supported Python gives an Unknown, whose reason the command line shows as bad input.

    Files asked: pyvenv.cfg, conda-meta, the standard library's folder names, patchlevel.h, metadata of packages, and
    what each framework states of its build. An interpreter is started only where no file tells which one it is. Folders
    on PYTHONPATH come first, as they do for Python.
    """
    chosen = chosen_environment(system, python)
    if chosen is None:
        own = own_environment(system)
        chosen = own if own and has_framework(system, own) else environment_on_path(system)
    return describe_environment(system, chosen, deep=deep) if isinstance(chosen, Choice) else chosen


def has_framework(system: System, choice: Choice) -> bool:
    """Whether the names in an environment's site-packages show a framework."""
    settings = read_settings(system, choice.prefix)
    library = find_library(system, choice.prefix, base_of(settings, choice.prefix), choice.executable, settings)
    sites = open_sites(system, _folders(system, choice.prefix, settings, library)) if isinstance(library, Library) else ()
    return not isinstance(sites, Unknown) and any(is_framework(name) for site in sites for name in site.names)


def describe_environment(system: System, choice: Choice, *, deep: bool = False) -> PythonEnvironment | Unknown:
    """Everything about one environment.

    With `deep`, every file that its distributions installed is looked for, every library that they brought is read, and
    every symbol of torch that extensions need.
    """
    prefix = choice.prefix
    settings = read_settings(system, prefix)
    base = base_of(settings, prefix)
    executable = choice.executable or find_executable(system, prefix)
    library = find_library(system, prefix, base, executable, settings)
    if library is None and executable:
        library = asked_library(system, executable)
    if library is None:
        return Unknown(f"{prefix} holds no Python: neither lib/pythonX.Y nor an interpreter is there")
    if isinstance(library, Unknown):
        return library
    refused = unsupported(library, prefix)
    if refused is not None:
        return refused
    interpreter = describe_interpreter(system, prefix, base, executable, library, settings)
    sites = open_sites(system, _folders(system, prefix, settings, library), stated_folders(system))
    found = _assembled(system, choice, settings, base, sites, interpreter)
    return found if isinstance(sites, Unknown) else _with_health(system, found, sites, base, library, deep)


def read_settings(system: System, prefix: str) -> dict[str, str]:
    """The settings in pyvenv.cfg; empty where there is none."""
    text = read_text(system, f"{prefix}/pyvenv.cfg")
    return parse_settings(text) if isinstance(text, str) else {}


def base_of(settings: dict[str, str], prefix: str) -> str:
    """The prefix of the installation that an environment was made from; its own where it is one itself."""
    if "base-prefix" in settings:
        return posix(settings["base-prefix"]).rstrip("/") or "/"
    home = posix(settings.get("home", "")).rstrip("/")
    if not home:
        return prefix
    return parent_of(home) if name_of(home) in {"bin", "Scripts"} else home


def kind_of(system: System, prefix: str, settings: dict[str, str]) -> str:
    """Which program made an environment: see PythonEnvironment.kind."""
    path = f"{prefix}/"
    if is_there(system, f"{prefix}/pipx_metadata.json") or "/pipx/venvs/" in path:
        return "pipx"
    for key, kind in (("uv", "uv"), ("virtualenv", "virtualenv"), ("home", "venv")):
        if key in settings:
            return kind
    if is_folder(system, f"{prefix}/conda-meta"):
        return "conda"
    if "/uv/python/" in path:
        return "uv"
    root = variable(system, "PYENV_ROOT")
    if "/.pyenv/versions/" in path or (root and path.startswith(f"{posix(root).rstrip('/')}/versions/")):
        return "pyenv"
    system_places = ("/usr/", "/Library/Frameworks/", "/opt/homebrew/", "/System/")
    return "system" if path.startswith(system_places) else "standalone"


def _assembled(
    system: System, choice: Choice, settings: dict[str, str], base: str, sites: tuple[Site, ...] | Unknown,
    interpreter: Interpreter,
) -> PythonEnvironment:  # fmt: skip
    kind = kind_of(system, choice.prefix, settings)
    packages = sites if isinstance(sites, Unknown) else _packages(system, choice.prefix, kind, sites)
    frameworks = packages if isinstance(packages, Unknown) else probe_frameworks(system, packages)
    places = () if isinstance(sites, Unknown) else tuple(site.path for site in sites)
    return PythonEnvironment(
        prefix=choice.prefix,
        kind=kind,
        found_by=choice.found_by,
        interpreter=interpreter,
        packages=packages,
        frameworks=frameworks,
        base_prefix=base if settings else None,
        site_packages=sites if isinstance(sites, Unknown) else places,
        system_site_packages=_sees_system(settings),
        source=choice.prefix,
        libraries=_libraries(system, interpreter, places, frameworks),
    )


def _with_health(
    system: System, found: PythonEnvironment, sites: tuple[Site, ...], base: str, library: Library, deep: bool
) -> PythonEnvironment:
    """The environment with what is wrong with it as a whole."""
    from envdoctor.probes.compiled_needs import with_compiled
    from envdoctor.probes.environment_health import probe_faults
    from envdoctor.probes.environment_openmp import probe_openmp
    from envdoctor.probes.numpy_modules import probe_numpy_modules

    if deep or found.frameworks != ():
        found = with_compiled(system, found, tuple(site.path for site in sites), deep=deep)
    if deep:
        found = _with_whole_code(system, found)

    packages = () if isinstance(found.packages, Unknown) else found.packages
    standard = f"{base}/lib/{library.folder}" if library.folder else f"{base}/Lib"
    return replace(
        found,
        faults=probe_faults(system, sites, packages, standard, deep=deep),
        openmp=probe_openmp(system, found.prefix, sites),
        numpy_modules=probe_numpy_modules(system, packages, deep=deep),
    )


def _with_whole_code(system: System, found: PythonEnvironment) -> PythonEnvironment:
    """The environment with all GPU code of those frameworks of which a sample was looked at."""
    packages, frameworks = found.packages, found.frameworks
    if isinstance(packages, Unknown) or isinstance(frameworks, Unknown):
        return found
    from envdoctor.probes.frameworks.gpu_libraries import with_whole_code

    return replace(found, frameworks=tuple(with_whole_code(system, packages, one) for one in frameworks))


def _libraries(
    system: System, interpreter: Interpreter, places: tuple[str, ...], frameworks: tuple[Framework, ...] | Unknown
) -> tuple[LoadedLibrary, ...] | Unknown:
    """The CUDA libraries that would be loaded; what finds them is imported where a framework needs CUDA."""
    if isinstance(frameworks, Unknown):
        return frameworks
    if not any(framework.flavour == "cuda" for framework in frameworks):
        return ()
    from envdoctor.probes.loader_libraries import probe_libraries

    return probe_libraries(system, interpreter, places, frameworks)


def _folders(system: System, prefix: str, settings: dict[str, str], library: Library) -> tuple[str, ...]:
    """Where distributions may lie, in the order of `sys.path`; a closed virtual environment sees only its own."""
    folders = library_folders(system, prefix, library.folder)
    if settings and not _sees_system(settings):
        return folders
    user = user_folder(system, library.folder, library.minor)
    own, theirs = (folders, library_folders(system, base_of(settings, prefix), library.folder)) if settings else ((), folders)
    return (*own, *((user,) if user else ()), *theirs)


def _sees_system(settings: dict[str, str]) -> bool:
    return settings.get("include-system-site-packages", "").lower() == "true"


def _packages(system: System, prefix: str, kind: str, sites: tuple[Site, ...]) -> tuple[Package, ...]:
    packages = with_wheel_details(system, probe_packages(system, sites), BUILT)
    has_conda = kind == "conda" or is_folder(system, f"{prefix}/conda-meta")
    return with_conda(system, packages, probe_conda_packages(system, prefix)) if has_conda else packages
