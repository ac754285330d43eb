"""`envdoctor compat`: will these packages run there?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values
from envdoctor.model.record import replace

if TYPE_CHECKING:
    import typer

    from envdoctor.compat.answering import Compatibility

HELP = """Tell whether packages will run on a machine that you describe.

No machine is looked at and nothing is downloaded: the tables of the knowledge base say what each release is built for,
and the same rules judge it that judge a machine. Linux on x86_64 is supposed unless --target says otherwise; what it
does not say makes the answer unknown only where the answer hangs on it.

\b
Examples:
  envdoctor compat "torch==2.9.1" --target "gpu=Tesla V100,driver=535.104.05,glibc=2.31" --python 3.12
  envdoctor compat "jax[cuda12]" --target "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12"
  envdoctor compat torch --best --target "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12"

\b
Exit status:
  0  it works
  1  it fails; the output says why, and what would work
  2  bad input: a requirement or a target that cannot be read
  3  unknown: the answer hangs on what is not stated, or not in the knowledge base
"""
OPTIONS = (
    Option(
        "requirements", "arguments", 'What would be installed: "torch==2.9.1+cu128", "jax[cuda12]", "numpy<2".',
        metavar="REQUIREMENT", required=True,
    ),
    Option("target", "value", "The machine: gpu=NVIDIA H100,driver=550.54.15,...", ("--target",), "KEY=VALUE,..."),
    Option("python", "value", "Its Python, if --target does not say it.", ("--python",), "X.Y"),
    Option("best", "flag", "Find the newest version and build that works, and the command for it.", ("--best",)),
    FORMAT,
    OUTPUT,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "compat", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Judge, show the answer, and return the exit status of the contract."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.compat.answering import answer_question
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.render.compat_text import compat_document, compat_lines

    said: dict[str, Any] = dict(values)
    knowledge = load_knowledge()
    found = answer_question(knowledge, said["requirements"], said["target"], said["python"], best=said["best"])
    whole, commands = _with_commands(found)
    if said["format"] == "json":
        show_document(compat_document(whole, commands, knowledge.date), said["output"])
    else:
        show_lines(compat_lines(whole, commands, sought_best=said["best"]), said["output"])
    return found.exit_status


def answer_document(requirements: list[str], target: str | None, python: str | None, *, best: bool) -> dict[str, Any]:
    """The answer as `--format json` writes it.

    Raises:
        BadInput: a requirement or the target cannot be read.
    """
    from envdoctor.compat.answering import answer_question
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.render.compat_text import compat_document

    knowledge = load_knowledge()
    whole, commands = _with_commands(answer_question(knowledge, requirements, target, python, best=best))
    return compat_document(whole, commands, knowledge.date)


def _with_commands(found: Compatibility) -> tuple[Compatibility, tuple[tuple[str, ...], ...]]:
    """The answer with a command for every fix that names packages, and the commands for the best."""
    from envdoctor.cli.cures import filled_fix, package_commands

    facts = replace(found.answer.facts, environment=None)
    findings = tuple(
        replace(finding, fixes=tuple(filled_fix(fix, facts) for fix in finding.fixes)) for finding in found.answer.findings
    )
    commands = package_commands(found.best.fix, facts) if found.best is not None else ()
    return replace(found, answer=replace(found.answer, findings=findings)), commands
