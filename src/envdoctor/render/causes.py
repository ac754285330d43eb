"""Which findings are root causes, and which ones they explain."""

from __future__ import annotations

from envdoctor.model.findings import Finding, Severity


def root_causes(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that no finding before them explains, in their order."""
    roots: list[Finding] = []
    explained: set[str] = set()
    for finding in findings:
        if finding.rule not in explained:
            roots.append(finding)
        explained.update(name for name in finding.explains if name != finding.rule)
    return tuple(roots)


def consequences(cause: Finding, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that a cause explains, in their order."""
    return tuple(finding for finding in findings if finding.rule in cause.explains and finding.rule != cause.rule)


def of_severity(findings: tuple[Finding, ...], severity: Severity) -> tuple[Finding, ...]:
    """The findings of one severity."""
    return tuple(finding for finding in findings if finding.severity is severity)


def severity_of(finding: Finding) -> Severity:
    """Its severity, which the engine fills in; without one it counts as an error."""
    return finding.severity or Severity.ERROR
