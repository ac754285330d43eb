"""The values that a profile is made of: text → range, size, name, requirement; ValueError says what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from envdoctor.model.figures import parse_bounds as parse_number_bounds
from envdoctor.profiles.written import Number, nearest, shown

if TYPE_CHECKING:
    from envdoctor.model.profile import PackageRequirement

TEXT_LIMIT = 4000
_UNITS = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([KMGTP]?)(i?)B", re.IGNORECASE)
SIZE_PATTERN = r"^\s*\d{1,6}(\.\d{1,3})?\s*[KMGTPkmgtp]?[iI]?[bB]\s*$"
RANGE_PATTERN = r"^\s*(~=|==|!=|<=|>=|<|>)\s*[0-9][^,]*(\s*,\s*(~=|==|!=|<=|>=|<|>)\s*[0-9][^,]*)*\s*$"
MODULE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
VARIABLE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]{0,99}$"
TOOL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.+_-]{0,79}$"
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
_LEVEL = re.compile(r"(?:x86-64-)?v?([1-4])")


def parse_text(value: Any) -> str:
    """Text as it stands.

    Raises:
        ValueError: no text, or too much of it.
    """
    if isinstance(value, Number):
        raise ValueError(f"quote it: {value} without quotes is a number in YAML, and text is wanted")
    if isinstance(value, bool):
        raise ValueError("quote it: yes, no, on, off, true and false without quotes are no text in YAML")
    if not isinstance(value, str):
        raise ValueError(f"text is wanted, not {name_kind(value)}")
    if len(value) > TEXT_LIMIT:
        raise ValueError(f"longer than {TEXT_LIMIT} characters")
    return value


def parse_flag(value: Any) -> bool:
    """True or false.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, bool):
        raise ValueError(f"true or false is wanted, not {name_kind(value)}")
    return value


def name_kind(value: Any) -> str:
    """What a value is, in the words of people who write YAML."""
    if value is None:
        return "nothing"
    kinds = ((Number, "a number"), (bool, "true or false"), (str, "text"), (list, "a list"), (dict, "a mapping"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "this")


CHANNEL_PATTERN = r"^(https?://[^\s@]+|file:///[^\s@]+|[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*)$"
CONDA_PATTERN = r"^[a-z0-9_][a-z0-9_.-]*( ?[=<>!~][A-Za-z0-9_.,|*+=<>!~ -]*)?$"
"""Name, version and build; neither a channel, nor brackets, nor anything that a command line could take for an option."""


def parse_range(value: Any) -> SpecifierSet:
    """A range of versions as Python's packaging writes it: `>=2.1,<3`.

    Raises:
        ValueError: an unquoted number, a version without a comparison, or no range at all.
    """
    if isinstance(value, Number):
        raise ValueError(_quote_advice(value))
    text = parse_text(value).strip()
    if re.fullmatch(r"v?\d+(\.\d+)*", text):
        raise ValueError(f'{shown(text)} is a version, not a range; write ">={text.lstrip("v")}" or "=={text.lstrip("v")}.*"')
    if not text or "===" in text or len(text) > 200:
        raise ValueError(f'{shown(text)} is not a range; write one like ">=2.1,<3"')
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        raise ValueError(f'{shown(text)} is not a range; write one like ">=2.1,<3"') from None


def parse_bounds(value: Any) -> str:
    """Bounds on a number that is measured: `>=1000`, `>=0.5,<2`.

    Raises:
        ValueError: an unquoted number, one without a comparison, or no bounds at all.
    """
    if isinstance(value, Number):
        raise ValueError(_quote_advice(value))
    text = parse_text(value).strip()
    try:
        parse_number_bounds(text)
    except ValueError:
        raise ValueError(f'{shown(text)} is no bound on a number; write one like ">=1000"') from None
    return text.replace(" ", "")


def _quote_advice(value: Number) -> str:
    trimmed = value.rstrip("0") if "." in value else value
    loss = f": {value} is the number {trimmed} in YAML" if trimmed != value and not trimmed.endswith(".") else ""
    return f'quote it and say how to compare, like ">={shown(value, quote=False, limit=20)}"{loss}'


def parse_size(value: Any) -> int:
    """A size with its unit → bytes: `16 GiB` is 16 * 2**30, `500 MB` is 500 * 10**6.

    Raises:
        ValueError: no unit, or no size.
    """
    if isinstance(value, Number):
        raise ValueError(f"write the unit: {shown(value, quote=False, limit=20)} GiB, MiB, GB or MB")
    text = parse_text(value).strip()
    found = _SIZE.fullmatch(text)
    if not found:
        advice = "write the unit, like 16 GiB" if re.fullmatch(r"[\d.]+", text) else "write it like 16 GiB or 500 MB"
        raise ValueError(f"{shown(text)} is not a size; {advice}")
    power = _UNITS[found[2].lower() or "b"]
    unit: int = (1024 if found[3] else 1000) ** power
    return round(float(found[1]) * unit)


def parse_level(value: Any) -> int:
    """A level of the x86-64 psABI: `x86-64-v3` → 3.

    Raises:
        ValueError: not one of the four.
    """
    text = value if isinstance(value, Number) else parse_text(value).strip().lower()
    found = _LEVEL.fullmatch(text)
    if not found:
        raise ValueError(f"{shown(text)} is no level; known: x86-64-v1, x86-64-v2, x86-64-v3, x86-64-v4")
    return int(found[1])


def word_of(known: Sequence[str], aliases: dict[str, str] | None = None) -> Callable[[Any], str]:
    """A parser for one word out of few; the error names the nearest and all others.

    The parser raises ValueError for any other word.
    """

    def parse_word(value: Any) -> str:
        word = parse_text(value).strip().lower()
        word = (aliases or {}).get(word, word)
        if word in known:
            return word
        near = nearest(word, list(known))
        meant = f"did you mean {near}? " if near else ""
        raise ValueError(f"{shown(word)} is not known here; {meant}known: {', '.join(known)}")

    return parse_word


def name_of(pattern: str, what: str) -> Callable[[Any], str]:
    """A parser for a name of a fixed form.

    The parser raises ValueError for anything else.
    """
    compiled = re.compile(pattern)

    def parse_name(value: Any) -> str:
        text = parse_text(value)
        if not compiled.match(text) or "\n" in text:
            raise ValueError(f"{shown(text)} is no {what}")
        return text

    return parse_name


def parse_requirement(text: str, build: str | None = None, optional: bool = False) -> PackageRequirement:
    """One PEP 508 line: `torch>=2.1,<3`, `tensorflow[and-cuda]>=2.15.1`.

    Raises:
        ValueError: not PEP 508, or it names a URL.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    from envdoctor.model.profile import PackageRequirement
    from envdoctor.model.ranges import VersionRange

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise ValueError(f'{shown(text)} is no requirement; write one like "torch>=2.1,<3"') from None
    if requirement.url:
        raise ValueError(f"{shown(text)} names a URL; a profile names packages, and the plan finds where to get them")
    return PackageRequirement(
        line=" ".join(text.split()),
        name=canonicalize_name(requirement.name),
        build=build,
        optional=optional,
        specifier=VersionRange(str(requirement.specifier)),
        extras=tuple(sorted(requirement.extras)),
        marker=str(requirement.marker) if requirement.marker else None,
    )


def parse_channel(value: Any) -> str:
    """A channel of conda: a name (`conda-forge`), or the address of one; an address with a password or token is refused.

    Raises:
        ValueError: it is none.
    """
    text = parse_text(value).strip()
    if "@" in text or "/t/" in text:
        raise ValueError("a profile holds no passwords; put the channel with its token into .condarc, and its name here")
    if not re.match(CHANNEL_PATTERN, text) or "\n" in text:
        raise ValueError(f"{shown(text)} is no channel; write one like conda-forge")
    return text


def parse_conda_spec(value: Any) -> str:
    """A package in conda's words: a name, then a version or a range of versions, then perhaps a build.

    Raises:
        ValueError: it is none; a channel or an address in it is refused as well.
    """
    text = " ".join(parse_text(value).split())
    if not re.match(CONDA_PATTERN, text) or "\n" in text:
        raise ValueError(f"{shown(text)} is no package of conda; write one like cuda-nvcc>=12.4,<13 or caffe=1.0")
    return text
