"""`--explain`: the whole derivation of a plan, from what the indexes offer and what the packages ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.model.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from envdoctor.install.planner.options import Options
    from envdoctor.model.facts import Facts
    from envdoctor.model.offers import IndexSettings, Offers
    from envdoctor.model.plan import Download, Exclusion, Plan

_LIMIT_S = 30.0


def explained(
    plan: Plan, facts: Facts, offers: Offers, options: Options, ruled_out: tuple[tuple[str, Exclusion], ...] = ()
) -> Plan:
    """The plan with a derivation for each package."""
    from packaging.version import Version

    from envdoctor.install.deriving import Grounds, derive_all
    from envdoctor.install.measuring import ask_pages
    from envdoctor.install.planner.machine import platform_of
    from envdoctor.install.planner.wheels import fitting
    from envdoctor.model.unknown import Unknown

    platform = platform_of(facts)
    if isinstance(plan.downloads, Unknown) or platform is None or not plan.python:
        return plan
    version = Version(plan.python)
    pages = ask_pages([download.name for download in plan.downloads], offers.settings)
    linked = {name: files for name, files in offers.files.items() if "@" not in name and not isinstance(files, Unknown)}
    grounds = Grounds(
        fitting(version, f"cp{version.major}{version.minor}", platform),
        {**pages, **linked},
        options.bounds,
        options.prereleases,
        ruled_out,
        plan.prefer == "minimal-change" and not plan.creates_environment,
    )
    with_needs = replace(plan, downloads=_with_needs(plan.downloads, offers.settings))
    return replace(with_needs, derivations=derive_all(with_needs, grounds))


def _with_needs(downloads: tuple[Download, ...], settings: IndexSettings) -> tuple[Download, ...]:
    """What each package asks for, where the package manager did not say it."""
    from envdoctor.install.backends.sources import is_local
    from envdoctor.model.unknown import Unknown
    from envdoctor.system.indexes import side_by_side
    from envdoctor.system.wheel_metadata import wheel_needs

    asked = [
        download.source
        for download in downloads
        if isinstance(download.needs, Unknown)
        and download.source.endswith(".whl")
        and (is_local(download.source) or not settings.offline)
    ]

    def question(source: str) -> Callable[[], tuple[str, ...]]:
        return lambda: wheel_needs(source, settings)

    answers = side_by_side({source: question(source) for source in asked}, _LIMIT_S)
    return tuple(
        replace(download, needs=answers[download.source]) if download.source in answers else download for download in downloads
    )
