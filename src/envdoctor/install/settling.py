"""`--prefer stable` for what the package manager chooses: releases that are too young are ruled out, and it chooses again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping

from packaging.version import InvalidVersion, Version

from envdoctor.install.planner.preferring import unsettled_release
from envdoctor.install.unsolvable import Unsolvable
from envdoctor.model.offers import OfferedFile
from envdoctor.model.plan import Download, Exclusion, Step
from envdoctor.model.record import record, replace
from envdoctor.model.unknown import Unknown

ROUNDS = 5
"""Ruling one release out may bring another young one in."""
Downloads = tuple[Download, ...]
Pages = Mapping[str, tuple[OfferedFile, ...] | Unknown]


@record
class Settled:
    """What was resolved without young releases, and what was ruled out on the way."""

    downloads: Downloads
    ruled_out: tuple[tuple[str, Exclusion], ...] = ()
    note: str | None = None


def settle(
    step: Step, first: Downloads, again: Callable[[Step], Downloads | Unknown], pages_of: Callable[[list[str]], Pages], today: str
) -> Settled:
    """Resolve again with upper bounds until nothing young is left; where that cannot be met, the last set that could."""
    bounds: dict[str, str] = {}
    settled = Settled(first)
    for _ in range(ROUNDS):
        names = [download.name for download in settled.downloads if download.name not in bounds]
        found = [one for one in young(settled.downloads, pages_of(names), today) if not _is_pinned(one[0], step)]
        if not found:
            return settled
        bounds.update({name: f"{name}<{Version(version).public}" for name, version, _why in found})
        ruled_out = (*settled.ruled_out, *((name, Exclusion(version, why)) for name, version, why in found))
        try:
            downloads = _resolved_below(step, tuple(bounds.values()), again)
        except Unsolvable:
            downloads = Unknown("they are needed")
        if isinstance(downloads, Unknown):
            named = ", ".join(f"{name} {version}" for name, version, _why in found)
            return replace(settled, note=f"Young releases stay, for without them nothing goes together: {named}.")
        settled = Settled(downloads, ruled_out)
    return settled


def young(downloads: Downloads, pages: Pages, today: str) -> list[tuple[str, str, str]]:
    """Name, version and reason of what is too young, where an older release is on offer."""
    found = []
    for download in downloads:
        page = pages.get(download.name, ())
        versions = [] if isinstance(page, Unknown) else [file.version for file in page]
        try:
            version = Version(download.version)
        except InvalidVersion:
            continue
        uploaded = next((archive.uploaded for archive in download.archives if archive.uploaded), None)
        if uploaded is None and not isinstance(page, Unknown):
            uploaded = next((file.uploaded for file in page if file.version == version and file.uploaded), None)
        why = unsettled_release(version, uploaded, versions, today)
        if why is not None and any(other < version for other in versions):
            found.append((download.name, download.version, why))
    return found


def _is_pinned(name: str, step: Step) -> bool:
    """Whether the planner itself has chosen the version."""
    return any(line.startswith((f"{name}==", f"{name}[")) and "==" in line for line in step.requirements)


def _resolved_below(step: Step, bounds: tuple[str, ...], again: Callable[[Step], Downloads | Unknown]) -> Downloads | Unknown:
    with tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True) as folder:
        path = os.path.join(folder, "settled.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(bounds) + "\n")
        return again(replace(step, constraints=(*step.constraints, path)))
