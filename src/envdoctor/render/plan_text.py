"""Plans, refusals and outcomes → text for a terminal, shell scripts and requirements files."""

from __future__ import annotations

from collections.abc import Iterable

from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Download, Plan, Refusal
from envdoctor.model.unknown import Unknown
from envdoctor.render.shell import command_line
from envdoctor.render.words import counted, size

_LARGEST_SHOWN = 8


def render_plan(plan: Plan, width: int = 80, *, verbose: bool = False) -> str:
    """A plan for a person: what was chosen and why, what is run, how large it is, what to know beside."""
    made = "new environment" if plan.creates_environment else "change of the environment"
    lines = [f"{plan.profile}: {made} {plan.environment}", ""]
    lines += _choices(plan, width)
    lines += ["", "Steps"]
    for number, step in enumerate(plan.steps, 1):
        lines += wrapped(f"  {number}. ", f"{step.title}: {step.why}" if step.why else step.title, width)
        lines += [f"     asked for: {' '.join(step.requirements)}"] if step.requirements else []
        lines += [f"     $ {shell_line(command)}" for command in step.commands] if verbose else []
    lines += ["", *size_lines(plan, verbose)]
    if plan.unchanged:
        lines.append(f"{counted(len(plan.unchanged), 'package')} that are there stay as they are.")
    for note in plan.notes:
        lines += wrapped("Note: ", note, width)
    return "\n".join(lines).rstrip() + "\n"


def render_refusal(refusal: Refusal, width: int = 80) -> str:
    """Why not, and what instead."""
    lines = [f"{refusal.profile} cannot be installed here."]
    for reason in refusal.reasons:
        lines += wrapped("  - ", reason, width)
    if refusal.instead:
        lines.append("Instead:")
        for advice in refusal.instead:
            lines += wrapped("  ", advice, width)
    return "\n".join(lines) + "\n"


def render_script(plan: Plan) -> str:
    """A shell script that does what `install` would run, without its safety and verification."""
    lines = ["#!/bin/sh", f"# {plan.profile}: made by envdoctor plan --format sh", "set -eu"]
    for step in plan.steps:
        if step.commands:
            lines += ["", f"# {step.title}"]
            lines += [shell_line(command) for command in step.commands]
    return "\n".join(lines) + "\n"


def render_requirements(plan: Plan, settings: IndexSettings) -> str:
    """A requirements file that pip and uv read: every package pinned where the plan knows it, else what was asked for."""
    installs = [step for step in plan.steps if step.action == "install-packages"]
    indexes = dict.fromkeys(address for step in installs for address in (step.index, *step.extra_indexes) if address)
    places = dict.fromkeys((*(place for step in installs for place in step.find_links), *settings.find_links))
    lines = [f"# {plan.profile}: made by envdoctor plan --format requirements"]
    lines += [f"--index-url {settings.index_url}"] if "index_url" in settings.stated and "@" not in settings.index_url else []
    lines += [f"--extra-index-url {address}" for address in (*indexes, *settings.extra_index_urls) if "@" not in address]
    lines += [f"--find-links {place}" for place in places if "@" not in place]
    if isinstance(plan.downloads, Unknown) or not plan.downloads:
        lines += dict.fromkeys(line for step in installs for line in step.requirements)
    else:
        lines += [f"{download.name}=={download.version}" for download in plan.downloads]
    return "\n".join(lines) + "\n"


def shell_line(command: Command) -> str:
    """A command as a person would type it; secrets are left out."""
    return command_line(command.shown())


def size_text(size_bytes: int | Unknown) -> str:
    """Bytes as people say them; the reason where they are not known."""
    return f"unknown ({size_bytes.reason})" if isinstance(size_bytes, Unknown) else size(size_bytes)


def _choices(plan: Plan, width: int) -> Iterable[str]:
    name_width = max((len(choice.what) for choice in plan.choices), default=0)
    for choice in plan.choices:
        yield from wrapped(f"  {choice.what:<{name_width}}  ", f"{choice.value}  ({choice.reason})", width)


def size_lines(plan: Plan, verbose: bool) -> list[str]:
    """How much is fetched, and the largest parts of it."""
    lines = [f"Download: {size_text(plan.download_bytes)}; on disk: {size_text(plan.installed_bytes)}"]
    if isinstance(plan.downloads, Unknown):
        return lines
    if not plan.downloads and not plan.creates_environment:
        return ["Everything is there already."]
    ordered = sorted(plan.downloads, key=_size, reverse=True)
    shown = ordered if verbose else ordered[:_LARGEST_SHOWN]
    lines[0] = f"{counted(len(plan.downloads), 'package')}. {lines[0]}"
    lines += [f"  {download.name} {download.version}  {size_text(download.size_bytes)}" for download in shown]
    rest = len(ordered) - len(shown)
    return [*lines, *([f"  and {rest} more (-v lists all)"] if rest else [])]


def _size(download: Download) -> int:
    return 0 if isinstance(download.size_bytes, Unknown) else download.size_bytes


def wrapped(start: str, text: str, width: int) -> list[str]:
    """A text in lines of a width, the first behind `start` and the others below it."""
    import textwrap

    lines = textwrap.wrap(text, max(width - len(start), 20), break_long_words=False, break_on_hyphens=False) or [""]
    return [start + lines[0], *(" " * len(start) + line for line in lines[1:])]
