"""A resolution that was begun ahead of the plan: taken where the plan asks the same, and gone otherwise."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from envdoctor.cli.foreseeing import foreseeing, foreseen_step, is_plain, likely_step, note_question
from envdoctor.cli.planning import Prepared
from envdoctor.install.foreseeing import Foreseen
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Plan, Step
from envdoctor.model.profile import GpuRequirement, PackageRequirement, Profile
from envdoctor.model.record import replace
from envdoctor.profiles.loading import load_profile
from envdoctor.system.live import Live
from envdoctor.system.port import Output

PLACES = IndexSettings()
STEP = Step("resolve", "Resolve", "", requirements=("gadget>=1",), python="/usr/bin/python3")


class Standin:
    """A package manager whose resolution is a small program: it notes that it ran, and writes what it is told to."""

    name = "uv"
    resolves_to = "pylock.toml"

    def __init__(self, log: Path, program: str) -> None:
        self.log, self.program = log, program

    def commands(self, _step: Step) -> tuple[Command, ...]:
        return ()

    def preview(self, _step: Step) -> Command | None:
        return None

    def resolve(self, step: Step, workspace: str, packages_folder: str | None = None) -> Command:
        code = f"open({str(self.log)!r}, 'a').write('ran\\n'); import sys, time; folder = sys.argv[1]; {self.program}"
        return Command((sys.executable, "-I", "-S", "-c", code, workspace, step.python, f"{workspace}/requirements.in"))


WRITES = "open(folder + '/pylock.toml', 'w').write(open(sys.argv[3]).read())"


def resolved(foreseen: Foreseen, backend: Standin, step: Step, folder: Path) -> tuple[Output, str]:
    """What comes of the resolution that a plan asks for."""
    (folder / "requirements.in").write_text("\n".join(step.requirements) + "\n")
    output = foreseen.run(backend.resolve(step, str(folder)))
    lock = folder / "pylock.toml"
    return output, lock.read_text() if lock.exists() else ""


def runs(backend: Standin) -> int:
    return len(backend.log.read_text().splitlines()) if backend.log.exists() else 0


def test_the_same_question_is_asked_once(tmp_path: Path) -> None:
    backend, did = Standin(tmp_path / "log", WRITES), []
    with Foreseen(STEP, backend, PLACES, lambda: did.append("something else")) as foreseen:
        output, lock = resolved(foreseen, backend, STEP, tmp_path)
    assert (output.status, lock, did) == (0, "gadget>=1\n", ["something else"])
    assert runs(backend) == 1


@pytest.mark.parametrize(
    "step",
    [replace(STEP, requirements=("gadget>=2",)), replace(STEP, python="/opt/python3")],
    ids=["other-lines", "other-python"],
)
def test_another_question_is_asked_by_itself(tmp_path: Path, step: Step) -> None:
    backend = Standin(tmp_path / "log", WRITES)
    with Foreseen(STEP, backend, PLACES) as foreseen:
        assert resolved(foreseen, backend, step, tmp_path)[1] == "\n".join(step.requirements) + "\n"
        assert foreseen.run(Command((sys.executable, "-c", "print(5)"))).stdout == "5\n"


def test_a_failure_is_not_taken_but_asked_again_for_its_words(tmp_path: Path) -> None:
    backend = Standin(tmp_path / "log", "print('no such package', file=sys.stderr); sys.exit(3)")
    with Foreseen(STEP, backend, PLACES) as foreseen:
        output, _lock = resolved(foreseen, backend, STEP, tmp_path)
    assert (output.status, output.stderr) == (3, "no such package\n")
    assert runs(backend) == 2


def test_nothing_of_it_is_left(tmp_path: Path) -> None:
    backend = Standin(tmp_path / "log", "print(folder); time.sleep(600)")
    before = time.monotonic()
    with Foreseen(STEP, backend, PLACES) as foreseen:
        folder = foreseen._folder
        assert folder is not None
        assert os.path.isfile(os.path.join(folder.name, "requirements.in"))
    assert time.monotonic() - before < 60
    assert not os.path.exists(folder.name)


def test_one_that_cannot_be_begun_is_left_to_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    backend = Standin(tmp_path / "log", WRITES)
    with Foreseen(STEP, backend, PLACES) as foreseen:
        assert resolved(foreseen, backend, STEP, tmp_path)[1] == "gadget>=1\n"
    assert runs(backend) == 1


PLAIN = Profile("gadget", "", packages=(PackageRequirement("gadget>=1", "gadget"),))


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (PLAIN, True),
        (replace(PLAIN, gpu=GpuRequirement("none")), True),
        (replace(PLAIN, gpu=GpuRequirement("nvidia")), False),
        (replace(PLAIN, backend="conda"), False),
        (replace(PLAIN, conda_packages=("cuda-nvcc",)), False),
        (replace(PLAIN, packages=(PackageRequirement("torch>=2", "torch"),)), False),
    ],
    ids=["plain", "no-gpu", "gpu", "conda", "conda-packages", "torch"],
)
def test_what_can_be_foreseen(profile: Profile, expected: bool) -> None:
    assert is_plain(profile) is expected


@pytest.mark.parametrize("name", ["datascience", "jax-cpu", "tensorflow-cpu", "onnxruntime-cpu", "jupyter"])
def test_plain_profiles_of_ours_are_foreseen(name: str) -> None:
    step = foreseen_step(load_profile(name), "/e")
    assert is_plain(load_profile(name))
    assert step.requirements
    assert os.path.exists(step.python)


def test_lines_for_other_systems_are_left_out() -> None:
    never, always = "os_name == 'other'", "os_name != 'other'"
    packages = (PackageRequirement(f"a; {never}", "a", marker=never), PackageRequirement(f"b; {always}", "b", marker=always))
    assert foreseen_step(replace(PLAIN, packages=packages), "/e").requirements == ("b",)


def said(folder: Path, **more: Any) -> dict[str, Any]:
    """A command line."""
    place = str(folder / "e")
    return {"profile": "datascience", "backend": "uv", "env": place, "python": None, "index_url": None, "offline": True, **more}


@pytest.mark.parametrize(
    "more", [{"python": "3.12"}, {"nightly": True}, {"prefer": "stable"}, {"locked": "lock"}, {"backend": "pip"},
             {"profile": "pytorch-cpu"}, {"index_url": "nonsense"}], ids=str,
)  # fmt: skip
def test_where_another_question_is_likely_nothing_is_begun(
    tmp_path: Path, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with foreseeing(said(tmp_path, **more)) as foreseen:
        assert foreseen is None


def test_an_environment_that_is_there_is_not_foreseen(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    with foreseeing(said(tmp_path)) as foreseen:
        assert foreseen is None


def test_what_was_asked_the_last_time_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    torch = load_profile("pytorch-cpu")
    assert likely_step(said(tmp_path), torch, "/e") is None
    variant = "https://download.example/whl/cpu"
    step = Step("install-packages", "", "", requirements=("torch>=2.6",), extra_indexes=(variant,))
    created = Step("create-environment", "", "", python="/opt/python3")
    plan = Plan(torch.name, "/old", True, "uv", (), (created, step))
    note_question(said(tmp_path), Prepared(plan, Live(), torch, load_knowledge(), None, Facts(Subject("live", "")), None, None))
    likely = likely_step(said(tmp_path), torch, "/e")
    assert likely == replace(foreseen_step(torch, "/e"), requirements=("torch>=2.6",), extra_indexes=(variant,))
    assert likely_step(said(tmp_path, index_url="https://index.example"), torch, "/e") is None
