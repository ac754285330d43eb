"""Every rule has a test for each way in which it can end. Comes after the tables of this folder, which pytest runs by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.engine import judge
from envdoctor.model.facts import Facts
from envdoctor.model.findings import Case
from envdoctor.model.messages import Message
from envdoctor.rules import ALL, load_rule
from envdoctor.rules.joining import join_messages
from tests.rules.facts import UNKNOWN, environment, machine
from tests.rules.judging import FAIL, JUDGED, PASS, SKIP, expect, knowledge
from tests.rules.judging import UNKNOWN as UNDECIDED

SYMPTOMS = tuple(path for path in ALL if path.startswith("symptoms."))
ALONE_BY_MESSAGES = {path for path in SYMPTOMS if load_rule(path).judge.__code__.co_names[:1] == ("only_messages",)}
NEVER = {"profile.profile_retired": {PASS, UNDECIDED}, "profile.profile_figures_unmet": {PASS, FAIL}}
"""A profile is retired or it is not, and always known. How fast a machine is can only `bench` tell."""


@pytest.mark.parametrize("rule", ["loader.packages_share_files", "loader.standard_library_shadowed"])
def test_what_was_not_looked_at_or_is_not_there(rule: str) -> None:
    expect(rule, machine(environment=environment(faults=UNKNOWN)), UNDECIDED, "nobody looked")
    expect(rule, machine(environment=None), SKIP)


def test_variables_that_nobody_could_read() -> None:
    expect("loader.cuda_stub_library", machine(variables=UNKNOWN), UNDECIDED, "nobody looked")


@pytest.mark.parametrize("rule", sorted(ALONE_BY_MESSAGES))
def test_what_only_a_message_shows(rule: str) -> None:
    """Without a text, with a text that says nothing of it, and with a message that stands for it."""
    name = load_rule(rule).name
    rows = [row for group in knowledge().tables["messages"]["groups"] for row in group["rows"]]
    row = next(row for row in rows if row["rules"].split()[:1] == [name])
    expect(rule, machine(), SKIP, "only an error message shows it")
    expect(rule, machine(messages=()), SKIP, "no message in the text shows it")
    found = with_message(rule, machine(messages=(Message(row["key"], (name,), row["sure"], "as it is", 3, source="line 3"),)))
    assert found.verdict is FAIL
    (finding,) = found.findings
    assert finding.rule == name
    assert finding.confidence.value == row["sure"]
    assert finding.fixes
    assert finding.evidence[0].source == "line 3"


def with_message(rule: str, facts: Facts):  # type: ignore[no-untyped-def]
    case = Case(facts, knowledge())
    return join_messages(case, (judge(load_rule(rule), case),))[0]


def test_every_rule_was_seen_to_fail_pass_skip_and_be_undecided(request: pytest.FixtureRequest) -> None:
    here = Path(__file__).parent
    collected = {item.path for item in request.session.items}
    if request.config.option.keyword or not set(here.rglob("test_*.py")) <= collected:
        pytest.skip("only some of the rules' tests run")
    lacking = {}
    for path in set(ALL) - ALONE_BY_MESSAGES:
        missing = {FAIL, PASS, SKIP, UNDECIDED} - JUDGED.get(path, set()) - NEVER.get(path, set())
        if missing:
            lacking[path] = sorted(one.value for one in missing)
    assert not lacking
