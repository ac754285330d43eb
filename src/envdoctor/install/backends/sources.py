"""Where a step's packages come from, in the words of pip and of uv. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Step

NOTHING = "/dev/null"
"""pip's word for "no configuration file"; Windows knows it as `nul`."""


def pip_sources(step: Step, settings: IndexSettings) -> tuple[str, ...]:
    """Only what a step and the command line say on top of pip's own configuration; without a network all of it."""
    if step.page:
        return ("--no-index", "--find-links", step.page)
    if settings.offline:
        return _offline_sources(step, settings)
    by_line = "index_url" in settings.said or settings.source == "--index-url"
    index = step.index or (settings.index_url if by_line else None)
    parts = ["--index-url", index] if index else []
    for address in step.extra_indexes:
        parts += ["--extra-index-url", address]
    for place in dict.fromkeys((*step.find_links, *(settings.find_links if "find_links" in settings.said else ()))):
        parts += ["--find-links", place]
    return (*parts, *_wishes(step, settings, "--pre"))


def pip_variables(settings: IndexSettings, windows: bool) -> tuple[tuple[str, str], ...]:
    """Without a network no file of pip's may name an index: all places are said on the command line."""
    return (("PIP_CONFIG_FILE", "nul" if windows else NOTHING),) if settings.offline else ()


def uv_sources(step: Step, settings: IndexSettings) -> tuple[str, ...]:
    """The step's places, and pip's where uv has none of its own.

    pip takes the best version over all its indexes. uv stops at the first index that knows a name, unless told
    `unsafe-best-match`; it is told so where the further indexes come from pip's configuration, which means it so.
    """
    stated = settings.said if settings.uv_variables else (*settings.stated, *settings.said)
    by_line = "index_url" in stated or settings.source == "--index-url"
    index = step.index or (settings.index_url if by_line else None)
    parts = ["--default-index", index] if index else []
    configured = settings.extra_index_urls if "extra_index_urls" in stated else ()
    further = tuple(dict.fromkeys((*step.extra_indexes, *(() if step.index else configured))))
    for address in further:
        parts += ["--index", address]
    parts += ["--index-strategy", "unsafe-best-match"] if further else []
    for place in dict.fromkeys((*step.find_links, *(settings.find_links if "find_links" in stated else ()))):
        parts += ["--find-links", place]
    parts += ["--no-index"] if settings.no_index and "no_index" in stated else []
    parts += ["--offline"] if settings.offline else []
    for host in settings.trusted_hosts if "trusted_hosts" in stated else ():
        parts += ["--allow-insecure-host", host]
    return (*parts, *_wishes(step, settings, "--prerelease", "allow"))


def is_local(place: str) -> bool:
    """Whether an index or folder is on this machine."""
    scheme = urlsplit(place).scheme
    return scheme == "file" or len(scheme) < 2  # one letter is a drive of Windows


def _offline_sources(step: Step, settings: IndexSettings) -> tuple[str, ...]:
    """Indexes and folders on this machine; an index is only left out by `--no-index` where none is here."""
    addresses = (step.index or settings.index_url, *step.extra_indexes, *settings.extra_index_urls)
    indexes = [] if settings.no_index else [place for place in dict.fromkeys(addresses) if is_local(place)]
    parts = ["--index-url", indexes[0]] if indexes else ["--no-index"]
    for address in indexes[1:]:
        parts += ["--extra-index-url", address]
    for place in dict.fromkeys((*step.find_links, *settings.find_links)):
        parts += ["--find-links", place] if is_local(place) else []
    return (*parts, *_wishes(step, settings, "--pre"))


def _wishes(step: Step, settings: IndexSettings, *prereleases: str) -> tuple[str, ...]:
    """Constraints and pre-releases decide what is resolved; what is pinned was decided by them."""
    if step.pins is not None:
        return ()
    constraints = [word for path in dict.fromkeys((*settings.constraints, *step.constraints)) for word in ("--constraint", path)]
    return (*constraints, *(prereleases if settings.prereleases else ()))
