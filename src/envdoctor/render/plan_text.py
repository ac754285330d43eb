"""Plans and refusals → text for a terminal, and shell scripts."""

from __future__ import annotations

from collections.abc import Iterable

from envdoctor.model.plan import Command, Derivation, Download, Plan, Refusal
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
    lines += _time(plan, width)
    for move in plan.moves:
        why = f"  ({move.because})" if move.because else ""
        lines += wrapped("  moves: ", f"{move.name} {move.before} -> {move.after}{why}", width)
    if plan.unchanged:
        what = f"{counted(len(plan.unchanged), 'package')} that are there stay as they are"
        lines += wrapped("", f"{what}: {', '.join(plan.unchanged)}" if verbose else f"{what}.", width)
    for derivation in plan.derivations:
        lines += _derivation(derivation, width)
    for note in plan.notes:
        lines += wrapped("Note: ", note, width)
    return "\n".join(lines).rstrip() + "\n"


def render_refusal(refusal: Refusal, width: int = 80, *, explain: bool = False) -> str:
    """Why not, and what instead; with `explain` the whole proof."""
    lines = [f"{refusal.profile} cannot be installed here."]
    for reason in refusal.reasons:
        lines += wrapped("  - ", reason, width)
    lines += _proof(refusal, width) if explain else []
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
            hidden = any(command.shown() != command.argv for command in step.commands)
            lines += ["# *** stands for a password, which is not written down: put it in here, or into .netrc"] if hidden else []
            lines += [shell_line(command) for command in step.commands]
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
    places = {download.index for download in plan.downloads if download.index}
    lines += [f"All of it from {places.pop()}."] if len(places) == 1 else []
    several = bool(places)
    lines += [f"  {one.name} {one.version}  {size_text(one.size_bytes)}{_from(one) if several else ''}" for one in shown]
    rest = len(ordered) - len(shown)
    return [*lines, *([f"  and {rest} more (-v lists all)"] if rest else [])]


def _from(download: Download) -> str:
    return f"  from {download.index}" if download.index else ""


def _time(plan: Plan, width: int) -> list[str]:
    """How long it takes, and what that rests on; nothing where it is not known, for sizes say why."""
    if isinstance(plan.expected, Unknown) or not any(step.commands for step in plan.steps):
        return []
    least, most = duration(plan.expected.least_s), duration(plan.expected.most_s)
    return wrapped("Time: ", f"{least} to {most} ({plan.expected.basis})", width)


def duration(seconds: int) -> str:
    """Seconds as people say them: `40 s`, `3 min`."""
    return f"{max(seconds, 1)} s" if seconds < 100 else f"{round(seconds / 60)} min"


def _derivation(derivation: Derivation, width: int) -> Iterable[str]:
    yield ""
    yield f"Why {derivation.name} {derivation.version}"
    for reason in derivation.because:
        yield from wrapped("  + ", reason, width)
    for exclusion in derivation.excluded:
        yield from wrapped("  - ", f"not {exclusion.what}: {exclusion.because}", width)


def _proof(refusal: Refusal, width: int) -> Iterable[str]:
    if refusal.proof:
        yield "Proof, step by step:"
    for number, exclusion in enumerate(refusal.proof, 1):
        yield from wrapped(f"  {number}. ", f"{exclusion.what}: {exclusion.because}", width)
    for derivation in refusal.derivations:
        yield from _derivation(derivation, width)


def _size(download: Download) -> int:
    return 0 if isinstance(download.size_bytes, Unknown) else download.size_bytes


def wrapped(start: str, text: str, width: int) -> list[str]:
    """A text in lines of a width, the first behind `start` and the others below it."""
    import textwrap

    lines = textwrap.wrap(text, max(width - len(start), 20), break_long_words=False, break_on_hyphens=False) or [""]
    return [start + lines[0], *(" " * len(start) + line for line in lines[1:])]
