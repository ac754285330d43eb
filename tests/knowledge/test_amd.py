"""gfx targets of ROCm wheels."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.amd import gfx_override, wheel_targets
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


def test_wheels_of_6_4(knowledge: Knowledge) -> None:
    targets = wheel_targets(knowledge, Version("6.4"))
    assert not isinstance(targets, Unknown)
    assert targets.serves("gfx942") is True
    assert targets.serves("gfx1031") is False


def test_what_sources_disagree_about_is_unknown(knowledge: Knowledge) -> None:
    targets = wheel_targets(knowledge, Version("7.1"))
    assert not isinstance(targets, Unknown)
    assert isinstance(targets.serves("gfx1151"), Unknown)


def test_7_14_is_newer_than_7_2(knowledge: Knowledge) -> None:
    older, newer = (wheel_targets(knowledge, Version(version)) for version in ("7.2", "7.14"))
    assert not isinstance(older, Unknown)
    assert not isinstance(newer, Unknown)
    assert older.certain
    assert not newer.certain
    assert isinstance(wheel_targets(knowledge, Version("99.0")), Unknown)


def test_override(knowledge: Knowledge) -> None:
    found = gfx_override(knowledge, "gfx1031")
    assert found is not None
    assert (found.variable, found.value) == ("HSA_OVERRIDE_GFX_VERSION", "10.3.0")
    assert gfx_override(knowledge, "gfx803") is None
