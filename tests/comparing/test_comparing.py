"""Two looks at machines are told apart by what matters."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.cli import run
from envdoctor.comparing.comparing import changes_between
from envdoctor.comparing.flattening import flatten
from envdoctor.render.diff_text import told
from tests.conftest import REPOSITORY

RECORDINGS = REPOSITORY / "tests" / "recordings"
HEALTHY = str(RECORDINGS / "made-healthy.json")


def lines(before: dict[str, object], after: dict[str, object], everything: bool = False) -> list[str]:
    return [told(change) for change in changes_between(flatten(before), flatten(after), (), everything)]


def machine(**facts: object) -> dict[str, object]:
    return facts


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (machine(driver={"version": "535.1"}), machine(driver={"version": "550.2"}), ["driver.version: 535.1 → 550.2"]),
        (machine(driver={"version": "535.1", "source": "a"}), machine(driver=None), ["driver 535.1"]),
        (machine(driver=None), machine(driver={"version": "535.1"}), ["driver 535.1"]),
        (machine(gpus=[{"index": 0, "name": "A"}]), machine(gpus=[]), ["gpus[0] A"]),
        (
            machine(gpus=[{"index": 0, "name": "A", "source": "nvml"}]),
            machine(gpus=[{"index": 0, "name": "B", "source": "smi"}]),
            ["gpus[0].name: A → B"],
        ),
        (
            machine(environment={"prefix": "/a", "packages": [{"name": "x", "version": "1", "path": "/a/x"}]}),
            machine(environment={"prefix": "/b", "packages": [{"name": "x", "version": "1", "path": "/b/x"}]}),
            ["environment.prefix: /a → /b"],
        ),
        (
            machine(variables={"LD_LIBRARY_PATH": "/old"}),
            machine(variables={}),
            ["variables[LD_LIBRARY_PATH] /old"],
        ),
        (machine(memory={"available_bytes": 1}), machine(memory={"available_bytes": 2}), []),
        (machine(os={"version": {"unknown": "why"}}), machine(os={"version": {"unknown": "other"}}), []),
        (machine(os={"version": {"unknown": "not asked"}}), machine(os={"version": None}), []),
        (
            machine(os={"version": "12"}),
            machine(os={"version": {"unknown": "denied"}}),
            ["os.version: 12 → could not be told (denied)"],
        ),
        (machine(cpu={"features": ["a", "b"]}), machine(cpu={"features": ["b", "c"]}), ["cpu.features: now also c, no longer a"]),
        (
            machine(memory={"total_bytes": 1 << 30}),
            machine(memory={"total_bytes": 1 << 31}),
            ["memory.total_bytes: 1 GiB → 2 GiB"],
        ),
    ],
)
def test_changes_in_words(before: dict[str, object], after: dict[str, object], said: list[str]) -> None:
    assert lines(before, after) == said


def test_restless_facts_are_shown_where_everything_is_wanted() -> None:
    assert lines(machine(memory={"available_bytes": 1024}), machine(memory={"available_bytes": 2048}), True) == [
        "memory.available_bytes: 1 KiB → 2 KiB"
    ]


def test_what_matters_most_stands_first() -> None:
    before = machine(
        os={"kernel": "1"}, tools=[{"name": "git", "version": "1"}], driver={"version": "1"}, variables={"CUDA_HOME": "a"},
        environment={"packages": [{"name": "numpy", "version": "1"}, {"name": "rich", "version": "1"}]},
    )  # fmt: skip
    after = machine(
        os={"kernel": "2"}, tools=[{"name": "git", "version": "2"}], driver={"version": "2"}, variables={"CUDA_HOME": "b"},
        environment={"packages": [{"name": "numpy", "version": "2"}, {"name": "rich", "version": "2"}]},
    )  # fmt: skip
    assert [line.partition(":")[0] for line in lines(before, after)] == [
        "driver.version", "packages[numpy].version",
        "variables[CUDA_HOME]", "packages[rich].version", "os.kernel", "tools[git].version",
    ]  # fmt: skip


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.fixed_dictionaries({"unknown": st.text(max_size=5)}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["driver", "gpus", "environment", "os", "disks"]), PLAIN, max_size=4)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_any_two_documents_can_be_compared_and_equal_ones_do_not_differ(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert lines(before, before, True) == []
    assert all(isinstance(line, str) for line in lines(before, after, True))


def test_a_driver_that_got_too_old_is_named_first(capsys: pytest.CaptureFixture[str]) -> None:
    after = str(RECORDINGS / "made-old-driver.json")
    assert run(["diff", HEALTHY, after, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "envdoctor.diff/1"
    assert document["findings"]["new"][0]["rule"] == "driver-too-old"
    assert document["changes"][0] == {"fact": "driver.version", "kind": "changed", "before": "580.65.06", "after": "470.82.01"}
    assert run(["diff", HEALTHY, after, "--fail-on", "error"]) == 1
    assert run(["diff", after, HEALTHY, "--fail-on", "error"]) == 0
    assert "Was wrong before, and is not now" in capsys.readouterr().out


def test_a_recording_does_not_differ_from_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", HEALTHY, HEALTHY, "-v"]) == 0
    assert "No fact that lasts has changed." in capsys.readouterr().out


def test_markdown_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", HEALTHY, str(RECORDINGS / "made-no-gpu.json"), "--format", "markdown"]) == 0
    text = capsys.readouterr().out
    assert "| gone | `gpus[0] NVIDIA GeForce RTX 3080` |" in text


@pytest.mark.parametrize("sides", [["nowhere.json"], ["a", "b", "c"], ["last~7", HEALTHY], [str(REPOSITORY / "README.md")]])
def test_sides_that_cannot_be_read_are_bad_input(sides: list[str], tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert run(["diff", *sides]) == 2
