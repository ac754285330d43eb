"""The answer to whether packages run on a stated machine: as lines, and as the document of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from envdoctor import __version__
from envdoctor.model.facts import Facts, OperatingSystem, PythonEnvironment, Unknown
from envdoctor.model.findings import Finding, Severity
from envdoctor.render.causes import consequences, of_severity, root_causes
from envdoctor.render.finding_text import brief, full
from envdoctor.render.json_report import finding_document
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.shell import command_line
from envdoctor.render.words import listed

if TYPE_CHECKING:
    from envdoctor.compat.answering import Compatibility
    from envdoctor.compat.choosing import Chosen

SCHEMA = "envdoctor.compat/1"
Commands = tuple[tuple[str, ...], ...]
_MARKS = {"works": ("✓ ", "good"), "fails": ("✗ ", "error"), "unknown": ("? ", "warning")}
_WORDS = {"works": "Works", "fails": "Fails", "unknown": "Unknown"}


def compat_document(found: Compatibility, commands: Commands, date: str) -> dict[str, Any]:
    """The document; `commands` are those of the best."""
    answer, best = found.answer, found.best
    return {
        "schema": SCHEMA,
        "tool": {"version": __version__, "knowledge": date},
        "verdict": answer.verdict,
        "findings": [finding_document(finding) for finding in answer.findings],
        "undecided": [{"rule": rule, "reason": reason} for rule, reason in answer.undecided],
        "selected": [_chosen_document(one) for one in answer.chosen],
        "best": None
        if best is None
        else {
            "requirement": best.requirement,
            "index": best.index,
            "packages": list(best.packages),
            "commands": [list(argv) for argv in commands],
        },
    }


def _chosen_document(one: Chosen) -> dict[str, Any]:
    """What would be installed for a requirement; null where that could not be told."""
    release = one.release
    built = release is not None and release.flavour != "cpu"
    return {
        "requirement": one.asked.text,
        "name": one.asked.name,
        "version": str(one.installed_version) if one.installed_version is not None else None,
        "cuda": str(release.cuda)
        if built and release is not None and release.cuda is not None and not isinstance(release.cuda, Unknown)
        else None,
        "rocm": str(release.rocm) if release is not None and release.rocm is not None else None,
        "index": release.index if release is not None else None,
        "needed_by": one.needed_by or None,
    }


def compat_lines(found: Compatibility, commands: Commands, *, sought_best: bool = False) -> Iterator[Line]:
    """The verdict, what was judged, why, and what would work."""
    answer = found.answer
    wanted = listed([_named(one) for one in answer.chosen if not one.needed_by])
    yield Line(((f"{_WORDS[answer.verdict]}: ", "strong"), (wanted, "")), lead=_MARKS[answer.verdict])
    brought = [_named(one) for one in answer.chosen if one.needed_by]
    if brought:
        yield plain(f"With it come {listed(brought)}." if len(brought) > 1 else f"With it comes {brought[0]}.", indent=2)
    yield plain(f"On {_machine(answer.facts)}.", indent=2)
    yield from _finding_lines(answer.findings, _is_windows(answer.facts))
    if answer.undecided:
        yield BLANK
        yield plain("Could not be decided:", "strong")
        for reason, rules in _by_reason(answer.undecided).items():
            yield Line(((f"{reason} ", ""), (f"[{', '.join(rules)}]", "dim")), lead=("? ", "dim"))
    yield from _best_lines(found, commands, sought_best)


def _finding_lines(findings: tuple[Finding, ...], windows: bool) -> Iterator[Line]:
    """Causes that are errors in full; the rest in brief."""
    roots = root_causes(findings)
    for finding in of_severity(roots, Severity.ERROR):
        yield BLANK
        yield from full(finding, consequences(finding, findings), windows, every_fix=True)
    mild = [*of_severity(roots, Severity.WARNING), *of_severity(roots, Severity.INFO)]
    if mild:
        yield BLANK
    for finding in mild:
        yield from brief(finding, windows, with_fix=False)
        yield plain(finding.detail, "dim", indent=2)


def _by_reason(undecided: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for rule, reason in undecided:
        grouped.setdefault(reason, []).append(rule)
    return grouped


def _best_lines(found: Compatibility, commands: Commands, sought: bool) -> Iterator[Line]:
    if not sought:
        return
    yield BLANK
    if found.best is None:
        yield plain("Best: no release is known to work there.", "strong")
        return
    index = f" from {found.best.index}" if found.best.index else ""
    yield Line((("Best: ", "strong"), (f"{found.best.requirement}{index}", "")))
    yield BLANK
    for argv in commands:
        yield Line(((command_line(argv, _is_windows(found.answer.facts)), "command"),), whole=True)


def _named(one: Chosen) -> str:
    """A package with its version and, of a build for GPUs, what for."""
    if one.installed_version is None:
        return one.asked.text
    release = one.release
    extras = f"[{','.join(one.asked.extras)}]" if one.asked.extras else ""
    built = ""
    if release is not None and release.rocm is not None:
        built = f" (ROCm {release.rocm})"
    elif release is not None and release.flavour == "cuda" and release.cuda is not None and not isinstance(release.cuda, Unknown):
        built = f" (CUDA {release.cuda})"
    return f"{one.asked.name}{extras} {one.installed_version}{built}"


def _machine(facts: Facts) -> str:
    """The stated machine in a phrase."""
    parts = [*_system(facts), _python(facts), *_gpus(facts)]
    return ", ".join(part for part in parts if part)


def _system(facts: Facts) -> Iterator[str]:
    os = facts.os
    if not isinstance(os, OperatingSystem):
        return
    name = os.name if isinstance(os.name, str) else str(os.system)
    yield f"{name} ({os.machine})" if isinstance(os.machine, str) else name
    if os.system == "linux" and not isinstance(os.libc_version, Unknown) and os.libc_version is not None:
        yield f"glibc {os.libc_version}"


def _python(facts: Facts) -> str:
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.interpreter, Unknown):
        return ""
    supposed = " (supposed)" if environment.interpreter.source.startswith("supposed") else ""
    return f"Python {environment.interpreter.version}{supposed}"


def _gpus(facts: Facts) -> Iterator[str]:
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus
    if not gpus:
        yield "no GPU" if "gpus" in facts.targeted else "no GPU stated"
        return
    name = gpus[0].name if isinstance(gpus[0].name, str) else f"a GPU of {gpus[0].vendor}"
    yield f"{len(gpus)} × {name}" if len(gpus) > 1 else name
    driver = facts.driver
    if driver is not None and not isinstance(driver, Unknown):
        yield f"driver {driver.version}"


def _is_windows(facts: Facts) -> bool:
    return isinstance(facts.os, OperatingSystem) and facts.os.system == "windows"
