"""`envdoctor profiles test`: which profiles this machine can hold, by planning each."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from envdoctor.model.record import record, replace

if TYPE_CHECKING:
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import Facts
    from envdoctor.model.offers import Offers
    from envdoctor.model.plan import Plan, Refusal
    from envdoctor.model.profile import Profile
    from envdoctor.system.port import System

SCHEMA = "envdoctor.profiles-tested/1"


@record
class Tried:
    """A profile, and what planning it came to."""

    profile: Profile
    outcome: Plan | Refusal


def test_profiles(said: dict[str, Any]) -> int:
    """Plan every profile, or those that are named, and show which this machine can hold.

    Raises:
        BadInput: a profile that is named cannot be read, or an option is wrong.
    """
    from envdoctor.cli.showing import show_document, show_layout
    from envdoctor.render.plan_table import table_lines, tried_document

    tried = try_all(said)
    pairs = [(one.profile, one.outcome) for one in tried]
    if said["format"] == "json":
        show_document({"schema": SCHEMA, "profiles": tried_document(pairs)}, said["output"])
    else:
        show_layout(lambda width: "\n".join(table_lines(pairs, width)) + "\n", said["output"])
    return 0


def try_all(said: dict[str, Any]) -> list[Tried]:
    """Every profile with its plan or refusal: what the machine rules out costs no network, the rest asks indexes once."""
    from envdoctor.cli.planning import collect, planning_options
    from envdoctor.install.planner.refusing import refuse_machine
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.system.live import Live

    said = {"env": None, "python": None, "force": False, "prefer": "newest", "locked": None, "index_url": None, **said}
    said = {"pytorch_index": None, "backend": "auto", "find_links": [], "constraint": [], **said}
    knowledge, system, target = load_knowledge(), Live(), None
    if said["target"] is not None:
        from envdoctor.targets import parse_target

        target = parse_target(said["target"])
    profiles = _profiles(said["profiles"])
    environment = os.path.abspath(".venv-profile")
    _tell("looking at this machine")
    facts = replace(collect(system, environment, target, knowledge), environment=None)
    found: dict[str, Plan | Refusal] = {}
    for profile in profiles:
        options = planning_options(said, profile.name, environment, target is not None)
        refusal = refuse_machine(facts, profile, options, knowledge)
        if refusal is not None:
            found[profile.name] = refusal
    rest = [profile for profile in profiles if profile.name not in found]
    offers = _offers(said, system, rest, knowledge, facts, environment) if rest else None
    for number, profile in enumerate(rest, 1):
        _tell(f"{number} of {len(rest)}: {profile.name}")
        assert offers is not None  # noqa: S101 - there is a profile to plan, so there are offers
        found[profile.name] = _plan(said, system, profile, knowledge, facts, offers, environment)
    _tell("")
    return [Tried(profile, found[profile.name]) for profile in profiles]


def _profiles(names: list[str]) -> list[Profile]:
    from envdoctor.profiles.loading import list_profiles, load_profile

    return [load_profile(name) for name in names or [entry.name for entry in list_profiles() if entry.problem is None]]


def _offers(
    said: dict[str, Any], system: System, profiles: list[Profile], knowledge: Knowledge, facts: Facts, environment: str
) -> Offers:
    """What is on offer for all of them together."""
    from envdoctor.cli.planning import gather
    from envdoctor.install.planner.packages import pytorch_questions

    _tell("asking the package indexes")
    by_name = {package.name: package for profile in profiles for package in profile.packages}
    together = replace(profiles[0], packages=tuple(by_name.values()), backend=None)
    questions = dict.fromkeys(one for profile in profiles for one in pytorch_questions(profile, knowledge, facts))
    return gather(said, system, together, knowledge, facts, environment, tuple(questions))


def _plan(
    said: dict[str, Any], system: System, profile: Profile, knowledge: Knowledge, facts: Facts, offers: Offers, environment: str
) -> Plan | Refusal:
    """The plan; with `--resolve` as far as the package manager's own resolution, else by what is on offer."""
    from envdoctor.cli.conda_planning import with_conda
    from envdoctor.cli.planning import Prepared, measured, planning_options, tools_cache
    from envdoctor.errors import InstallFailed
    from envdoctor.install.planner import plan_install
    from envdoctor.model.plan import Refusal

    options = planning_options(said, profile.name, environment, said["target"] is not None)
    options = replace(options, offline=offers.settings.offline)
    known = with_conda(offers, said, system, profile, facts, tools_cache())
    outcome = plan_install(facts, profile, knowledge, known, options)
    if isinstance(outcome, Refusal) or not said.get("resolve"):
        return outcome
    try:
        return measured(Prepared(outcome, system, profile, knowledge, None, facts, known, None)).outcome
    except InstallFailed as error:
        return Refusal(profile.name, (str(error),))


def _tell(what: str) -> None:
    """One line on a terminal, overwritten by the next; nothing elsewhere."""
    if sys.stderr is not None and sys.stderr.isatty():
        from envdoctor.cli.speaking import spoken_text

        print(f"\r\x1b[2K{spoken_text(what)[:70]}", end="", file=sys.stderr, flush=True)
