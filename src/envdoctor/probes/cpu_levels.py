"""The x86-64 levels of the psABI (x86-64-ABI, "Micro-architecture levels"), by the flag names that Linux uses."""

from __future__ import annotations

from collections.abc import Iterable

LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"lm", "cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2"}),
    frozenset({"cx16", "lahf_lm", "popcnt", "sse3", "sse4_1", "sse4_2", "ssse3"}),
    frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}),
    frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
)

# Words of other systems, and of other versions of Linux, for the same instructions.
_SAME = {
    "pni": "sse3", "lzcnt": "abm", "osxsave": "xsave", "lahf": "lahf_lm", "sse4.1": "sse4_1", "sse4.2": "sse4_2",
    "avx1.0": "avx", "em64t": "lm", "x86_64": "lm", "bmi": "bmi1",
}  # fmt: skip


def x86_64_level(features: frozenset[str]) -> int | None:
    """The highest level all of whose instructions are there; None for a processor that is not x86-64."""
    words = features | {_SAME[word] for word in features if word in _SAME}
    met = 0
    for level in LEVELS:
        if not level <= words:
            break
        met += 1
    return met or None


def plain_features(words: Iterable[str], machine: str) -> frozenset[str]:
    """Flags of another system (py-cpuinfo's) in the words of Linux.

    The systems that need this run 64-bit programs only on 64-bit processors, so a 64-bit x86 machine has `lm` and
    what x86-64 began with, whether or not its flags repeat that.
    """
    lowered = {word.lower() for word in words}
    lowered |= {_SAME[word] for word in lowered if word in _SAME}
    return frozenset(lowered | LEVELS[0]) if machine.lower() in ("x86_64", "amd64") else frozenset(lowered)
