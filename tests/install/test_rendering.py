"""Plans, refusals and outcomes as text and documents."""

from __future__ import annotations

import json
import shlex

import pytest

from envdoctor.install.apply import Applied
from envdoctor.install.changes import Changes
from envdoctor.model.facts import Facts, Subject, Unknown
from envdoctor.model.findings import Report
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Choice, Command, Download, Plan, Refusal, Step
from envdoctor.model.record import replace
from envdoctor.render.applied_text import render_applied
from envdoctor.render.plan_json import applied_document, plan_document, refusal_document
from envdoctor.render.plan_requirements import render_requirements
from envdoctor.render.plan_text import render_plan, render_refusal, render_script
from envdoctor.verify.running import Proof

SECRET = Command(("pip", "install", "--index-url", "https://me:s3cret@host/simple", "jax>=0.4"), secret=("me:s3cret",))
PLAN = Plan(
    profile="jax-cpu",
    environment="/home/me/my envs/e",
    creates_environment=True,
    backend="pip",
    choices=(Choice("python", "3.11.7 /usr/bin/python3.11", "the interpreter that runs envdoctor"),),
    steps=(
        Step(
            "create-environment",
            "Create it",
            "with Python 3.11",
            commands=(Command(("python", "-m", "venv", "/home/me/my envs/e")),),
        ),
        Step("install-packages", "Install packages", "from the configured places", ("jax>=0.4",), commands=(SECRET,)),
        Step("verify", "Verify", "import and compute"),
    ),
    downloads=(Download("jaxlib", "0.10.2", 85 << 20, "u"), Download("jax", "0.10.2", Unknown("not stated"), "u")),
    download_bytes=Unknown("the size of 1 of 2 files is not stated"),
    installed_bytes=500 << 20,
    notes=("It computes on the CPU.",),
)
APPLIED = Applied(
    Changes(added=(("jax", "0.10.2"),), changed=(("numpy", "1.26.4", "2.4.6"),)),
    (Proof("jax", True, "cpu", "loss 3 to 1", "0.10.2"),),
    Report(Subject("python", "/e"), "jax-cpu", (), (), Facts(Subject("python", "/e")), "2026-11-21", 0),
)


@pytest.mark.parametrize("width", [30, 80, 200])
def test_a_plan_says_what_why_and_how_large(width: int) -> None:
    text = render_plan(PLAN, width)
    flat = " ".join(text.split())
    for part in ("jax-cpu: new environment", "the interpreter that runs envdoctor", "jax>=0.4", "2 packages",
                 "jaxlib 0.10.2 85 MiB",
                 "unknown (the size of 1 of 2 files is not stated)", "500 MiB", "It computes on the CPU."):  # fmt: skip
        assert part in flat


def test_commands_are_shown_with_v_and_secrets_never() -> None:
    assert "pip install" not in render_plan(PLAN)
    shown = render_plan(PLAN, verbose=True)
    assert "pip install" in shown
    for text in (shown, render_script(PLAN), json.dumps(plan_document(PLAN))):
        assert "s3cret" not in text
        assert "***" in text


def test_a_script_runs_the_same_commands() -> None:
    lines = [line for line in render_script(PLAN).splitlines() if line and not line.startswith(("#", "set"))]
    assert [tuple(shlex.split(line)) for line in lines] == [command.shown() for step in PLAN.steps for command in step.commands]


def test_requirements_pin_what_is_resolved() -> None:
    settings = IndexSettings(
        "https://mirror/simple", ("https://me:s3cret@x/simple", "file:///y"), ("/wheels",), stated=("find_links", "index_url")
    )
    assert render_requirements(PLAN, settings).splitlines()[1:] == [
        "--index-url https://mirror/simple", "--extra-index-url file:///y", "--find-links /wheels",
        "# without hashes: no index states one of jaxlib, jax",
        "jaxlib==0.10.2", "jax==0.10.2",
    ]  # fmt: skip
    unresolved = replace(PLAN, downloads=Unknown("no pip"))
    assert render_requirements(unresolved, IndexSettings()).splitlines()[1:] == ["jax>=0.4"]


def test_a_refusal_says_what_instead() -> None:
    refusal = Refusal("pytorch-cuda12", ("this machine has no NVIDIA GPU",), ("envdoctor install pytorch-cpu",))
    text = render_refusal(refusal)
    assert "this machine has no NVIDIA GPU" in text
    assert "envdoctor install pytorch-cpu" in text
    assert refusal_document(refusal)["refused"]["instead"] == ["envdoctor install pytorch-cpu"]


def test_documents_are_json_and_unknown_says_why() -> None:
    document = json.loads(json.dumps(plan_document(PLAN)))
    assert document["schema"] == "envdoctor.plan/1"
    assert document["downloads"][1]["size_bytes"] == {"unknown": "not stated"}
    done = json.loads(json.dumps(applied_document(PLAN, APPLIED)))
    assert done["changes"]["changed"] == [{"name": "numpy", "from": "1.26.4", "to": "2.4.6"}]
    assert done["verification"][0]["passed"] is True


def test_an_outcome_says_what_changed_what_works_and_how_to_use_it() -> None:
    text = render_applied(PLAN, APPLIED, ("envdoctor", "check", "jax-cpu", "--target", "gpu=NVIDIA H100,driver=1"))
    for part in ("added 1 package: jax 0.10.2", "numpy 1.26.4 to 2.4.6", "works: jax on cpu", "nothing is wrong",
                 "--target 'gpu=NVIDIA H100,driver=1'", "source '/home/me/my envs/e/bin/activate'"):  # fmt: skip
        assert part in text
    nothing = replace(APPLIED, changes=Changes())
    assert "nothing changed" in render_applied(replace(PLAN, creates_environment=False), nothing, ("envdoctor",))


@pytest.mark.parametrize("verbose", [False, True])
def test_what_was_asked_for_stays_visible(verbose: bool) -> None:
    step = Step(
        "install-packages", "Install packages", "", ("jax>=0.4.31,<1",), ("jax==0.10.2",),
        commands=(Command(("uv", "pip", "install", "jax==0.10.2")),),
    )  # fmt: skip
    text = render_plan(Plan("p", "/e", True, "uv", (), (step,)), verbose=verbose)
    assert "asked for: jax>=0.4.31,<1" in text
    assert ("$ uv pip install jax==0.10.2" in text) is verbose
