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
    yield Line(((subject + told, "strong"), (f"  {details}" if details else "", "dim")))
    for device in dict.fromkeys(result.device for result in results):
        yield plain(f"on {device}" if device != "auto" else "on no device yet", "dim", 2)
        width = max(len(result.workload) for result in results) + 2
        for result in (result for result in results if result.device == device):
            yield from _result_lines(result, width, verbose)


def _result_lines(result: Result, width: int, verbose: bool) -> Iterator[Line]:
    mark, style = _MARKS[result.status]
    lead = (mark + result.workload.ljust(width), style if result.status == FAILED else "")
    if result.status == PASSED:
        yield Line(((figures(result), ""),), lead=lead, indent=2)
        return
    words = {SKIPPED: "skipped: ", IMPOSSIBLE: "not possible: "}.get(result.status, "")
    yield Line(((words + _shortened(result.reason), "dim" if result.status == SKIPPED else ""),), lead=lead, indent=2)
    if result.cause is not None:
        yield Line(((f"{result.cause.rule}", "strong"), (f": {result.cause.title}", "")), indent=width + 4)
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
