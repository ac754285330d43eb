"""Shows what `verify` found out, in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envdoctor.cli.verifying import Wish
    from envdoctor.verify.results import Verification


def show_verification(verification: Verification, wish: Wish, said: dict[str, Any]) -> None:
    """Write it.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.output import write_text
    from envdoctor.cli.showing import show_document, show_lines

    facts = wish.facts
    if said["format"] == "json":
        from envdoctor.render.verify_document import verification_document

        document = verification_document(
            verification,
            subject={"kind": facts.subject.kind, "name": facts.subject.name},
            profile=wish.profile.word if wish.profile is not None else None,
            device=wish.device,
            level=wish.level,
            knowledge=wish.knowledge.date,
        )
        show_document(document, said["output"])
    elif said["format"] == "junit":
        from envdoctor.render.verify_junit import render_verification_junit

        write_text(render_verification_junit(verification), said["output"])
    else:
        from envdoctor.render.glance import environment
        from envdoctor.render.verify_text import verification_lines

        where = environment(facts.environment)
        show_lines(verification_lines(verification, where, wish.level, verbose=said["verbose"]), said["output"])
