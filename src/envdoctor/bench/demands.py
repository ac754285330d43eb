"""Figures that a profile asks for, against those that were measured. Pure."""

from __future__ import annotations

from envdoctor.bench.figures import PARTS, Measured, Measurements
from envdoctor.model.figures import FIGURE_KEYS, lies_within
from envdoctor.model.profile import Profile
from envdoctor.model.record import record


@record
class Demand:
    """One demand, and what came of it."""

    key: str
    """`disk.read_mb_per_s`."""
    bounds: str
    met: bool | None
    """None where it could not be measured."""
    value: float | None
    reason: str = ""


def judge_demands(profile: Profile, measurements: Measurements) -> tuple[Demand, ...]:
    """Each demand; what was measured on several GPUs must be met by all of them."""
    return tuple(_judge(key, bounds, measurements) for key, bounds in profile.figures)


def asked_parts(profile: Profile) -> tuple[str, ...]:
    """The parts that a profile asks figures of; all of them where it asks for none."""
    asked = {FIGURE_KEYS[key].partition(".")[0] for key, _bounds in profile.figures}
    return tuple(part for part in PARTS if part in asked) or PARTS


def _judge(key: str, bounds: str, measurements: Measurements) -> Demand:
    name = FIGURE_KEYS[key]
    found = [one for one in measurements.figures if one.kind.name == name]
    told = [one for one in found if one.value is not None]
    failing = [one for one in told if one.value is not None and not lies_within(one.value, bounds)]
    excused = [one for one in failing if one.may_be_better]
    if told and failing == excused and excused:
        return Demand(key, bounds, None, excused[0].value, excused[0].may_be_better)
    if told:
        worst = min(one.value for one in failing or told if one.value is not None)
        return Demand(key, bounds, not failing, worst)
    return Demand(key, bounds, None, None, _why(name, found, measurements))


def _why(name: str, found: list[Measured], measurements: Measurements) -> str:
    if found:
        return found[0].reason
    part = name.partition(".")[0]
    reasons = [one.reason for one in measurements.figures if one.kind.part == part and one.reason]
    return reasons[0] if reasons else "it was not measured"
