"""Every probe together: containment, time limits, the law of recordings, and that probes touch nothing themselves."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.facts import Facts, Subject, Unknown
from envdoctor.model.record import fields
from envdoctor.probes.collecting import collect_facts, machine_probes, run_probes
from envdoctor.probes.lanes import Probe
from envdoctor.system.live import Live
from envdoctor.system.port import Denied, System
from envdoctor.system.recorded import Recorded
from envdoctor.system.recorder import Recorder
from envdoctor.system.redact import Redactor
from tests.machines import LINUX, Machine, load_tree, trees

SUBJECT = Subject("live", "this machine")


def _raise(error: Exception) -> Any:
    raise error


def test_every_fact_is_filled_by_one_probe() -> None:
    named = [name for probe in machine_probes(None) for name in probe.facts]
    assert sorted([*named, "disks", "messages", "subject", "targeted"]) == sorted(fields(Facts))


def test_a_probe_that_fails_costs_its_own_facts_only() -> None:
    probes = (
        Probe(("os",), lambda system: _raise(RuntimeError("a bug"))),
        Probe(("driver", "gpus"), lambda system: _raise(Denied("x", "no permission")), is_waiting=True),
        Probe(("memory",), lambda system: "known"),
    )
    found = run_probes(Machine(), probes)
    assert found["memory"] == "known"
    assert found["os"] == Unknown("os: the probe failed: RuntimeError: a bug")
    assert isinstance(found["driver"], Unknown)
    assert found["gpus"] == found["driver"]


def test_several_facts_of_one_probe() -> None:
    found = run_probes(Machine(), (Probe(("driver", "gpus"), lambda system: (None, ())),))
    assert found == {"driver": None, "gpus": ()}


@pytest.mark.parametrize("is_waiting", [False, True])
def test_a_probe_that_hangs_is_left_behind(is_waiting: bool) -> None:
    release = threading.Event()
    probes = (
        Probe(("cpu",), lambda system: "first"),
        Probe(("driver", "gpus"), lambda system: release.wait(), limit_s=0.05, is_waiting=is_waiting),
        Probe(("memory",), lambda system: "last"),
    )
    found = run_probes(Machine(), probes)
    release.set()
    assert (found["cpu"], found["memory"]) == ("first", "last")
    assert found["gpus"] == Unknown("driver: the probe took longer than 0.05 s")


def test_two_probes_that_hang_in_one_lane() -> None:
    release = threading.Event()
    probes = tuple(Probe((name,), lambda system: release.wait(), limit_s=0.03) for name in ("os", "cpu"))
    found = run_probes(Machine(), (*probes, Probe(("memory",), lambda system: "last")))
    release.set()
    assert found["memory"] == "last"
    assert isinstance(found["os"], Unknown)
    assert isinstance(found["cpu"], Unknown)


def test_deep_looks_may_take_longer() -> None:
    found = run_probes(Machine(), (Probe(("os",), lambda system: threading.Event().wait(), limit_s=0.01),), factor=3.0)
    assert found["os"] == Unknown("os: the probe took longer than 0.03 s")


def test_a_system_that_knows_nothing_gives_facts_all_the_same() -> None:
    facts = collect_facts(Machine(), Subject("rootfs", "empty"))
    failed = [name for name in fields(facts) if _is_failure(getattr(facts, name))]
    assert failed == []
    assert isinstance(facts.gpus, Unknown)
    assert isinstance(facts.disks, Unknown)


def test_a_system_where_everything_is_denied() -> None:
    class Locked(Machine):
        def answer(self, kind: str, key: str, *question: Any) -> Any:
            raise Denied(key, "no permission")

    facts = collect_facts(Locked(), Subject("live", "locked"))
    assert [name for name in fields(facts) if _is_failure(getattr(facts, name))] == []


def _is_failure(fact: object) -> bool:
    return isinstance(fact, Unknown) and ("the probe failed" in fact.reason or "took longer" in fact.reason)


def _replayed(system: System, python: str | None = None) -> tuple[Facts, Facts]:
    recorder = Recorder(system)
    seen = collect_facts(recorder, SUBJECT, python=python)
    return seen, collect_facts(Recorded(recorder.recording(SUBJECT)), SUBJECT, python=python)


def _plain(value: Any, redactor: Redactor) -> Any:
    """Facts as nested tuples, with the names of people and machines as a recording has them."""
    if isinstance(value, str):
        return redactor.text(value)
    if fields(value):
        return (type(value).__name__, *(_plain(getattr(value, name), redactor) for name in fields(value)))
    if isinstance(value, (tuple, list)):
        return tuple(_plain(part, redactor) for part in value)
    if isinstance(value, (frozenset, set)):
        return tuple(sorted(_plain(part, redactor) for part in value))
    if isinstance(value, dict):
        return tuple(sorted((key, _plain(part, redactor)) for key, part in value.items()))
    return value


def test_this_machine_and_its_recording_have_the_same_facts() -> None:
    seen, replayed = _replayed(Live())
    redactor = Redactor(homes=tuple(filter(None, (os.environ.get("HOME"),))), hosts=())
    assert [name for name in fields(seen) if _is_failure(getattr(seen, name))] == []
    for name in fields(seen):
        assert _plain(getattr(seen, name), redactor) == _plain(getattr(replayed, name), redactor), name


def test_recorded_trees_and_their_recordings_have_the_same_facts(shared_folder: Path) -> None:
    for path in trees(shared_folder):
        seen, replayed = _replayed(load_tree(path))
        assert [name for name in fields(seen) if _is_failure(getattr(seen, name))] == [], path.name
        assert seen == replayed, path.name


def test_a_machine_with_a_gpu_and_its_recording_have_the_same_facts() -> None:
    from tests.probes.test_nvidia import ANSWERS, FILES, LINKS

    seen, replayed = _replayed(Machine(FILES, links=LINKS, nvml=ANSWERS, host={"uname": LINUX}))
    assert isinstance(seen.gpus, tuple)
    assert seen.gpus == replayed.gpus
    assert seen.driver == replayed.driver


WATCHED = """
import sys
from envdoctor.model.facts import Subject
from envdoctor.probes.collecting import collect_facts, machine_probes
from envdoctor.system.recorded import load_recording

system, touched = load_recording(sys.argv[1]), []
KINDS = ("open", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "glob.", "urllib.", "tempfile.", "pty.")
ALLOWED = ("os.putenv", "os.unsetenv")

def watch(event, arguments):
    if event.startswith(KINDS) and event not in ALLOWED and not is_importing():
        touched.append((event, repr(arguments)[:200]))

def is_importing():
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False

sys.addaudithook(watch)
facts = collect_facts(system, Subject("recording", "x"))
seen = list(touched)
open(sys.argv[1]).close()
assert touched != seen, "the watch does not watch"
print(type(facts.os).__name__, seen)
"""


def test_probes_touch_nothing_but_the_port(tmp_path: Path) -> None:
    recorder = Recorder(Live())
    collect_facts(recorder, SUBJECT)
    recording = tmp_path / "machine.json"
    recorder.save(str(recording), SUBJECT)
    done = subprocess.run([sys.executable, "-c", WATCHED, str(recording)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "OperatingSystem []", done.stdout + done.stderr
