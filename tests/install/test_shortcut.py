"""The short way to install with pip: a page of exactly the files that were resolved."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envdoctor.errors import InstallFailed
from envdoctor.install.apply import Bench, run_step_commands
from envdoctor.install.backends import open_backend
from envdoctor.install.shortcut import is_refused, page_of, shortcut
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Archive, Command, Download, Plan, Step
from envdoctor.model.profile import Profile
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.index_pages import parse_html
from envdoctor.system.indexes import ask_links
from envdoctor.system.live import Live
from envdoctor.system.port import Output

URL = "https://files.example/a/gadget-2.0%2Bcpu-py3-none-any.whl"
PLAIN = IndexSettings()
STEP = Step("install-packages", "Install", "", requirements=("gadget",), pins=("gadget==2.0+cpu",), environment="/e")
GADGET = Download("gadget", "2.0+cpu", 5, URL, (Archive(URL, "ab" * 32),))
PLAN = Plan("gadget", "/e", False, "pip", (), (STEP,), downloads=(GADGET,))


def words(plan: Plan = PLAN, step: Step = STEP, settings: IndexSettings | None = PLAIN, name: str = "pip") -> tuple[str, ...]:
    """The command line of the short way; empty where there is none."""
    with shortcut(step, plan, open_backend(name, False, PLAIN), settings) as command:
        return () if command is None else command.argv


def test_the_page_leads_to_the_files_with_their_hashes() -> None:
    with shortcut(STEP, PLAN, open_backend("pip", False, PLAIN), PLAIN) as command:
        assert command is not None
        page = command.argv[command.argv.index("--find-links") + 1]
        (file,) = ask_links(page, PLAIN)
        assert "--no-index" in command.argv
        assert command.argv[-2:] == ("--no-deps", "gadget==2.0+cpu")
    assert (file.url, str(file.version), file.sha256) == (URL, "2.0+cpu", "ab" * 32)
    assert not os.path.exists(page)


@pytest.mark.parametrize(
    "plan",
    [
        replace(PLAN, downloads=Unknown("not told")),
        replace(PLAN, downloads=(replace(GADGET, archives=(Archive(URL),)),)),
        replace(PLAN, downloads=(replace(GADGET, source=URL.replace(".whl", ".tar.gz")),)),
        replace(PLAN, downloads=(replace(GADGET, source=""),)),
        replace(PLAN, downloads=(GADGET, GADGET)),
    ],
    ids=["unknown", "no-hash", "source", "no-address", "more-than-pins"],
)
def test_no_short_way_without_every_file(plan: Plan) -> None:
    assert words(plan) == ()


def test_no_short_way_where_a_password_is_needed_or_another_step_is_meant() -> None:
    locked = replace(PLAIN, index_url="https://me:secret@host/simple")
    assert words(settings=locked) == ()
    assert words(settings=None) == ()
    assert words(step=replace(STEP, pins=None)) == ()
    assert words(step=replace(STEP, again=True)) == ()
    assert words(step=replace(STEP, lock_file="/lock.txt")) == ()


def with_uv(step: Step, plan: Plan = PLAN, settings: IndexSettings | None = PLAIN) -> tuple[str, ...]:
    """The same, of uv."""
    backend = open_backend("uv", False, PLAIN)
    return words(plan, replace(step, commands=backend.commands(step)), settings, "uv")


def test_uv_looks_in_its_cache_for_what_was_resolved() -> None:
    assert with_uv(STEP)[:4] == ("uv", "pip", "install", "--offline")
    assert with_uv(STEP)[-2:] == ("--no-deps", "gadget==2.0+cpu")


@pytest.mark.parametrize(
    "step",
    [
        replace(STEP, pins=None),
        replace(STEP, pins=()),
        replace(STEP, again=True),
        replace(STEP, from_source=True),
        replace(STEP, lock_file="/lock.txt"),
        replace(STEP, action="create-environment", python="/usr/bin/python3", with_pip=False),
    ],
    ids=["unresolved", "nothing", "again", "from-source", "lock", "create"],
)
def test_uv_goes_the_long_way_where_it_would_not_know_what_was_resolved(step: Step) -> None:
    assert with_uv(step) == ()


def test_uv_goes_the_long_way_where_nothing_was_resolved_or_it_is_offline_anyway() -> None:
    assert with_uv(STEP, replace(PLAN, downloads=Unknown("not told"))) == ()
    assert with_uv(STEP, settings=replace(PLAIN, offline=True)) == ()
    assert with_uv(STEP, settings=None) == ()


WHEELS = ("/lib/ensurepip/pip-23.2-py3-none-any.whl", "/lib/ensurepip/setuptools-65.5-py3-none-any.whl")
MAKES = Step("create-environment", "Make", "", environment="/e", python="/usr/bin/python3", pip_wheels=WHEELS)


def new_environment(*steps: Step) -> Plan:
    """A plan of uv's that makes an environment and installs into it."""
    backend = open_backend("uv", False, PLAIN)
    return replace(PLAN, backend="uv", steps=tuple(replace(step, commands=backend.commands(step)) for step in (MAKES, *steps)))


def ran(plan: Plan, answer: Callable[[Command], Output]) -> list[tuple[str, ...]]:
    """The commands that are run for a plan."""
    commands: list[tuple[str, ...]] = []

    def run(command: Command, **_more: object) -> Output:
        commands.append(command.argv)
        return answer(command)

    backend = open_backend("uv", False, PLAIN)
    bench = Bench(
        Live(), run, backend, Profile("p", ""), None, (), Facts(Subject("live", "")), lambda facts: facts, settings=PLAIN
    )
    for step in plan.steps:
        run_step_commands(step, plan, bench)
    return commands


def test_a_new_environment_gets_its_pip_with_the_packages() -> None:
    made, installed = ran(new_environment(STEP), lambda _command: Output(0, "", ""))
    assert made[1] == "venv"
    assert "--offline" in installed
    assert installed[-5:] == ("gadget==2.0+cpu", "--find-links", "/lib/ensurepip", "pip==23.2", "setuptools==65.5")


def test_what_the_packages_bring_themselves_is_named_once() -> None:
    plan = new_environment(replace(STEP, pins=("gadget==2.0+cpu", "setuptools==80.1")), replace(STEP, pins=("more==1",)))
    _made, first, second = ran(plan, lambda _command: Output(0, "", ""))
    assert first[-4:] == ("setuptools==80.1", "--find-links", "/lib/ensurepip", "pip==23.2")
    assert second[-1] == "more==1"


def test_where_the_cache_lacks_a_file_pip_comes_first_and_then_the_long_way() -> None:
    away = "Network connectivity is disabled, but the requested data wasn't found in the cache"
    _made, _short, pip, long = ran(
        new_environment(STEP), lambda command: Output(2 if "--offline" in command.argv else 0, "", away)
    )
    assert pip[-2:] == ("pip==23.2", "setuptools==65.5")
    assert "--no-index" in pip
    assert "--offline" not in long
    assert long[-1] == "gadget==2.0+cpu"


def test_without_a_short_way_pip_comes_first() -> None:
    plan = replace(new_environment(STEP), downloads=Unknown("not told"))
    assert [argv[1:3] for argv in ran(plan, lambda _command: Output(0, "", ""))] == [
        ("venv", "--python"), ("pip", "install"), ("pip", "install"),
    ]  # fmt: skip


def test_names_are_escaped() -> None:
    link = 'https://host/"><script>/gadget-1-py3-none-any.whl#sha256=00'
    assert [file.url for file in parse_html(page_of((link,)), "https://host/", "")] == [link.partition("#")[0]]


@pytest.mark.parametrize(
    ("status", "said", "refused"),
    [
        (1, "ERROR: HTTP error 401 while getting https://host/a.whl", True),
        (1, "ERROR: No matching distribution found for gadget==2.0", True),
        (1, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. Expected sha256 404", False),
        (1, "ERROR: Could not install packages due to an OSError: No space left on device", False),
        (0, "Successfully installed gadget-2.0, 401 files", False),
    ],
)
def test_when_the_long_way_may_lead(status: int, said: str, refused: bool) -> None:
    assert is_refused(Output(status, "", said)) is refused


def bench_with(answers: list[Output], seen: list[Command], name: str = "pip", tell: Callable[[str], None] = print) -> Bench:
    """A bench whose commands are answered in turn."""

    def run(command: Command, *, on_line: Callable[[str], None] | None = None, timeout_s: float | None = None) -> Output:
        seen.append(command)
        answer = answers.pop(0)
        for line in answer.stderr.splitlines():
            (on_line or print)(line)
        return answer

    facts = Facts(Subject("live", "here"))
    backend = open_backend(name, False, PLAIN)
    profile = Profile("gadget", "")
    return Bench(Live(), run, backend, profile, None, (), facts, lambda facts: facts, settings=PLAIN, tell_line=tell)


def test_the_long_way_after_the_short_one(tmp_path: Path) -> None:
    step = replace(STEP, commands=open_backend("pip", False, PLAIN).commands(STEP))
    good, refused, broken = Output(0, "", ""), Output(1, "", "HTTP error 403"), Output(1, "", "do not match the hashes")
    for answers, ways in (([good], 1), ([refused, good], 2)):
        seen: list[Command] = []
        run_step_commands(step, PLAN, bench_with(list(answers), seen))
        assert ["--no-index" in command.argv for command in seen] == [True, False][:ways]
    for answers in ([broken], [refused, broken]):
        with pytest.raises(InstallFailed):
            run_step_commands(step, PLAN, bench_with(list(answers), []))


def test_an_empty_cache_of_uv_is_no_news() -> None:
    step = replace(STEP, commands=open_backend("uv", False, PLAIN).commands(STEP))
    empty = Output(1, "", "error: Failed to download `gadget==2.0`\n  cause: Network connectivity is disabled, but")
    good, full = Output(0, "", "Installed 1 package"), Output(1, "", "error: No space left on device (os error 28)")
    for answers, ways, told in (([good], 1, ["Installed 1 package"]), ([empty, good], 2, ["Installed 1 package"])):
        seen: list[Command] = []
        heard: list[str] = []
        run_step_commands(step, PLAN, bench_with(list(answers), seen, "uv", heard.append))
        assert ["--offline" in command.argv for command in seen] == [True, False][:ways]
        assert heard == told
    seen = []
    with pytest.raises(InstallFailed):
        run_step_commands(step, PLAN, bench_with([full], seen, "uv"))
    assert len(seen) == 1
