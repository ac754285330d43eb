"""Indexes that fail, lie, break off or ask for a password: one line says so, nothing is left, no secret is told."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.model.offers import IndexSettings
from envdoctor.system.archive_sizes import file_bytes
from envdoctor.system.credentials import authorization
from envdoctor.system.indexes import ask_links, ask_project, fetch_text, side_by_side
from envdoctor.system.port import SourceError
from tests.install.serving import PASSWORD, WHEEL_NAME, serving, wheel_bytes

needs_uv = pytest.mark.skipif(
    shutil.which("uv") is None and not Path(sys.executable).with_name("uv").exists(),
    reason="uv is not here, and an old pip would have to be replaced from the network",
)
PROFILE = "title: Gadget\ndescription: A gadget\npackages: [gadget]\nimports: [gadget]\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def installing(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`envdoctor install` of a gadget with uv, from an index; its status and what it said."""
    (tmp_path / "gadget.yaml").write_text(PROFILE)
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "UV_NO_CACHE": "1",
        "UV_HTTP_TIMEOUT": "2",
        "UV_HTTP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)

    def install(index: str, *more: str) -> tuple[int, str, str]:
        status = run(["install", "gadget.yaml", "--env", "e", "--yes", "--backend", "uv", "--index-url", index, *more])
        said = capfd.readouterr()
        return status, said.out, said.err

    return install


@needs_uv
def test_a_good_index_gives_an_environment_with_pip(installing: Run, tmp_path: Path) -> None:
    with serving("well") as index:
        status, out, err = installing(index)
    assert status == 0, out + err
    assert "works: import gadget (gadget 1.0)" in out
    assert sorted(os.listdir(tmp_path)) == ["e", "gadget.yaml"]
    assert any((tmp_path / "e" / "bin").glob("pip*"))


@needs_uv
@pytest.mark.parametrize(
    ("manner", "words"),
    [
        ("error", "500"),
        ("cut", "the connection broke in the middle of a page"),
        ("cut-wheel", "gadget"),
        ("wrong-hash", "hash"),
        ("locked", "401"),
        ("bad-json", "JSON"),
        ("loop", "gadget"),
        ("silent", "no answer within"),
    ],
)
def test_a_bad_index_leaves_nothing(installing: Run, tmp_path: Path, manner: str, words: str) -> None:
    with serving(manner) as index:
        status, out, err = installing(index, "--format", "json")
    assert status == 1
    document = json.loads(out)
    assert words.lower() in document["error"]["message"].lower()
    assert "Traceback" not in err
    assert os.listdir(tmp_path) == ["gadget.yaml"]


@needs_uv
@pytest.mark.parametrize(
    ("manner", "form"),
    [
        ("locked", ("--format", "json")),
        ("locked", ("--dry-run", "-v")),
        ("error", ("-v",)),
        ("cut", ("--format", "json")),
        ("wrong-hash", ("-v",)),
    ],
)
def test_a_password_is_used_and_never_told(installing: Run, manner: str, form: tuple[str, ...]) -> None:
    with serving(manner) as index:
        status, out, err = installing(index.replace("http://", f"http://bob:{PASSWORD}@"), *form)
    assert (status == 0) == (manner == "locked")
    assert PASSWORD not in out + err
    if manner == "locked":
        assert "401 Unauthorized" not in out + err


def write_netrc(folder: Path, host: str = "127.0.0.1") -> str:
    """A `.netrc` with the password for a server; its path."""
    path = folder / "netrc-of-bob"
    path.write_text(f"machine {host}\n  login bob\n  password {PASSWORD}\n")
    path.chmod(0o600)
    return str(path)


@needs_uv
@pytest.mark.parametrize("form", [("--format", "json"), ("-v",)])
def test_the_password_of_netrc_is_used_and_never_told(
    installing: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NETRC", write_netrc(tmp_path))
    with serving("locked") as index:
        status, out, err = installing(index, *form)
    assert status == 0, out + err
    assert PASSWORD not in out + err
    assert "401" not in err
    receipt = (tmp_path / "e" / ".envdoctor" / "receipt.json").read_text()
    assert PASSWORD not in receipt


def test_netrc_opens_only_the_server_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("locked") as index:
        monkeypatch.setenv("NETRC", write_netrc(tmp_path))
        assert [file.name for file in ask_project(index, "gadget", IndexSettings())] == ["gadget"]
        monkeypatch.setenv("NETRC", write_netrc(tmp_path, "elsewhere.example"))
        with pytest.raises(SourceError, match="401"):
            ask_project(index, "gadget", IndexSettings())
        Path(write_netrc(tmp_path)).write_text("no such words")
        with pytest.raises(SourceError, match="401"):
            ask_project(index, "gadget", IndexSettings())


def test_an_address_with_a_password_goes_before_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", write_netrc(tmp_path))
    sent = authorization("https://ada:pass@127.0.0.1/simple", ())["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == b"ada:pass"
    assert base64.b64decode(authorization("https://127.0.0.1/simple", ())["Authorization"][6:]) == f"bob:{PASSWORD}".encode()
    assert authorization("https://127.0.0.2/simple", ("https://ada:pass@127.0.0.3/simple",)) == {}


@pytest.mark.parametrize("manner", ["error", "cut", "locked", "bad-json", "loop"])
def test_asking_a_bad_index_is_an_answer_too(manner: str) -> None:
    with serving(manner) as index, pytest.raises(SourceError):
        ask_project(index, "gadget", IndexSettings())


def test_questions_side_by_side_survive_every_manner(capfd: pytest.CaptureFixture[str]) -> None:
    for manner in ("well", "error", "cut", "garbage", "bad-json", "loop", "locked"):
        with serving(manner) as index:
            questions = {
                "page": partial(ask_project, index, "gadget", IndexSettings()),
                "links": partial(ask_links, f"{index}/gadget/", IndexSettings()),
            }
            assert side_by_side(questions, 5.0).keys() == questions.keys()
    assert "Traceback" not in capfd.readouterr().err


def test_the_files_of_a_locked_index_are_sized_with_its_password() -> None:
    with serving("locked") as index:
        settings = IndexSettings(index_url=index.replace("http://", f"http://bob:{PASSWORD}@"))
        (file,) = ask_project(settings.index_url, "gadget", settings)
        assert PASSWORD not in file.url + file.origin
        assert file_bytes(file.url, settings) == len(wheel_bytes())


def test_credentials_do_not_follow_to_another_server() -> None:
    with serving("locked") as other, serving("elsewhere", target=other) as index:
        address = index.replace("http://", f"http://bob:{PASSWORD}@") + "/gadget/"
        with pytest.raises(SourceError, match="401"):
            fetch_text(address, IndexSettings(), 2.0)


def test_the_wheel_is_named_as_served() -> None:
    with serving("well") as index:
        assert [file.file_name for file in ask_project(index, "gadget", IndexSettings())] == [WHEEL_NAME]


@needs_uv
@pytest.mark.parametrize(("form", "answer", "status"), [("json", "y\n", 0), ("text", "\n", 1), ("json", "", 1)])
def test_the_question_stays_out_of_the_answer(tmp_path: Path, answer: str, status: int, form: str) -> None:
    """On a terminal: yes, just Enter, and Ctrl-D."""
    pty = pytest.importorskip("pty")
    (tmp_path / "gadget.yaml").write_text(PROFILE)
    keyboard, terminal = pty.openpty()
    with serving("well") as index:
        process = subprocess.Popen(
            [sys.executable, "-m", "envdoctor", "install", "gadget.yaml", "--env", "e", "--format", form, "--backend", "uv",
             "--index-url", index],
            cwd=tmp_path, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "UV_NO_CACHE": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""},
        )  # fmt: skip
        os.write(keyboard, (answer or "\x04").encode())
        out, err = process.communicate(timeout=120)
    os.close(keyboard)
    os.close(terminal)
    assert process.returncode == status, err
    assert "Go on? [y/N]" in err
    assert "Traceback" not in err
    if form == "json":
        document = json.loads(out)
        assert ("error" in document) == (status == 1)
        assert "gadget 1.0" in err
    assert ("e" in os.listdir(tmp_path)) == (status == 0)
