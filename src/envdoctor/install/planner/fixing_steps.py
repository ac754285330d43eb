"""From remedies to steps: one change for each package, all requirements in one resolution. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from envdoctor.install.planner.fixing import Remedy, name_of
from envdoctor.model.facts import Package, PythonEnvironment, Unknown
from envdoctor.model.plan import Download, Step
from envdoctor.model.record import record


@record
class Merged:
    """Remedies that go together, as what is to be done."""

    taken: tuple[Remedy, ...] = ()
    waiting: tuple[Remedy, ...] = ()
    """Remedies that touch a package which another one changes: looked at again afterwards."""
    lines: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    """What conda does at the end."""


def merge_remedies(remedies: Iterable[Remedy]) -> Merged:
    """In the order of the findings; where two cannot both be had, the later one waits."""
    taken: list[Remedy] = []
    waiting: list[Remedy] = []
    lines: dict[str, str] = {}
    renewed: dict[str, str] = {}
    ordered = tuple(remedies)
    gone = _gone(ordered)
    for remedy in ordered:
        if remedy.demanders and gone.issuperset(remedy.demanders):
            waiting.append(remedy)  # what asks for it is removed
            continue
        ranges = _joined(lines, remedy.lines)
        own = {name_of(line): line for line in (*remedy.again, *remedy.build)}
        own |= {str(canonicalize_name(name)): "" for name in remedy.remove if str(canonicalize_name(name)) not in own}
        clash = any(renewed.get(name, line) != line for name, line in own.items()) or own.keys() & lines.keys()
        if ranges is None or clash or renewed.keys() & {name_of(line) for line in remedy.lines}:
            waiting.append(remedy)
            continue
        taken.append(remedy)
        lines = ranges
        renewed |= own
    return _gathered(tuple(taken), tuple(waiting), tuple(lines.values()))


def _gone(remedies: tuple[Remedy, ...]) -> frozenset[str]:
    """The packages that remedies remove and do not install again."""
    removed = {str(canonicalize_name(name)) for remedy in remedies for name in remedy.remove}
    return frozenset(removed - {name_of(line) for remedy in remedies for line in (*remedy.again, *remedy.lines)})


def _gathered(taken: tuple[Remedy, ...], waiting: tuple[Remedy, ...], lines: tuple[str, ...]) -> Merged:
    def each(field: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(one for remedy in taken for one in getattr(remedy, field)))

    return Merged(
        taken,
        waiting,
        lines,
        tuple(dict.fromkeys(remedy.index for remedy in taken if remedy.index)),
        each("remove"),
        each("again"),
        each("build"),
        each("delete"),
        each("steps"),
    )


def _joined(there: dict[str, str], added: tuple[str, ...]) -> dict[str, str] | None:
    """One line for each package that says all that was asked of it; None where nothing can satisfy all."""
    lines = dict(there)
    for line in added:
        name = name_of(line)
        together = _both(lines[name], line) if name in lines else line
        if together is None:
            return None
        lines[name] = together
    return lines


def _both(one: str, other: str) -> str | None:
    if one == other:
        return one
    try:
        first, second = Requirement(one), Requirement(other)
    except InvalidRequirement:
        return None
    if first.url or second.url:
        return None
    asked = first.specifier & second.specifier
    extras = sorted(first.extras | second.extras)
    if not has_room(asked):
        return None
    return f"{first.name}[{','.join(extras)}]{asked}" if extras else f"{first.name}{asked}"


def has_room(asked: SpecifierSet) -> bool:
    """Whether some version is in the range: one that it names, or one just above."""
    named = [clause.version.removesuffix(".*") for clause in asked]
    return any(asked.contains(version, prereleases=True) for version in ("0", *named, *(f"{one}.0.1" for one in named)))


def breaks(environment: PythonEnvironment, downloads: Iterable[Download]) -> bool:
    """Whether these versions are outside of what an installed package asks for, whose wish the installed ones meet."""
    coming = {canonicalize_name(download.name): download.version for download in downloads}
    inside = f"{environment.prefix.rstrip('/')}/"
    for package in () if isinstance(environment.packages, Unknown) else environment.packages:
        if package.name in coming or not _is_sound(package, inside) or isinstance(package.requires, Unknown):
            continue
        if any(_is_newly_unmet(line, coming, environment) for line in package.requires):
            return True
    return False


def _is_newly_unmet(line: str, coming: Mapping[NormalizedName, str], environment: PythonEnvironment) -> bool:
    try:
        wish = Requirement(line)
    except InvalidRequirement:
        return False
    version = coming.get(canonicalize_name(wish.name))
    if version is None or "extra" in str(wish.marker or "") or wish.specifier.contains(version, prereleases=True):
        return False
    there = environment.package(canonicalize_name(wish.name))
    if not isinstance(there, Package) or isinstance(there.version, Unknown):
        return True
    return wish.specifier.contains(there.version, prereleases=True)


def keepers(environment: PythonEnvironment, merged: Merged) -> tuple[str, ...]:
    """The installed packages that need, directly or not, what is to change: resolved with it, they go on fitting.

    Named without a version, a package manager leaves them as they are where it can.
    """
    if isinstance(environment.packages, Unknown):
        return ()
    inside = f"{environment.prefix.rstrip('/')}/"
    asked = {package.name: _requires(package) for package in environment.packages if _is_sound(package, inside)}
    moved = {name_of(line) for line in merged.lines}
    gone = _gone(merged.taken)
    found: dict[str, None] = {}
    grown = True
    while grown:
        added = [
            name
            for name, needs in asked.items()
            if name not in (moved | gone) and name not in found and needs & (moved | found.keys())
        ]
        found |= dict.fromkeys(added)
        grown = bool(added)
    return tuple(found)


def _is_sound(package: Package, inside: str) -> bool:
    return not (
        package.fault
        or package.name.startswith("~")
        or package.installer == "conda"
        or package.editable is True
        or isinstance(package.version, Unknown)
        or (package.path and not package.path.startswith(inside))
    )


def _requires(package: Package) -> frozenset[str]:
    lines = () if isinstance(package.requires, Unknown) else package.requires
    return frozenset(name_of(line.strip()) for line in lines if "extra" not in line.partition(";")[2])


def install_step(merged: Merged, prefix: str, keep: tuple[str, ...]) -> Step:
    """What is resolved and installed together."""
    why = "in one resolution" if len(merged.lines) > 1 else ""
    why += f"{', ' if why else ''}together with what needs them: {', '.join(keep)}" if keep else ""
    return Step(
        "install-packages", "Install packages", why, (*merged.lines, *keep), extra_indexes=merged.indexes, environment=prefix
    )


def steps_before(merged: Merged, environment: PythonEnvironment) -> tuple[Step, ...]:
    """What goes before anything is installed: remains are deleted, packages removed, each as often as it is there."""
    prefix = environment.prefix
    steps = []
    edits = tuple(edit for remedy in merged.taken for edit in remedy.edits)
    if edits:
        why = "; ".join(f"no longer {edit.says}" for edit in edits)
        steps.append(Step("edit-files", "Change files of the environment", why, tuple(edit.path for edit in edits)))
    if merged.delete:
        steps.append(Step("delete-folders", "Delete what is left over", "", merged.delete, environment=prefix))
    if merged.remove:
        why = "they share files: all are removed before one is installed anew" if merged.again else ""
        remove = Step("remove-packages", "Remove packages", why, merged.remove, environment=prefix)
        steps += [remove] * max((_copies(environment, name) for name in merged.remove), default=1)
    return tuple(steps)


def _copies(environment: PythonEnvironment, name: str) -> int:
    """How many copies of a package there are: a package manager removes one at a time."""
    packages = () if isinstance(environment.packages, Unknown) else environment.packages
    return max(1, sum(1 for package in packages if package.name == name and package.path.endswith("-info")))


def steps_after(merged: Merged, prefix: str) -> tuple[Step, ...]:
    """What comes after: packages taken once more, packages built against what is there by then, and what conda does."""
    steps = []
    if merged.again:
        why = "their files are incomplete, or were removed with others"
        steps.append(Step("install-packages", "Install once more", why, merged.again, environment=prefix, again=True))
    if merged.build:
        why = "against what is installed here"
        build = Step("install-packages", "Build", why, merged.build, environment=prefix, again=True, from_source=True)
        steps.append(build)
    return (*steps, *merged.steps)
