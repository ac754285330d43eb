"""What `plan --format` writes, given to its own tool: each form makes an environment of the very packages that are planned."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.registry.test_installs import A100, EVERYTHING, document, envdoctor, run_in
from tests.registry.test_installs import index as index

pytestmark = [pytest.mark.registry, pytest.mark.skipif(sys.platform != "linux", reason="the profiles of Linux")]

PROFILES = (
    "pytorch-cpu", "tensorflow-cpu", "jax-cpu", "keras-torch", "onnxruntime-cpu", "datascience", "mxnet-legacy",
    pytest.param("pytorch-cuda12", marks=pytest.mark.skipif(not EVERYTHING, reason="7 GB; ENVDOCTOR_TEST_LARGE_INSTALLS=1")),
)  # fmt: skip
LARGE_BYTES = 2 << 30
NOT_PLANNED = {"pip", "setuptools"}
"""What an environment has from its Python, whatever is planned."""
LIST = "import json, importlib.metadata as m; print(json.dumps([[d.name, d.version] for d in m.distributions()]))"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose environments are removed at once: together they would take more than 10 GB."""
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def planned(profile: str, form: str, folder: Path, *options: str) -> Path:
    """What `plan --format` writes for a new environment `e` here."""
    path = folder / {"pylock": "pylock.toml", "conda": "environment.yml"}.get(form, f"planned.{form}")
    target = ("--target", A100) if profile == "pytorch-cuda12" else ()
    ran = envdoctor("plan", profile, "--env", "e", *target, *options, "--format", form, "-o", str(path), folder=folder)
    assert ran.returncode == 0, ran.stderr
    return path


def wanted(profile: str, folder: Path) -> dict[str, str]:
    """The packages of the plan, by name; skips where they are too large."""
    plan = json.loads(planned(profile, "json", folder).read_text())
    if not EVERYTHING and (plan["download_bytes"] or 0) > LARGE_BYTES:
        pytest.skip("only a CUDA build of torch is on offer here")
    return {one["name"]: one["version"] for one in plan["downloads"]}


def packages(environment: Path) -> dict[str, str]:
    """What is installed."""
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, version in json.loads(run_in(environment, LIST))}


def differences(found: dict[str, str], planned_ones: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Packages that are not as planned, but for those that come with Python."""
    names = found.keys() | planned_ones.keys()
    return {
        name: (found.get(name), planned_ones.get(name))
        for name in names
        if found.get(name) != planned_ones.get(name) and not (name in NOT_PLANNED and name not in planned_ones)
    }


def made_with(argv_of: Callable[[str, Path], list[str]], form: str) -> Callable[[Path, Path], None]:
    """A way to make the environment `e` from a file, with a tool that is given its Python."""

    def make(path: Path, folder: Path) -> None:
        assert form in str(path)
        subprocess.run([sys.executable, "-m", "venv", str(folder / "e")], check=True)
        ran = subprocess.run(argv_of(str(folder / "e" / "bin" / "python"), path), capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr[-3000:]

    return make


def uv_or_skip() -> str:
    """uv, which reads PEP 751's locks; pip does so since its newest releases only."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        pytest.skip("uv is not here")
    return found


def by_shell(path: Path, folder: Path) -> None:
    ran = subprocess.run(["sh", str(path)], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]


by_pip = made_with(
    lambda python, path: [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(path)], "requirements"
)
by_uv = made_with(lambda python, path: [uv_or_skip(), "pip", "install", "-q", "--python", python, "-r", str(path)], "pylock")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("form", "make"), [("requirements", by_pip), ("pylock", by_uv), ("sh", by_shell)], ids=["requirements", "pylock", "sh"]
)
def test_a_form_gives_the_planned_packages(profile: str, form: str, make: Callable[[Path, Path], None], folder: Path) -> None:
    expected = wanted(profile, folder)
    make(planned(profile, form, folder), folder)
    assert expected
    assert differences(packages(folder / "e"), expected) == {}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("form", ["requirements", "pylock", "json"])
def test_a_lock_is_installed_as_it_was_planned(profile: str, form: str, folder: Path) -> None:
    expected = wanted(profile, folder)
    target = ("--target", A100) if profile == "pytorch-cuda12" else ()
    lock = str(planned(profile, form, folder))
    ran = envdoctor("install", "--locked", lock, "--env", "e", *target, "--yes", "--format", "json", folder=folder, timeout=3600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert all(proof["passed"] for proof in document(ran)["verification"])
    assert differences(packages(folder / "e"), expected) == {}


@pytest.mark.parametrize("profile", PROFILES)
def test_what_conda_is_told_names_the_planned_packages(profile: str, folder: Path) -> None:
    """conda-forge is not to be had everywhere: what its solver and then pip are told is compared as data."""
    expected = wanted(profile, folder)
    told: dict[str, Any] = yaml.safe_load(planned(profile, "conda", folder).read_text())
    (wheels,) = (entry["pip"] for entry in told["dependencies"] if isinstance(entry, dict))
    pins = dict(line.replace("===", "==").split("==") for line in wheels if not line.startswith("--"))
    assert pins == expected
    assert any(str(entry).startswith("python=") for entry in told["dependencies"])
    assert "pip" in told["dependencies"]
