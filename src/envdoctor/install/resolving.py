"""Asking the package manager which packages a plan's requirements come to, without installing any."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable

from envdoctor.errors import InstallFailed
from envdoctor.install.backends import Backend, environment_python, open_backend
from envdoctor.install.backends.pip import FAST
from envdoctor.install.bringing import bring_uv, modern_pip
from envdoctor.install.failures import cause_of
from envdoctor.install.resolution import only_added, parse_preview, parse_resolution
from envdoctor.install.unsolvable import unsolvable
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Download, Plan, Step
from envdoctor.model.record import record, replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.files import answering
from envdoctor.system.port import Output

Run = Callable[..., Output]
"""Runs a command, as `run_command` does."""
_NO_PARTS = ("405 Client Error", "501 Client Error", "405 Server Error", "501 Server Error")
"""A server that answers no HEAD, without which pip cannot read parts of a wheel; then it reads the whole one."""


@record
class Resolver:
    """What resolving works with."""

    backend: Backend
    settings: IndexSettings
    run: Run
    cache: str
    """Where tools that were brought along lie."""
    windows: bool = False


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
        upgrade=tuple(dict.fromkeys(name for step in installs for name in step.upgrade)),
        constraints=tuple(dict.fromkeys(path for step in installs for path in step.constraints)),
    )


def resolve(
    step: Step, backend: Backend, run: Run, cache: str, windows: bool, settings: IndexSettings | None = None
) -> tuple[Download, ...] | Unknown:
    """What the package manager would install; Unknown where it could only tell by downloading it all.

    Raises:
        Unsolvable: no set of packages meets the requirements.
        InstallFailed: the package manager failed for another reason.
    """
    return _resolve(step, Resolver(backend, settings or IndexSettings(), run, cache, windows))


def _resolve(step: Step, resolver: Resolver) -> tuple[Download, ...] | Unknown:
    pip_folder = None
    if resolver.backend.name == "pip":
        python = step.python or environment_python(step.environment, resolver.windows)
        found = modern_pip(python, resolver.cache, resolver.run)
        if isinstance(found, Unknown):
            other = _with_uv(resolver)
            return found if other is None else _resolve(step, other)
        pip_folder = found or None
    downloads = _written(step, resolver, pip_folder)
    preview = None if step.python or isinstance(downloads, Unknown) else resolver.backend.preview(step)
    if preview is None or isinstance(downloads, Unknown):
        return downloads
    previewed = resolver.run(preview)
    if previewed.status != 0:
        raise _failure(previewed, resolver, "what is to change could not be worked out")
    added = parse_preview(previewed.stderr + previewed.stdout)
    return only_added(_as_previewed(step, downloads, added, resolver), added)


def _with_uv(resolver: Resolver) -> Resolver | None:
    """The pip of an old Python could only tell by downloading everything; uv can tell for any, and pip does the installing."""
    uv = bring_uv(sys.executable, resolver.cache, resolver.run, fetch=not resolver.settings.offline)
    if isinstance(uv, Unknown):
        return None
    return replace(resolver, backend=open_backend("uv", resolver.windows, resolver.settings, uv.command))


def _as_previewed(step: Step, downloads: tuple[Download, ...], added: dict[str, str], resolver: Resolver) -> tuple[Download, ...]:
    """A lock knows nothing of what is installed, and may say other versions than come: then it is made once more, for those."""
    found = {download.name: download.version for download in downloads}
    if all(found.get(name) == version for name, version in added.items()):
        return downloads
    lines = tuple(f"{name}=={version}" for name, version in sorted(added.items()))
    try:
        again = _written(replace(step, requirements=lines), resolver, None)
    except InstallFailed:
        return downloads  # sizes stay unknown for those that differ
    return downloads if isinstance(again, Unknown) else again


def _written(step: Step, resolver: Resolver, pip_folder: str | None) -> tuple[Download, ...] | Unknown:
    backend, run = resolver.backend, resolver.run
    with (
        answering("temporary files"),
        tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True) as workspace,
    ):
        with open(os.path.join(workspace, "requirements.in"), "w", encoding="utf-8") as file:
            file.write("\n".join(step.requirements) + "\n")
        command = backend.resolve(step, workspace, pip_folder)
        output = run(command)
        if output.status != 0 and any(words in output.stderr for words in _NO_PARTS):
            output = run(replace(command, argv=tuple(word for word in command.argv if word != FAST)))
        written = os.path.join(workspace, backend.resolves_to)
        if output.status != 0 or not os.path.isfile(written):
            raise _failure(output, resolver, "no set of packages could be worked out")
        with open(written, encoding="utf-8") as file:
            text = file.read()
    try:
        return parse_resolution(backend.resolves_to, text)
    except ValueError as error:
        return Unknown(str(error))


def _failure(output: Output, resolver: Resolver, what: str) -> InstallFailed:
    cause = cause_of(output, resolver.backend.name)
    proven = unsolvable(output, f"{what}: {cause}; nothing was changed")
    return proven or InstallFailed(f"{what}: {cause}; nothing was changed")
