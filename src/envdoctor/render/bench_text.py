"""What the hardware delivers, for people."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.bench.demands import Demand
from envdoctor.bench.expecting import Judged
from envdoctor.bench.figures import PARTS, Measured
from envdoctor.bench.outcome import Outcome
from envdoctor.render.layout import BLANK, Line, plain

_HEADINGS = {"disk": "Disk", "memory": "Main memory", "cpu": "Processor", "loader": "Data loading", "gpu": "GPUs"}
_WORDS = {"good": "as it should be", "low": "low"}


def bench_lines(outcome: Outcome) -> Iterator[Line]:
    """Figures by part with their verdicts, then what the profile asked for."""
    for part in PARTS:
        figures = [one for one in outcome.judged if one.measured.kind.part == part]
        if figures:
            yield Line(((_HEADINGS[part], "strong"), (_place(part, outcome), "dim")))
            yield from _part(figures, outcome)
            yield BLANK
    for cause in outcome.conditions:
        yield Line(((cause[:1].upper() + cause[1:] + ".", ""),), lead=("• ", "warning"))
    yield from _demands(outcome.profile, outcome.demands)
    yield plain(f"Measured in {outcome.seconds:.0f} s.", "dim")


def number(value: float) -> str:
    """A figure with as many digits as it is good for: `13,204`, `952`, `38.1`, `0.71`."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _place(part: str, outcome: Outcome) -> str:
    if part == "disk":
        return f" {outcome.folder}{f', {outcome.disk_words}' if outcome.disk_words else ''}"
    if part == "gpu" and outcome.gpus:
        return " " + ", ".join(f"{index}: {name}" for index, name in outcome.gpus)
    return ""


def _part(figures: list[Judged], outcome: Outcome) -> Iterator[Line]:
    several = len(outcome.gpus) > 1
    reasons: dict[str, None] = {}
    for one in figures:
        measured = one.measured
        number_of = f"GPU {measured.gpu}: " if several and measured.gpu is not None else ""
        title = (number_of + measured.kind.title).ljust(30)
        if measured.value is None:
            yield Line(((f"not measured: {one.reason}", "dim"),), lead=(title, ""), indent=2)
            continue
        style = {"good": "good", "low": "error"}.get(one.verdict, "")
        amount = f"{_bound(measured) + number(measured.value):>10} {measured.kind.unit:<9}"
        yield Line(((amount, "strong"), (_spread(one), "dim"), (_verdict(one), style)), lead=(title, ""), indent=2)
        if one.verdict == "low":
            reasons.setdefault(f"{measured.kind.title} is low: {one.reason}.")
        elif one.verdict == "good" and one.peak is not None:
            reasons.setdefault(f"Peak: {one.peak.source}.")
    bound = next((one.measured.may_be_better for one in figures if one.measured.may_be_better), "")
    if bound:
        reasons.setdefault(f"What has ≥ or ≤ may be better than that: {bound}.")
    for reason in reasons:
        yield plain(reason, "" if "low:" in reason else "dim", 4)


def _bound(measured: Measured) -> str:
    """A sign before what is only a bound."""
    if not measured.may_be_better:
        return ""
    return "≤ " if measured.kind.is_cost else "≥ "


def _spread(one: Judged) -> str:
    spread = one.measured.spread_percent
    return f" ±{spread / 2:.0f}%" if spread is not None else ""


def _verdict(one: Judged) -> str:
    share = f" {100 * one.fraction:.0f}% of the peak" if one.fraction is not None else ""
    words = _WORDS.get(one.verdict, "")
    return f"{share}{',' if share and words else ''} {words}".rstrip() if share or words else ""


def _demands(profile: str | None, demands: tuple[Demand, ...]) -> Iterator[Line]:
    if profile is None:
        return
    yield Line(((f"What {profile} asks for", "strong"),))
    if not demands:
        yield plain("It asks for no figure; see docs/reference/profiles.md for those that it may.", "dim", 2)
    for one in demands:
        found = f"found {number(one.value)}" if one.value is not None else f"not measured: {one.reason}"
        found += f"; it may be better: {one.reason}" if one.value is not None and one.reason else ""
        mark = {True: ("✓ ", "good"), False: ("✗ ", "error"), None: ("? ", "warning")}[one.met]
        yield Line(((f"{one.key} {one.bounds}: {found}", ""),), lead=mark, indent=2)
    yield BLANK
