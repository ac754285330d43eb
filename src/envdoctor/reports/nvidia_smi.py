"""Output of nvidia-smi anywhere in a report: table, `-L`, `-q`, `-q -x`, error lines; the parsers are those of the probes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import dedent

from envdoctor.model.facts import Gpu, Unknown
from envdoctor.model.record import replace
from envdoctor.probes.nvidia_smi import SmiReport, UnreadableSmi, parse_smi_text, parse_smi_xml
from envdoctor.reports.prose import uncut_name

_CUT = re.compile(r"^\|\s*(?P<index>\d+)\s+(?P<name>\S.*?)[ -]*\.\.\.\s", re.MULTILINE)
_DECORATION = re.compile(r"^[\s>*`-]*(?=\|)")


def parse_nvidia_smi(lines: Sequence[str]) -> SmiReport | None:
    """What nvidia-smi says in a text; None where it says nothing."""
    text = "\n".join(_DECORATION.sub("", line) for line in _without_gaps(lines))
    for piece, parse in ((_xml(text), parse_smi_xml), (_log(lines), parse_smi_text), (text, parse_smi_text)):
        if piece:
            try:
                return _with_names(parse(piece), text)
            except UnreadableSmi:
                continue
    return None


def _without_gaps(lines: Sequence[str]) -> list[str]:
    """The lines with one empty line at most between them: of long logs most are emptied."""
    return [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]


def _xml(text: str) -> str:
    """The XML of `-q -x`, if it is whole."""
    start, end = text.find("<nvidia_smi_log"), text.find("</nvidia_smi_log>")
    return text[start : end + len("</nvidia_smi_log>")] if 0 <= start < end else ""


def _log(lines: Sequence[str]) -> str:
    """The text of `-q`, without the indentation that quoting gave it."""
    start = next((place for place, line in enumerate(lines) if "NVSMI LOG" in line), None)
    if start is None:
        return ""
    end = next((place for place, line in enumerate(lines[start:], start) if line.lstrip().startswith("```")), len(lines))
    return dedent("\n".join(lines[start:end]))


def _with_names(report: SmiReport, text: str) -> SmiReport:
    """Names that the table cut: what is left tells the GPU, unless it is the brand only."""
    if isinstance(report.gpus, Unknown):
        return report
    cut = {int(match["index"]): name for match in _CUT.finditer(text) if (name := uncut_name(match["name"])) is not None}
    return replace(report, gpus=tuple(_named(gpu, cut.get(gpu.index)) for gpu in report.gpus))


def _named(gpu: Gpu, name: str | None) -> Gpu:
    return replace(gpu, name=name) if isinstance(gpu.name, Unknown) and name is not None else gpu
