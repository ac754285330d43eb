"""Measuring a plan: the package manager says what it would install, indexes and archives say how large that is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from envdoctor.errors import InstallFailed
from envdoctor.install.backends import Backend
from envdoctor.install.backends.sources import is_local
from envdoctor.install.expecting import expected_time
from envdoctor.install.places import page_files, with_places
from envdoctor.install.remembering import hash_of, remember_bytes, remembered_bytes
from envdoctor.install.resolution import estimated_bytes, file_name_of, is_here, total, with_length, with_sizes
from envdoctor.install.resolving import Run, resolve, resolve_step
from envdoctor.install.settling import Settled, settle
from envdoctor.model.offers import IndexSettings, OfferedFile, Offers
from envdoctor.model.plan import Download, Exclusion, Plan, Step
from envdoctor.model.record import record, replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.archive_sizes import file_bytes, unpacked_bytes
from envdoctor.system.indexes import ask_project, side_by_side, without_credentials
from envdoctor.system.port import SourceError
from envdoctor.system.twins import twin_bytes

__all__ = ["Measured", "ask_pages", "complete_sizes", "measure_plan", "resolve"]

Ask = Callable[[Step], "tuple[Download, ...] | Unknown"]
_SIZES_LIMIT_S = 30.0
_ASK_ARCHIVE_ABOVE_BYTES = 1 << 20


@record
class Measured:
    """A plan with its sizes."""

    plan: Plan
    copy_bytes: int = 0
    """What keeping the old environment takes, where one is changed."""
    ruled_out: tuple[tuple[str, Exclusion], ...] = ()
    """Releases that were too young to be called stable, by package."""


def measure_plan(
    plan: Plan, backend: Backend, offers: Offers, run: Run, cache: str, windows: bool, today: str = "", imports: int = 1
) -> Measured:
    """Resolve a plan's requirements, without installing anything, and size what comes of it.

    Args:
        plan: as the planner made it.
        backend: the package manager.
        offers: what the plan was made from.
        run: runs its commands.
        cache: where tools that were brought along lie.
        windows: whether this is Windows.
        today: the date, as `2026-11-22`; by it `--prefer stable` tells what is young.
        imports: how many modules are tried at the end.

    Raises:
        InstallFailed: the package manager finds no set of packages that goes together, or cannot reach them.
    """
    step = resolve_step(plan)

    def ask(one: Step) -> tuple[Download, ...] | Unknown:
        return resolve(one, backend, run, cache, windows, offers.settings)

    try:
        with ThreadPoolExecutor(1) as aside:  # what is there is counted while the package manager works
            counted = aside.submit(lambda: 0 if plan.creates_environment else twin_bytes(plan.environment))
            settled = _resolved(step, plan, ask, offers.settings, today)
            copy_bytes = counted.result()
    except SourceError as error:
        reason = f"no set of packages could be worked out: {error.reason}; nothing was changed"
        raise InstallFailed(reason + _silence(offers)) from error
    except InstallFailed as error:
        # what an index that is away does not offer proves nothing
        if _silence(offers):
            raise InstallFailed(f"{error}{_silence(offers)}") from error
        raise
    if isinstance(settled, Unknown):
        sizeless = replace(plan, downloads=settled, download_bytes=settled, installed_bytes=settled, expected=settled)
        return Measured(sizeless, copy_bytes)
    sized = with_places(complete_sizes(settled.downloads, offers.settings), offers, step.extra_indexes)
    unpacked = [estimated_bytes(*pair) for pair in zip(sized, _unpacked(sized, offers.settings, cache), strict=True)]
    measured = replace(
        plan,
        downloads=sized,
        download_bytes=total([download.size_bytes for download in sized]),
        installed_bytes=total(unpacked),
        notes=(*plan.notes, *([settled.note] if settled.note else [])),
    )
    return Measured(replace(measured, expected=expected_time(measured, imports)), copy_bytes, settled.ruled_out)


def _silence(offers: Offers) -> str:
    """What the package index said in place of an answer; empty where it answered, or was not to be asked."""
    if not isinstance(offers.package_index, Unknown) or offers.settings.offline:
        return ""
    return f" (the package index {without_credentials(offers.settings.index_url)}: {offers.package_index.reason})"


def _resolved(step: Step, plan: Plan, ask: Ask, settings: IndexSettings, today: str) -> Settled | Unknown:
    downloads = ask(step)
    if isinstance(downloads, Unknown):
        return downloads
    if plan.prefer != "stable":
        return Settled(downloads)
    return settle(step, downloads, ask, lambda names: ask_pages(names, settings), today)


def ask_pages(names: Iterable[str], settings: IndexSettings) -> dict[str, tuple[OfferedFile, ...] | Unknown]:
    """What all configured places offer of some packages, by name."""
    local = [place for place in (settings.index_url, *settings.extra_index_urls) if not settings.offline or is_local(place)]
    places = [] if settings.no_index else local
    pages = side_by_side({f"{name} {place}": _page(name, place, settings) for name in names for place in places}, _SIZES_LIMIT_S)
    found: dict[str, tuple[OfferedFile, ...] | Unknown] = {}
    for key, page in pages.items():
        name = key.partition(" ")[0]
        before = found.get(name, ())
        if isinstance(before, Unknown) or isinstance(page, Unknown):
            found[name] = page if isinstance(before, Unknown) or not before else before
        else:
            found[name] = (*before, *page)
    return found


def known_sum(downloads: tuple[Download, ...] | Unknown) -> int:
    """What is known of the size of all downloads: a lower bound."""
    if isinstance(downloads, Unknown):
        return 0
    return sum(download.size_bytes for download in downloads if not isinstance(download.size_bytes, Unknown))


def complete_sizes(downloads: tuple[Download, ...], settings: IndexSettings) -> tuple[Download, ...]:
    """Look up sizes and hashes that were not stated: in the files, by their lengths, on the pages of the configured indexes.

    The lengths come before the pages: of a hundred files they take 0.3 s, the pages with all releases of these packages 1 s.
    """
    lacking = [download for download in downloads if isinstance(download.size_bytes, Unknown) or not _has_hashes(download)]
    local = [download for download in lacking if is_here(download)]
    files: dict[str, OfferedFile] = {}
    for download in local:
        files.update(_local_file(download))
    sized = _with_lengths(with_sizes(downloads, files), settings, _has_hashes)
    lacking = [download for download in sized if isinstance(download.size_bytes, Unknown) or not _has_hashes(download)]
    names = sorted({download.name for download in lacking if _can_ask(download.source, settings)})
    if not names:
        return sized
    return _with_lengths(with_sizes(sized, page_files(ask_pages(names, settings))), settings, lambda _download: True)


def _with_lengths(
    downloads: tuple[Download, ...], settings: IndexSettings, may: Callable[[Download], bool]
) -> tuple[Download, ...]:
    """The downloads that may be asked, with the lengths that servers state of the files."""
    asked = {
        download.source: _length(download.source, settings)
        for download in downloads
        if isinstance(download.size_bytes, Unknown) and _can_ask(download.source, settings) and may(download)
    }
    lengths = side_by_side(asked, _SIZES_LIMIT_S)
    return tuple(
        with_length(download, lengths[download.source]) if download.source in lengths else download for download in downloads
    )


def _can_ask(source: str, settings: IndexSettings) -> bool:
    return source.startswith("http") and not settings.offline


def _has_hashes(download: Download) -> bool:
    return bool(download.archives) and all(archive.sha256 for archive in download.archives)


def _unpacked(downloads: tuple[Download, ...], settings: IndexSettings, cache: str) -> list[int | Unknown]:
    """What archives state of themselves, the larger ones only."""
    before = remembered_bytes(cache)
    known: dict[str, int | Unknown] = {one.source: before[key] for one in downloads if (key := hash_of(one)) in before}
    asked = {
        download.source: _archive(download.source, settings)
        for download in downloads
        if isinstance(download.size_bytes, int) and download.size_bytes > _ASK_ARCHIVE_ABOVE_BYTES
        and download.source.endswith(".whl") and (is_here(download) or _can_ask(download.source, settings))
        and download.source not in known
    }  # fmt: skip
    answers = side_by_side(asked, _SIZES_LIMIT_S)
    hashes = {one.source: hash_of(one) for one in downloads}
    remember_bytes(
        cache, before, {key: size for source, size in answers.items() if isinstance(size, int) and (key := hashes[source])}
    )
    found = {**known, **answers}
    return [found.get(download.source, Unknown("not asked")) for download in downloads]


def _local_file(download: Download) -> dict[str, OfferedFile]:
    from envdoctor.system.index_pages import offered_file
    from envdoctor.system.indexes import local_path

    path = local_path(download.source)
    if path is None or not os.path.isfile(path):
        return {}
    name = os.path.basename(path)
    stated = next((archive.sha256 for archive in download.archives if archive.sha256), None)
    file = offered_file(
        name, download.source, os.path.dirname(path), size_bytes=os.path.getsize(path), sha256=stated or _sha256(path)
    )
    return {file_name_of(download.source): file} if file else {}


def _sha256(path: str) -> str:
    import hashlib

    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _page(name: str, index: str, settings: IndexSettings) -> Callable[[], tuple[OfferedFile, ...]]:
    return lambda: ask_project(index, name, settings)


def _length(source: str, settings: IndexSettings) -> Callable[[], int]:
    return lambda: file_bytes(source, settings)


def _archive(source: str, settings: IndexSettings) -> Callable[[], int]:
    return lambda: unpacked_bytes(source, settings)
