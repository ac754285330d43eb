"""The short way to install what was resolved: pip gets a page of just those files, with their hashes; uv looks in its cache.

Resolving has asked the indexes already. Told only `--no-deps name==version ...`, pip would read the pages of every package
once more (for a hundred packages 8 to 16 s, most of it reading); from this page it takes the very files that the plan names.
uv would ask for every page whether it has changed since it was asked a moment ago (0.2 s of the 2 s that a hundred packages
from its cache take); where the cache lacks a file it says so in 0.04 s, before it has installed any, and goes the long way.
In the same run it puts pip into an environment that was just made.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from urllib.parse import urlsplit

from envdoctor.install.backends import Backend
from envdoctor.install.resolution import file_name_of
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Download, Plan, Step
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.files import answering
from envdoctor.system.port import Output

_NOT_IN_CACHE = ("network was disabled", "network connectivity is disabled")
"""What uv says with `--offline` where its cache lacks a page or a file."""
_REFUSED = ("401", "403", "404", "No matching distribution", "Could not find a version", "No such option", "no such option")
"""What pip says where a file is only given to those whom the index knows, or is not there any more."""


def puts_pip_later(step: Step, plan: Plan, backend: Backend, settings: IndexSettings | None) -> bool:
    """Whether the pip that comes after this step's first command is put there by the shortcut of the step that follows."""
    return bool(_pip_pins(step)) and any(_brings_pip(one, plan, backend, settings) for one in plan.steps)


def pip_commands(step: Step, plan: Plan, backend: Backend, settings: IndexSettings | None) -> tuple[Command, ...]:
    """What was put off so and must be run before the long way of this step."""
    if not _brings_pip(step, plan, backend, settings):
        return ()
    return tuple(command for one in plan.steps if _pip_pins(one) for command in one.commands[1:])


@contextmanager
def shortcut(step: Step, plan: Plan, backend: Backend, settings: IndexSettings | None) -> Iterator[Command | None]:
    """The command that takes the short way, while its page is there; None where there is no such way.

    Raises:
        SourceError: nothing can be written to the folder of temporary files.
    """
    if backend.name == "uv":
        yield _with_pip(_offline(step, plan, settings), step, plan)
        return
    links = _links(step, plan, settings) if backend.name == "pip" else ()
    if not links:
        yield None
        return
    with (
        answering("temporary files"),
        tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True) as folder,
    ):
        page = os.path.join(folder, "files.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(page_of(links))
        (command,) = backend.commands(replace(step, page=page))
        yield command


def is_refused(output: Output) -> bool:
    """Whether the long way may lead where the short one did not: it goes by the index, and shows what it is asked to show."""
    said = output.stderr + output.stdout
    if output.status == 0 or "do not match the hashes" in said.lower():
        return False
    return is_not_cached(output) or any(words in said for words in _REFUSED)


def is_not_cached(output: Output) -> bool:
    """Whether uv's cache lacks what it was asked for."""
    said = (output.stderr + output.stdout).lower()
    return output.status != 0 and any(words in said for words in _NOT_IN_CACHE)


def page_of(links: tuple[str, ...]) -> str:
    """A page of PEP 503."""
    anchors = (f'<a href="{escape(link)}">{escape(file_name_of(link.partition("#")[0]))}</a>' for link in links)
    return "<!DOCTYPE html><html><body>\n" + "\n".join(anchors) + "\n</body></html>\n"


def _offline(step: Step, plan: Plan, settings: IndexSettings | None) -> Command | None:
    """The command of uv that asks no network; None where it would not know what was resolved, or asks none anyway."""
    is_exact = step.action == "install-packages" and step.pins and not (step.lock_file or step.again or step.from_source)
    if settings is None or settings.offline or isinstance(plan.downloads, Unknown) or not is_exact or len(step.commands) != 1:
        return None
    (command,) = step.commands
    return from_cache(command, "install")


def from_cache(command: Command, verb: str) -> Command:
    """A command of uv that asks no network, only its cache."""
    after = command.argv.index(verb) + 1
    return replace(command, argv=(*command.argv[:after], "--offline", *command.argv[after:]))


def _brings_pip(step: Step, plan: Plan, backend: Backend, settings: IndexSettings | None) -> bool:
    """Whether it is the first install of a plan that makes an environment with a pip that Python brings along."""
    installs = [one for one in plan.steps if one.action == "install-packages"]
    is_first = backend.name == "uv" and installs[:1] == [step] and any(_pip_pins(one) for one in plan.steps)
    return is_first and _offline(step, plan, settings) is not None


def _with_pip(command: Command | None, step: Step, plan: Plan) -> Command | None:
    """The same with pip, but for what the step itself brings of it."""
    made = next((one for one in plan.steps if _pip_pins(one)), None)
    if command is None or made is None or step != next(one for one in plan.steps if one.action == "install-packages"):
        return command
    own = {pin.partition("==")[0] for pin in step.pins or ()}
    pins = tuple(pin for pin in _pip_pins(made) if pin.partition("==")[0] not in own)
    links = made.commands[1].argv.index("--find-links")
    return replace(command, argv=(*command.argv, *made.commands[1].argv[links : links + 2], *pins))


def _pip_pins(step: Step) -> tuple[str, ...]:
    """pip, and what comes along with it, as the last command of a step that makes an environment names them."""
    if step.action != "create-environment" or not step.pip_wheels or len(step.commands) != 2:
        return ()
    return tuple(word for word in step.commands[1].argv if "==" in word)


def _links(step: Step, plan: Plan, settings: IndexSettings | None) -> tuple[str, ...]:
    """The address of every file with its hash; nothing where one is not known, or is no wheel, or needs a password."""
    if settings is None or isinstance(plan.downloads, Unknown) or not step.pins or step.lock_file or step.again:
        return ()
    configured = (settings.index_url, *settings.extra_index_urls, *settings.find_links, *step.extra_indexes, step.index or "")
    if step.action != "install-packages" or any("@" in urlsplit(place).netloc for place in configured):
        return ()
    links = [_link(download) for download in plan.downloads]
    return tuple(links) if all(links) and len(links) == len(step.pins) else ()


def _link(download: Download) -> str:
    parts = urlsplit(download.source)
    found = next((archive.sha256 for archive in download.archives if archive.url == download.source and archive.sha256), None)
    is_wheel = parts.scheme in {"http", "https", "file"} and parts.path.endswith(".whl")
    return f"{download.source}#sha256={found}" if is_wheel and found else ""
