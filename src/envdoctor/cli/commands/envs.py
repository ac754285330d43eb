"""`envdoctor envs`: the Python environments on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, IMAGE, IMAGE_NAME, OUTPUT, ROOTFS, Values

if TYPE_CHECKING:
    import typer

    from envdoctor.model.facts import Facts
    from envdoctor.render.envs_text import Row
    from envdoctor.system.port import System

HELP = """List the Python environments on this machine, their frameworks and their health.

Looks where tools put them: the working folder, virtualenvwrapper, pipx, uv, pyenv, conda, poetry, hatch, pipenv, /opt
and the system. No interpreter is started.

\b
Examples:
  envdoctor envs
  envdoctor envs --format json
"""
OPTIONS = (ROOTFS, IMAGE, IMAGE_NAME, FORMAT, OUTPUT)
ABOUT_ENVIRONMENTS = ("package", "loader")
"""Subjects of rules that judge an environment by itself."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "envs", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Find the environments and show them."""
    from envdoctor.cli.looking import open_subject
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.probes.environments_found import probe_environments
    from envdoctor.render.envs_text import envs_document, envs_lines

    said: dict[str, Any] = dict(values)
    system, _subject, _python = open_subject({name: said[name] for name in ("rootfs", "image", "image_name")})
    search = probe_environments(system)
    rows = _judged(system, search.environments)
    if said["format"] == "json":
        show_document(envs_document(rows, search.left_out), said["output"])
    else:
        show_lines(envs_lines(rows, search.left_out), said["output"])
    return 0


def _judged(system: System, found: tuple[Any, ...]) -> tuple[Row, ...]:
    """Each environment with what the rules about environments find in it; remarks are left out."""
    from envdoctor.engine import diagnose
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.model.findings import Severity
    from envdoctor.model.record import replace
    from envdoctor.render.envs_text import Row
    from envdoctor.rules import ALL, load_rule

    rules = [load_rule(path) for path in ALL if path.split(".")[0] in ABOUT_ENVIRONMENTS]
    knowledge, facts = load_knowledge(), _machine_facts(system)
    rows = []
    for one in found:
        report = diagnose(replace(facts, environment=one.environment), None, knowledge, rules)
        findings = tuple(finding for finding in report.findings if finding.severity is not Severity.INFO)
        rows.append(Row(one.prefix, one.found_by, one.is_active, one.environment, findings))
    return tuple(rows)


def _machine_facts(system: System) -> Facts:
    """What rules about environments ask of the machine."""
    from envdoctor.model.facts import Facts, Subject
    from envdoctor.probes.collecting import run_probes
    from envdoctor.probes.lanes import Probe
    from envdoctor.probes.operating_system import probe_operating_system
    from envdoctor.probes.variables import probe_variables

    probes = (Probe(("os",), probe_operating_system), Probe(("variables",), probe_variables))
    return Facts(subject=Subject("live", "this machine"), **run_probes(system, probes))
