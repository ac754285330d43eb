"""The paths that the dynamic loader searches: variables, run paths with their tokens, default folders.

Sources: ld.so(8); glibc, elf/dl-load.c (`_dl_map_object`, `fillin_rpath`, `_dl_dst_substitute`).
"""

from __future__ import annotations

import re

from envdoctor.probes.places import joined

MULTIARCH = {
    "x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu",
    "s390x": "s390x-linux-gnu", "riscv64": "riscv64-linux-gnu", "armv7l": "arm-linux-gnueabihf", "i686": "i386-linux-gnu",
}  # fmt: skip
"""The folder under lib that Debian and its descendants keep an architecture's libraries in."""

_FILLED_IN = r"\$(?:(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_])|\{(ORIGIN|LIB|PLATFORM)\})"


def parse_library_path(text: str | None, working: str | None = None) -> tuple[str, ...]:
    """The folders of an LD_LIBRARY_PATH, each once: `:` and `;` part them, and an empty one is the working folder.

    Relative entries are left out where the working folder is not known.
    """
    if not text:
        return ()
    found = []
    for part in text.replace(";", ":").split(":"):
        if part.startswith("/"):
            found.append(joined("/", part))
        elif working is not None:
            found.append(joined(working, part))
    return tuple(dict.fromkeys(found))


def is_absolute(text: str) -> bool:
    """Whether every entry of an LD_LIBRARY_PATH is an absolute folder."""
    return all(part.startswith("/") for part in text.replace(";", ":").split(":"))


def parse_preload(text: str | None) -> tuple[str, ...]:
    """The libraries of an LD_PRELOAD: spaces and `:` part them."""
    return tuple(part for part in (text or "").replace(" ", ":").split(":") if part)


def expand_tokens(path: str, origin: str, machine: str, lib: str) -> str:
    """A run path with `$ORIGIN`, `$LIB` and `$PLATFORM` filled in; braces are allowed."""
    start, _, rest = path.partition("/")
    if start == "$ORIGIN" and "$" not in rest:  # nearly all
        return origin + path[len(start) :]
    values = {"ORIGIN": origin, "LIB": lib, "PLATFORM": machine}
    return re.sub(_FILLED_IN, lambda found: values[found[1] or found[2]], path) if "$" in path else path


def default_folders(machine: str) -> tuple[str, ...]:
    """Where the loader looks in the end, of Debian's and other distributions' places the ones that may exist."""
    triple = MULTIARCH.get(machine)
    multiarch = (f"/lib/{triple}", f"/usr/lib/{triple}") if triple else ()
    return (*multiarch, "/lib64", "/usr/lib64", "/lib", "/usr/lib")


def hardware_folders(folder: str, level: int | None) -> tuple[str, ...]:
    """The folders for newer processors that are searched before a folder (glibc 2.33 and newer), best first."""
    return tuple(f"{folder}/glibc-hwcaps/x86-64-v{number}" for number in range(min(level or 1, 4), 1, -1))


def hardware_level(path: str) -> int:
    """The x86-64 level that a path is for; 1 for one that every processor may use."""
    found = re.search(r"/glibc-hwcaps/x86-64-v([2-9])/", path) if "/glibc-hwcaps/" in path else None
    return int(found[1]) if found else 1
