"""The texts that describe an installed distribution: metadata headers, egg requirements, names of metadata folders."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.unknown import Unknown

HEADERS = frozenset({"name", "version", "requires-dist", "requires-python", "tag"})

_RUNS = re.compile(r"[-_.]+")
_FOLDED = ("", " ", "\t")


def normalize_name(name: str) -> str:
    """A distribution name in its normal form: lower case, `-` for runs of `-`, `_` and `.`."""
    return _RUNS.sub("-", name.strip()).lower()


def parse_headers(text: str) -> dict[str, list[str]]:
    """The header lines that are of use (HEADERS) by name in lower case, in order; folded lines are joined again."""
    headers: dict[str, list[str]] = {}
    values: list[str] | None = None
    for line in text.split("\n"):
        if line[:1] in _FOLDED:
            if values and line:
                values[-1] += "\n" + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.lower()
        if colon and name in HEADERS:
            values = headers.setdefault(name, [])
            values.append(value.strip())
        else:
            values = None
    return headers


def parse_distribution_version(text: str | None) -> Version | Unknown:
    """A version as metadata states it; Unknown with the text where it is no version."""
    if not text:
        return Unknown("its metadata states no version")
    try:
        return Version(text)
    except ValueError:
        return Unknown(f"its metadata states {text!r}, which is no version")


def parse_folder_name(name: str) -> tuple[str, str | None]:
    """Distribution name and version out of `torch-2.9.1.dist-info`, `six.egg-info` or `PyYAML-6.0-py3.9.egg-info`."""
    stem = name.rpartition(".")[0]
    first, _, rest = stem.partition("-")
    version = rest if name.endswith(".dist-info") else re.sub(r"-py\d+(?:\.\d+)*(?:-.*)?$", "", rest)
    return first, version or None


def parse_conda_name(file_name: str) -> tuple[str, str] | None:
    """Name and version out of `numpy-1.26.4-py311h64a7726_0.json`; None for other files of conda-meta."""
    stem, dot, suffix = file_name.rpartition(".")
    parts = stem.rsplit("-", 2)
    return (parts[0], parts[1]) if dot and suffix == "json" and len(parts) == 3 else None


def parse_egg_requirements(text: str) -> tuple[str, ...]:
    """The requirement lines of an egg's `requires.txt`, with its `[extra:marker]` sections as PEP 508 markers."""
    lines, extra, marker = [], "", ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            extra, _, marker = line[1:-1].partition(":")
        elif line and not line.startswith("#"):
            conditions = [f"({marker})" if extra else marker] if marker else []
            conditions += [f'extra == "{extra}"'] if extra else []
            space = " " if "@" in line else ""
            lines.append(f"{line}{space}; {' and '.join(conditions)}" if conditions else line)
    return tuple(lines)


def parse_path_lines(text: str) -> tuple[str, ...]:
    """The path lines of a `.pth` file; comments and `import` lines, which Python would execute, are left out."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and "\0" not in line and not line.startswith(("#", "import ", "import\t")))


def parse_settings(text: str) -> dict[str, str]:
    """The `key = value` lines of a pyvenv.cfg, keys in lower case."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals and key.strip()}
