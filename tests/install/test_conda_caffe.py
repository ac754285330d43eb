"""caffe-legacy, installed for real from a channel with a real Python, NumPy and protobuf; of Caffe itself only the name.

conda-forge cannot be reached in most places where tests run, so its packages are made here: of an interpreter of this
machine, and of wheels from the package index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.install.conda_channel import index_channel, make_small_channel, module, python_package, wheel_package, write_package

pytest.importorskip("rattler")
pytest.importorskip("zstandard")
pytestmark = [
    pytest.mark.registry,
    pytest.mark.skipif(sys.platform != "linux", reason="packs an interpreter as Linux lays it out"),
]
WHEELS = ("numpy==1.23.5", "protobuf==3.20.3")


def other_python() -> tuple[Path, str] | None:
    """An interpreter of this machine that Caffe is made for, by where pyenv and Linux have it."""
    roots = [*Path.home().glob(".pyenv/versions/3.*"), Path("/usr"), Path("/usr/local"), Path(sys.base_prefix)]
    for line in ("3.10", "3.9", "3.8"):
        for root in roots:
            if (root / f"bin/python{line}").is_file() and (root / f"lib/python{line}/os.py").is_file():
                argv = [str(root / f"bin/python{line}"), "-c", "import platform; print(platform.python_version())"]
                version = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
                if version:
                    return root, version
    return None


def says(env: Path, *words: str) -> str:
    return subprocess.run([str(env / "bin" / words[0]), *words[1:]], capture_output=True, text=True, check=True).stdout.strip()


def test_caffe_is_installed_from_a_channel_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path
    monkeypatch.chdir(place)
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(place / "rattler-cache"))
    monkeypatch.setenv("CONDARC", str(place / "condarc"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    found = other_python()
    if found is None:
        pytest.skip("no Python from 3.8 to 3.10 here to make a package of")
    folder = tmp_path / "mirror" / "conda-forge"
    make_small_channel(folder)
    python_package(folder, *found)
    line = found[1].rpartition(".")[0]
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--python-version", line]
    subprocess.run([*download, "-d", str(tmp_path / "wheels"), *WHEELS], check=True)
    for wheel in (tmp_path / "wheels").iterdir():
        wheel_package(folder, wheel)
    needs = [f"python {line}.*", "numpy", "protobuf"]
    for name, version, wanted in (
        ("caffe", "1.0", needs),
        ("numpy", "1.26.4", []),
        ("protobuf", "4.25.0", []),
        ("pip", "24.0", []),
    ):
        write_package(folder, name, version, ["python", *wanted], module(name, version), noarch=True)
    index_channel(folder)
    (place / "condarc").write_text(f"channel_alias: {folder.parent.as_uri()}\n")
    env = place / "caffe"
    assert run(["install", "caffe-legacy", "--env", str(env), "--yes"]) == 0
    assert says(env, "python", "-c", "import caffe, sys; print(caffe.__version__, sys.version_info[:2] < (3, 11))") == "1.0 True"
    assert run(["check", "caffe-legacy", "--python", str(env)]) == 0
    capsys.readouterr()
    assert run(["plan", "caffe-legacy", "--env", str(place / "other"), "--format", "conda"]) == 0
    told = capsys.readouterr().out
    assert "numpy=1.23.5=0" in told
    assert "protobuf=3.20.3=0" in told
