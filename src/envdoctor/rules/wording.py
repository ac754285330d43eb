"""How rules word sizes and lists."""

from __future__ import annotations

from collections.abc import Iterable

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def in_units(size_bytes: float) -> str:
    """A size for people: `64 MiB`, `1.5 GiB`."""
    size, unit = float(size_bytes), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f}".removesuffix(".0") + f" {UNITS[unit]}"


def listed(words: Iterable[object], last: str = "and") -> str:
    """Words as a sentence lists them: `a, b and c`."""
    parts = [str(word) for word in words]
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def capability_text(capability: tuple[int, int]) -> str:
    """A compute capability as NVIDIA writes it: `8.9`."""
    return f"{capability[0]}.{capability[1]}"
