"""What decides between versions that all fit: `--prefer newest`, `stable` or `minimal-change`.

newest          the newest release that fits, of what the profile names; of what these need, the newest that goes together.
stable          the same, without releases that are younger than four weeks; where an index does not say when a file came,
                without the first release of the newest minor series, until a second one of that series is there.
minimal-change  what an existing environment holds stays, wherever it meets the profile.

`auto` is `newest` for new environments and `minimal-change` for those that are there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from packaging.version import Version

from envdoctor.install.planner.options import Options
from envdoctor.model.facts import Facts, PythonEnvironment, Unknown
from envdoctor.model.offers import OfferedFile

SETTLED_AFTER_DAYS = 28
"""Faulty releases are mostly withdrawn, or followed by a patch, within a few weeks."""


def preference(options: Options, facts: Facts) -> str:
    """`auto` made plain."""
    if options.prefer != "auto":
        return options.prefer
    return "minimal-change" if isinstance(facts.environment, PythonEnvironment) else "newest"


def unsettled(file: OfferedFile, versions: Iterable[Version], today: str) -> str | None:
    """Why a release is too young to be called stable; None where it is not."""
    return unsettled_release(file.version, file.uploaded, versions, today)


def unsettled_release(version: Version, uploaded: str | None, versions: Iterable[Version], today: str) -> str | None:
    """The same for a version, and when its file came to the index."""
    age = age_in_days(uploaded, today)
    if age is not None:
        return f"it is {age} days old, and --prefer stable waits {SETTLED_AFTER_DAYS}" if age < SETTLED_AFTER_DAYS else None
    final = {one.release for one in versions if not one.is_prerelease}
    newest = max((release[:2] for release in final), default=())
    if version.release[:2] == newest and len({release for release in final if release[:2] == newest}) == 1:
        return "it is the first release of its series, and the index does not say how old it is (--prefer stable)"
    return None


def age_in_days(uploaded: str | None, today: str) -> int | None:
    """Days between two dates; None where one is not known."""
    try:
        return (date.fromisoformat(today) - date.fromisoformat((uploaded or "")[:10])).days
    except ValueError:
        return None


def installed_versions(facts: Facts) -> dict[str, Version]:
    """What the environment holds, by name."""
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.packages, Unknown):
        return {}
    return {package.name: package.version for package in environment.packages if isinstance(package.version, Version)}
