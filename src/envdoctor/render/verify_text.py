"""What verifying found out, for people: a table for each framework and device, then what failed and why."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.render.layout import BLANK, Line, Piece, plain
from envdoctor.render.words import counted, size
from envdoctor.verify.results import FAILED, IMPOSSIBLE, PASSED, SKIPPED, Result, Verification

_MARKS: dict[str, Piece] = {
    PASSED: ("✓ ", "good"), FAILED: ("✗ ", "error"), SKIPPED: ("- ", "dim"), IMPOSSIBLE: ("- ", "warning"),
}  # fmt: skip
_REASON_LIMIT = 300
_OUTPUT_LINES = 20


def verification_lines(verification: Verification, where: str, level: str, *, verbose: bool = False) -> Iterator[Line]:
    """The whole text.

    Args:
        verification: what to show.
        where: the environment.
        level: `quick`, `default`, `full`.
        verbose: with what failing programs printed.
    """
    yield Line((("envdoctor verify", "strong"), (f": {where}{'' if level == 'default' else f', {level}'}", "")))
    for subject in dict.fromkeys(result.subject for result in verification.results):
        yield BLANK
        yield from _subject_lines(verification, subject, verbose)
    yield BLANK
    yield from _closing(verification)


def _subject_lines(verification: Verification, subject: str, verbose: bool) -> Iterator[Line]:
    results = [result for result in verification.results if result.subject == subject]
    identity = next((one for one in verification.identities if one.subject == subject), None)
    told = f" {identity.version}" if identity is not None and identity.version else ""
    details = ", ".join(f"{name} {value}" for name, value in identity.details) if identity is not None else ""
    yield Line(((subject + told, "strong"), ("  " if details else "", ""), (details, "dim")))
    width = max(len(result.workload) for result in results) + 2
    for devices in _alike(results):
        yield plain(_heading(devices), "dim", 2)
        for group in _together([result for result in results if result.device == devices[0]]):
            if len(group) > 1:
                yield _skipped_line(group)
            else:
                yield from _result_lines(group[0], width, verbose)


def _heading(devices: list[str]) -> str:
    if devices == ["auto"]:
        return "on no device yet"
    return f"on {devices[0]}" if len(devices) == 1 else f"on {devices[0]} to {devices[-1]}, all alike"


def _alike(results: list[Result]) -> list[list[str]]:
    """The devices; those beside each other together that cannot be used for one reason: eight GPUs without a driver."""
    groups: list[list[str]] = []
    before: tuple[tuple[str, str, str], ...] = ()
    for device in dict.fromkeys(result.device for result in results):
        own = [result for result in results if result.device == device]
        outcome = tuple((one.workload, one.status, one.reason) for one in own if one.status != PASSED)
        is_unusable = any(one.workload == "device" and one.status == FAILED for one in own)
        if groups and is_unusable and outcome == before:
            groups[-1].append(device)
        else:
            groups.append([device])
        before = outcome
    return groups


def _together(results: list[Result]) -> Iterator[list[Result]]:
    """Each result; those beside each other that were left out for one reason together."""
    group: list[Result] = []
    for result in results:
        if group and (result.status not in (SKIPPED, IMPOSSIBLE) or _why(result) != _why(group[0])):
            yield group
            group = []
        group.append(result)
    if group:
        yield group


def _why(result: Result) -> tuple[str, str]:
    return result.status, result.reason


def _skipped_line(group: list[Result]) -> Line:
    names = ", ".join(result.workload for result in group)
    reason = _shortened(group[0].reason)
    is_skipped = group[0].status == SKIPPED
    words = (f"skipped: {reason}", "dim") if is_skipped else (f"not possible: {reason}", "")
    return Line(((f"{names}  ", ""), words), lead=(_MARKS[group[0].status][0], ""), indent=2)


def _result_lines(result: Result, width: int, verbose: bool) -> Iterator[Line]:
    mark, style = _MARKS[result.status]
    lead = (mark + result.workload.ljust(width), style if result.status == FAILED else "")
    if result.status == PASSED:
        yield Line(((figures(result), ""),), lead=lead, indent=2)
        return
    reason = _shortened(result.reason)
    words = {SKIPPED: f"skipped: {reason}", IMPOSSIBLE: f"not possible: {reason}"}.get(result.status, reason)
    yield Line(((words, "dim" if result.status == SKIPPED else "value"),), lead=lead, indent=2)
    if result.cause is not None:
        yield Line(((result.cause.rule, "name"), (": ", ""), (result.cause.title, "")), indent=width + 4)
        if result.cause.fix:
            yield Line(((result.cause.fix, ""),), lead=("Fix: ", "dim"), indent=width + 4)
    if verbose and result.status == FAILED:
        lines = [line for line in f"{result.output}\n{result.trace}".splitlines() if line.strip()]
        yield from (plain(line, "dim", width + 4) for line in lines[-_OUTPUT_LINES:])


def figures(result: Result) -> str:
    """Time, memory, loss, gradients, and what was computed."""
    parts = [f"{result.seconds:.1f} s" if result.seconds is not None else ""]
    parts.append(size(result.memory_bytes) if result.memory_bytes else "")
    if result.loss is not None:
        parts.append(f"loss {result.loss[0]:.3g} → {result.loss[1]:.3g}")
    if result.gradient_error is not None:
        parts.append(f"gradients within {result.gradient_error:.0e}")
    return ", ".join(part for part in (*parts, result.detail) if part)


def _closing(verification: Verification) -> Iterator[Line]:
    counts = {status: verification.count(status) for status in (PASSED, FAILED, SKIPPED, IMPOSSIBLE)}
    rest = ", ".join(
        f"{count} {word}"
        for count, word in ((counts[PASSED], "passed"), (counts[SKIPPED], "skipped"), (counts[IMPOSSIBLE], "not possible"))
        if count
    )
    if verification.verdict == FAILED:
        yield Line(
            ((f"{counted(counts[FAILED], 'failure')}; {rest or 'nothing else was tried'}.", "strong"),), lead=_MARKS[FAILED]
        )
        rules = tuple(dict.fromkeys(one.cause.rule for one in verification.results if one.cause is not None))
        if rules:
            yield plain(f"Next: {'; '.join(f'envdoctor explain {rule}' for rule in rules[:3])}; or: envdoctor check.")
        else:
            yield plain("Next: envdoctor check --deep; with what was printed: envdoctor verify -v.")
    elif verification.verdict == PASSED:
        yield Line(((f"It computes: {rest}.", "strong"),), lead=_MARKS[PASSED])
    elif verification.results:
        yield Line(((f"Nothing could be verified: {rest}.", "strong"),), lead=("? ", "warning"))
    else:
        yield Line(
            (("Nothing to verify: the environment holds nothing of what can be tried.", "strong"),), lead=("? ", "warning")
        )


def _shortened(text: str) -> str:
    """The first lines of an error, as one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any("Traceback" in line for line in lines[1:]):  # what went wrong in a worker process stands at its end
        lines = [lines[0], lines[-1]]
    flat = " ".join(" ".join(lines).split())
    return flat if len(flat) <= _REASON_LIMIT else f"{flat[: _REASON_LIMIT - 1]}…"
