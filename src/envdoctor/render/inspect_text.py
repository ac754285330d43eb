"""What files say of themselves, as text."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.binaries import Binary, GpuCode, Inspection, Library
from envdoctor.model.software import Framework, Package, PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import counted, size, told

_COLUMN = 13
_SHOWN = 3
_FLOORS = (("GLIBC", "glibc_floor"), ("GLIBCXX", "glibcxx_floor"), ("CXXABI", "cxxabi_floor"))


def inspection_lines(inspections: list[Inspection]) -> Iterator[Line]:
    """Every file, with an empty line between."""
    for number, one in enumerate(inspections):
        if number:
            yield BLANK
        yield plain(one.path, "strong")
        if one.kind == "library":
            yield from _library_lines(one.libraries[0])
            continue
        yield from _package_lines(one.package)
        if one.environment is not None:
            yield from _environment_lines(one.environment)
        yield from _frameworks_lines(one.frameworks)
        yield from _floor_lines(one.libraries) if one.environment is None else _need_lines(one.environment)
        yield from _libraries_lines(one)


def code_text(code: GpuCode | Unknown) -> str:
    """GPU code in a few words: the architectures, and how much was looked at."""
    if isinstance(code, Unknown):
        return told(code)
    if not code.counts:
        return f"unknown: {code.unread}" if code.unread else "none"
    text = " ".join(code.names)
    doubts = [] if code.is_whole else [_sampled(code)]
    return text + "".join(f" ({doubt})" for doubt in doubts)


def _sampled(code: GpuCode) -> str:
    if code.unread:
        return f"not all: {code.unread}"
    total = f" of {code.regions_total}" if code.regions_total else ""
    return f"sampled: {code.regions:,}{total} containers looked at"


def _library_lines(library: Library) -> Iterator[Line]:
    binary = library.binary
    if isinstance(binary, Unknown):
        yield _row("format", told(binary))
    else:
        yield _row("format", f"{binary.format}, {binary.machine}")
        yield from _binary_lines(binary)
    yield _row("GPU code", code_text(library.gpu_code))
    code = library.gpu_code
    if isinstance(code, GpuCode) and code.counts:
        packed = "all compressed" if code.compressed == code.entries else f"{code.compressed:,} compressed"
        yield _row("", f"{code.entries:,} pieces in {counted(code.regions, 'container')} of {code.container}, {packed}")
        yield _row("", ", ".join(f"{name} × {count:,}" for name, count in code.counts), "dim")


def _binary_lines(binary: Binary) -> Iterator[Line]:
    if binary.soname:
        yield _row("soname", binary.soname)
    yield _row("needs", ", ".join(binary.needed) or "nothing")
    if binary.run_paths:
        kind = " (RPATH)" if binary.has_rpath else " (RUNPATH)" if binary.format == "elf" else ""
        yield _row("run paths", ", ".join(binary.run_paths) + kind)
    floors = [f"{prefix}_{value}" for prefix, name in _FLOORS if (value := getattr(binary, name)) is not None]
    if floors:
        yield _row("requires", ", ".join(floors))
    defined = (("GLIBCXX", binary.glibcxx_defined), ("CXXABI", binary.cxxabi_defined))
    if any(value is not None for _prefix, value in defined):
        yield _row("offers", ", ".join(f"{prefix}_{value}" for prefix, value in defined if value is not None))
    if binary.minimum_os is not None:
        yield _row("requires", f"macOS {binary.minimum_os}")
    if binary.torch_arch_flags:
        yield _row("own list", " ".join(binary.torch_arch_flags))


def _package_lines(package: Package | Unknown | None) -> Iterator[Line]:
    if isinstance(package, Unknown):
        yield _row("package", told(package))
    elif package is not None:
        yield _row("package", f"{package.name} {told(package.version)}")
        yield _row("tags", ", ".join(package.tags) if isinstance(package.tags, tuple) else "none")
        yield _row("Python", told(package.requires_python) if package.requires_python is not None else "any")


def _environment_lines(environment: PythonEnvironment) -> Iterator[Line]:
    interpreter = environment.interpreter
    yield _row("Python", told(interpreter) if isinstance(interpreter, Unknown) else told(interpreter.version))
    packages = environment.packages
    yield _row("packages", told(packages) if isinstance(packages, Unknown) else str(len(packages)))


def _need_lines(environment: PythonEnvironment) -> Iterator[Line]:
    """The highest of each kind that a package asks for, and symbols of torch that are asked for in vain."""
    for prefix, _name in _FLOORS:
        asking = [need for need in environment.compiled_needs if need.family == prefix]
        if asking:
            highest = max(asking, key=lambda need: need.version)
            yield _row("requires", f"{prefix}_{highest.version} ({highest.package}: {highest.path.rpartition('/')[2]})")
    for one in environment.torch_extensions or ():
        if one.missing_symbols != ():
            said = one.missing_symbols
            text = told(said) if isinstance(said, Unknown) else " ".join(said[:_SHOWN]) + (" ..." if len(said) > _SHOWN else "")
            yield _row("not in torch", f"{one.path.rpartition('/')[2]}: {text}")


def _frameworks_lines(frameworks: tuple[Framework, ...] | Unknown) -> Iterator[Line]:
    if isinstance(frameworks, Unknown):
        yield _row("frameworks", told(frameworks))
        return
    if not frameworks:
        yield _row("frameworks", "none")
    for framework in frameworks:
        yield _row("framework", _framework(framework))
        code = framework.gpu_code
        if code is not None:
            names = told(code) if isinstance(code, Unknown) else " ".join(code)
            yield _row("", f"GPU code: {names}" + (" (sampled)" if framework.gpu_code_is_sample else ""))


def _framework(framework: Framework) -> str:
    built = [told(framework.flavour)]
    for name, version in (
        ("CUDA", framework.cuda_version), ("cuDNN", framework.cudnn_version), ("ROCm", framework.rocm_version),
    ):  # fmt: skip
        built += [f"{name} {version}"] if isinstance(version, Version) else []
    return f"{framework.name} {told(framework.version)}: {', '.join(built)}"


def _floor_lines(libraries: tuple[Library, ...]) -> Iterator[Line]:
    """The highest of each kind, and which library asks for it."""
    for prefix, name in (*_FLOORS, ("macOS", "minimum_os")):
        asking = [(value, one.path) for one in libraries if (value := getattr(one.binary, name, None)) is not None]
        if asking:
            value, path = max(asking)
            yield _row("requires", f"{prefix}{' ' if prefix == 'macOS' else '_'}{value} ({path.rpartition('/')[2]})")


def _libraries_lines(one: Inspection) -> Iterator[Line]:
    telling = [library for library in one.libraries if not _is_without_code(library.gpu_code)]
    for library in telling:
        room = "" if isinstance(library.size_bytes, Unknown) else f" ({size(library.size_bytes)})"
        yield _row("library", library.path.removeprefix(f"{one.path}/") + room)
        yield _row("", f"GPU code: {code_text(library.gpu_code)}")
    rest = len(one.libraries) - len(telling)
    if rest:
        yield _row("libraries", f"{rest} {'more ' if telling else ''}without GPU code")


def _is_without_code(code: GpuCode | Unknown) -> bool:
    return isinstance(code, GpuCode) and not code.counts and not code.unread


def _row(label: str, text: str, style: str = "") -> Line:
    return Line(((text, style),), lead=(label.ljust(_COLUMN), "dim"), indent=2)
