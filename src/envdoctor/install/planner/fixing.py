"""From findings to remedies: what of a report can be repaired inside the environment, and what is left to a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from envdoctor.install.planner.fixing_words import Words, read_words
from envdoctor.model.facts import Package, PythonEnvironment, Unknown
from envdoctor.model.findings import Confidence, Finding, Fix, Report, Severity
from envdoctor.model.plan import Step
from envdoctor.model.record import record, replace

_PRIVILEGED = frozenset(
    {"sudo", "su", "doas", "apt", "apt-get", "dnf", "yum", "zypper", "pacman", "brew", "modprobe", "systemctl"}
)
_DEMANDER = re.compile(r"packages\[(.+)\]\.requires")


@record
class Edit:
    """A file of the environment that sets a variable, and what it is to hold instead."""

    path: str
    before: str
    after: str
    says: str
    """The line that is changed."""


@record
class Remedy:
    """A fix that changes nothing but the environment under examination."""

    rule: str
    finding: str
    """The finding's title."""
    title: str
    safe: bool
    severity: Severity = Severity.ERROR
    about: tuple[str, ...] = ()
    demanders: tuple[str, ...] = ()
    """The packages whose requirements it is to meet."""
    lines: tuple[str, ...] = ()
    """Requirements, to be resolved together with those of other remedies."""
    index: str | None = None
    """Where a framework's own builds come from."""
    remove: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    """Pins to install once more, whatever is there; what they require is left as it is."""
    build: tuple[str, ...] = ()
    """Pins to build here, against what is installed."""
    delete: tuple[str, ...] = ()
    """Folders inside the environment."""
    conda: tuple[tuple[str, ...], ...] = ()
    """What only conda can do, as the rule words it."""
    steps: tuple[Step, ...] = ()
    """The same in the words of the conda that is here."""
    profile: str | None = None
    """The profile whose packages are to be installed."""
    edits: tuple[Edit, ...] = ()
    variable: tuple[str, str] | None = None
    """A variable, and the value that it has once the edits are done and the environment is activated anew."""


@record
class LeftAlone:
    """A finding that is not repaired, with the reason and what a person can do."""

    rule: str
    finding: str
    severity: Severity
    reason: str
    fix: Fix | None = None
    shell: str = ""
    """The line to type into the shell, where that is the cure."""


@record
class Chosen:
    """What is repaired now and what is not; what follows from something else waits for the next look."""

    remedies: tuple[Remedy, ...] = ()
    left: tuple[LeftAlone, ...] = ()


def choose_remedies(
    report: Report, environment: PythonEnvironment, select: Collection[str] = (), unsafe: Collection[str] = ()
) -> Chosen:
    """One remedy for each cause: the first of its fixes that is safe, or that was named.

    `select`: only these rules, remarks among them. `unsafe`: rules whose fixes may be taken although they are not safe.
    """
    remedies: list[Remedy] = []
    left: list[LeftAlone] = []
    for place, finding in enumerate(report.findings):
        if select and finding.rule not in select:
            continue
        if finding.severity is Severity.INFO and finding.rule not in select:
            continue
        cause = None if finding.rule in select else _cause_of(finding, report.findings[:place])
        if cause is not None:
            left.append(_left(finding, f"it follows from {cause.rule}", None))
            continue
        chosen = _choose_fix(finding, environment, unsafe)
        if isinstance(chosen, LeftAlone):
            left.append(chosen)
        else:
            remedies.append(chosen)
    return Chosen(tuple(remedies), tuple(left))


def _cause_of(finding: Finding, before: tuple[Finding, ...]) -> Finding | None:
    """The finding that explains this one."""
    for cause in before:
        related = not cause.about or not finding.about or not set(cause.about).isdisjoint(finding.about)
        if cause.rule != finding.rule and finding.rule in cause.explains and related and cause.severity is not Severity.INFO:
            return cause
    return None


def _choose_fix(finding: Finding, environment: PythonEnvironment, unsafe: Collection[str]) -> Remedy | LeftAlone:
    if not finding.fixes:
        return _left(finding, "no cure for it is known", None)
    read = [read_fix(finding, fix, environment) for fix in finding.fixes]
    possible = [one for one in read if isinstance(one, Remedy)]
    for one in possible:
        if one.safe or finding.rule in unsafe:
            return one
    if possible:
        what = finding.fixes[read.index(possible[0])]
        return _left(finding, f"its fix is not safe in every case; to have it: --unsafe {finding.rule}", what)
    return next(one for one in read if isinstance(one, LeftAlone))


def read_fix(finding: Finding, fix: Fix, environment: PythonEnvironment) -> Remedy | LeftAlone:
    """A fix as what is to be done inside the environment; else why it cannot be done there."""
    if fix.variable is not None:
        return _left(finding, f"{fix.variable[0]} is set outside of the environment, where no program can change it", fix)
    words = [read_words(argv) for argv in fix.commands]
    stranger = next((argv for argv, read in zip(fix.commands, words, strict=True) if read is None), None)
    if stranger is not None:
        return _left(finding, _why_stranger(stranger), fix)
    if not fix.packages and not fix.remove and not words:
        return _left(finding, "it is nothing that can be repaired inside the environment", fix)
    remedy = _assembled(finding, fix, [one for one in words if one is not None], environment)
    outside = next(iter(_outside(remedy, environment)), None)
    return remedy if outside is None else _left(finding, outside, fix)


def _assembled(finding: Finding, fix: Fix, words: list[Words], environment: PythonEnvironment) -> Remedy:
    remove = (*fix.remove, *(name for one in words for name in one.remove))
    delete = tuple(path for one in words for path in one.delete)
    damaged = {package.name for package in _packages(environment) if package.path in delete}
    renewed = [line for line in fix.packages if name_of(line) in {*remove, *damaged}]
    remedy = Remedy(
        finding.rule,
        finding.title,
        fix.title,
        safe=False,
        severity=finding.severity or Severity.ERROR,
        about=finding.about,
        demanders=_demanders(finding),
        lines=(*(line for line in fix.packages if line not in renewed), *(line for one in words for line in one.lines)),
        index=fix.index,
        remove=remove,
        again=(*renewed, *(line for one in words for line in one.again)),
        build=tuple(line for one in words for line in one.build),
        delete=(*delete, *_without_record(environment, [name_of(line) for one in words for line in one.again])),
        conda=tuple(argv for one in words for argv in one.conda),
        profile=next((one.profile for one in words if one.profile), None),
    )
    return replace(remedy, safe=_is_safe(finding, fix, remedy))


def _without_record(environment: PythonEnvironment, names: Collection[str]) -> tuple[str, ...]:
    """Metadata that no package manager can uninstall, because its list of files is gone: it makes room for new one."""
    faults = () if isinstance(environment.faults, Unknown) else environment.faults
    unlisted = {name for fault in faults if fault.kind == "missing-record" for name in fault.packages if name in names}
    return tuple(package.path for package in _packages(environment) if package.name in unlisted and package.path)


def _demanders(finding: Finding) -> tuple[str, ...]:
    """Whose requirements a finding is about, by its evidence."""
    found = (_DEMANDER.fullmatch(one.fact) for one in finding.evidence)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def _is_safe(finding: Finding, fix: Fix, remedy: Remedy) -> bool:
    """What the rule calls safe, and what only puts back what is there already; nothing that is a mere possibility."""
    if finding.confidence is Confidence.POSSIBLE:
        return False
    puts_back = bool(remedy.again or remedy.build or remedy.delete or remedy.conda) and not any(
        line in remedy.lines for line in fix.packages
    )
    return fix.safe or puts_back


def _outside(remedy: Remedy, environment: PythonEnvironment) -> Iterator[str]:
    """Why a remedy would reach beyond the environment, if it would."""
    inside = f"{environment.prefix.rstrip('/')}/"
    for path in remedy.delete:
        if not path.startswith(inside) or "/../" in path:
            yield f"{path} lies outside of {environment.prefix}"
    touched = {*map(name_of, (*remedy.again, *remedy.build)), *remedy.remove}
    for package in _packages(environment):
        if package.name in touched and package.path and not package.path.startswith(inside):
            yield f"{package.name} lies outside of {environment.prefix} ({package.path})"


def _why_stranger(argv: tuple[str, ...]) -> str:
    if argv[0] in _PRIVILEGED:
        return "drivers and system packages are never changed by envdoctor"
    return "it lies outside of the environment"


def _left(finding: Finding, reason: str, fix: Fix | None) -> LeftAlone:
    return LeftAlone(finding.rule, finding.title, finding.severity or Severity.ERROR, reason, fix)


def _packages(environment: PythonEnvironment) -> tuple[Package, ...]:
    return () if isinstance(environment.packages, Unknown) else environment.packages


def name_of(line: str) -> str:
    """The normalized name at the start of a requirement line."""
    from packaging.utils import canonicalize_name

    end = next((place for place, mark in enumerate(line) if mark in "[<>=!~@ ;("), len(line))
    return str(canonicalize_name(line[:end]))
