"""Profiles as text and as data: the list of them, and what one asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envdoctor.model.profile import GpuRequirement, PackageRequirement, Profile
from envdoctor.model.ranges import VersionRange, range_text
from envdoctor.model.record import fields
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import counted, size

LIST_SCHEMA = "envdoctor.profiles/1"
SCHEMA = "envdoctor.profile/1"


def profiles_lines(entries: tuple[Any, ...]) -> Iterator[Line]:
    """Every profile with its title, by where it comes from."""
    column = max((len(entry.name) for entry in entries), default=0) + 2
    for origin in dict.fromkeys(entry.origin for entry in entries):
        yield plain(origin, "strong")
        for entry in entries:
            if entry.origin == origin:
                text, style = (entry.problem, "error") if entry.problem else (entry.title, "")
                yield Line(((text, style),), lead=(entry.name.ljust(column), ""), indent=2)
        yield BLANK
    yield plain(f"{counted(len(entries), 'profile')}. More about one: envdoctor profiles show NAME", "dim")


def profiles_document(entries: tuple[Any, ...]) -> dict[str, Any]:
    """The list as data."""
    return {"schema": LIST_SCHEMA, "profiles": [{key: getattr(entry, key) for key in fields(entry)} for entry in entries]}


def profile_lines(profile: Profile) -> Iterator[Line]:
    """One profile: what it is for, and what it asks for."""
    yield Line(((profile.name, "strong"), (": ", ""), (profile.title, "")))
    if profile.description:
        yield BLANK
        yield plain(" ".join(profile.description.split()), indent=2)
    if profile.retired:
        yield BLANK
        yield plain(f"For old work only. {profile.retired}", "warning", indent=2)
    yield BLANK
    yield plain("Asks for", "strong")
    rows = list(_demands(profile))
    column = max((len(label) for label, _text in rows), default=0) + 2
    for label, text in rows:
        yield Line(((text, ""),), lead=(label.ljust(column), "dim"), indent=2)
    yield from _section("Notes", profile.notes)
    yield BLANK
    yield plain(f"From {profile.path}", "dim")
    yield plain(f"To install it: envdoctor install {profile.name}", "dim")


def _section(heading: str, texts: tuple[str, ...]) -> Iterator[Line]:
    if texts:
        yield BLANK
        yield plain(heading, "strong")
        for text in texts:
            yield Line(((text, ""),), lead=("• ", "dim"), indent=2)


def _demands(profile: Profile) -> Iterator[tuple[str, str]]:
    yield from _machine_demands(profile)
    for label, key in (("driver", "driver"), ("CUDA", "cuda"), ("cuDNN", "cudnn"), ("toolkit", "toolkit"), ("Python", "python")):
        yield from _range(label, getattr(profile, key))
    for package in profile.packages:
        yield "package", _package(package)
    for name, value in profile.variables:
        yield "variable", f"{name} {'not set' if value is None else 'set' if value == '*' else f'= {value}'}"
    for name, wanted in profile.tools:
        yield "tool", f"{name} {range_text(wanted)}"
    if profile.imports:
        yield "imports", ", ".join(profile.imports)
    if profile.backend:
        yield "backend", profile.backend
    if profile.conda_packages:
        yield "conda packages", ", ".join(profile.conda_packages)
    if profile.conda_channels:
        yield "conda channels", ", ".join(profile.conda_channels)


def _machine_demands(profile: Profile) -> Iterator[tuple[str, str]]:
    systems = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
    if profile.systems or profile.distributions:
        yield "system", ", ".join([*(systems[one] for one in profile.systems), *profile.distributions])
    yield from _range("system version", profile.os_version)
    if profile.architectures:
        yield "architecture", ", ".join(profile.architectures)
    yield from _range("glibc", profile.glibc)
    if profile.cpu_features:
        yield "processor", ", ".join(profile.cpu_features)
    if profile.x86_64_level:
        yield "processor", f"x86-64-v{profile.x86_64_level}"
    yield from _range("cores", profile.cpu_cores)
    for label, count in (("memory", profile.ram_bytes), ("free disk", profile.disk_bytes), ("shared memory", profile.shm_bytes)):
        if count is not None:
            yield label, size(count)
    if profile.gpu is not None:
        yield "GPU", _gpu(profile.gpu)
    if profile.accelerator:
        yield "accelerator", profile.accelerator


def _range(label: str, wanted: VersionRange) -> Iterator[tuple[str, str]]:
    if len(wanted):
        yield label, range_text(wanted)


def _gpu(gpu: GpuRequirement) -> str:
    if gpu.vendor == "none":
        return "none needed"
    terms = [gpu.vendor or "any"]
    if len(gpu.count):
        terms.append(f"{range_text(gpu.count)} of them")
    if gpu.memory_bytes is not None:
        terms.append(f"{size(gpu.memory_bytes)} each")
    if len(gpu.compute_capability):
        terms.append(f"compute capability {range_text(gpu.compute_capability)}")
    return ", ".join(terms)


def _package(package: PackageRequirement) -> str:
    remarks = [f"build {package.build}"] if package.build else []
    remarks += ["optional"] if package.optional else []
    return package.line + (f" ({', '.join(remarks)})" if remarks else "")
