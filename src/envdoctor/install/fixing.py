"""Repairing: remedies applied in one transaction, round after round, until nothing more can be cured."""

from __future__ import annotations

import os
from collections.abc import Callable

from envdoctor.errors import InstallFailed
from envdoctor.install.apply import Bench, new_errors, run_step_command
from envdoctor.install.backends import environment_python
from envdoctor.install.changes import Changes, compare_packages, packages_in
from envdoctor.install.planner.fixing import LeftAlone, Remedy
from envdoctor.install.provenance import Origin, installed_packages
from envdoctor.install.receipt import describe_plan, leave_receipt, make_receipt, read_receipt
from envdoctor.install.stopping import stoppable
from envdoctor.install.transaction import Transaction
from envdoctor.model.findings import Report, Severity
from envdoctor.model.plan import Plan, Step
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import record, replace
from envdoctor.system.port import SourceError
from envdoctor.system.writing import remove_tree, write_text
from envdoctor.verify.choosing import WORKLOADS, choose_workloads
from envdoctor.verify.running import TIME_LIMIT_S, Proof, run_workloads

ROUNDS = 5
"""So often the environment is looked at again: a cure may bring the next cause to light, but not without end."""


@record
class Repair:
    """What is done in one round, and what is not done."""

    plan: Plan
    remedies: tuple[Remedy, ...]
    left: tuple[LeftAlone, ...] = ()
    waiting: tuple[Remedy, ...] = ()


@record
class Surgery:
    """What repairing works with."""

    bench: Bench
    look: Callable[[tuple[Remedy, ...]], Report]
    """Examines the environment as it is now; variables that remedies changed count as they will be."""
    plan_next: Callable[[Report], Repair]
    tell_round: Callable[[Repair], None] = lambda _repair: None


@record
class Repaired:
    """What came of it."""

    rounds: tuple[Repair, ...]
    changes: Changes
    report: Report
    """The environment as it is now."""
    cured: tuple[Remedy, ...]
    remaining: tuple[LeftAlone, ...]
    proofs: tuple[Proof, ...] = ()


@record
class _Done:
    """Every round that was run, the report after the last, and what could still be planned by then."""

    rounds: tuple[Repair, ...]
    report: Report
    following: Repair
    failures: tuple[str, ...] = ()
    """Of builds: all that may fail without undoing the rest."""


def apply_repair(first: Repair, before: Report, surgery: Surgery) -> Repaired:
    """Apply the remedies, look again, and go on with what shows up then; all of it in one transaction.

    Raises:
        InstallFailed: nothing was cured, or something else broke; what was there before is there again.
        KeyboardInterrupt: Ctrl-C or SIGTERM; likewise.
    """
    plan, bench = first.plan, surgery.bench
    worked = {proof.name for proof in _prove(first, before, bench) if proof.passed}
    with stoppable(), Transaction(plan.environment, plan.profile, False, bench.tell_line) as transaction:
        origins = installed_packages(before.facts, earlier=_earlier(plan.environment))
        transaction.begin(origins)
        done = _run_rounds(first, surgery)
        report = done.report
        cured, lasting = _sorted(done.rounds, report)
        if not cured:
            why = done.failures[0] if done.failures else f"{lasting[0].rule} is still there"
            raise InstallFailed(f"nothing was cured: {why}")
        new = new_errors(before, report)
        if new:
            raise InstallFailed(f"repaired, but then {new[0].rule}: {new[0].title}")
        proofs = _prove(first, report, bench)
        broken = next((proof for proof in proofs if not proof.passed and proof.name in worked), None)
        if broken is not None:
            raise InstallFailed(f"repaired, but then {broken.name} does not work: {broken.detail}")
        changes = compare_packages(_sound_packages(before), _sound_packages(report))
        _leave(done, changes, proofs, origins, surgery.bench, transaction)
    return Repaired(done.rounds, changes, report, cured, _remaining(done, lasting), proofs)


def _earlier(environment: str) -> tuple[Origin, ...]:
    """Origins that an earlier receipt knows, and the packages themselves do not."""
    try:
        receipt = read_receipt(environment)
    except SourceError:  # nothing rests on it
        return ()
    return tuple(receipt["packages"]) if receipt else ()


def _leave(
    done: _Done, changes: Changes, proofs: tuple[Proof, ...], origins: tuple[Origin, ...], bench: Bench, transaction: Transaction
) -> None:
    """Put the receipt into the environment: what was repaired, in all rounds together.

    Raises:
        InstallFailed: it cannot be written.
    """
    first = done.rounds[0].plan
    plan = replace(first, steps=tuple(step for one in done.rounds for step in one.plan.steps))
    packages = installed_packages(done.report.facts, first.downloads, origins)
    receipt = make_receipt(
        plan,
        describe_plan(plan, bench.describe),
        changes,
        proofs,
        packages,
        origins,
        done.report.knowledge_date,
        transaction.journal.identity,
    )
    try:
        leave_receipt(plan.environment, receipt)
    except SourceError as error:
        raise InstallFailed(f"repaired, but the receipt could not be written: {error.reason}") from error


def _sound_packages(report: Report) -> dict[str, str]:
    """The packages, without what an interrupted install left behind."""
    return {name: version for name, version in packages_in(report.facts).items() if not name.startswith("~")}


def _run_rounds(first: Repair, surgery: Surgery) -> _Done:
    rounds, failures = [first], list[str]()
    tried = set(_signatures(first))
    while True:
        for step in rounds[-1].plan.steps:
            surgery.bench.tell_step(step)
            try:
                run_step(step, surgery.bench)
            except InstallFailed as failed:
                if not step.from_source:
                    raise
                surgery.bench.tell_line(str(failed))  # what could not be built has changed nothing
                failures.append(str(failed))
        applied = tuple(remedy for one in rounds for remedy in one.remedies)
        for edit in (edit for remedy in rounds[-1].remedies for edit in remedy.edits):
            _write(edit.path, edit.after)
        report = surgery.look(applied)
        following = surgery.plan_next(report)
        if not following.remedies or len(rounds) == ROUNDS or tried.issuperset(_signatures(following)):
            return _Done(tuple(rounds), report, following, tuple(failures))
        tried.update(_signatures(following))
        surgery.tell_round(following)
        rounds.append(following)


def run_step(step: Step, bench: Bench) -> None:
    """Run one step: commands, or the deletion of folders.

    Raises:
        InstallFailed: a command fails, or a folder cannot be deleted.
    """
    if step.action == "delete-folders":
        for path in step.requirements:
            _delete(path)
    for command in step.commands:
        run_step_command(step, command, bench)


def _delete(path: str) -> None:
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            remove_tree(path)
        elif os.path.lexists(path):
            os.unlink(path)
    except (SourceError, OSError) as error:
        raise InstallFailed(f"{path} cannot be deleted: {getattr(error, 'reason', None) or error}") from error


def _write(path: str, text: str) -> None:
    try:
        write_text(path, text)
    except SourceError as error:
        raise InstallFailed(f"{path} cannot be written: {error.reason}") from error


def _signatures(repair: Repair) -> tuple[tuple[object, ...], ...]:
    return tuple((one.rule, one.finding, one.title, one.lines, one.again, one.delete) for one in repair.remedies)


def _sorted(rounds: tuple[Repair, ...], report: Report) -> tuple[tuple[Remedy, ...], tuple[Remedy, ...]]:
    """Remedies whose finding is gone, and those whose finding is still there."""
    there = {(finding.rule, finding.title) for finding in report.findings}
    every = dict.fromkeys(remedy for one in rounds for remedy in one.remedies)
    cured = tuple(remedy for remedy in every if (remedy.rule, remedy.finding) not in there)
    return cured, tuple(remedy for remedy in every if (remedy.rule, remedy.finding) in there)


def _remaining(done: _Done, lasting: tuple[Remedy, ...]) -> tuple[LeftAlone, ...]:
    """What is still found, each with the reason why it was not cured."""
    tried = {(remedy.rule, remedy.finding) for remedy in lasting}
    known = {(one.rule, one.finding): one for one in done.following.left}
    found = []
    for finding in done.report.findings:
        key, severity = (finding.rule, finding.title), finding.severity or Severity.ERROR
        if key in known:
            found.append(known[key])
        elif severity is not Severity.INFO:
            failed = next((f"its fix failed: {one}" for one in done.failures), "its fix was applied, and did not cure it")
            reason = failed if key in tried else "there is nothing left to try"
            found.append(LeftAlone(finding.rule, finding.title, severity, reason, next(iter(finding.fixes), None)))
    return tuple(found)


def _prove(repair: Repair, report: Report, bench: Bench) -> tuple[Proof, ...]:
    """Let the frameworks that the environment holds compute, each in a fresh process."""
    names = packages_in(report.facts)
    frameworks = tuple(PackageRequirement(name, name) for name in sorted(names) if name in WORKLOADS)
    python = environment_python(repair.plan.environment, bench.windows)
    profile = bench.profile if bench.profile.packages else Profile("fix", "", packages=frameworks)
    workloads = choose_workloads(profile, frozenset(names), python, bench.device)
    return run_workloads(workloads, lambda command: bench.run(command, timeout_s=TIME_LIMIT_S))
