"""Images on the command line: what is in them is judged, what is wrong with them is bad input."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.hostile.packing import CONFIG, entries_of_docker_save, entries_of_oci, gzipped, layer_of_files, write_archive

SITE = "opt/venv/lib/python3.12/site-packages"
LAYER = layer_of_files(
    {
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
        "opt/venv/pyvenv.cfg": "home = /usr/local/bin\nversion = 3.12.3\n",
        "opt/venv/bin/python3": "",
        f"{SITE}/torch-2.9.1+cpu.dist-info/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1+cpu\n\n",
        f"{SITE}/torch/version.py": "__version__ = '2.9.1+cpu'\ncuda = None\nhip = None\nxpu = None\n",
        f"{SITE}/torch/__init__.py": "",
    }
)
IMAGE = {**CONFIG, "config": {"Env": ["PATH=/opt/venv/bin:/usr/bin", "VIRTUAL_ENV=/opt/venv"]}}


@pytest.fixture
def archive(tmp_path: Path) -> str:
    return write_archive(tmp_path / "image.tar", entries_of_docker_save([LAYER], IMAGE))


def report_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    status = run(["check", *arguments, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def test_an_image_for_a_gpu_with_a_cpu_build_fails(archive: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = report_of(capsys, "--image", archive, "--target", "gpu=NVIDIA L4,driver=550.54.15")
    assert status == 1
    assert report["subject"] == {"kind": "image", "name": archive}
    findings = report["findings"]
    assert isinstance(findings, list)
    assert findings[0]["rule"] == "cpu-only-build"


def test_what_no_image_holds_is_not_judged(archive: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = report_of(capsys, "--image", archive)
    assert status == 0
    assert report["findings"] == []


def test_standard_input_and_oci_say_the_same(
    tmp_path: Path, archive: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _status, saved = report_of(capsys, "--image", archive)
    path = write_archive(tmp_path / "oci.tar", entries_of_oci([LAYER], IMAGE))
    _status, laid_out = report_of(capsys, "--image", path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzipped(Path(archive).read_bytes()))))
    _status, piped = report_of(capsys, "--image", "-")
    assert saved["summary"] == laid_out["summary"] == piped["summary"]


@pytest.mark.parametrize("data", [b"", b"{}", b"\x1f\x8b\x08", b"\0" * 4096])
def test_what_is_no_image_is_bad_input(tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(data)
    assert run(["check", "--image", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"envdoctor: --image {path}: ")


def test_one_subject_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--image", "a", "--rootfs", "b"]) == 2
    assert "only one of them" in capsys.readouterr().err
