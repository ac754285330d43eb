"""Measuring a plan: the package manager says what it would install, indexes and archives say how large that is."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable

from envdoctor.errors import InstallFailed
from envdoctor.install.backends import Backend, environment_python
from envdoctor.install.backends.pip import FAST
from envdoctor.install.bringing import modern_pip
from envdoctor.install.failures import cause_of
from envdoctor.install.resolution import (
    estimated_bytes,
    file_name_of,
    only_added,
    parse_preview,
    parse_resolution,
    total,
    with_sizes,
)
from envdoctor.model.offers import IndexSettings, OfferedFile, Offers
from envdoctor.model.plan import Command, Download, Plan, Step
from envdoctor.model.record import record, replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.archive_sizes import file_bytes, unpacked_bytes
from envdoctor.system.copying import folder_size
from envdoctor.system.files import answering
from envdoctor.system.indexes import ask_project, side_by_side, without_credentials
from envdoctor.system.port import Output, SourceError

Run = Callable[[Command], Output]
_SIZES_LIMIT_S = 30.0
_NO_PARTS = re.compile(r"\b(405|501) (Client|Server) Error")
"""A server that answers no HEAD, without which pip cannot read parts of a wheel; then it reads the whole one."""
_ASK_ARCHIVE_ABOVE_BYTES = 1 << 20


@record
class Measured:
    """A plan with its sizes."""

    plan: Plan
    copy_bytes: int = 0
    """Of the environment that is changed."""


def measure_plan(plan: Plan, backend: Backend, offers: Offers, run: Run, cache: str, windows: bool) -> Measured:
    """Resolve a plan's requirements, without installing anything, and size what comes of it.

    Raises:
        InstallFailed: the package manager finds no set of packages that goes together, or cannot reach them.
    """
    step = resolve_step(plan)
    try:
        copy_bytes = 0 if plan.creates_environment else folder_size(plan.environment)
        downloads = resolve(step, backend, run, cache, windows)
    except SourceError as error:
        raise InstallFailed(f"no set of packages could be worked out: {error}; nothing was changed") from error
    except InstallFailed as error:
        if isinstance(offers.package_index, Unknown):
            index = without_credentials(offers.settings.index_url)
            raise InstallFailed(f"{error} (the package index {index}: {offers.package_index.reason})") from error
        raise
    if isinstance(downloads, Unknown):
        return Measured(replace(plan, downloads=downloads, download_bytes=downloads, installed_bytes=downloads), copy_bytes)
    sized = complete_sizes(downloads, offers.settings)
    unpacked = [estimated_bytes(*pair) for pair in zip(sized, _unpacked(sized, offers.settings), strict=True)]
    return Measured(
        replace(
            plan,
            downloads=sized,
            download_bytes=total([download.size_bytes for download in sized]),
            installed_bytes=total(unpacked),
        ),
        copy_bytes,
    )


def known_sum(downloads: tuple[Download, ...] | Unknown) -> int:
    """What is known of the size of all downloads: a lower bound."""
    if isinstance(downloads, Unknown):
        return 0
    return sum(download.size_bytes for download in downloads if not isinstance(download.size_bytes, Unknown))


def resolve_step(plan: Plan) -> Step:
    """All that a plan installs, as one step."""
    installs = [step for step in plan.steps if step.action == "install-packages"]
    creates = next((step for step in plan.steps if step.action == "create-environment"), None)
    requirements = dict.fromkeys(line for step in installs for line in step.requirements)
    indexes = [address for step in installs for address in (step.index, *step.extra_indexes) if address]
    return Step(
        "resolve",
        "Resolve",
        "",
        requirements=tuple(requirements),
        extra_indexes=tuple(dict.fromkeys(indexes)),
        find_links=tuple(dict.fromkeys(place for step in installs for place in step.find_links)),
        environment=plan.environment,
        python=creates.python if creates else "",
    )


def resolve(step: Step, backend: Backend, run: Run, cache: str, windows: bool) -> tuple[Download, ...] | Unknown:
    """What the package manager would install; Unknown where it could only tell by downloading it all."""
    pip_folder = None
    if backend.name == "pip":
        found = modern_pip(step.python or environment_python(step.environment, windows), cache, run)
        if isinstance(found, Unknown):
            return found
        pip_folder = found or None
    with (
        answering("temporary files"),
        tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True) as workspace,
    ):
        with open(os.path.join(workspace, "requirements.in"), "w", encoding="utf-8") as file:
            file.write("\n".join(step.requirements) + "\n")
        command = backend.resolve(step, workspace, pip_folder)
        output = run(command)
        if output.status != 0 and _NO_PARTS.search(output.stderr):
            output = run(replace(command, argv=tuple(word for word in command.argv if word != FAST)))
        written = os.path.join(workspace, backend.resolves_to)
        if output.status != 0 or not os.path.isfile(written):
            raise InstallFailed(f"no set of packages could be worked out: {cause_of(output, backend.name)}; nothing was changed")
        with open(written, encoding="utf-8") as file:
            text = file.read()
    try:
        downloads = parse_resolution(backend.resolves_to, text)
    except ValueError as error:
        return Unknown(str(error))
    preview = None if step.python else backend.preview(step)
    if preview is None:
        return downloads
    previewed = run(preview)
    if previewed.status != 0:
        raise InstallFailed(
            f"what is to change could not be worked out: {cause_of(previewed, backend.name)}; nothing was changed"
        )
    return only_added(downloads, parse_preview(previewed.stderr + previewed.stdout))


def complete_sizes(downloads: tuple[Download, ...], settings: IndexSettings) -> tuple[Download, ...]:
    """Look up, on the pages of the configured index, the sizes that the package manager did not state."""
    missing = [download for download in downloads if isinstance(download.size_bytes, Unknown)]
    files: dict[str, OfferedFile] = {}
    local = [download for download in missing if download.source.startswith("file:") or "://" not in download.source]
    for download in local:
        files.update(_local_file(download))
    names = sorted({download.name for download in missing if download not in local})
    pages = side_by_side({name: _page(name, settings) for name in names}, _SIZES_LIMIT_S)
    for page in pages.values():
        files.update({} if isinstance(page, Unknown) else {file.file_name: file for file in page})
    sized = with_sizes(downloads, files)
    asked = {
        download.source: _length(download.source, settings)
        for download in sized
        if isinstance(download.size_bytes, Unknown) and download.source.startswith("http")
    }
    lengths = side_by_side(asked, _SIZES_LIMIT_S)
    return tuple(
        replace(download, size_bytes=lengths[download.source]) if download.source in lengths else download for download in sized
    )


def _unpacked(downloads: tuple[Download, ...], settings: IndexSettings) -> list[int | Unknown]:
    """What archives state of themselves, the larger ones only."""
    asked = {
        download.source: _archive(download.source, settings)
        for download in downloads
        if isinstance(download.size_bytes, int) and download.size_bytes > _ASK_ARCHIVE_ABOVE_BYTES
        and download.source.endswith(".whl")
    }  # fmt: skip
    answers = side_by_side(asked, _SIZES_LIMIT_S)
    return [answers.get(download.source, Unknown("not asked")) for download in downloads]


def _local_file(download: Download) -> dict[str, OfferedFile]:
    from envdoctor.system.index_pages import offered_file
    from envdoctor.system.indexes import local_path

    path = local_path(download.source)
    if path is None or not os.path.isfile(path):
        return {}
    name = os.path.basename(path)
    file = offered_file(name, download.source, os.path.dirname(path), size_bytes=os.path.getsize(path))
    return {file_name_of(download.source): file} if file else {}


def _page(name: str, settings: IndexSettings) -> Callable[[], tuple[OfferedFile, ...]]:
    return lambda: ask_project(settings.index_url, name, settings)


def _length(source: str, settings: IndexSettings) -> Callable[[], int]:
    return lambda: file_bytes(source, settings)


def _archive(source: str, settings: IndexSettings) -> Callable[[], int]:
    return lambda: unpacked_bytes(source, settings)
