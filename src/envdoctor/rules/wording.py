"""How rules word sizes and lists."""

from __future__ import annotations

from collections.abc import Iterable

from envdoctor.model.facts import Framework, Package, Unknown

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def in_units(size_bytes: float) -> str:
    """A size for people: `64 MiB`, `1.5 GiB`."""
    size, unit = float(size_bytes), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f}".removesuffix(".0") + f" {UNITS[unit]}"


def shown(value: object) -> str:
    """A fact inside a sentence; `?` for one that is not known, `none` for one that is not there."""
    return "?" if isinstance(value, Unknown) else "none" if value is None else str(value)


def titled(thing: Framework | Package) -> str:
    """A framework or package with its version: `torch 2.9.1`; without it where it is not known."""
    return thing.name if isinstance(thing.version, Unknown) else f"{thing.name} {thing.version}"


def pinned(thing: Framework | Package) -> str:
    """The requirement line for just that version: `torch==2.9.1`; any version where it is not known."""
    return thing.name if isinstance(thing.version, Unknown) else f"{thing.name}=={thing.version}"


def listed(words: Iterable[object], last: str = "and") -> str:
    """Words as a sentence lists them: `a, b and c`."""
    parts = [str(word) for word in words]
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def capability_text(capability: tuple[int, int]) -> str:
    """A compute capability as NVIDIA writes it: `8.9`."""
    return f"{capability[0]}.{capability[1]}"
