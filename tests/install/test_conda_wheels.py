"""Wheels on top of what conda has brought: in the right order, and never in place of what is conda's."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.install.test_conda_rattler import channel as channel
from tests.install.test_conda_rattler import contents, install, profile, pytestmark, says  # noqa: F401 - skips as they do
from tests.install.test_conda_rattler import environment as environment
from tests.install.test_conda_rattler import place as place


def wheels(place: Path, *requires: str) -> str:
    """A folder with a wheel of `widget`, which needs something, and of a newer gadget than conda's."""
    folder = place / "wheels"
    folder.mkdir(exist_ok=True)
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    for name, version, more in (("widget", "1.0", needs), ("gadget", "1.5", ""), ("gadget", "1.1", "")):
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            info = f"{name}-{version}.dist-info"
            wheel.writestr(f"{name}.py", f"__version__ = {version!r}\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return str(folder)


def test_wheels_that_need_what_only_conda_has_are_left_to_the_environments_pip(place: Path, channel: str) -> None:
    folder = wheels(place, "gizmo>=1")
    mixed = profile(place, channel, '"gadget<2", "gizmo"', 'gadget>=1", "widget', "mixed")
    assert install(mixed, place / "mixed", "--find-links", folder, "--offline") == 0
    assert (
        says(place / "mixed", "python", "-c", "import widget, gizmo; print(widget.__version__, gizmo.__version__)") == "1.0 1.0"
    )


@pytest.mark.parametrize("fresh", [True, False])
def test_wheels_go_on_top_and_leave_what_is_condas(place: Path, channel: str, environment: Path, fresh: bool) -> None:
    folder = wheels(place, "gadget>=1")
    mixed = profile(place, channel, '"gadget>=1,<2"', 'gadget>=1", "widget', "mixed")
    env = place / "mixed" if fresh else environment
    assert install(mixed, env, "--find-links", folder, "--offline") == 0
    assert says(env, "python", "-c", "import widget, gadget; print(widget.__version__, gadget.__version__)") == "1.0 1.1"
    assert len(list(env.glob("lib/python*/site-packages/gadget-*.dist-info"))) == 1
    assert (next(env.glob("lib/python*/site-packages/gadget-*.dist-info")) / "INSTALLER").read_text() == "conda\n"


def test_a_wheel_that_wants_another_version_of_condas_package_is_no_plan(
    place: Path, channel: str, environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, before = wheels(place, "gadget>=1.5"), contents(environment)
    mixed = profile(place, channel, '"gadget>=1,<2"', 'gadget>=1", "widget', "mixed")
    assert install(mixed, environment, "--find-links", folder, "--offline") == 1
    assert "gadget" in capsys.readouterr().err
    assert contents(environment) == before
