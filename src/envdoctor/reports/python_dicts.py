"""Facts in a dictionary that Python printed on one line, as MMCV's `collect_env` gives it to those who print it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.model.record import replace
from envdoctor.reports.commands import parse_commands
from envdoctor.reports.labelled import topic_of
from envdoctor.reports.stating import MEASURED, Stated

_PAIR = re.compile(
    r"""['"](?P<label>[A-Za-z_][\w .,/()$-]{1,60})['"]: ?(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>\w+))"""
)
_ENOUGH = 4
"""From so many pairs on a line holds a dictionary and not an argument or two."""


def parse_dicts(lines: Sequence[str]) -> Iterator[Stated]:
    """Every fact of dictionaries on one line; values of several lines, whose ends stand escaped, are read as such."""
    for number, line in enumerate(lines, start=1):
        pairs = list(_PAIR.finditer(line)) if "': " in line or '": ' in line else []
        if len(pairs) < _ENOUGH:
            continue
        for pair in pairs:
            yield from _parse_pair(pair["label"], pair["single"] or pair["double"] or pair["bare"] or "", number)


def _parse_pair(label: str, value: str, number: int) -> Iterator[Stated]:
    topic = topic_of(label)
    if topic is not None and value.strip():
        yield Stated(topic, value.strip(), number, MEASURED, "environment")
    if "\\n" in value:
        yield from (replace(one, line=number) for one in parse_commands(value.split("\\n")))
