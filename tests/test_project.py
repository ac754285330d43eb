"""The project's own files for GitHub can be read, and ask for what helps."""

from __future__ import annotations

import pytest
import yaml

from tests.conftest import REPOSITORY

GITHUB = REPOSITORY / ".github"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms_have_what_github_asks_of_them(path: object) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)
    assert {field["type"] for field in form["body"]} <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}


@pytest.mark.parametrize("name", ["wrong-diagnosis", "install-failed"])
def test_reports_of_machines_ask_for_a_recording(name: str) -> None:
    assert "envdoctor record" in (GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml").read_text(encoding="utf-8")


def test_the_workflow_uses_the_action_of_this_repository_with_inputs_that_it_has() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    action = yaml.safe_load((GITHUB / "actions" / "check" / "action.yml").read_text(encoding="utf-8"))
    used = [step for job in workflow["jobs"].values() for step in job["steps"] if step.get("uses") == "./.github/actions/check"]
    assert used
    assert {name for step in used for name in step["with"]} <= set(action["inputs"])
