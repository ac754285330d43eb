"""`install --locked FILE`: a plan that installs exactly the files that a lock names."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.record import replace

if TYPE_CHECKING:
    from envdoctor.cli.planning import Prepared
    from envdoctor.install.locked import Locked, LockedPackage
    from envdoctor.model.offers import Offers
    from envdoctor.model.plan import Download, Plan

_LIMIT_BYTES = 64 << 20


def read_locked(path: str) -> Locked:
    """The lock in a file.

    Raises:
        BadInput: it cannot be read, or is none.
    """
    from envdoctor.install.locked import parse_locked

    try:
        with open(path, encoding="utf-8-sig") as file:
            return parse_locked(file.read(_LIMIT_BYTES), path)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--locked {path}: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}") from error


def with_profile(said: dict[str, Any]) -> dict[str, Any]:
    """What was said, with the profile that the lock was made from where none is named.

    Raises:
        BadInput: neither names one.
    """
    if said["profile"]:
        return said
    if not said.get("locked"):
        raise BadInput("Missing argument 'PROFILE' (see envdoctor install --help)")
    profile = read_locked(said["locked"]).profile
    if profile is None:
        raise BadInput(
            f"--locked {said['locked']}: it does not say for which profile; name one: envdoctor install PROFILE --locked"
        )
    return {**said, "profile": profile}


def lock_plan(prepared: Prepared, locked: Locked) -> Prepared:
    """The plan with the lock's packages in place of its own.

    Raises:
        BadInput: nothing of the lock is for this Python and platform.
    """
    from envdoctor.install.backends import open_backend
    from envdoctor.install.locked import that_apply
    from envdoctor.install.planner import refuse_room, with_versions
    from envdoctor.model.plan import Choice, Refusal

    plan, offers = prepared.outcome, prepared.offers
    if isinstance(plan, Refusal) or offers is None:
        return prepared
    packages = tuple(that_apply(locked, _markers(prepared, plan)))
    offers = replace(offers, settings=_settings(offers, locked))
    command = next((found.command for found in offers.backends if found.name == plan.backend), ())
    backend = open_backend(plan.backend, sys.platform == "win32", offers.settings, command)
    path = _write(packages)
    steps = []
    for step in plan.steps:
        if step.action == "install-packages":
            pins = tuple(package.pin for package in packages)
            extra = tuple(dict.fromkeys((*step.extra_indexes, *locked.extra_index_urls)))
            step = replace(step, why="the very files that the lock names", requirements=pins, pins=pins, lock_file=path,
                           extra_indexes=extra, upgrade=())  # fmt: skip
            step = replace(step, commands=backend.commands(step))
        steps.append(step)
    named = {"python", "backend"}
    asked = {package.name for package in prepared.profile.packages}
    choices = (
        *(choice for choice in plan.choices if choice.what in named),
        *(Choice(one.name, one.version or one.pin, "the lock names it") for one in packages if one.name in asked),
    )
    plan = replace(plan, steps=tuple(steps), choices=choices, notes=(), derivations=())
    plan = with_versions(_sized(plan, packages, offers, prepared), prepared.profile, prepared.facts)
    return replace(prepared, outcome=refuse_room(plan, offers) or plan, offers=offers, backend=backend)


def _settings(offers: Offers, locked: Locked) -> Any:
    """The places of this machine; those of the lock where nobody has said others."""
    settings = offers.settings
    index = locked.index_url if locked.index_url and "index_url" not in settings.stated else settings.index_url
    links = tuple(dict.fromkeys((*settings.find_links, *locked.find_links)))
    said = {
        *settings.said,
        *(["index_url"] if index != settings.index_url else []),
        *(["find_links"] if locked.find_links else []),
    }
    return replace(settings, index_url=index, find_links=links, said=tuple(sorted(said)))


def _sized(plan: Plan, packages: tuple[LockedPackage, ...], offers: Offers, prepared: Prepared) -> Plan:
    from envdoctor.install.expecting import expected_time
    from envdoctor.install.measuring import ask_pages, complete_sizes
    from envdoctor.install.places import with_places
    from envdoctor.install.resolution import estimated_bytes, total
    from envdoctor.model.unknown import Unknown

    pages = ask_pages([one.name for one in packages if not one.urls], offers.settings)
    found = tuple(_download(one, pages.get(one.name, ())) for one in packages)
    downloads = with_places(complete_sizes(found, offers.settings), offers)
    unpacked = [estimated_bytes(one, Unknown("not asked")) for one in downloads]
    sized = replace(
        plan,
        downloads=downloads,
        download_bytes=total([one.size_bytes for one in downloads]),
        installed_bytes=total(unpacked),
    )
    return replace(sized, expected=expected_time(sized, len(prepared.profile.imports)))


def _download(package: LockedPackage, page: Any) -> Download:
    from envdoctor.model.plan import Archive, Download
    from envdoctor.model.unknown import Unknown
    from envdoctor.system.indexes import without_credentials

    size: int | Unknown = Unknown("the lock states no size") if package.size_bytes is None else package.size_bytes
    files = [] if isinstance(page, Unknown) else [file for file in page if file.sha256 in package.sha256]
    urls = tuple(map(without_credentials, package.urls or [file.url for file in files[:1]]))
    if files and not package.urls:
        size = files[0].size_bytes
    digests = (*package.sha256, *[None] * len(urls))
    archives = tuple(Archive(url, digest) for url, digest in zip(urls, digests, strict=False))
    return Download(package.name, package.version or "of an address", size, urls[0] if urls else "", archives)


def _markers(prepared: Prepared, plan: Plan) -> dict[str, str]:
    from packaging.version import Version

    from envdoctor.install.planner.machine import platform_of
    from envdoctor.install.planner.markers import marker_environment
    from envdoctor.model.offers import OfferedPython

    platform, version = platform_of(prepared.facts), Version(plan.python)
    assert platform is not None  # noqa: S101 - there is a plan, so the platform was known
    return marker_environment(OfferedPython("", version, "", ""), platform)


def _write(packages: tuple[LockedPackage, ...]) -> str:
    """The lock in the form that every package manager reads, named by its content; it must outlive this process for `sh`.

    Raises:
        BadInput: the cache cannot be written.
    """
    import hashlib

    from envdoctor.cli.planning import tools_cache
    from envdoctor.install.locked import lines_of

    text = lines_of(packages)
    folder = os.path.join(os.path.dirname(tools_cache()), "locks")
    path = os.path.join(folder, f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadInput(f"the lock cannot be kept in {folder}: {error.strerror}") from error
    return path
