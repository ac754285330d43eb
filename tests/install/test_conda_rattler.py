"""Environments of conda made, changed, undone and cut off for real, by the embedded rattler from a channel built here."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from envdoctor.cli import run
from tests.install.conda_channel import (
    LINE,
    SUBDIR,
    gadget,
    index_channel,
    make_channel,
    make_small_channel,
    write_package,
)

pytest.importorskip("rattler")
pytest.importorskip("zstandard")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not list(Path(sys.base_prefix).glob(f"lib/python{LINE}/os.py")),
    reason="packs this interpreter, as Linux lays it out, into a package of conda",
)
PROFILE = """
title: Gadgets
description: For tests.
python: ">=3.8"
packages: ["{distribution}"]
imports: [gadget]
backend: conda
conda:
  channels: "{channel}"
  packages: [{packages}]
"""


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("conda") / "channel"
    address = make_channel(folder)
    gadget(folder, "3.0", b"raise ImportError('it is broken')\n")
    write_package(folder, "slowpoke", "1.0", ["python"], {f"share/slow/{number}": b"x" * 4096 for number in range(3000)})
    index_channel(folder)
    return address


@pytest.fixture
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder; packages are unpacked into a cache that the tests share."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "rattler-cache"))
    monkeypatch.setenv("CONDARC", str(tmp_path / "condarc"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return tmp_path


def profile(place: Path, channel: str, packages: str, distribution: str = "gadget>=1", name: str = "gadgets") -> str:
    path = place / f"{name}.yaml"
    path.write_text(PROFILE.format(channel=channel, packages=packages, distribution=distribution))
    return f"./{path.name}"


def install(name: str, env: Path, *more: str) -> int:
    return run(["install", name, "--env", str(env), "--yes", *more])


def says(env: Path, *words: str) -> str:
    return subprocess.run([str(env / "bin" / words[0]), *words[1:]], capture_output=True, text=True, check=True).stdout.strip()


def contents(env: Path) -> dict[str, str]:
    """Every file with its hash, compiled Python aside."""
    return {
        str(path.relative_to(env)): os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(env.rglob("*"))
        if path.suffix != ".pyc" and (path.is_symlink() or path.is_file())
    }


@pytest.fixture
def environment(place: Path, channel: str) -> Path:
    env = place / "env"
    assert install(profile(place, channel, '"gadget>=1,<2", greeter'), env) == 0
    return env


def test_an_environment_is_made_where_no_conda_is(
    place: Path, channel: str, environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(environment, "gadget") == "gadget 1.1"
    assert says(environment, "greet") == str(environment), "the prefix is written into what holds it"
    assert says(environment, "python", "-c", "import sys; print(sys.prefix)") == str(environment)
    assert (environment / "conda-meta" / "history").read_text().count("+channel/noarch::gadget-1.1-0") == 1
    assert "'gadget>=1,<2'" in (environment / "conda-meta" / "history").read_text(), "what was asked for, not what it came to"
    capsys.readouterr()
    assert run(["check", "--python", str(environment), "--format", "json", "--facts"]) == 0
    assert '"conda"' in capsys.readouterr().out
    assert list(place.glob(".*envdoctor*")) == [] or not list(place.glob(".env.envdoctor-install.json"))


def test_an_environment_is_changed_and_the_change_undone(place: Path, channel: str, environment: Path) -> None:
    before = contents(environment)
    newer = profile(place, channel, '"gizmo>=2", "gadget<3", greeter', "gadget>=2", "newer")
    assert install(newer, environment) == 0
    assert says(environment, "gadget") == "gadget 2.0", "and not what Python compiled of the older one"
    assert says(environment, "python", "-c", "import gizmo; print(gizmo.__version__)") == "2.0"
    assert run(["rollback", "--env", str(environment), "--yes"]) == 0
    assert contents(environment) == before
    assert says(environment, "gadget") == "gadget 1.1"


def test_what_is_all_there_is_left_as_it_is(place: Path, channel: str, environment: Path) -> None:
    before = contents(environment)
    assert install("./gadgets.yaml", environment) == 0
    after = contents(environment)
    assert {name for name in before if before[name] != after.get(name)} <= {name for name in before if "receipt" in name}


def test_what_does_not_work_does_not_stay(
    place: Path, channel: str, environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(environment)
    assert install(profile(place, channel, '"gadget>=3"', "gadget>=3", "broken"), environment) == 1
    error = capsys.readouterr().err
    assert "it is broken" in error
    assert "again as it was before" in error
    assert contents(environment) == before


def test_a_new_environment_that_does_not_work_is_gone(place: Path, channel: str) -> None:
    assert install(profile(place, channel, '"gadget>=3"', "gadget>=3", "broken"), place / "fresh") == 1
    assert not (place / "fresh").exists()


@pytest.mark.parametrize(
    ("packages", "said"),
    [('"nothing"', "nothing"), ('"modern"', "__glibc"), ('"gizmo>=2", "gadget<2"', "gizmo"), ('"kernels>=1"', "__cuda")],
)
def test_no_solution_is_told_in_the_solvers_words(
    place: Path, channel: str, packages: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", profile(place, channel, packages), "--env", str(place / "e")]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "nothing was changed" in error


def test_a_target_is_asked_in_place_of_this_machine(place: Path, channel: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["plan", profile(place, channel, "kernels", "kernels"), "--env", str(place / "e"), "--format", "conda"]
    assert run(asked) == 0
    assert "kernels=0.5=0" in capsys.readouterr().out
    assert run([*asked, "--target", "gpu=NVIDIA H100,driver=550.54.15"]) == 0
    assert "kernels=1.0=0" in capsys.readouterr().out


def test_what_is_pinned_stays(place: Path, channel: str, environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (environment / "conda-meta" / "pinned").write_text("gadget <2\n")
    assert run(["plan", profile(place, channel, '"gizmo>=2"', "gadget>=1", "newer"), "--env", str(environment)]) == 1
    assert "gadget" in capsys.readouterr().err


def test_a_channel_by_its_name_is_where_conda_is_told_that_it_is(
    place: Path, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base, _, name = channel.rpartition("/")
    asked = ["plan", profile(place, name, "greeter", "greeter"), "--env", str(place / "e"), "--format", "conda"]
    (place / "condarc").write_text(f"channel_alias: {base}\n")
    assert run(asked) == 0
    assert "greeter=1.0=0" in capsys.readouterr().out
    (place / "condarc").write_text(f"custom_channels: {{{name}: {base}}}\nchannel_alias: https://nowhere.invalid\n")
    assert run(asked) == 0
    assert "greeter=1.0=0" in capsys.readouterr().out


def test_offline_asks_nobody(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "condarc").write_text("offline: true\n")
    assert run(["plan", profile(place, "https://nowhere.invalid/c", "greeter", "greeter"), "--env", str(place / "e")]) == 1
    assert "no usable repodata cache" in capsys.readouterr().err


def test_a_channel_that_is_away_leaves_a_plan_without_sizes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = profile(place, "http://localhost:9/c", "greeter", "greeter")
    assert run(["plan", asked, "--env", str(place / "e")]) == 0
    told = capsys.readouterr().out
    assert "cannot be reached" in told
    assert install(asked, place / "e") == 1
    assert not (place / "e").exists()


def start(name: str, env: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "envdoctor", "install", name, "--env", str(env), "--yes", "-v"]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def follow_until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word) or line.strip().startswith(word):
            return
    raise AssertionError(f"{word!r} was never said")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("word", ["Change what", "installing"])
def test_what_is_cut_off_is_put_right(place: Path, channel: str, environment: Path, number: signal.Signals, word: str) -> None:
    before = contents(environment)
    newer = profile(place, channel, '"gizmo>=2", "gadget<3", slowpoke', "gadget>=2", "newer")
    process = start(newer, environment)
    follow_until(process, word)
    os.killpg(process.pid, number) if number == signal.SIGTERM else process.kill()
    process.communicate()
    deadline = time.monotonic() + 60
    while (status := run(["plan", "./gadgets.yaml", "--env", str(environment)])) != 0 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert status == 0
    while run(["install", "./gadgets.yaml", "--env", str(environment), "--yes"]) != 0 and time.monotonic() < deadline:
        time.sleep(0.5)  # what the killed one had started may still write
    after = contents(environment)
    assert {name: text for name, text in after.items() if name.startswith(("bin", "lib", "share"))} == {
        name: text for name, text in before.items() if name.startswith(("bin", "lib", "share"))
    }
    assert says(environment, "gadget") == "gadget 1.1"


def test_a_file_that_is_not_what_the_channel_says_ends_it(
    place: Path, channel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tampered"
    address = make_small_channel(folder)
    write_package(folder, "exchanged", "1.0", [], {"share/x": b"as it was indexed"})
    index_channel(folder)
    write_package(folder, "exchanged", "1.0", [], {"share/x": b"and what took its place"})
    asked = profile(place, address, "exchanged", "exchanged")
    other = profile(place, channel, '"gadget<2"', "gadget", "first")
    env = place / "env"
    assert install(other, env) == 0
    before = contents(env)
    assert install(asked, env) == 1
    assert "hash" in capsys.readouterr().err
    assert contents(env) == before


def test_an_emitted_environment_is_the_same_set_of_packages(
    place: Path, channel: str, environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["plan", "./gadgets.yaml", "--env", str(place / "again"), "--format", "conda"]) == 0
    document = yaml.safe_load(capsys.readouterr().out)
    assert document["name"] == "again"
    assert document["channels"] == [channel, "nodefaults"]
    argv = [sys.executable, "-m", "envdoctor.install.rattler", "install", "--prefix", str(place / "again"), "--platform", SUBDIR]
    subprocess.run([*argv, "--channel", channel, *document["dependencies"]], check=True, capture_output=True)
    mine = {path.name for path in (environment / "conda-meta").glob("*.json")}
    assert {path.name for path in (place / "again" / "conda-meta").glob("*.json")} == mine
