"""A pasted text → facts. What it does not say is Unknown; where it says two things, the heavier, then the later counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envdoctor.model.facts import Facts, Subject, Unknown
from envdoctor.model.variables import WATCHED
from envdoctor.reports.cleaning import clean_lines
from envdoctor.reports.commands import parse_commands, parse_variables
from envdoctor.reports.gathering_environment import gather_environment
from envdoctor.reports.gathering_gpus import gather_cudnns, gather_driver, gather_gpus, gather_toolkits
from envdoctor.reports.gathering_system import NOT_SAID, gather_cpu, gather_os, gather_tools
from envdoctor.reports.hardware_lines import gather_interconnect, gather_kernel_log
from envdoctor.reports.labelled import parse_labelled
from envdoctor.reports.nvidia_smi import parse_nvidia_smi
from envdoctor.reports.packages import parse_packages
from envdoctor.reports.prose import parse_prose
from envdoctor.reports.python_dicts import parse_dicts
from envdoctor.reports.python_session import parse_session
from envdoctor.reports.smi_csv import parse_smi_csv
from envdoctor.reports.stating import Stated
from envdoctor.reports.vendor_texts import parse_vendor_texts, with_cpu, with_gpus
from envdoctor.reports.windows_controllers import parse_controllers

PARSERS = (
    parse_prose,
    parse_labelled,
    parse_session,
    parse_commands,
    parse_variables,
    parse_packages,
    parse_smi_csv,
    parse_dicts,
    parse_controllers,
)


def read_report(text: str, name: str) -> tuple[Facts, tuple[str, ...]]:
    """The facts that a text states, and its lines as they were read, for the catalogue of messages."""
    lines = clean_lines(text)
    return facts_of(lines, name), lines


def facts_of(lines: Sequence[str], name: str) -> Facts:
    """The facts that cleaned lines state."""
    stated = [one for parse in PARSERS for one in parse(lines)]
    smi = parse_nvidia_smi(lines)
    texts = parse_vendor_texts(lines)
    interconnect = gather_interconnect(lines)
    return Facts(
        subject=Subject("report", name),
        os=gather_os(stated),
        container=NOT_SAID,
        limits=NOT_SAID,
        cpu=with_cpu(gather_cpu(stated), texts),
        memory=NOT_SAID,
        disks=NOT_SAID,
        driver=gather_driver(stated, smi),
        gpus=with_gpus(gather_gpus(stated, smi), texts),
        devices=NOT_SAID,
        toolkits=gather_toolkits(stated),
        cudnns=gather_cudnns(stated),
        tools=gather_tools(stated),
        variables=_variables(stated),
        environment=gather_environment(stated),
        interconnect=texts.interconnect or interconnect if isinstance(interconnect, Unknown) else interconnect,
        kernel_log=gather_kernel_log(lines),
        cloud=NOT_SAID,
        amd=texts.amd or NOT_SAID,
        intel=NOT_SAID,
        tpu=NOT_SAID,
    )


def _variables(stated: Sequence[Stated]) -> Mapping[str, str] | Unknown:
    """The variables that matter; that one is not stated does not mean that it is not set, which rules that need one know."""
    found = {one.topic.partition(".")[2]: one.value for one in stated if one.topic.startswith("variable.")}
    return {name: value for name, value in found.items() if name in WATCHED} or NOT_SAID
