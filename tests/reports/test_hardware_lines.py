"""Lines about hardware in reports."""

from __future__ import annotations

from envdoctor.engine import diagnose
from envdoctor.model.facts import Interconnect, KernelLog, Unknown
from envdoctor.reports.reading import read_report
from envdoctor.rules import load_rules
from tests.probes.test_smi_topology import MATRIX
from tests.rules.judging import knowledge

LOG = """\
> My training dies.
> ```
> [ 4711.1] NVRM: Xid (PCI:0000:9b:00): 31, pid=77, name=python, Ch 00000008, MMU Fault: ENGINE GRAPHICS
> [ 4712.1] NVRM: Xid (PCI:0000:9b:00): 94, pid=77, name=python, Contained
> ```
"""


def test_a_quoted_log() -> None:
    facts, _ = read_report(LOG, "a text")
    assert isinstance(facts.kernel_log, KernelLog)
    assert [(event.number, event.pci_address, event.time) for event in facts.kernel_log.events] == [
        (31, "0000:9b:00.0", "4711.1"), (94, "0000:9b:00.0", "4712.1"),
    ]  # fmt: skip
    found = diagnose(facts, None, knowledge(), load_rules(for_profile=False)).findings
    assert {(finding.rule, finding.severity.value) for finding in found if finding.severity} >= {
        ("gpu-xid-errors", "info"), ("gpu-xid-errors", "warning"),
    }  # fmt: skip


def test_a_matrix_of_links() -> None:
    facts, _ = read_report(f"Here it is:\n\n{MATRIX}", "a text")
    assert isinstance(facts.interconnect, Interconnect)
    assert isinstance(facts.interconnect.links, tuple)
    assert facts.interconnect.links[0].path == "NV18"


def test_a_text_about_something_else() -> None:
    facts, _ = read_report("It does not work.\n", "a text")
    assert isinstance(facts.kernel_log, Unknown)
    assert isinstance(facts.interconnect, Unknown)
