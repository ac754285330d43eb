"""The fix that brings an environment to one CUDA, where two are required: other builds of what requires one of them.

Imported when needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from packaging.version import Version

from envdoctor.knowledge.cuda import compiler_targets
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.wheels import listed_release
from envdoctor.model.facts import NvidiaDriver, Package, PythonEnvironment, Unknown
from envdoctor.model.findings import Case, Fix
from envdoctor.model.record import record
from envdoctor.rules.asking import environment
from envdoctor.rules.building import companion_lines
from envdoctor.rules.places import Place, place_of, refused
from envdoctor.rules.requirements import parse_line
from envdoctor.rules.wording import listed, pinned

_MARKED = re.compile(r"nvidia-([a-z-]+)-cu(\d\d)$")
_BUILT = re.compile(r"(.*-)(cu|cuda)(\d\d)(x?|-.*)$")


@record
class Move:
    """What takes the place of a package in an environment on another CUDA."""

    lines: tuple[str, ...]
    remove: tuple[str, ...]
    index: str | None = None


def one_cuda(case: Case, copies: Iterable[Package]) -> Fix | None:
    """Other builds for the packages that require one of the copies, so that the others serve all; None where there are none.

    The side without PyTorch moves before the side with it, and to the newer CUDA before the older.
    """
    marked = {int(match[2]) for copy in copies if (match := _MARKED.match(copy.name))}
    place = place_of(case)
    if len(marked) != 2 or place is None:
        return None
    here = environment(case)
    ways = [(old, new) for new in sorted(marked, reverse=True) for old in marked if old != new]
    users = {major: _users(here, major) for major in marked}
    for old, new in sorted(ways, key=lambda way: "torch" in users[way[0]]):
        found = _moved(case, place, users[old], old, new)
        if found is not None:
            return found
    return None


def _moved(case: Case, place: Place, users: Mapping[str, Package], old: int, new: int) -> Fix | None:
    """All users of a CUDA in builds for another, if each has one."""
    moves = [_move(case, place, user, old, new) for user in users.values()]
    if not moves or not _runs(case, new):
        return None
    known = [move for move in moves if move is not None]
    if len(known) < len(moves) or len({move.index for move in known}) > 1:
        return None
    here = environment(case)
    gone = {match[1]: package for package in _packages(here) if (match := _MARKED.match(package.name)) and int(match[2]) == old}
    kept = [package for part in gone if isinstance(package := here.package(f"nvidia-{part}-cu{new}"), Package)]
    remove = (*(name for move in known for name in move.remove), *(package.name for package in (*gone.values(), *kept)))
    lines = dict.fromkeys(line for move in known for line in move.lines)
    return Fix(
        f"Install {listed(users)} for CUDA {new}, and keep its libraries only",
        safe=True,
        remove=tuple(dict.fromkeys(remove)),
        packages=(*lines, *(pinned(package) for package in kept if known[0].index is None)),
        index=known[0].index,
        text="What is kept must be installed again, because removing the others deletes shared files.",
    )


def _packages(here: PythonEnvironment) -> tuple[Package, ...]:
    return () if isinstance(here.packages, Unknown) else here.packages


def _users(here: PythonEnvironment, major: int) -> dict[str, Package]:
    """What requires NVIDIA's wheels for a CUDA, and is none of them, by name."""
    own = f"-cu{major}"
    return {
        package.name: package
        for package in _packages(here)
        if not package.name.startswith("nvidia-") and any(name.endswith(own) for name in _required(package))
    }


def _required(package: Package) -> set[str]:
    """NVIDIA's wheels that a package's metadata names."""
    lines = () if isinstance(package.requires, Unknown) else package.requires
    return {parsed[0] for line in lines if "nvidia" in line and (parsed := parse_line(line)) and parsed[0].startswith("nvidia-")}


def _move(case: Case, place: Place, user: Package, old: int, new: int) -> Move | None:
    """The same release of a package for another CUDA."""
    if user.name == "torch":
        return _torch(case, place, user, new)
    built = _BUILT.match(user.name)
    if built is None or int(built[3]) != old or isinstance(user.version, Unknown):
        return None
    name = f"{built[1]}{built[2]}{new}{built[4]}"
    if user.name.startswith("jax-"):
        return _jax(case, place, user, new)
    found = listed_release(case.knowledge, name, user.version)
    if found is None or isinstance(found, Unknown) or place.python is None:
        return None
    there = any(wheels.fits(place.python) for wheels in found.on(place.platform))
    return Move((f"{name}=={user.version}",), (user.name,)) if there else None


def _jax(case: Case, place: Place, user: Package, new: int) -> Move | None:
    """JAX brings its plugins by an extra."""
    for release in releases(case.knowledge, "jax", place.platform):
        if release.version == user.version and release.build == f"cuda{new}" and refused(case, place, release) is None:
            plugins = (one.name for one in _packages(environment(case)) if re.match(r"jax-cuda\d\d-", one.name))
            return Move((release.requirement,), tuple(plugins))
    return None


def _torch(case: Case, place: Place, user: Package, new: int) -> Move | None:
    """The same torch in another build, with the companions that belong to it."""
    wanted = None if isinstance(user.version, Unknown) else Version(user.version.public)
    fitting = [
        one
        for one in releases(case.knowledge, "torch", place.platform)
        if one.version == wanted and isinstance(one.cuda, Version) and one.cuda.major == new
    ]
    for release in sorted(fitting, key=lambda one: one.index is not None):
        if refused(case, place, release) is None:
            local = f"+{release.build}" if release.index else ""
            lines = (f"{release.requirement}{local}", *companion_lines(case, release))
            return Move(lines, ("torch",), release.index)
    return None


def _runs(case: Case, major: int) -> bool:
    """Whether nothing that is known of driver and GPUs speaks against a CUDA."""
    driver, gpus = case.facts.driver, case.facts.gpus
    if isinstance(driver, NvidiaDriver) and isinstance(driver.cuda_version, Version) and driver.cuda_version.major < major:
        return False
    targets = compiler_targets(case.knowledge, Version(f"{major}.0"))
    if isinstance(targets, Unknown) or isinstance(gpus, Unknown):
        return True
    least = min(int(digits[1]) for target in targets if (digits := re.match(r"(?:sm_)?(\d+)", target)))
    stated = [gpu.compute_capability for gpu in gpus if gpu.vendor == "nvidia"]
    return all(one is None or isinstance(one, Unknown) or one[0] * 10 + one[1] >= least for one in stated)
