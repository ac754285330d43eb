"""The Python that is supposed where none is stated: it is free to be chosen, unlike the rest of a machine."""

from __future__ import annotations

from envdoctor.compat.asked import Asked
from envdoctor.compat.choosing import versions_admitted
from envdoctor.compat.offered import offered
from envdoctor.compat.place import Stated, with_python
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.wheels import knows_package

TRIED = ("3.12", "3.13", "3.11", "3.14", "3.10", "3.15", "3.9", "3.8", "3.7", "3.6")
"""The most widely supported first."""


def with_supposed_python(knowledge: Knowledge, asked: tuple[Asked, ...], stated: Stated) -> Stated:
    """The machine as it is where its Python is stated; else with the first Python that all requirements have wheels for."""
    if stated.place.python is not None:
        return stated
    counted = {python: sum(_has_wheel(knowledge, one, stated, python) for one in asked) for python in TRIED}
    chosen = max(TRIED, key=lambda python: counted[python])
    return with_python(stated, chosen, knowledge, "supposed: --target states none")


def _has_wheel(knowledge: Knowledge, asked: Asked, stated: Stated, python: str) -> bool:
    """Whether the newest release that is asked for (or, of a range, any) has a wheel for that Python."""
    if not knows_package(knowledge, asked.name):
        return True
    pinned = asked.pinned
    versions = (pinned,) if pinned is not None else versions_admitted(knowledge, asked)
    offers = (offered(knowledge, asked, version, stated.place.platform) for version in versions)
    return any(not isinstance(offer, Release) or offer.fits_python(python) for offer in offers)
