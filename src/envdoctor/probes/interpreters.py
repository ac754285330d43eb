"""Python interpreters: version, ABI and architecture from the files around them, without starting them where avoidable."""

from __future__ import annotations

import re
from collections.abc import Callable

from packaging.version import Version

from envdoctor.model.record import record
from envdoctor.model.software import Interpreter
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_text
from envdoctor.probes.assignments import parse_json, parse_version
from envdoctor.probes.metadata import parse_conda_name
from envdoctor.probes.places import is_file, name_of, resolved
from envdoctor.system.port import SourceError, System

OLDEST = (3, 6)

_LIBRARY = re.compile(r"(python|pypy)(\d+\.\d+)(t?)")
_DLL = r"(?i)python(\d)(\d+)(t?)(?:_d)?\.dll"
_SYSCONFIG = r"_sysconfigdata_([a-z]*)_(?:linux|darwin|aix\w*|freebsd\w*)_?([\w.-]*)\.py"
_PY_VERSION = r'(?m)^#\s*define\s+PY_VERSION\s+"([^"]+?)\+?"'
QUESTION = (
    "import json,sys;print(json.dumps({'version':'%d.%d.%d'%sys.version_info[:3],"
    "'implementation':sys.implementation.name,'flags':getattr(sys,'abiflags','')}))"
)
"""What an interpreter is asked where no file says what it is; valid in every Python 3."""


@record
class Library:
    """The standard library of an installation: what tells which Python it is."""

    implementation: str
    """`cpython` or `pypy`."""
    minor: str
    """`3.11`."""
    free_threaded: bool
    folder: str
    """Name of the folder under lib: `python3.11`, `python3.13t`; empty on Windows."""


def find_library(
    system: System, prefix: str, base: str, executable: str | None, settings: dict[str, str]
) -> Library | Unknown | None:
    """Which Python an installation is, by the folders of its standard library.

    Ordered sources: `lib/pythonX.Y` and `lib64/pythonX.Y`; where there are several, the executable's real name,
    conda's record of its python package, or pyvenv.cfg decides; on Windows `pythonXY.dll`.
    """
    names = {name for one in ("lib", "lib64") for name in names_or_none(system, f"{prefix}/{one}")}
    found = {name: match for name in sorted(names) if (match := _LIBRARY.fullmatch(name))}
    if not found:
        return _windows_library(system, base) or (_windows_library(system, prefix) if base != prefix else None)
    for said in _deciding_names(system, prefix, executable, settings) if len(found) > 1 else found:
        if said in found:
            kind, minor, suffix = found[said].groups()
            return Library("cpython" if kind == "python" else "pypy", minor, suffix == "t", said)
    return Unknown(f"{prefix}/lib holds several Pythons ({', '.join(found)}) and nothing says which one is meant")


def describe_interpreter(
    system: System, prefix: str, base: str, executable: str | None, library: Library, settings: dict[str, str]
) -> Interpreter:
    """An interpreter's facts.

    The patch release, ordered sources: `patchlevel.h`; conda's record; pyvenv.cfg; the build's own folder as
    `_sysconfigdata` keeps it; the interpreter itself, started with `-I -S` (the only command here).
    """
    name = _sysconfig_name(system, base, library)
    stated = _parse_sysconfig_name(name_of(name)) if name else None
    flags, triple = stated or (_usual_flags(library), "")
    folder = f"{library.folder.rstrip('t')}{flags}/" if library.folder else ""
    header = f"{base}/include/{folder}patchlevel.h"
    version, source = _full_version(system, prefix, header, name, library, settings)
    if version is None and executable:
        asked = ask_interpreter(system, executable)
        if not isinstance(asked, Unknown) and asked.get("version", "").startswith(library.minor + "."):
            version, source = parse_version(asked["version"]), executable
    return Interpreter(
        path=executable,
        version=version or Version(library.minor),
        implementation=library.implementation,
        abi=_abi(library, flags, known=stated is not None),
        machine=triple.split("-")[0] if "-" in triple else _machine(system, executable),
        source=source if version else f"{base}: {library.folder}, the patch release is stated nowhere",
    )


def asked_library(system: System, executable: str) -> Library | Unknown:
    """Which Python an executable is, in its own words: for one whose surroundings tell nothing."""
    answer = ask_interpreter(system, executable)
    if isinstance(answer, Unknown):
        return answer
    minor = ".".join(answer.get("version", "").split(".")[:2])
    if not re.fullmatch(r"\d\.\d{1,3}", minor):
        return Unknown(f"{executable} does not say which Python it is")
    kind, free_threaded = answer.get("implementation", ""), "t" in answer.get("flags", "")
    prefix = "pypy" if kind == "pypy" else "python"
    return Library(kind, minor, free_threaded, f"{prefix}{minor}{'t' if free_threaded else ''}")


def ask_interpreter(system: System, executable: str) -> dict[str, str] | Unknown:
    """Start an interpreter that no file describes, isolated and without its packages, and let it say what it is."""
    try:
        output = system.run((executable, "-I", "-S", "-c", QUESTION), 5.0)
        answer = parse_json(output.stdout) if output.status == 0 else None
    except SourceError as error:
        return Unknown(f"{executable} could not be asked which Python it is: {error.reason}")
    except ValueError as error:
        return Unknown(f"{executable}: its answer cannot be read ({error})")
    if not isinstance(answer, dict):
        return Unknown(f"{executable} is no Python 3: {output.stderr.strip()[:200]}")
    return {str(key): str(value) for key, value in answer.items()}


def find_executable(system: System, prefix: str) -> str | None:
    """The interpreter of a prefix; None where there is none."""
    places = ("bin/python3", "bin/python", "python.exe", "Scripts/python.exe", "bin/pypy3")
    return next((f"{prefix}/{place}" for place in places if is_file(system, f"{prefix}/{place}")), None)


def unsupported(library: Library, prefix: str) -> Unknown | None:
    """Why this Python cannot be examined; None where it can."""
    version = tuple(int(part) for part in library.minor.split("."))
    if library.implementation == "cpython" and version < OLDEST:
        return Unknown(f"{prefix} is Python {library.minor}, which is not supported: envdoctor reads CPython 3.6 and newer")
    return None


def parse_patch_level(text: str) -> Version | None:
    """The version that a `patchlevel.h` defines."""
    found = re.search(_PY_VERSION, text)
    return parse_version(found.group(1)) if found else None


def _deciding_names(system: System, prefix: str, executable: str | None, settings: dict[str, str]) -> list[str]:
    real = name_of(resolved(system, executable)).removesuffix(".exe") if executable else ""
    conda = _conda_version(system, prefix)
    stated = parse_version(settings.get("version_info", settings.get("version", "")))
    return [real, *(f"python{one.major}.{one.minor}" for one in (conda, stated) if one)]


def _windows_library(system: System, prefix: str) -> Library | None:
    matches = [match for name in names_or_none(system, prefix) if (match := re.fullmatch(_DLL, name))]
    if not matches:
        return None
    major, minor, suffix = matches[0].groups()
    return Library("cpython", f"{major}.{minor}", suffix.lower() == "t", "")


def _sysconfig_name(system: System, base: str, library: Library) -> str | None:
    """The path of the `_sysconfigdata_FLAGS_PLATFORM_TRIPLE.py` of a POSIX installation."""
    for kind in ("lib", "lib64") if library.folder else ():
        folder = f"{base}/{kind}/{library.folder}"
        for name in names_or_none(system, folder):
            if _parse_sysconfig_name(name) is not None:
                return f"{folder}/{name}"
    return None


def _parse_sysconfig_name(name: str) -> tuple[str, str] | None:
    """Flags and triple of `_sysconfigdata__linux_x86_64-linux-gnu.py`; None for any other file."""
    if not name.startswith("_sysconfigdata_") or not name.endswith(".py"):
        return None
    flags, _, rest = name[len("_sysconfigdata_") : -len(".py")].partition("_")
    platform, _, triple = rest.partition("_")
    if platform in {"linux", "darwin"} and (not flags or (flags.isascii() and flags.islower() and flags.isalpha())):
        return flags, triple
    match = re.fullmatch(_SYSCONFIG, name)
    return (match[1], match[2]) if match else None


def _full_version(
    system: System, prefix: str, header: str, sysconfig: str | None, library: Library, settings: dict[str, str]
) -> tuple[Version | None, str]:
    stated = settings.get("version_info", settings.get("version", "")).replace(".final.0", "")
    sources: tuple[tuple[str, Callable[[], Version | None]], ...] = (
        (header, lambda: parse_patch_level(_text(system, header))),
        (f"{prefix}/conda-meta", lambda: _conda_version(system, prefix)),
        (f"{prefix}/pyvenv.cfg", lambda: parse_version(stated)),
        (sysconfig or "", lambda: _built_version(_text(system, sysconfig), library.minor) if sysconfig else None),
    )
    for source, ask in sources:
        version = ask()
        if version is not None and f"{version.major}.{version.minor}" == library.minor and len(version.release) > 2:
            return version, source
    return None, ""


def _usual_flags(library: Library) -> str:
    """The ABI flags where no file name carries them: pymalloc's until 3.7, and that of a build without the GIL."""
    if library.free_threaded:
        return "t"
    return "m" if library.minor in {"3.6", "3.7"} and library.implementation == "cpython" and library.folder else ""


def _built_version(text: str, minor: str) -> Version | None:
    """The version in the name of the folder that the interpreter was built in, which its build settings repeat."""
    place = rf"[Pp]ython(?:{re.escape(minor)})?-({re.escape(minor)}\.\d+(?:(?:a|b|rc)\d+)?)(?![\w.]*\d)"
    found = set(re.findall(place, text))
    return parse_version(found.pop()) if len(found) == 1 else None


def _conda_version(system: System, prefix: str) -> Version | None:
    for name in names_or_none(system, f"{prefix}/conda-meta"):
        if name.startswith("python-"):
            pair = parse_conda_name(name)
            if pair and pair[0] == "python":
                return parse_version(pair[1])
    return None


def _abi(library: Library, flags: str, *, known: bool) -> str | Unknown:
    if library.implementation != "cpython":
        return Unknown(f"the ABI of {library.implementation} is not looked into")
    if not known and library.minor in {"3.6", "3.7"}:
        return Unknown("no file states how this Python was built")
    return f"cp{library.minor.replace('.', '')}{flags}"


def _machine(system: System, executable: str | None) -> str | Unknown:
    if executable is None:
        return Unknown("no interpreter is there to look at")
    try:
        return system.binary(executable).machine
    except SourceError as error:
        return Unknown(str(error))


def _text(system: System, path: str) -> str:
    text = read_text(system, path)
    return text if isinstance(text, str) else ""
