"""The law of recordings: a replay answers every question as the system did; and redaction renames alike everywhere."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.accelerators import NvmlFailure
from envdoctor.model.facts import Subject
from envdoctor.system.live import Live
from envdoctor.system.port import Malformed, Missing, Output, SourceError, Unsupported
from envdoctor.system.recorded import Recorded, load_recording
from envdoctor.system.recorder import Recorder
from envdoctor.system.rootfs import Rootfs
from tests.system.trees import QUESTIONS, plant_tree

Question = tuple[Any, ...]


def answer_of(system: Any, question: Question) -> tuple[Any, ...]:
    kind, *arguments = question
    try:
        return ("answer", getattr(system, kind)(*arguments))
    except SourceError as error:
        return (type(error).__name__, error.reason, error.failure)


def replay(recorder: Recorder) -> Recorded:
    return Recorded(json.loads(json.dumps(recorder.recording())))


LIVE_QUESTIONS: list[Question] = [
    ("run", (sys.executable, "-c", "import sys; print('a\\nb'); print('c', file=sys.stderr); sys.exit(3)")),
    ("run", (sys.executable, "-c", "pass", "an argument", "")),
    ("run", ("no-such-command-anywhere",)),
    ("run", ()),
    ("env", "PATH"),
    ("env", "CUDA_NO_SUCH_VARIABLE"),
    ("host", "uname"),
    ("host", "python"),
    ("host", "affinity"),
    ("host", "no such question"),
    ("nvml", "no such question"),
    ("usage", "/no such place"),
    ("stat", "/"),
]


def test_law_for_this_machine() -> None:
    recorder = Recorder(Live())
    seen = [answer_of(recorder, question) for question in LIVE_QUESTIONS]
    assert [answer_of(Live(), question) for question in LIVE_QUESTIONS] == seen
    assert [answer_of(replay(recorder), question) for question in LIVE_QUESTIONS] == seen


def test_law_for_a_tree(tmp_path: Path) -> None:
    plant_tree(tmp_path)
    recorder = Recorder(Rootfs(str(tmp_path)))
    questions: list[Question] = [*QUESTIONS, ("env", "PATH"), ("run", ("true",)), ("host", "uname"), ("usage", "/")]
    seen = [answer_of(recorder, question) for question in questions]
    assert [answer_of(Rootfs(str(tmp_path)), question) for question in questions] == seen
    assert [answer_of(replay(recorder), question) for question in questions] == seen
    again = Recorder(replay(recorder))
    for question in questions:
        answer_of(again, question)
    assert again.recording() == recorder.recording()


class Stated:
    """A system that says what a test tells it to."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, 0

    def __getattr__(self, kind: str) -> Any:
        def ask(*question: Any) -> Any:
            self.asked += 1
            known = self.answers.get(kind, {})
            if question not in known:
                raise Missing(str(question), "not stated")
            if isinstance(known[question], SourceError):
                raise known[question]
            return known[question]

        return ask


def test_first_answer_counts() -> None:
    machine = Stated(nvml={("temperature_celsius", 0): 40})
    recorder = Recorder(machine)
    first = recorder.nvml("temperature_celsius", 0)
    machine.answers["nvml"]["temperature_celsius", 0] = 41
    assert (first, recorder.nvml("temperature_celsius", 0), machine.asked) == (40, 40, 1)
    assert replay(recorder).nvml("temperature_celsius", 0) == 40


def test_kind_of_nvml_failure_is_kept() -> None:
    recorder = Recorder(Stated(nvml={("device_count", None): Missing("NVML", "no module", NvmlFailure.DRIVER_NOT_LOADED)}))
    question = ("nvml", "device_count", None)
    assert answer_of(recorder, question) == answer_of(replay(recorder), question)
    assert answer_of(replay(recorder), question) == ("Missing", "no module", NvmlFailure.DRIVER_NOT_LOADED)


@settings(max_examples=100, deadline=None)
@given(st.text(), st.lists(st.text(st.characters(exclude_characters="\0")), min_size=1, max_size=3))
def test_any_text_survives(text: str, argv: list[str]) -> None:
    command = tuple(argv)
    recorder = Recorder(Stated(run={(command, 5.0): Output(0, "a", "b")}, link={("/x",): text}))
    assert recorder.link("/x") == text
    assert "answers" in recorder.recording()
    recorder.run(command)
    assert isinstance(replay(recorder).link("/x"), str)


def alice() -> Stated:
    """A machine whose answers lead from one question to the next, with a person's name in all of them."""
    home = "/home/alice"
    return Stated(
        env={("HOME",): home, ("HF_TOKEN",): "hf_" + "a" * 34, ("CUDA_VISIBLE_DEVICES",): "GPU-8932f937"},
        list={("/home",): ["alice", "bob", "user"], (f"{home}/venv/lib",): ["python3.11"]},
        read={
            (f"{home}/venv/pyvenv.cfg",): f"home = {home}/.pyenv/bin\nversion = 3.11.7\n",
            (f"{home}/.pyenv/bin/notes",): "index-url = https://alice:hunter2@10.1.2.3/simple\n",
            ("/home/bob/notes",): "bob's",
            ("/home/user/notes",): "the user's",
            ("/etc/hostname",): "gpu-node-17\n",
        },
        nvml={("uuid", 0): "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"},
    )


def walk(system: Any) -> list[Any]:
    """What a probe does: ask where what it was told leads."""
    home = system.env("HOME")
    base = system.read(f"{home}/venv/pyvenv.cfg").splitlines()[0].split(" = ")[1]
    return [
        home,
        base,
        system.read(f"{base}/notes"),
        system.list(f"{home}/venv/lib"),
        sorted(system.read(f"/home/{name}/notes") for name in system.list("/home") if f"/home/{name}" != home),
        system.nvml("uuid", 0).startswith(system.env("CUDA_VISIBLE_DEVICES")),
        system.env("HF_TOKEN") is not None,
        bool(system.read("/etc/hostname")),
    ]


def test_replay_can_be_walked_like_the_machine() -> None:
    recorder = Recorder(alice())
    seen, again = walk(recorder), walk(replay(recorder))
    assert seen[:2] == ["/home/alice", "/home/alice/.pyenv/bin"]
    assert again[0].startswith("/home/user")
    assert again[0] != "/home/user"
    assert again[1] == again[0] + "/.pyenv/bin"
    assert again[3:] == seen[3:]


def test_recording_names_nobody() -> None:
    recorder = Recorder(alice())
    walk(recorder)
    text = json.dumps(recorder.recording(Subject("live", "/home/alice/venv")))
    for secret in ("alice", "hunter2", "hf_aaa", "10.1.2.3", "8932f937", "gpu-node-17"):
        assert secret not in text


def test_saved_recording_is_read_again(tmp_path: Path) -> None:
    recorder = Recorder(alice())
    walk(recorder)
    path = str(tmp_path / "machine.json")
    recorder.save(path, Subject("live", "this machine"), created="2026-11-21")
    recorded = load_recording(path)
    assert recorded.subject == {"kind": "live", "name": "this machine"}
    assert walk(recorded) == walk(replay(recorder))
    recorder.save(path)
    assert list(tmp_path.iterdir()) == [tmp_path / "machine.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "null",
        "{}",
        '{"schema": "envdoctor.recording/2", "answers": {}}',
        '{"schema": "envdoctor.recording/1"}',
        '{"schema": "envdoctor.recording/1", "answers": []}',
        '{"schema": "envdoctor.recording/1", "answers": {"read": []}}',
        '{"schema": "envdoctor.recording/1", "answers": {"erase": {}}}',
        "[" * 100_000,
        '{"a":' * 100_000,
        "\ufeff{}",
    ],
)
def test_what_is_no_recording(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Malformed) as caught:
        load_recording(str(path))
    assert caught.value.question == str(path)


def test_missing_and_too_large_recordings(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        load_recording(str(tmp_path / "nothing"))
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(Malformed):
        load_recording(str(large))
    with pytest.raises(SourceError):
        load_recording(str(tmp_path))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "reason", "failure", "kind", "status", "stdout", "stderr"]) | st.text(), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["read", "headers", "list", "link", "resolve", "stat", "usage", "env", "binary", "host"]), JSON)
def test_hostile_answers_raise_nothing_else(kind: str, answer: Any) -> None:
    recorded = Recorded({"schema": "envdoctor.recording/1", "answers": {kind: {"/x": answer}}})
    outcome = answer_of(recorded, (kind, "/x"))
    if outcome[0] == "answer" and kind in {"read", "headers", "link", "resolve"}:
        assert isinstance(outcome[1], str)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_hostile_command_outputs(answer: Any) -> None:
    recorded = Recorded({"schema": "envdoctor.recording/1", "answers": {"run": {"true": answer}}})
    outcome = answer_of(recorded, ("run", ("true",)))
    assert outcome[0] != "answer" or isinstance(outcome[1], Output)


def test_never_asked() -> None:
    with pytest.raises(Unsupported) as caught:
        Recorded({"schema": "envdoctor.recording/1", "answers": {}}).read("/etc/os-release")
    assert caught.value.reason == "not in the recording"
