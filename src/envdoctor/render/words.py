"""Facts in words: sizes, counts, and what could not be told."""

from __future__ import annotations

from envdoctor.model.unknown import Unknown

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def size(count_bytes: int) -> str:
    """A number of bytes as people say it: `15.6 GiB`."""
    amount, unit = float(count_bytes), _UNITS[0]
    for unit in _UNITS:
        if amount < 1024 or unit == _UNITS[-1]:
            break
        amount /= 1024
    digits = f"{amount:.0f}" if unit == _UNITS[0] or amount >= 100 else f"{amount:.1f}".removesuffix(".0")
    return f"{digits} {unit}"


def counted(number: int, noun: str) -> str:
    """`1 warning`, `2 warnings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def number(value: float) -> str:
    """A number without a needless `.0`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def told(value: object) -> str:
    """A fact's value, or that it could not be told."""
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else str(value)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
