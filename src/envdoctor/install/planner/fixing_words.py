"""The commands that fixes print, read back: which of them change nothing but the environment under examination. Pure.

What is not known here is never run by `fix`.
"""

from __future__ import annotations

from envdoctor.model.record import record

_PIP = ("python", "-m", "pip")
_CONDA = frozenset({"conda", "mamba", "micromamba"})
_PLAIN_OPTIONS = frozenset(
    {"--force-reinstall", "--ignore-installed", "--no-deps", "--no-cache-dir", "--no-build-isolation", "--upgrade", "-U", "--yes"}
)
_DELETIONS = (("rm", "-r"), ("cmd", "/c", "rmdir", "/s", "/q"))


@record
class Words:
    """What one command does."""

    lines: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    conda: tuple[tuple[str, ...], ...] = ()
    profile: str | None = None


def read_words(argv: tuple[str, ...]) -> Words | None:
    """What a command does inside an environment; None where it is another kind of command."""
    if argv[:3] == _PIP:
        return _read_pip(argv[3:])
    for deletion in _DELETIONS:
        if argv[: len(deletion)] == deletion and len(argv) == len(deletion) + 1:
            return Words(delete=(argv[-1].replace("\\", "/"),))
    if argv[0] in _CONDA and argv[1:2] in {("install",), ("update",), ("remove",)} and "--prefix" in argv:
        return Words(conda=(argv,))
    if argv[:2] == ("envdoctor", "install") and len(argv) == 5 and argv[3] == "--env" and not argv[4].startswith("."):
        return Words(profile=argv[2])
    return None


def _read_pip(words: tuple[str, ...]) -> Words | None:
    options, names, built = _sorted(words[1:])
    if not options <= _PLAIN_OPTIONS or not names:
        return None
    if words[:1] == ("uninstall",):
        return Words(remove=names)
    if words[:1] != ("install",):
        return None
    if built:
        return Words(build=names)
    return Words(again=names) if options & {"--force-reinstall", "--ignore-installed"} else Words(lines=names)


def _sorted(words: tuple[str, ...]) -> tuple[set[str], tuple[str, ...], bool]:
    """Options, names, and whether something is to be built."""
    options: set[str] = set()
    names: list[str] = []
    built = False
    rest = iter(words)
    for word in rest:
        if word == "--no-binary":
            built = True
            next(rest, None)
        elif word.startswith("-"):
            options.add(word)
        else:
            names.append(word)
    return options, tuple(names), built
