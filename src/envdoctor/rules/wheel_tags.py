"""What the tags of an installed wheel say of where it runs."""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.version import Version

from envdoctor.model.facts import Package, Unknown

_OLD_NAMES = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
_MACOS = r"-macosx_(\d+)_(\d+)_"


def tags_of(package: Package) -> tuple[str, ...]:
    """The wheel tags of an installed package; none where its installer left none."""
    return () if package.tags is None or isinstance(package.tags, Unknown) else package.tags


@lru_cache(maxsize=1024)
def glibc_floor(tags: tuple[str, ...]) -> tuple[int, int] | None:
    """The oldest glibc that some tag of a wheel claims to run on; None where none speaks of glibc."""
    floors = []
    for tag in tags:
        name, *numbers = tag.partition("manylinux")[2].split("_")
        if name in _OLD_NAMES and numbers:
            floors.append(_OLD_NAMES[name])
        elif not name and len(numbers) > 2 and numbers[0].isdecimal() and numbers[1].isdecimal():
            floors.append((int(numbers[0]), int(numbers[1])))
    return min(floors, default=None)


@lru_cache(maxsize=1024)
def is_musl(tags: tuple[str, ...]) -> bool:
    """Whether a wheel was made for musl."""
    return any("musllinux_" in tag for tag in tags)


@lru_cache(maxsize=1024)
def pythons(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The CPython releases (`3.11`) whose ABI a wheel is tied to; empty where it runs on any or is not CPython's."""
    found: dict[str, None] = {}
    for tag in tags:
        python, _, rest = tag.partition("-")
        number = python.removeprefix("cp")
        if number == python or len(number) < 2 or not number.isdecimal() or rest.startswith(("abi3-", "none-")):
            return ()
        found[f"{number[0]}.{number[1:]}"] = None
    return tuple(found)


@lru_cache(maxsize=1024)
def machines(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The architectures that a wheel holds compiled code for, as `uname -m` words them; empty where it holds none."""
    endings = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64", "universal2": "", "i686": "i686"}
    found = [next((name for end, name in endings.items() if tag.endswith(f"_{end}")), "") for tag in tags]
    return tuple(dict.fromkeys(found)) if all(found) else ()


@lru_cache(maxsize=1024)
def systems(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The operating systems that a wheel holds compiled code for (`linux`, `windows`, `macos`); empty where it holds none."""
    words = {"linux": "linux", "manylinux": "linux", "musllinux": "linux", "win": "windows", "macosx": "macos"}
    platforms = [tag.rpartition("-")[2] for tag in tags]
    found = [next((name for word, name in words.items() if platform.startswith(word)), "") for platform in platforms]
    return tuple(dict.fromkeys(found)) if all(found) else ()


@lru_cache(maxsize=1024)
def macos_floor(tags: tuple[str, ...]) -> tuple[int, int] | None:
    """The oldest macOS that some tag of a wheel claims to run on; None where none speaks of macOS."""
    floors = [(int(found[1]), int(found[2])) for tag in tags if "macosx" in tag and (found := re.search(_MACOS, tag))]
    return min(floors, default=None)


@lru_cache(maxsize=1024)
def short(version: Version) -> str:
    """Major and minor of a Python: `3.11`."""
    return f"{version.major}.{version.minor}"
