"""A plan, or the refusal of one, in the form that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.output import write_text
from envdoctor.errors import EXIT_FINDING

if TYPE_CHECKING:
    from envdoctor.cli.planning import Prepared
    from envdoctor.model.plan import Plan


def show_plan(prepared: Prepared, said: dict[str, Any]) -> int:
    """Show the plan or the refusal; the exit status.

    Raises:
        EnvdoctorError: the plan cannot be put in that form.
    """
    from functools import partial

    from envdoctor.cli.showing import show_document, show_layout
    from envdoctor.model.plan import Refusal
    from envdoctor.render.plan_json import plan_document, refusal_document
    from envdoctor.render.plan_text import render_refusal

    outcome, output = prepared.outcome, said["output"]
    if isinstance(outcome, Refusal):
        if said["format"] == "json":
            show_document(refusal_document(outcome), output)
        else:
            # a file that a tool is to read stays as it was: what is said here is no plan
            show_layout(partial(render_refusal, outcome, explain=said.get("explain", False)), output if _is_text(said) else None)
        return EXIT_FINDING
    if said["format"] == "json":
        show_document(plan_document(outcome), output)
    else:
        write_text(emitted(outcome, prepared, said), output)
    return 0


def emitted(plan: Plan, prepared: Prepared, said: dict[str, Any]) -> str:
    """The plan as a text.

    Raises:
        EnvdoctorError: the plan cannot be put in that form.
    """
    from envdoctor.cli.planning import plan_text

    form = said["format"]
    if form == "sh":
        from envdoctor.render.plan_text import render_script

        return render_script(plan)
    if form == "pylock":
        from envdoctor.render.plan_lock import render_lock

        return render_lock(plan)
    if prepared.offers is None or form == "text":
        return plan_text(plan, said)
    if form == "requirements":
        from envdoctor.render.plan_requirements import render_requirements

        return render_requirements(plan, prepared.offers.settings)
    if form == "conda":
        from envdoctor.render.plan_conda import render_environment

        return render_environment(plan, prepared.offers.settings)
    from envdoctor.cli.imaging import dockerfile_text

    return dockerfile_text(plan, prepared, said)


def _is_text(said: dict[str, Any]) -> bool:
    return bool(said["format"] == "text")
