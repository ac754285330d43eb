"""The work of `check`: look, judge, show. Imported on the quick path: nothing heavy at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.cures import fill_commands
from envdoctor.cli.formats import read_also, show_report
from envdoctor.cli.looking import look
from envdoctor.cli.nearest import did_you_mean
from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.cli.options import Values
    from envdoctor.model.findings import Report
    from envdoctor.model.profile import Profile


def run_check(values: Values) -> int:
    """Check what the command line names, print the report, and return the exit status.

    Raises:
        BadInput: a rule, profile, target, interpreter, recording or output that is not as it should be.
    """
    said: dict[str, Any] = dict(values)
    also = read_also(said)
    said["keep"] = _history()
    report = make_report(said)
    show_report(report, said, also)
    if said["keep"] is not None:
        said["keep"].save()
    return report.exit_code


def _history() -> Any:
    """What keeps this look for `diff`, where the user wanted that."""
    from envdoctor.system.history import history_folder, is_on

    folder = history_folder()
    if not is_on(folder):
        return None
    from envdoctor.cli.keeping import Keeping

    return Keeping(folder)


def make_report(said: dict[str, Any]) -> Report:
    """Collect the facts and judge them."""
    from envdoctor.engine import Choices, diagnose
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.model.findings import Severity
    from envdoctor.rules import load_rules

    choices = Choices(
        fail_on=None if said["fail_on"] == "never" else Severity(said["fail_on"]),
        select=chosen_rules(said["select"], "--select"),
        ignore=chosen_rules(said["ignore"], "--ignore"),
        strict=said["strict"],
    )
    knowledge = load_knowledge()
    profile = _profile(said["profile"])
    facts = look(said, knowledge)
    rules = load_rules(for_profile=profile is not None, facts=facts)
    return fill_commands(diagnose(facts, profile, knowledge, rules, choices))


def chosen_rules(said: list[str], option: str) -> tuple[str, ...]:
    """The rules that `--select` or `--ignore` names: lists with commas, which may be repeated.

    Raises:
        BadInput: there is no such rule.
    """
    from envdoctor.rules import rule_names

    known = rule_names()
    names = tuple(name.strip() for part in said for name in part.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise BadInput(f"{option}: there is no rule {name!r}; {did_you_mean(name, known, 'see envdoctor rules')}")
    return names


def _profile(name: str | None) -> Profile | None:
    if name is None:
        return None
    from envdoctor.profiles.loading import load_profile

    return load_profile(name)
