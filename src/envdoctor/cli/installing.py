"""The work of `install`: plan, ask, apply, show."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from envdoctor.cli.agreeing import ask, need_terminal
from envdoctor.cli.emitting import show_plan
from envdoctor.cli.foreseeing import foreseeing, note_question
from envdoctor.cli.output import show_notice, write_text
from envdoctor.cli.placing import environment_path
from envdoctor.cli.planning import Prepared, plan_text, prepare
from envdoctor.model.record import replace

if TYPE_CHECKING:
    from envdoctor.cli.progress import Progress
    from envdoctor.install.apply import Applied, Bench
    from envdoctor.install.early import Early
    from envdoctor.install.foreseeing import Foreseen
    from envdoctor.model.facts import Facts
    from envdoctor.model.plan import Plan


def install(said: dict[str, Any]) -> int:
    """Install what the command line asks for; the exit status.

    Raises:
        EnvdoctorError: bad input, or an install that failed and was undone.
        KeyboardInterrupt: Ctrl-C; what was there before is there again.
    """
    from envdoctor.install.stopping import stoppable
    from envdoctor.model.plan import Refusal

    if not (said["yes"] or said["dry_run"]):
        need_terminal()
    with stoppable(), ExitStack() as held:
        with _unchanged():
            if said["dry_run"]:
                with foreseeing(said) as foreseen:
                    prepared = prepare(said, foreseen.run if foreseen else None)
                return show_plan(prepared, said)
            with foreseeing(said, _read_ahead) as foreseen:  # before all else: from here on the index is waited for
                early = _begin(said, held, foreseen)
                prepared = prepare(said, foreseen.run if foreseen else None, early.begin if said["yes"] else lambda: None)
            note_question(said, prepared)
            if isinstance(prepared.outcome, Refusal):
                return show_plan(prepared, said)
            _agree(prepared.outcome, said)
            served = early if early.serves(prepared.outcome) else None
        applied = _apply(prepared, prepared.outcome, said, served)
        _show(prepared.outcome, applied, said)
    return 0


@contextmanager
def _unchanged() -> Iterator[None]:
    """Until a plan is carried out, an interruption has changed nothing, and says so."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt.args = interrupt.args or ("nothing was changed",)
        raise


def _agree(plan: Plan, said: dict[str, Any]) -> None:
    """Show the plan, and ask whether to go on unless that was said already.

    Raises:
        InstallFailed: the answer is not yes.
    """
    shown = plan_text(plan, {**said, "output": None}) + "\n"
    if said["format"] != "json":
        write_text(shown)
    if not said["yes"]:
        ask(shown if said["format"] == "json" else "")


def _begin(said: dict[str, Any], held: ExitStack, foreseen: Foreseen | None) -> Early:
    """Hold the environment's lock, put right what an install left that was cut off, and make an early beginning possible.

    Where nobody is asked about the plan, it is made as soon as the machine is found fit.

    Raises:
        EnvdoctorError: another install runs there, or what it left cannot be put right.
    """
    from envdoctor.install.early_build import EarlyBuild
    from envdoctor.install.early_twin import EarlyTwin
    from envdoctor.install.journal import recover
    from envdoctor.install.locking import alone

    profile, environment = _named(said)
    held.enter_context(alone(environment))
    recovered = recover(environment)
    if recovered:
        show_notice(f"an earlier install was cut off: {recovered}")
    is_there = os.path.isdir(environment)
    early: Early = EarlyTwin(environment, profile) if is_there else EarlyBuild(environment, profile, foreseen)
    return held.enter_context(early)


def _read_ahead() -> None:
    """Load what comes after the plan while the index is waited for: reading it takes as long as making the environment."""
    import envdoctor.install.apply
    import envdoctor.render.plan_json  # noqa: F401
    from envdoctor.rules import load_rules

    load_rules()


def _named(said: dict[str, Any]) -> tuple[str, str]:
    """The names of the profile and of the environment."""
    from envdoctor.profiles.loading import load_profile

    profile = load_profile(said["profile"]).name
    return profile, environment_path(said["env"], profile)


def _apply(prepared: Prepared, plan: Plan, said: dict[str, Any], early: Early | None) -> Applied:
    from envdoctor.cli.progress import open_progress
    from envdoctor.install.apply import apply_plan

    with open_progress(said["verbose"], quiet=said["format"] == "json") as progress:
        return apply_plan(plan, replace(_bench(prepared, progress, said), early=early))


def _bench(prepared: Prepared, progress: Progress, said: dict[str, Any]) -> Bench:
    from envdoctor.install.apply import Bench
    from envdoctor.render.plan_json import plan_document
    from envdoctor.rules import load_rules
    from envdoctor.system.runner import run_command

    target, knowledge = prepared.target, prepared.knowledge

    def aim(facts: Facts) -> Facts:
        if target is None:
            return facts
        from envdoctor.targets import apply_target

        return apply_target(facts, target, knowledge)

    assert prepared.backend is not None  # noqa: S101 - there is a plan, so there is a backend
    return Bench(
        system=prepared.system,
        run=run_command,
        backend=prepared.backend,
        profile=prepared.profile,
        knowledge=knowledge,
        rules=load_rules(),
        before=prepared.facts,
        aim=aim,
        device=_device(prepared),
        windows=sys.platform == "win32",
        keep_failed=said["keep_failed"],
        tell_step=progress.step,
        tell_line=progress.line,
        settings=None if prepared.offers is None else prepared.offers.settings,
        describe=plan_document,
    )


def _device(prepared: Prepared) -> str:
    """What the proof runs on: the GPU where the profile is for one and this machine is the one that it is for."""
    from envdoctor.install.planner.machine import needs_gpu
    from envdoctor.model.unknown import Unknown

    vendor = needs_gpu(prepared.profile)
    gpus = () if isinstance(prepared.facts.gpus, Unknown) else prepared.facts.gpus
    if prepared.target is not None or vendor is None or not any(gpu.vendor == vendor for gpu in gpus):
        return "cpu" if vendor else "auto"
    return "gpu"


def _show(plan: Plan, applied: Applied, said: dict[str, Any]) -> None:
    if said["format"] == "json":
        from envdoctor.cli.showing import show_document
        from envdoctor.render.plan_json import applied_document

        show_document(applied_document(plan, applied), said["output"])
        return
    from envdoctor.cli.showing import show_layout
    from envdoctor.render.applied_text import render_applied

    check: tuple[str, ...] = ("envdoctor", "check", said["profile"], "--python", plan.environment)
    check += ("--target", said["target"]) if said["target"] else ()
    text = render_applied(plan, applied, check, os.name == "nt", verbose=said["verbose"]) + _way_back(plan)
    show_layout(lambda _width: text, said["output"])


def _way_back(plan: Plan) -> str:
    """How it is undone, and what that keeps on the disk."""
    from envdoctor.install.rollback import kept_bytes
    from envdoctor.render.shell import command_line

    undo = command_line(("envdoctor", "rollback", "--env", plan.environment))
    if plan.creates_environment:
        return f"Undo it: {undo}\n"
    kept = kept_bytes(plan.environment)
    return f"Undo it: {undo} ({kept / (1 << 20):.1f} MiB are kept for that; --discard frees them)\n" if kept else ""
