"""What the hardware delivers, for programs."""

from __future__ import annotations

import json
from typing import Any

from envdoctor.bench.expecting import Judged
from envdoctor.bench.outcome import Outcome

SCHEMA = "envdoctor.bench/1"


def bench_document(outcome: Outcome) -> dict[str, Any]:
    """The whole, as JSON holds it."""
    return {
        "schema": SCHEMA,
        "verdict": outcome.verdict,
        "seconds": round(outcome.seconds, 1),
        "disk": {"path": outcome.folder, "kind": outcome.disk_words or None},
        "python": outcome.python,
        "gpus": [{"index": index, "name": name} for index, name in outcome.gpus],
        "figures": [_figure(one) for one in outcome.judged],
        "conditions": list(outcome.conditions),
        "profile": outcome.profile,
        "demands": [
            {"key": one.key, "bounds": one.bounds, "met": one.met, "value": one.value, "reason": one.reason or None}
            for one in outcome.demands
        ],
        "exit_status": outcome.exit_status,
    }


def render_bench_lines(outcome: Outcome) -> str:
    """One object a line: each figure, each demand, and a summary at the end."""
    document = bench_document(outcome)
    common = {"schema": SCHEMA, "profile": document["profile"]}
    lines = [{"type": "figure", **common, **one} for one in document["figures"]]
    lines += [{"type": "demand", **common, **one} for one in document["demands"]]
    rest = {key: value for key, value in document.items() if key not in {"figures", "demands"}}
    lines.append({"type": "summary", **rest})
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


def _figure(one: Judged) -> dict[str, Any]:
    measured, spread = one.measured, one.measured.spread_percent
    return {
        "figure": measured.kind.name,
        "unit": measured.kind.unit,
        "value": None if measured.value is None else _rounded(measured.value),
        "gpu": measured.gpu,
        "repeats": len(measured.values),
        "spread_percent": None if spread is None else round(spread, 1),
        "peak": None if one.peak is None else _rounded(one.peak.value),
        "peak_is_floor": None if one.peak is None else one.peak.is_floor,
        "peak_source": None if one.peak is None else one.peak.source,
        "fraction": None if one.fraction is None else round(one.fraction, 3),
        "verdict": one.verdict,
        "reason": one.reason or None,
        "may_be_better": measured.may_be_better or None,
        "how": measured.how or None,
    }


def _rounded(value: float) -> float:
    """Six digits that count."""
    return float(f"{value:.6g}")
