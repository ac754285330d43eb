"""conda and pip own the same package: conda's copy is put back by conda, for real from a channel built here."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.broken.making import make_wheel
from tests.install.making import SITE, make_environment
from tests.install.test_conda_rattler import channel as channel
from tests.install.test_conda_rattler import environment as environment
from tests.install.test_conda_rattler import place as place
from tests.install.test_conda_rattler import says

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="conda environments as Linux lays them out")


def unpack(site: Path, version: str, name: str = "gadget") -> None:
    """Put a wheel over whatever is there, as pip does that knows nothing of conda."""
    for metadata in site.glob(f"{name}-*.dist-info"):  # pip uninstalls what it finds, and leaves conda's record
        shutil.rmtree(metadata)
    (site / f"{name}.py").unlink(missing_ok=True)  # not written through: conda's is linked to its cache
    path = site.parent / f"{name}.whl"
    path.write_bytes(make_wheel(name, version, **{f"{name}.py": f"__version__ = {version!r}\n"}))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(site)
    path.unlink()
    folder = site / f"{name}-{version}.dist-info"
    (folder / "INSTALLER").write_text("pip\n")
    with (folder / "RECORD").open("a") as record:
        record.write(f"{folder.name}/INSTALLER,,\n")


def errors(prefix: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    run(["check", "--python", str(prefix), "--deep", "--format", "json"])
    return [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"] if one["severity"] != "info"]


def test_conda_puts_its_copy_back(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unpack(environment / SITE, "9.0")
    assert says(environment, "python", "-c", "import gadget; print(gadget.__version__)") == "9.0"
    assert "mixed-pip-conda" in errors(environment, capsys)
    assert run(["fix", "--python", str(environment), "--yes"]) == 0, capsys.readouterr()
    assert says(environment, "python", "-c", "import gadget; print(gadget.__version__)") == "1.1"
    assert says(environment, "gadget") == "gadget 1.1"
    assert not (environment / SITE / "gadget-9.0.dist-info").exists()
    assert len(list((environment / "conda-meta").glob("gadget-1.1-*.json"))) == 1
    assert errors(environment, capsys) == []


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that is not conda's, but holds a record of conda's for numpy beside pip's."""
    prefix = make_environment(tmp_path / "e")
    unpack(prefix / SITE, "2.2.0", "numpy")
    (prefix / "conda-meta").mkdir()
    offers = tmp_path / "offers"
    offers.mkdir()
    (offers / "numpy-2.2.0-py3-none-any.whl").write_bytes(make_wheel("numpy", "2.2.0", **{"numpy.py": ""}))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(offers))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return prefix


def write_record(prefix: Path, name: str, depends: list[str]) -> Path:
    path = prefix / "conda-meta" / f"{name}-1.26.4-py312_0.json"
    (prefix / "bin" / "f2py").write_text("conda's")
    files = ["bin/f2py", f"{SITE}/numpy.py"]
    path.write_text(json.dumps({"name": name, "version": "1.26.4", "files": files, "depends": depends}))
    return path


needs_uv = pytest.mark.skipif(
    not Path(sys.executable).with_name("uv").exists(), reason="the environment has no pip, and uv is not here"
)


@needs_uv
def test_without_conda_the_other_copy_stays(venv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = write_record(venv, "numpy", [])
    assert "mixed-pip-conda" in errors(venv, capsys)
    status = run(["fix", "--python", str(venv), "--yes"])
    assert status == 0, capsys.readouterr()
    assert "Keep the other copy of numpy" in " ".join(capsys.readouterr().out.split())
    assert not record.exists()
    assert not (venv / "bin" / "f2py").exists()
    assert (venv / SITE / "numpy.py").exists()
    assert errors(venv, capsys) == []


def test_what_conda_itself_needs_is_left_to_conda(venv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = write_record(venv, "numpy", [])
    write_record(venv, "scipy", ["numpy >=1.26"])
    run(["fix", "--python", str(venv), "--yes", "--select", "mixed-pip-conda"])
    told = " ".join(capsys.readouterr().out.split())
    assert "needs conda's numpy, and no conda, mamba or micromamba is here" in told
    assert record.exists()
