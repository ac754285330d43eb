"""Asks nvidia-smi."""

from __future__ import annotations

import re

from envdoctor.model.facts import Gpu
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.nvidia_smi import SmiReport, UnreadableSmi, parse_smi_text, parse_smi_xml
from envdoctor.system.port import Output, SourceError, System

_LIMIT_S = 8.0


def run_smi(system: System, program: str) -> SmiReport | None:
    """What nvidia-smi tells; None where it does not run, or prints nothing of its own."""
    output = _run(system, (program, "-q", "-x"))
    if output is None:
        return None
    try:
        report = parse_smi_xml(output.stdout) if output.status == 0 else parse_smi_text(output.stdout + output.stderr)
    except UnreadableSmi:
        return None
    return _with_capabilities(system, program, report)


def _run(system: System, argv: tuple[str, ...]) -> Output | None:
    try:
        return system.run(argv, _LIMIT_S)
    except SourceError:
        return None


def _with_capabilities(system: System, program: str, report: SmiReport) -> SmiReport:
    """The compute capabilities, which the XML lacks; nvidia-smi prints them from driver 510 on."""
    output = _run(system, (program, "--query-gpu=compute_cap", "--format=csv,noheader"))
    if output is None or output.status != 0 or isinstance(report.gpus, Unknown):
        return report
    lines = output.stdout.splitlines()
    if len(lines) != len(report.gpus):
        return report
    return replace(report, gpus=tuple(_with_capability(gpu, line) for gpu, line in zip(report.gpus, lines, strict=True)))


def _with_capability(gpu: Gpu, line: str) -> Gpu:
    match = re.fullmatch(r"(\d{1,2})\.(\d)", line.strip())
    return replace(gpu, compute_capability=(int(match[1]), int(match[2]))) if match else gpu
