"""From NVML's answers to the report, and from a recording of them to the same report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPORT = """
import json
from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts, Subject
from envdoctor.probes.accelerators import probe_hardware
from envdoctor.probes.kernel_log import probe_kernel_log
from envdoctor.probes.operating_system import probe_operating_system
from envdoctor.probes.variables import probe_variables
from envdoctor.rules import load_rules
from envdoctor.system.live import Live
from envdoctor.system.recorded import Recorded
from envdoctor.system.recorder import Recorder

def report(system):
    driver, gpus, devices, interconnect, *_ = probe_hardware(system)
    facts = Facts(Subject("live", "x"), os=probe_operating_system(system), driver=driver, gpus=gpus, devices=devices,
                  interconnect=interconnect, kernel_log=probe_kernel_log(system), variables=probe_variables(system))
    rules = [rule for rule in load_rules(for_profile=False) if rule.subject in ("gpu", "symptoms")]
    found = diagnose(facts, None, load_knowledge(shipped_only=True), rules)
    outcomes = {outcome.rule.name: [outcome.verdict.value, outcome.reason] for outcome in found.outcomes}
    return [[finding.rule, finding.title, list(finding.explains)] for finding in found.findings], outcomes

recorder = Recorder(Live())
live = report(recorder)
replayed = report(Recorded(json.loads(json.dumps(recorder.recording()))))
print(json.dumps([live, replayed]))
"""
CAP = "gpu-power-capped"
"""The stand-in's limit is 650.5 of 700 W."""


def _report(libraries: dict[bool, Path], scenario: str) -> tuple[list[tuple[str, str, list[str]]], dict[str, list[str]]]:
    variables = {**os.environ, "LD_LIBRARY_PATH": str(libraries[False]), "NVML_STANDIN": scenario}
    done = subprocess.run([sys.executable, "-c", REPORT], env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    live, replayed = json.loads(done.stdout)
    assert live == replayed
    findings, outcomes = live
    return findings, outcomes


@pytest.mark.parametrize(
    ("scenario", "first", "rules"),
    [
        ("healthy", "NVIDIA H100 80GB HBM3 is limited to 650.5 of 700 W", {CAP}),
        ("ecc", "GPU 2 (NVIDIA H100 80GB HBM3) has a fault of its hardware", {"gpu-hardware", "gpu-ecc-uncorrected", CAP}),
        ("remap-pending", "GPU 1 (NVIDIA H100 80GB HBM3) replaces bad rows", {"gpu-row-remap-pending", CAP}),
        ("remap-failed", "GPU 1 (NVIDIA H100 80GB HBM3) has a fault", {"gpu-hardware", "gpu-row-remap-failed", CAP}),
        ("nvlink", "GPU 5 (NVIDIA H100 80GB HBM3) has 17 of 18 NVLinks up", {"nvlink-down", "nvlink-errors", CAP}),
        ("mig", "GPU instance 5 of GPU 0 (NVIDIA H100 80GB HBM3) holds no", {"mig-mixed", "mig-misconfig", CAP}),
        ("lost", "A GPU is lost", {"gpu-hardware", CAP}),
        ("volta", "GPU 0 (NVIDIA H100 80GB HBM3) waits to retire pages", {"gpu-retired-pages", CAP}),
        ("throttled", "NVIDIA H100 80GB HBM3 is too hot", {"gpu-thermal-throttle", CAP}),
        ("vgpu", "The virtual GPU NVIDIA H100 80GB HBM3 is not licensed", {"vgpu-unlicensed", CAP}),
        ("replays", "NVIDIA H100 80GB HBM3 is limited", {"pcie-replays", CAP}),
    ],
)
def test_reports(libraries: dict[bool, Path], scenario: str, first: str, rules: set[str]) -> None:
    findings, outcomes = _report(libraries, scenario)
    found = {rule for rule, _, _ in findings}
    assert rules <= found
    assert found - rules <= {"gpu-xid-errors"}, "of this machine's own log, at most"
    assert findings[0][1].startswith(first)
    assert {name for name, (verdict, _) in outcomes.items() if verdict == "crash"} == set()


def test_what_could_not_be_asked_is_undecided(libraries: dict[bool, Path]) -> None:
    _, outcomes = _report(libraries, "mismatch")
    passed: dict[str, Any] = {name: verdict for name, (verdict, _) in outcomes.items() if verdict == "pass"}
    assert "gpu-ecc-uncorrected" not in passed
    assert "nvlink-down" not in passed
