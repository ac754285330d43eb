"""Plans as environment.yml."""

from __future__ import annotations

import pytest
import yaml

from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Choice, Plan, Step
from envdoctor.render.plan_conda import bare_address, render_environment

CONDA = Step(
    "create-environment", "Create", "", ("python>=3.9",), pins=("python=3.11.9=h1_0_cpython", "pip=24.0=0"), manager="conda",
    channels=("https://me:s3cret@h.example/t/tk-123456/c", "conda-forge"),
)  # fmt: skip
WHEELS = Step(
    "install-packages", "Install wheels", "", ("torch",), pins=("torch==2.9.1+cu126", "numpy==2.1.0"),
    extra_indexes=("https://download.pytorch.org/whl/cu126",),
)  # fmt: skip


def document(*steps: Step, environment: str = "/work/.venv-mine", settings: IndexSettings | None = None) -> dict[str, object]:
    choices = (Choice("python", "3.12.4 /usr/bin/python3", ""),)
    plan = Plan("profile", environment, True, "conda", choices, steps)
    loaded: dict[str, object] = yaml.safe_load(render_environment(plan, settings or IndexSettings()))
    return loaded


def test_builds_of_conda_then_wheels_by_pip() -> None:
    assert document(CONDA, WHEELS) == {
        "name": "mine",
        "channels": ["https://h.example/c", "conda-forge", "nodefaults"],
        "dependencies": [
            "python=3.11.9=h1_0_cpython",
            "pip=24.0=0",
            {"pip": ["--extra-index-url https://download.pytorch.org/whl/cu126", "torch==2.9.1+cu126", "numpy==2.1.0"]},
        ],
    }


def test_a_plan_without_conda_gets_its_python_from_it() -> None:
    found = document(WHEELS, environment="/work/.venv")
    assert found["name"] == "profile"
    assert found["channels"] == ["conda-forge", "nodefaults"]
    assert found["dependencies"][:2] == ["python=3.12", "pip"]  # type: ignore[index]


def test_the_configured_places_go_along_without_their_passwords() -> None:
    settings = IndexSettings(
        index_url="https://u:s3cret@i.example/simple", find_links=("/wheels",), no_index=True, stated=("index_url",)
    )
    text = str(document(CONDA, WHEELS, settings=settings))
    for part in ("--index-url https://i.example/simple", "--find-links /wheels", "--no-index"):
        assert part in text
    assert "s3cret" not in text
    assert "tk-123456" not in text


@pytest.mark.parametrize("name", ["3.10", "yes", "null", "a: b", "#x", "ünicode"])
def test_any_name_is_read_back_as_it_is(name: str) -> None:
    assert document(CONDA, environment=f"/e/{name}")["name"] == name


def test_an_address_without_secrets_is_left_alone() -> None:
    assert bare_address("conda-forge") == "conda-forge"
    assert bare_address("file:///srv/c") == "file:///srv/c"
