"""C++ symbols as people read them: the qualified name out of a mangled one, without its parameters.

Mangling: Itanium C++ ABI, "External Names" (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling). Names are enough to
say what is missing; the mangled symbol stands beside it wherever the parameters matter.
"""

from __future__ import annotations

import re

_SPECIAL = {"TI": "typeinfo for ", "TS": "typeinfo name for ", "TV": "vtable for ", "TT": "VTT for ", "GV": "guard variable for "}
_START = re.compile(r"_Z(TI|TS|TV|TT|GV)?(N?)[rVKRO]*")
_LENGTH = re.compile(r"\d{1,4}")
_OPERATORS = {
    "cl": "operator()", "ix": "operator[]", "aS": "operator=", "eq": "operator==", "ne": "operator!=", "lt": "operator<",
    "gt": "operator>", "pl": "operator+", "mi": "operator-", "ml": "operator*", "dv": "operator/", "ls": "operator<<",
    "rs": "operator>>", "pL": "operator+=", "mI": "operator-=", "de": "operator*", "ad": "operator&", "pt": "operator->",
    "nw": "operator new", "dl": "operator delete",
}  # fmt: skip


def readable_symbol(symbol: str) -> str:
    """`c10::Error::Error` of `_ZN3c105ErrorC1ENS_14SourceLocationE`; what is not understood is given as it stands.

    Template arguments end the name with `<...>`.
    """
    found = _START.match(symbol)
    if not found:
        return symbol
    parts: list[str] = []
    prefix, place = _SPECIAL.get(found[1] or "", ""), found.end()
    while place < len(symbol):
        part, place = _part(symbol, place, parts)
        if not part:
            break
        parts.append(part)
        if not found[2]:
            break
    if not parts:
        return symbol
    return prefix + "::".join(parts) + ("<...>" if symbol.startswith("I", place) else "")


def _part(symbol: str, place: int, before: list[str]) -> tuple[str, int]:
    """The next part of a qualified name, and where it ends; empty at the end of the name."""
    length = _LENGTH.match(symbol, place)
    if length:
        end = length.end() + int(length[0])
        name = symbol[length.end() : end]
        return ("(anonymous namespace)" if name.startswith("_GLOBAL__N") else name) if end <= len(symbol) else "", end
    code = symbol[place : place + 2]
    if before and code in {"C1", "C2", "C3"}:
        return before[-1], place + 2
    if before and code in {"D0", "D1", "D2"}:
        return f"~{before[-1]}", place + 2
    if code[:1] == "B" and _LENGTH.match(symbol, place + 1):  # an ABI tag: [abi:cxx11]
        return _part(symbol, _part(symbol, place + 1, before)[1], before)
    if code == "St":
        return "std", place + 2
    return _OPERATORS.get(code, ""), place + 2 if code in _OPERATORS else place
