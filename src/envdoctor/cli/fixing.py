"""The work of `fix`: examine, choose remedies, plan, ask, apply, and look again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from envdoctor.cli.agreeing import ask, need_terminal
from envdoctor.cli.fixing_place import Place, find_place
from envdoctor.cli.fixing_show import show_nothing, show_repair, show_repaired
from envdoctor.cli.output import show_notice
from envdoctor.errors import EXIT_FINDING, EXIT_OK
from envdoctor.model.findings import Severity

if TYPE_CHECKING:
    from envdoctor.cli.progress import Progress
    from envdoctor.install.apply import Bench
    from envdoctor.install.fixing import Repair, Repaired
    from envdoctor.install.planner.fixing import Remedy
    from envdoctor.model.facts import Facts
    from envdoctor.model.findings import Report
    from envdoctor.model.offers import Offers
    from envdoctor.model.profile import Profile
    from envdoctor.system.port import System


def fix(said: dict[str, Any]) -> int:
    """Repair what the command line names; the exit status.

    Raises:
        EnvdoctorError: bad input, or a repair that failed and was undone.
        KeyboardInterrupt: Ctrl-C; what was there before is there again.
    """
    from envdoctor.install.journal import recover
    from envdoctor.install.locking import alone
    from envdoctor.install.stopping import stoppable

    if not (said["yes"] or said["dry_run"]):
        need_terminal()
    place = find_place(said)
    with stoppable():
        if said["dry_run"]:
            return Surgeon(said, place).work()
        with alone(place.prefix):
            recovered = recover(place.prefix)
            if recovered:
                show_notice(f"an earlier install was cut off: {recovered}")
            return Surgeon(said, place).work()


class Surgeon:
    """One run of `fix` on one environment."""

    def __init__(self, said: dict[str, Any], place: Place) -> None:
        """Prepare to look and to plan; nothing is asked yet."""
        from envdoctor.cli.checking import chosen_rules
        from envdoctor.knowledge.loading import load_knowledge
        from envdoctor.profiles.loading import load_profile
        from envdoctor.rules import load_rules

        self._said, self._place = said, place
        self._knowledge = load_knowledge()
        self._profile: Profile | None = load_profile(said["profile"]) if said["profile"] else None
        self._rules = load_rules()
        self._select = chosen_rules(said["select"], "--select")
        self._unsafe = chosen_rules(said["unsafe"], "--unsafe")
        self._target = self._read_target()
        self._offers: Offers | None = None

    def work(self) -> int:
        """Look, plan, ask, apply, show."""
        before = self.look()
        repair = self.plan(before)
        if not repair.remedies:
            return show_nothing(repair, before, self._said)
        shown = show_repair(repair, self._said, before.facts)
        if self._said["dry_run"]:
            return EXIT_OK
        if not self._said["yes"]:
            ask(shown if self._said["format"] == "json" else "")
        repaired = self._apply(repair, before)
        show_repaired(repaired, self._said, self._check_command())
        errors = any(finding.severity is Severity.ERROR for finding in repaired.report.findings)
        return EXIT_FINDING if errors else EXIT_OK

    def look(self, done: tuple[Remedy, ...] = ()) -> Report:
        """The environment as it is now, looked at in depth; variables that remedies changed count as they will be."""
        from envdoctor.engine import diagnose
        from envdoctor.model.facts import Subject
        from envdoctor.probes.collecting import collect_facts
        from envdoctor.system.overlaid import Overlaid

        variables = {remedy.variable[0]: remedy.variable[1] for remedy in done if remedy.variable is not None}
        system: System = Overlaid(self._place.system, variables) if variables else self._place.system
        facts = collect_facts(system, Subject("python", self._place.prefix), python=self._place.prefix, deep=True)
        return diagnose(self._aim(facts), self._profile, self._knowledge, self._rules)

    def plan(self, report: Report) -> Repair:
        """What is to be done about a report."""
        from envdoctor.cli.fixing_plan import Planning, plan_repair

        planning = Planning(
            said=self._said,
            system=self._place.system,
            knowledge=self._knowledge,
            profile=self._profile,
            select=self._select,
            unsafe=self._unsafe,
        )
        return plan_repair(report, planning)

    def _apply(self, repair: Repair, before: Report) -> Repaired:
        from envdoctor.cli.progress import open_progress
        from envdoctor.install.fixing import Surgery, apply_repair

        with open_progress(self._said["verbose"], quiet=self._said["format"] == "json") as progress:
            surgery = Surgery(self._bench(before, repair, progress), self.look, self.plan)
            return apply_repair(repair, before, surgery)

    def _bench(self, before: Report, repair: Repair, progress: Progress) -> Bench:
        from envdoctor.install.apply import Bench
        from envdoctor.install.backends import open_backend
        from envdoctor.model.offers import IndexSettings
        from envdoctor.model.profile import Profile
        from envdoctor.render.plan_json import plan_document
        from envdoctor.system.runner import run_command

        windows = sys.platform == "win32"
        return Bench(
            system=self._place.system,
            run=run_command,
            backend=open_backend(repair.plan.backend, windows, IndexSettings()),
            profile=self._profile or Profile("fix", ""),
            knowledge=self._knowledge,
            rules=self._rules,
            before=before.facts,
            aim=self._aim,
            device="cpu" if self._target is not None else "auto",
            windows=windows,
            tell_step=progress.step,
            tell_line=progress.line,
            describe=plan_document,
        )

    def _read_target(self) -> Any:
        if self._said["target"] is None:
            return None
        from envdoctor.targets import parse_target

        return parse_target(self._said["target"])

    def _aim(self, facts: Facts) -> Facts:
        if self._target is None:
            return facts
        from envdoctor.targets import apply_target

        return apply_target(facts, self._target, self._knowledge)

    def _check_command(self) -> tuple[str, ...]:
        said = self._said
        named = (said["profile"],) if said["profile"] else ()
        target = ("--target", said["target"]) if said["target"] else ()
        return ("envdoctor", "check", *named, "--python", self._place.prefix, *target)
