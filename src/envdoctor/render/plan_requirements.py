"""A plan as a requirements file that pip and uv read: exact versions, and the hashes of the very files."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Download, Plan, Step
from envdoctor.model.unknown import Unknown


def render_requirements(plan: Plan, settings: IndexSettings) -> str:
    """The file: every package pinned where the plan knows it, else what was asked for."""
    installs = [step for step in plan.steps if step.action == "install-packages"]
    lines = [f"# {plan.profile}: made by envdoctor plan --format requirements"]
    lines += [f"# Python {plan.python}; pip install --require-hashes -r FILE"] if has_hashes(plan) and plan.python else []
    lines += source_lines(installs, settings)
    if isinstance(plan.downloads, Unknown) or not plan.downloads:
        lines += dict.fromkeys(line for step in installs for line in step.requirements)
        return "\n".join(lines) + "\n"
    missing = [download.name for download in plan.downloads if not hashes_of(download)]
    if missing:
        lines.append(f"# without hashes: no index states one of {', '.join(missing)}")
    lines += [line for one in pinned(plan) for line in _lines(one, plan, with_hashes=not missing)]
    return "\n".join(lines) + "\n"


def pinned(plan: Plan) -> tuple[Download, ...]:
    """What was resolved; empty where nothing could be."""
    return () if isinstance(plan.downloads, Unknown) else plan.downloads


def has_hashes(plan: Plan) -> bool:
    """Whether every package's hash is known."""
    return bool(pinned(plan)) and all(hashes_of(download) for download in pinned(plan))


def hashes_of(download: Download) -> tuple[str, ...]:
    """The hashes of all files that may be taken for a package; empty where one is not known."""
    found = [archive.sha256 for archive in download.archives]
    return () if not all(found) else tuple(dict.fromkeys(sha256 for sha256 in found if sha256))


def pin_of(download: Download, plan: Plan) -> str:
    """The line that stands for a package: as the plan itself installs it."""
    for step in plan.steps:
        for line in step.pins or ():
            if line.partition("=")[0].partition("@")[0].strip().lower() == download.name:
                return line
    return f"{download.name}=={download.version}"


def source_lines(installs: list[Step], settings: IndexSettings) -> Iterator[str]:
    """The places, as lines of a requirements file; those with a password are left to the reader's own configuration."""
    indexes = dict.fromkeys(address for step in installs for address in (step.index, *step.extra_indexes) if address)
    places = dict.fromkeys((*(place for step in installs for place in step.find_links), *settings.find_links))
    if "index_url" in settings.stated and is_shown(settings.index_url):
        yield f"--index-url {settings.index_url}"
    for address in dict.fromkeys((*indexes, *settings.extra_index_urls)):
        if is_shown(address):
            yield f"--extra-index-url {address}"
    for place in places:
        if is_shown(place):
            yield f"--find-links {place}"


def is_shown(address: str) -> bool:
    """Whether an address may be written down: not with a user name, a password or a key in it."""
    parts = urlsplit(address)
    return "@" not in parts.netloc and "=" not in parts.query and "\n" not in address


def _lines(download: Download, plan: Plan, *, with_hashes: bool) -> Iterator[str]:
    pin = pin_of(download, plan)
    hashes = hashes_of(download) if with_hashes else ()
    if not hashes:
        yield pin
        return
    yield f"{pin} \\"
    for sha256 in hashes[:-1]:
        yield f"    --hash=sha256:{sha256} \\"
    yield f"    --hash=sha256:{hashes[-1]}"
