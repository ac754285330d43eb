"""Facts behind a label: environment scripts (`PyTorch version: 2.1.0`), bug report forms, tables, and lists that people write.

The scripts differ in little more than the words of their labels (reports/labels.py), so one parser reads them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.labels import LABELS, PACKAGE_LABELS
from envdoctor.reports.stating import FILLED_IN, MEASURED, Stated

_PAIR = re.compile(
    r"^[\s\-*•·+#>|`\[\]\"']*(?:\(?\d{1,2}[.)]\s+)?(?P<label>[^\W\d_][^:=|\n]{0,70}?)[\s*`\"']*(?::|=(?!=)|\|)\s*(?P<value>.*)$"
)
_LEADERS = re.compile(r"^\s*(?P<label>[A-Za-z][\w /.]{2,40}?)\s*\.{4,}\s*(?P<value>\S.*)$")
_RULER = re.compile(r"^[\s>]*-{4,}\s{2,}-{4,}\s*$")
_ROW = re.compile(r"^[\s>]*(?P<label>[A-Za-z][\w .,/()-]{0,40}?)\s{2,}(?P<value>\S.*)$")
_FIRST_ROW = re.compile(r"^[\s>]*OS\s{5,}(?:Windows|Linux|macOS|Darwin)-\S+$")
"""The first row of `yolo checks`, a table that has no ruler."""
_HEADING = re.compile(r"^\s*(?:[-*•]\s+)?(?:#{1,6}\s*|\*\*)(?P<label>[^:*#=|]{2,70}?)\s*[:*#?]*\s*$")
_BRACKETS = re.compile(r"\([^()]*\)")
_NOT_LETTERS = re.compile(r"[^a-z0-9\u4e00-\u9fff]+")
_SCRIPT = re.compile(r"^(PyTorch version|CUDA used to build PyTorch|Is debug build|Collecting environment information)\b", re.I)
_NUMBERED = re.compile(r"gpu(?: id)?(?: ?\d+)+|cuda:?\d+|device \d+ name")
_OFFERED = re.compile(r" - (?:third-party|distro) ")
"""A driver in the list of `ubuntu-drivers devices`: what could be installed."""
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_LISTED_GPU = re.compile(r"^\s*(?:GPU|GPU id|Device) ?\d+(?:,\d+)*\s*[:=]\s*(?P<name>.+)$", re.I)
_LISTED_CUDNN = re.compile(r"^\s*(?P<path>\S*cudnn\S*)\s*$", re.I)


def parse_labelled(lines: Sequence[str]) -> Iterator[Stated]:
    """Every labelled fact of a text."""
    weight = MEASURED if any(_SCRIPT.match(line.lstrip(" -*`")) for line in lines) else FILLED_IN
    ruled = False
    for place, line in enumerate(lines):
        ruled = not ruled if _RULER.match(line) else (ruled and bool(line.strip())) or _FIRST_ROW.match(line) is not None
        if not line:
            continue
        heading = _HEADING.match(line)
        if heading is not None:
            yield from _under(lines, place, heading["label"])
            continue
        pair = _LEADERS.match(line) or (_ROW.match(line) if ruled else None) or _PAIR.match(line)
        topic = topic_of(pair["label"]) if pair is not None else None
        if pair is None or topic is None:
            continue
        value = plain_value(pair["value"])
        if value and not _OFFERED.search(value):
            yield Stated(topic, value, place + 1, weight, "environment")
        if topic in {"gpu", "cudnn", "conda.virtual"}:
            yield from _following(lines, place, topic)


def topic_of(label: str) -> str | None:
    """What a label is about, without what stands in brackets if need be; None where nobody knows it."""
    spelled = _NOT_LETTERS.sub(" ", label.lower()).strip()
    if "(" in label and spelled not in LABELS and spelled not in PACKAGE_LABELS:
        spelled = _NOT_LETTERS.sub(" ", _BRACKETS.sub(" ", label.lower())).strip()
    package = PACKAGE_LABELS.get(spelled)
    if package is not None:
        return f"package.{package}"
    return "gpu" if _NUMBERED.fullmatch(spelled) else LABELS.get(spelled)


def plain_value(text: str) -> str:
    """A value without the quotes, brackets and marks around it."""
    return (
        text.strip().removeprefix("* ").removeprefix("- ").strip("`*\"'|,;").strip().removeprefix("[").removesuffix("]").strip()
    )


def _under(lines: Sequence[str], place: int, label: str) -> Iterator[Stated]:
    """What a form holds under a heading: the first lines there are, of which a few count, up to an empty one."""
    topic = topic_of(label)
    if topic is None:
        return
    taken = 0
    for offset, line in enumerate(lines[place + 1 : place + 12], start=place + 2):
        if _HEADING.match(line) or taken == 3 or (taken and not line.strip()):
            return
        value = plain_value(line)
        if value and not _FENCE.match(line) and value.lower() not in {"_no response_", "no response", "n/a", "none"}:
            taken += 1
            yield Stated(topic, value, offset, FILLED_IN, "form")


def _following(lines: Sequence[str], place: int, topic: str) -> Iterator[Stated]:
    """The lines of a list under its label: GPUs one by one, files of cuDNN, virtual packages of conda."""
    pattern = {"gpu": _LISTED_GPU, "cudnn": _LISTED_CUDNN}.get(topic, re.compile(r"^\s*(__\S+)\s*$"))
    for offset, line in enumerate(lines[place + 1 : place + 40], start=place + 2):
        match = pattern.match(line)
        if match is None:
            return
        if topic != "gpu":  # a listed GPU has a label of its own
            yield Stated(topic, match[1], offset, MEASURED, "environment")
