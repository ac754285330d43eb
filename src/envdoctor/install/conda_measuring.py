"""Measuring a plan of conda: first what conda would bring, then which wheels go on top of that, with all sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envdoctor.errors import InstallFailed
from envdoctor.install.backends import Backend, open_backend
from envdoctor.install.conda_resolution import Solution, parse_solution
from envdoctor.install.expecting import expected_time
from envdoctor.install.failures import cause_of
from envdoctor.install.measuring import Measured, complete_sizes
from envdoctor.install.pinning import pin
from envdoctor.install.resolution import estimated_bytes, total
from envdoctor.install.resolving import Resolver, resolve
from envdoctor.model.conda import without_secrets
from envdoctor.model.offers import OfferedPython, Offers
from envdoctor.model.plan import Choice, Download, Plan, Step
from envdoctor.model.record import record, replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import SourceError
from envdoctor.system.twins import twin_bytes

UNPACKED_FACTOR = 4
"""What packages of conda unpack to, in their own size (seen: 2.5 for libraries, 5 for Python code; zstd packs well)."""

_AWAY = re.compile(
    r"dns error|Name or service not known|name resolution|Could ?n.t resolve host|Connection refused|Connection reset"
    r"|timed out|tcp connect error|Network is unreachable|CondaHTTPError",
    re.IGNORECASE,
)
"""What conda, mamba and rattler say of a channel that does not answer."""


class Unreachable(InstallFailed):
    """The channels do not answer, so that nothing can be said of builds; whether they go together is another matter."""


@record
class Ground:
    """What wheels are to go on: the packages of conda, by the name that pip has for them, with their versions."""

    brought: Mapping[str, str]
    python: str | None = None
    """The version of the Python that conda brings; None where it is there."""

    def with_solution(self, solution: Solution) -> Ground:
        """With what conda would bring."""
        coming: dict[str, str] = {canonicalize_name(one.name): one.version for one in solution.downloads}
        return Ground({**self.brought, **coming}, solution.python or self.python)


def measure_conda(plan: Plan, backend: Backend, offers: Offers, resolver: Resolver, there: Mapping[str, str]) -> Measured:
    """Resolve both parts of a plan, without installing anything, and name every build in its commands.

    Args:
        plan: as the planner made it.
        backend: words its commands.
        offers: what the plan was made from.
        resolver: runs commands; its own backend is not used.
        there: what conda has installed already, with versions.

    Raises:
        InstallFailed: no set of packages goes together, or the channels cannot be reached; nothing was changed.
    """
    ground, steps, unknown = Ground(there), [], None
    downloads: list[Download] = []
    for step in plan.steps:
        found: tuple[Download, ...] = ()
        if step.manager == "conda":
            try:
                solution = solve_step(step, backend, resolver)
            except Unreachable as error:
                return _unmeasured(plan, str(error))
            ground, found = ground.with_solution(solution), solution.downloads
            step = replace(step, pins=solution.pins)
        elif step.action == "install-packages":
            wheels = wheels_of(step, plan.creates_environment, ground, offers, resolver)
            if isinstance(wheels, Unknown):
                unknown = wheels
            else:
                found, step = wheels, replace(step, pins=tuple(pin(one, offers) for one in wheels))
        downloads += found
        steps.append(replace(step, commands=backend.commands(step)) if step.action != "verify" else step)
    copied = 0 if plan.creates_environment else twin_bytes(plan.environment)
    pinned = replace(plan, steps=tuple(steps), choices=(*_python_choice(plan, ground), *plan.choices))
    return Measured(_with_sizes(pinned, tuple(downloads), unknown), copied)


def solve_step(step: Step, backend: Backend, resolver: Resolver) -> Solution:
    """What conda would do for a step.

    Raises:
        Unreachable: the channels do not answer.
        InstallFailed: it found no solution, or could not be run.
    """
    nothing = "no set of packages could be worked out"
    try:
        output = resolver.run(backend.resolve(step, ""))
    except SourceError as error:
        raise InstallFailed(f"{backend.name} cannot be run: {error.reason}; nothing was changed") from error
    away = _AWAY.search(output.stderr + output.stdout) if output.status != 0 else None
    if away is not None and "--offline" not in output.stderr:
        raise Unreachable(f"{', '.join(map(without_secrets, step.channels))} cannot be reached ({away[0]})")
    if output.status != 0 and not output.stdout.strip():
        raise InstallFailed(f"{nothing}: {cause_of(output, backend.name)}; nothing was changed")
    try:
        solution = parse_solution(output.stdout)
    except ValueError as error:
        raise InstallFailed(f"{nothing}: {backend.name} says: {error}; nothing was changed") from error
    if output.status != 0:
        raise InstallFailed(f"{nothing}: {cause_of(output, backend.name)}; nothing was changed")
    return solution


def wheels_of(step: Step, creates: bool, ground: Ground, offers: Offers, resolver: Resolver) -> tuple[Download, ...] | Unknown:
    """The wheels that go on top; what is conda's stays conda's, in conda's version.

    Before the environment is there, an interpreter of the same release line stands in for its own, if there is one here.

    Raises:
        InstallFailed: the wheels do not go together with what conda brings.
    """
    asked = step
    if creates:
        python = stand_in(offers.pythons, ground.python)
        if python is None:
            return Unknown(f"no Python {ground.python} is here to work out the wheels with; the environment's own will")
        asked = replace(asked, python=python.path)
    resolver = replace(resolver, backend=_resolving_backend(offers, resolver.windows))
    try:
        found = _on_top(asked, ground, resolver)
    except InstallFailed as error:
        named = sorted(name for name in ground.brought if re.search(rf"\b{re.escape(name)}\b", str(error)))
        if not creates or not named:
            raise
        return Unknown(f"{named[0]} comes from conda, in a version or form that package indexes may not have")
    if isinstance(found, Unknown):
        return found
    return complete_sizes(tuple(one for one in found if one.name not in ground.brought), offers.settings)


def _on_top(asked: Step, ground: Ground, resolver: Resolver) -> tuple[Download, ...] | Unknown:
    """What is resolved with conda's packages held in conda's versions; holding one back may bring another one in."""
    for _ in range(4):
        found = _resolved(asked, resolver)
        if isinstance(found, Unknown):
            return found
        moved = [one for one in found if ground.brought.get(one.name, one.version) != one.version]
        if not moved:
            return found
        held = tuple(f"{one.name}=={ground.brought[one.name]}" for one in moved)
        asked = replace(asked, requirements=(*asked.requirements, *held))
    return Unknown("what the wheels need and what conda has brought could not be brought together beforehand")


def _resolved(step: Step, resolver: Resolver) -> tuple[Download, ...] | Unknown:
    return resolve(step, resolver.backend, resolver.run, resolver.cache, resolver.windows, resolver.settings)


def stand_in(pythons: tuple[OfferedPython, ...], version: str | None) -> OfferedPython | None:
    """An interpreter of this machine with the release line of one that is still to come."""
    try:
        line = Version(version or "").release[:2]
    except InvalidVersion:
        return None
    return next((python for python in pythons if python.path and python.version.release[:2] == line), None)


def _resolving_backend(offers: Offers, windows: bool) -> Backend:
    """It is uv where that is here, which resolves without downloading; pip otherwise."""
    found = next((one for one in offers.backends if one.name == "uv"), None)
    return open_backend("uv" if found else "pip", windows, offers.settings, found.command if found else ())


def _python_choice(plan: Plan, ground: Ground) -> tuple[Choice, ...]:
    told = any(choice.what == "python" for choice in plan.choices)
    return () if told or ground.python is None else (Choice("python", ground.python, "conda takes the newest that fits"),)


def _unmeasured(plan: Plan, reason: str) -> Measured:
    """The plan as far as it goes without the channels: what is asked for, and from where; builds and sizes are not known."""
    unknown = Unknown(reason)
    note = "Which builds it comes to, and how large they are, is worked out when it is installed."
    return Measured(
        replace(
            plan, downloads=unknown, download_bytes=unknown, installed_bytes=unknown, expected=unknown, notes=(*plan.notes, note)
        ),
        0 if plan.creates_environment else twin_bytes(plan.environment),
    )


def _with_sizes(plan: Plan, downloads: tuple[Download, ...], unknown: Unknown | None) -> Plan:
    if unknown is not None:
        note = f"The wheels are not in this list: {unknown.reason}."
        return replace(
            plan,
            downloads=downloads,
            download_bytes=unknown,
            installed_bytes=unknown,
            expected=unknown,
            notes=(*plan.notes, note),
        )
    sized = replace(
        plan,
        downloads=downloads,
        download_bytes=total([one.size_bytes for one in downloads]),
        installed_bytes=total([_unpacked(one) for one in downloads]),
    )
    return replace(sized, expected=expected_time(sized, 1))


def _unpacked(download: Download) -> int | Unknown:
    if not download.source.endswith((".conda", ".tar.bz2")):
        return estimated_bytes(download, Unknown("not asked"))
    size = download.size_bytes
    return size if isinstance(size, Unknown) else size * UNPACKED_FACTOR
