"""What was resolved is what is installed."""

from __future__ import annotations

import pytest

from envdoctor.install.backends import open_backend
from envdoctor.install.pinning import pin, pin_plan
from envdoctor.model.offers import IndexSettings, Offers
from envdoctor.model.plan import Download, Plan, Step
from envdoctor.model.unknown import Unknown
from tests.install.planning import offers, wheel

TORCH = Download("torch", "2.9.1", 5)
NUMPY = Download("numpy", "2.3.5", 5)


def planned(downloads: tuple[Download, ...] | Unknown, *lines: str, creates: bool = True) -> Plan:
    create = Step("create-environment", "Create", "", environment="/e", python="/py")
    steps = (Step("install-packages", "Install", "", lines or ("torch>=2", "numpy"), environment="/e"), Step("verify", "", ""))
    return Plan("p", "/e", creates, "uv", (), ((create,) if creates else ()) + steps, downloads)


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_pins_are_run_and_ranges_stay_visible(name: str) -> None:
    backend = open_backend(name, False, IndexSettings(), ("uv",))
    plan = pin_plan(planned((TORCH, NUMPY)), backend, Offers())
    step = plan.steps[1]
    assert step.requirements == ("torch>=2", "numpy")
    assert step.pins == ("torch==2.9.1", "numpy==2.3.5")
    (command,) = step.commands
    assert command.argv[-3:] == ("--no-deps", "torch==2.9.1", "numpy==2.3.5")


def test_a_build_beside_with_a_local_part_is_not_taken() -> None:
    here = offers({"torch": (wheel("torch", "2.9.1"), wheel("torch", "2.9.1+cpu"))})
    assert pin(TORCH, here) == "torch===2.9.1"
    assert pin(Download("torch", "2.9.1+cpu", 5), here) == "torch==2.9.1+cpu"
    assert pin(NUMPY, here) == "numpy==2.3.5"


@pytest.mark.parametrize("name", ["pip", "uv"])
def test_nothing_to_install_runs_nothing(name: str) -> None:
    plan = pin_plan(planned((), creates=False), open_backend(name, False, IndexSettings(), ("uv",)), Offers())
    assert [step.commands for step in plan.steps] == [(), ()]


def test_what_could_not_be_resolved_is_installed_as_asked() -> None:
    plan = planned(Unknown("an old pip"))
    assert pin_plan(plan, open_backend("pip", False, IndexSettings()), Offers()) == plan


def test_an_address_stays_an_address() -> None:
    line = "gadget[fast] @ https://example.org/gadget-1.0.zip"
    plan = pin_plan(
        planned((Download("gadget", "1.0", 5), NUMPY), line),
        open_backend("uv", False, IndexSettings(), ("uv",)),
        Offers(),
    )
    assert plan.steps[1].pins == (line, "numpy==2.3.5")
