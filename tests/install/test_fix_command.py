"""`envdoctor fix` on environments broken on purpose, with tiny wheels in a folder: repaired in one go, clean afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envdoctor.cli import run
from tests.broken.making import make_wheel
from tests.install.making import snapshot

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="environments are made with links, as on POSIX systems")
SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)
TORCH = {"torch/__init__.py": "", "torch/version.py": "__version__ = '2.9.1+cu128'\ncuda: str = '12.8'\nhip: str = None\n"}
WHEELS: tuple[tuple[str, str, tuple[str, ...], dict[str, str]], ...] = (
    ("torch", "2.9.1", (), TORCH),
    ("torchvision", "0.23.0", ("torch==2.8.0",), {"torchvision/__init__.py": ""}),
    ("torchvision", "0.24.1", ("torch==2.9.1",), {"torchvision/__init__.py": ""}),
    ("nvidia-cudnn-cu12", "9.10.2.21", (), {"nvidia/cudnn/lib/libcudnn.so.9": "twelve"}),
    ("nvidia-cudnn-cu13", "9.12.0.46", (), {"nvidia/cudnn/lib/libcudnn.so.9": "thirteen"}),
    ("numpy", "1.26.4", (), {"numpy/__init__.py": "", "numpy/part.py": ""}),
    ("numpy", "2.2.0", (), {"numpy/__init__.py": "", "numpy/part.py": ""}),
    ("compiled-thing", "1.0", ("numpy<2,>=1.21",), {"compiled_thing/__init__.py": ""}),
    ("half", "1.0", (), {"half/__init__.py": "", "half/part.py": ""}),
    ("low", "1.0", (), {"low.py": ""}),
    ("low", "2.0", (), {"low.py": ""}),
    ("high", "1.0", ("low>=2",), {"high.py": ""}),
    ("first", "1.0", ("second<2", "low<3"), {"first.py": ""}),
    ("first", "2.0", ("second>=2", "low<3"), {"first.py": ""}),
    ("second", "1.0", (), {"second.py": ""}),
    ("second", "2.0", (), {"second.py": ""}),
)


class Patient:
    """An environment with pip, and `fix` for it."""

    def __init__(self, prefix: Path, offers: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.prefix, self.site, self._offers, self._capsys = prefix, prefix / SITE, offers, capsys

    def put(self, name: str, version: str) -> None:
        """Unpack a wheel over whatever is there, as `pip install --no-deps` of an older pip did."""
        with zipfile.ZipFile(self._offers / f"{name.replace('-', '_')}-{version}-py3-none-any.whl") as archive:
            archive.extractall(self.site)
        folder = self.metadata(name, version)
        (folder / "INSTALLER").write_text("pip\n")
        with (folder / "RECORD").open("a") as record:
            record.write(f"{folder.name}/INSTALLER,,\n")

    def metadata(self, name: str, version: str) -> Path:
        return self.site / f"{name.replace('-', '_')}-{version}.dist-info"

    def fix(self, *options: str) -> tuple[int, str]:
        self._capsys.readouterr()
        status = run(["fix", "--python", str(self.prefix), "--backend", "pip", *options])
        told = self._capsys.readouterr()
        return status, told.out + told.err

    def document(self, *options: str) -> dict[str, Any]:
        self._capsys.readouterr()
        status = run(["fix", "--python", str(self.prefix), "--backend", "pip", "--format", "json", *options])
        found: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return {**found, "status": status}

    def errors(self) -> list[str]:
        """What check still finds that is worse than a remark."""
        run(["check", "--python", str(self.prefix), "--deep", "--format", "json"])
        report = json.loads(self._capsys.readouterr().out)
        return [one["rule"] for one in report["findings"] if one["severity"] != "info"]

    def versions(self) -> dict[str, str]:
        names = (path.name.removesuffix(".dist-info").rsplit("-", 1) for path in self.site.glob("*.dist-info"))
        return {name: version for name, version in names if name not in {"pip", "setuptools"}}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "e")], check=True)
    return folder / "e"


@pytest.fixture(scope="module")
def offers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offers")
    for name, version, requires, files in WHEELS:
        path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        path.write_bytes(make_wheel(name, version, *requires, **files))
    return folder


@pytest.fixture
def patient(
    tmp_path: Path, template: Path, offers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Patient]:
    shutil.copytree(template, tmp_path / "e", symlinks=True)
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "LD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(offers))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield Patient(tmp_path / "e", offers, capsys)
    assert not [name for name in os.listdir(tmp_path) if name.endswith((".old", ".new", ".failed"))]


def test_a_sound_environment_needs_nothing(patient: Patient) -> None:
    patient.put("numpy", "2.2.0")
    before = snapshot_names(patient.prefix)
    assert patient.fix("--yes") == (0, f"{patient.prefix}: nothing is to be repaired.\n")
    assert snapshot_names(patient.prefix) == before


def test_torch_and_torchvision_of_different_releases(patient: Patient) -> None:
    patient.put("torch", "2.9.1")
    patient.put("torchvision", "0.23.0")
    status, told = patient.fix("--yes", "--select", "torch-companion-mismatch")
    assert "cured: torchvision 0.23.0 does not belong to torch 2.9.1+cu128" in " ".join(told.split())
    assert patient.versions() == {"torch": "2.9.1", "torchvision": "0.24.1"}
    assert (status, patient.errors()) == (0, [])


def test_wheels_for_two_releases_of_cuda(patient: Patient) -> None:
    patient.put("nvidia-cudnn-cu12", "9.10.2.21")
    patient.put("nvidia-cudnn-cu13", "9.12.0.46")
    done = patient.document("--yes")
    assert [one["rule"] for one in done["cured"]] == ["cuda-libs-conflict"]
    assert len(patient.versions()) == 1
    assert (patient.site / "nvidia/cudnn/lib/libcudnn.so.9").exists()
    assert (done["status"], patient.errors()) == (0, [])


def test_numpy_2_under_a_package_for_numpy_1(patient: Patient) -> None:
    patient.put("numpy", "2.2.0")
    patient.put("compiled-thing", "1.0")
    done = patient.document("--yes")
    assert patient.versions()["numpy"] == "1.26.4"
    assert {"name": "numpy", "from": "2.2.0", "to": "1.26.4"} in done["changes"]["changed"]
    assert (done["status"], patient.errors()) == (0, [])


def test_an_interrupted_install_is_cleared_away_and_the_package_put_back(patient: Patient) -> None:
    patient.put("numpy", "1.26.4")
    (patient.site / "numpy").rename(patient.site / "~umpy")
    patient.metadata("numpy", "1.26.4").rename(patient.site / "~umpy-1.26.4.dist-info")
    status, _told = patient.fix("--yes")
    assert (patient.site / "numpy" / "part.py").exists()
    assert not list(patient.site.glob("~*"))
    assert (status, patient.errors()) == (0, [])


def test_remains_beside_a_whole_package_are_cleared_away(patient: Patient) -> None:
    patient.put("half", "1.0")
    (patient.site / "half").rename(patient.site / "~alf")
    patient.metadata("half", "1.0").rename(patient.site / "~alf-0.9.dist-info")
    patient.put("half", "1.0")
    assert patient.fix("--yes")[0] == 0
    assert not list(patient.site.glob("~*"))
    assert patient.versions() == {"half": "1.0"}


@pytest.mark.parametrize("gone", ["file", "module", "record"])
def test_a_package_that_is_half_uninstalled(patient: Patient, gone: str) -> None:
    patient.put("half", "1.0")
    if gone == "record":
        (patient.metadata("half", "1.0") / "RECORD").unlink()
    elif gone == "file":
        (patient.site / "half" / "part.py").unlink()
    else:
        shutil.rmtree(patient.site / "half")
    assert "package-files-missing" in patient.errors()
    status, told = patient.fix("--yes")
    assert status == 0, told
    assert (patient.site / "half" / "part.py").exists()
    assert (patient.metadata("half", "1.0") / "RECORD").exists()
    assert patient.errors() == []


def test_metadata_of_two_versions(patient: Patient) -> None:
    patient.put("low", "1.0")
    patient.put("low", "2.0")
    assert "broken-package-metadata" in patient.errors()
    status, told = patient.fix("--yes")
    assert status == 0, told
    assert len(list(patient.site.glob("low-*.dist-info"))) == 1
    assert patient.errors() == []


def test_what_shows_up_after_the_first_cure_is_cured_in_the_same_go(patient: Patient) -> None:
    patient.put("low", "1.0")
    patient.put("high", "1.0")
    (patient.site / "high.py").rename(patient.site / "~igh.py")
    patient.metadata("high", "1.0").rename(patient.site / "~igh-1.0.dist-info")
    done = patient.document("--yes")
    assert patient.versions() == {"low": "2.0", "high": "1.0"}
    assert (done["status"], patient.errors()) == (0, [])


def test_a_fix_that_is_not_safe_only_by_name(patient: Patient) -> None:
    patient.put("first", "1.0")
    patient.put("second", "2.0")
    patient.put("low", "1.0")
    patient.put("high", "1.0")
    (patient.site / "high-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: high\nVersion: 1.0\nRequires-Dist: second>=2\n"
    )
    status, told = patient.fix("--yes")
    assert "--unsafe dependency-conflict" in told
    assert patient.versions()["first"] == "1.0"
    assert status == 0  # a warning
    done = patient.document("--yes", "--unsafe", "dependency-conflict")
    assert patient.versions()["first"] == "2.0"
    assert (done["status"], patient.errors()) == (0, [])


def test_only_what_is_selected(patient: Patient) -> None:
    patient.put("half", "1.0")
    (patient.site / "half" / "part.py").unlink()
    patient.put("numpy", "2.2.0")
    patient.put("compiled-thing", "1.0")
    status, _told = patient.fix("--yes", "--select", "package-files-missing")
    assert status == 1  # the other error is still there
    assert patient.errors() == ["numpy2-abi"]
    assert patient.versions()["numpy"] == "2.2.0"


def test_a_dry_run_changes_nothing(patient: Patient) -> None:
    patient.put("numpy", "2.2.0")
    patient.put("compiled-thing", "1.0")
    before = snapshot(patient.site / "numpy")
    plan = patient.document("--dry-run")
    assert plan["status"] == 0
    assert [one["rule"] for one in plan["remedies"]] == ["numpy2-abi"]
    assert plan["plan"]["steps"][0]["requirements"] == ["numpy<2,>=1.21"]
    assert snapshot(patient.site / "numpy") == before


def test_without_a_terminal_nobody_is_asked(patient: Patient) -> None:
    patient.put("numpy", "2.2.0")
    patient.put("compiled-thing", "1.0")
    status, told = patient.fix()
    assert (status, patient.versions()["numpy"]) == (2, "2.2.0")
    assert "--yes" in told


def test_what_cannot_be_had_is_told_and_the_rest_is_repaired(patient: Patient, tmp_path: Path) -> None:
    patient.put("numpy", "2.2.0")
    patient.put("compiled-thing", "1.0")
    gone = patient.site / "gone-1.0.dist-info"
    gone.mkdir()
    (gone / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1.0\n")
    (gone / "RECORD").write_text("gone/__init__.py,sha256=abc,3\ngone-1.0.dist-info/METADATA,,\n")
    (gone / "INSTALLER").write_text("pip\n")
    done = patient.document("--yes")
    assert [one["rule"] for one in done["cured"]] == ["numpy2-abi"]
    left = {one["rule"]: one for one in done["not_touched"]}
    assert "gone==1.0 is on no index" in left["package-files-missing"]["reason"]
    assert done["status"] == 1


def test_the_environment_is_as_it_was_where_the_package_manager_fails(patient: Patient, offers: Path, tmp_path: Path) -> None:
    patient.put("half", "1.0")
    (patient.site / "half" / "part.py").unlink()
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "half-1.0-py3-none-any.whl").write_bytes(b"this is no archive")
    os.environ["PIP_FIND_LINKS"] = str(bad)  # put back by the fixture
    before = snapshot_names(patient.prefix)
    status, told = patient.fix("--yes")
    assert status == 1
    assert "as it was before" in told
    assert snapshot_names(patient.prefix) == before


def test_a_variable_is_a_matter_of_the_shell(patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stubs = tmp_path / "cuda" / "stubs"
    stubs.mkdir(parents=True)
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{stubs}:/kept")
    left = patient.document("--yes", "--select", "cuda-stub-library")["not_touched"]
    assert [one["shell"] for one in left] == ["export LD_LIBRARY_PATH=/kept"]
    assert "no program can change it" in left[0]["reason"]


def test_a_variable_that_the_environment_sets_is_taken_out_there(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubs = tmp_path / "cuda" / "stubs"
    stubs.mkdir(parents=True)
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{stubs}:/kept")
    activate = patient.prefix / "bin" / "activate"
    activate.write_text(f"{activate.read_text()}export LD_LIBRARY_PATH={stubs}:/kept\n")
    status, told = patient.fix("--yes")
    assert status == 0
    assert activate.read_text().endswith("export LD_LIBRARY_PATH=/kept\n")
    assert "export LD_LIBRARY_PATH=/kept" in told
    assert os.access(patient.prefix / "bin" / "python", os.X_OK)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("system", "EXTERNALLY-MANAGED"),
        ("base", "conda create --name NAME"),
        ("plain", "python3 -m venv"),
        ("nothing", "--python"),
    ],
)
def test_environments_that_are_not_to_be_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, message: str
) -> None:
    prefix = tmp_path / "e"
    library = prefix / "lib" / "python{}.{}".format(*sys.version_info)
    if kind != "nothing":
        (library / "site-packages").mkdir(parents=True)
        (library / "os.py").write_text("")
        (prefix / "bin").mkdir()
        (prefix / "bin" / "python3").symlink_to(sys.executable)
    if kind == "system":
        (library / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    if kind == "base":
        (prefix / "conda-meta").mkdir()
        (prefix / "condabin").mkdir()
    assert run(["fix", "--python", str(prefix), "--yes"]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def snapshot_names(prefix: Path) -> set[tuple[str, int]]:
    """Every file with its size, but those that Python itself keeps beside the code."""
    files = (path for path in prefix.rglob("*") if "__pycache__" not in path.parts and not path.is_dir())
    return {(str(path.relative_to(prefix)), path.lstat().st_size) for path in files}
