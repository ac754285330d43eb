"""Apply: run a plan inside a transaction, look again, verify, and only then let the outcome stay."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from envdoctor.engine import diagnose
from envdoctor.errors import InstallFailed
from envdoctor.install.backends import Backend, environment_python
from envdoctor.install.changes import Changes, compare_packages, packages_in
from envdoctor.install.early import Early
from envdoctor.install.failures import cause_of
from envdoctor.install.provenance import Origin, installed_packages
from envdoctor.install.receipt import describe_plan, leave_receipt, make_receipt, read_receipt
from envdoctor.install.shortcut import is_not_cached, is_refused, pip_commands, puts_pip_later, shortcut
from envdoctor.install.stopping import stoppable
from envdoctor.install.transaction import Transaction
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.findings import Finding, Report, Rule, Severity
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Plan, Step
from envdoctor.model.profile import Profile
from envdoctor.model.record import record, replace
from envdoctor.probes.collecting import collect_facts
from envdoctor.system.port import Output, SourceError, System, TimedOut
from envdoctor.verify.choosing import choose_workloads
from envdoctor.verify.running import TIME_LIMIT_S, Proof, run_workloads

_OF_THE_ENVIRONMENT = frozenset({"profile", "package", "framework", "python"})
"""Subjects of rules whose findings change with the environment."""


class Runner(Protocol):
    """What runs a command that changes something, as `system.runner.run_command` does."""

    def __call__(
        self, command: Command, *, on_line: Callable[[str], None] | None = None, timeout_s: float | None = None
    ) -> Output:
        """Run it to its end; lines of its output are told as they come."""


@record
class Bench:
    """What apply works with."""

    system: System
    run: Runner
    backend: Backend
    profile: Profile
    knowledge: object
    rules: tuple[Rule, ...]
    before: Facts
    """As they were planned with."""
    aim: Callable[[Facts], Facts]
    """Puts the target's word in place of the machine's."""
    device: str = "auto"
    """What workloads run on: `cpu`, `gpu`, `auto`."""
    windows: bool = False
    keep_failed: bool = False
    tell_step: Callable[[Step], None] = lambda _step: None
    tell_line: Callable[[str], None] = lambda _line: None
    settings: IndexSettings | None = None
    """Where packages come from; None where that is not known."""
    early: Early | None = None
    """What has been begun already, and serves the plan."""
    describe: Callable[[Plan], dict[str, Any]] | None = None
    """Words the plan for the receipt; as its fields stand where nobody does."""


@record
class Applied:
    """What came of a plan that was applied and stays."""

    changes: Changes
    proofs: tuple[Proof, ...]
    report: Report
    seconds: tuple[tuple[str, float], ...] = ()
    """How long each part took: `keep` (making it safe to change), `install` (what the package managers took), `look`,
    `verify`, `note`."""


def apply_plan(plan: Plan, bench: Bench) -> Applied:
    """Run the plan's steps, then look and verify; whatever fails, what was there before is there again.

    Raises:
        InstallFailed: it failed; the message says why, and what is there now.
        KeyboardInterrupt: Ctrl-C or SIGTERM; what was there before is there again.
    """
    if not plan.creates_environment and not any(step.commands for step in plan.steps):
        return _change(plan, bench)[0]  # all is there: nothing is copied, nothing is run but the proof
    keep_as = f"{plan.environment}.failed" if bench.keep_failed else None
    creates = plan.creates_environment
    with (
        stoppable(),
        Transaction(plan.environment, plan.profile, creates, bench.tell_line, keep_as, bench.early) as transaction,
    ):
        start = time.monotonic()
        before = packages_before(plan, bench)
        if not creates:
            bench.tell_step(Step("keep", "Put what is there aside", "so that it can be put back"))
        transaction.begin(before)
        kept = time.monotonic() - start
        with ThreadPoolExecutor(1) as aside:  # while the package manager works
            described = aside.submit(describe_plan, plan, bench.describe)
            applied, facts = _change(plan, bench, transaction)
        start = time.monotonic()
        _leave(plan, described.result(), transaction, applied, installed_packages(facts, plan.downloads, before), before)
        transaction.commit()
        return replace(applied, seconds=(("keep", kept), *applied.seconds, ("note", time.monotonic() - start)))


def _change(plan: Plan, bench: Bench, transaction: Transaction | None = None) -> tuple[Applied, Facts]:
    start = time.monotonic()
    for step in plan.steps:
        bench.tell_step(step)
        if bench.early is None or not bench.early.did(step):
            run_step_commands(step, plan, bench)
    installed = time.monotonic()
    if transaction is not None:
        transaction.settle()
    facts, report = examine(plan, bench)
    looked = time.monotonic()
    proofs = verify(plan, facts, bench)
    failed = next((proof for proof in proofs if not proof.passed), None)
    if failed is not None:
        raise InstallFailed(f"installed, but {failed.name} does not work: {failed.detail}")
    seconds = (("install", installed - start), ("look", looked - installed), ("verify", time.monotonic() - looked))
    return Applied(compare_packages(packages_in(bench.before), packages_in(facts)), proofs, report, seconds), facts


def packages_before(plan: Plan, bench: Bench) -> tuple[Origin, ...]:
    """What is installed, with origins and hashes; an earlier receipt knows origins that the packages themselves do not."""
    if plan.creates_environment:
        return ()
    try:
        receipt = read_receipt(plan.environment)
    except SourceError:  # it holds nothing that this depends on
        receipt = None
    return installed_packages(bench.before, earlier=tuple(receipt["packages"]) if receipt else ())


def _leave(
    plan: Plan,
    described: dict[str, Any],
    transaction: Transaction,
    applied: Applied,
    packages: tuple[Origin, ...],
    before: tuple[Origin, ...],
) -> None:
    """Put the receipt into the environment.

    Raises:
        InstallFailed: it cannot be written.
    """
    receipt = make_receipt(
        plan,
        described,
        applied.changes,
        applied.proofs,
        packages,
        None if plan.creates_environment else before,
        applied.report.knowledge_date,
        transaction.journal.identity,
    )
    try:
        leave_receipt(plan.environment, receipt)
    except SourceError as error:
        raise InstallFailed(f"installed, but the receipt could not be written: {error.reason}") from error


def run_step_commands(step: Step, plan: Plan, bench: Bench) -> None:
    """Run the commands of a step, by the shortcut where there is one.

    Raises:
        InstallFailed: one cannot be started, or ends with a status other than 0.
    """
    backend, settings = bench.backend, bench.settings
    if puts_pip_later(step, plan, backend, settings):
        run_step_command(step, step.commands[0], bench)
        return
    is_lacking = bench.early is not None and bench.early.lacks(plan)
    with shortcut(step, plan, backend, settings) as quick:
        if quick is not None and not is_lacking and _went_short(step, quick, bench):
            return
    has_pip = bench.early is not None and any(bench.early.did(one) for one in plan.steps)
    for command in (*(() if has_pip else pip_commands(step, plan, backend, settings)), *step.commands):
        run_step_command(step, command, bench)


def _went_short(step: Step, quick: Command, bench: Bench) -> bool:
    """Run the shortcut; False where the long way must be gone. What uv says of an empty cache is no news to anybody.

    Raises:
        InstallFailed: it failed, and so would the long way.
    """
    heard: list[str] = []
    output = _run(step, quick, replace(bench, tell_line=heard.append) if bench.backend.name == "uv" else bench)
    if is_not_cached(output):
        return False
    for line in heard:
        bench.tell_line(line)
    if is_refused(output):
        bench.tell_line("the files of the plan cannot be had directly; the indexes are asked again")
        return False
    _need_success(step, output, bench)
    return True


def run_step_command(step: Step, command: Command, bench: Bench) -> None:
    """Run one command of a step.

    Raises:
        InstallFailed: it cannot be started, or ends with a status other than 0.
    """
    _need_success(step, _run(step, command, bench), bench)


def _run(step: Step, command: Command, bench: Bench) -> Output:
    try:
        return bench.run(command, on_line=bench.tell_line)
    except TimedOut as error:
        raise InstallFailed(f"{step.title}: {bench.backend.name} did not end: {error.reason}") from error
    except SourceError as error:
        raise InstallFailed(f"{step.title}: {command.shown()[0]} cannot be run: {error.reason}") from error


def _need_success(step: Step, output: Output, bench: Bench) -> None:
    if output.status != 0:
        raise InstallFailed(f"{step.title}: {cause_of(output, bench.backend.name)}")


def examine(plan: Plan, bench: Bench) -> tuple[Facts, Report]:
    """Collect the facts again, in the environment as it is now, and judge them.

    Raises:
        InstallFailed: there is an error that was not there before.
    """
    subject = Subject("python", plan.environment)
    facts = bench.aim(collect_facts(bench.system, subject, python=plan.environment))
    report = diagnose(facts, bench.profile, bench.knowledge, bench.rules)
    before = diagnose(bench.before, bench.profile, bench.knowledge, bench.rules)
    new = new_errors(before, report)
    if new:
        raise InstallFailed(f"installed, but {new[0].rule}: {new[0].title}")
    return facts, report


def verify(plan: Plan, facts: Facts, bench: Bench) -> tuple[Proof, ...]:
    """Import and compute with what was installed, each in a fresh process."""
    python = environment_python(plan.environment, bench.windows)
    workloads = choose_workloads(bench.profile, frozenset(packages_in(facts)), python, bench.device)
    return run_workloads(workloads, lambda command: bench.run(command, timeout_s=TIME_LIMIT_S))


def new_errors(before: Report, after: Report) -> list[Finding]:
    """Errors that the install brought: of rules that had none before, or that now say something else of the environment.

    What was wrong with the machine already is no failure of the install, and neither is the room that it takes.
    """
    subjects = {outcome.rule.name: outcome.rule.subject for outcome in after.outcomes}
    failed = {finding.rule for finding in before.findings if finding.severity is Severity.ERROR}
    said = {(finding.rule, finding.title) for finding in before.findings}
    return [
        finding
        for finding in after.findings
        if finding.severity is Severity.ERROR
        and subjects[finding.rule] != "storage"
        and finding.rule != "profile-disk-unmet"
        and (
            finding.rule not in failed
            or (subjects[finding.rule] in _OF_THE_ENVIRONMENT and (finding.rule, finding.title) not in said)
        )
    ]
