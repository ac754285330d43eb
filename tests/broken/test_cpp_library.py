"""An older libstdc++ in front of the right one: made with gcc, asked about by `check`, and refused by the loader as proof."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.broken.making import Environment, diagnose, finding, make_library, rules_of

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None or platform.libc_ver()[0] != "glibc", reason="needs gcc and glibc"
)
NEWER = "GLIBCXX_3.4.21 { global: old; };\nGLIBCXX_3.4.99 { global: fresh; } GLIBCXX_3.4.21;\n"
OLDER = "GLIBCXX_3.4.21 { global: old; };\n"
BOTH = "int old(void) { return 1; } int fresh(void) { return 2; }"


def cpp_library(folder: Path, versions: str, source: str) -> Path:
    """A library that calls itself libstdc++ and defines stated versions."""
    folder.mkdir()
    script = folder / "versions"
    script.write_text(versions)
    return make_library(folder / "libstdc++.so.6", source=source, flags=(f"-Wl,--version-script,{script}",))


def test_an_older_copy_on_the_library_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = cpp_library(tmp_path / "newer", NEWER, BOTH)
    older = cpp_library(tmp_path / "older", OLDER, "int old(void) { return 1; }")
    environment = Environment(tmp_path / "env")
    environment.install_torch("2.9.1", cuda=None)
    library = make_library(
        environment.site / "torch/lib/libtorch_cpu.so", str(newer), source="int fresh(void); int use(void) { return fresh(); }"
    )
    monkeypatch.setenv("LD_LIBRARY_PATH", str(older.parent))
    found = finding(diagnose(environment.prefix, capsys), "libstdcxx-too-old")
    assert (found["severity"], found["confidence"]) == ("error", "certain")
    assert f"{older} (LD_LIBRARY_PATH), which ends with GLIBCXX_3.4.21" in found["detail"]
    assert found["fixes"][0]["title"] == f"Remove {older.parent} from LD_LIBRARY_PATH"
    assert "version `GLIBCXX_3.4.99' not found" in loading(library, older.parent)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(newer.parent))
    assert "libstdcxx-too-old" not in rules_of(diagnose(environment.prefix, capsys))
    assert loading(library, newer.parent) == ""


def loading(library: Path, folder: Path) -> str:
    """What the loader says to it."""
    code = f"import ctypes; ctypes.CDLL({str(library)!r})"
    ran = subprocess.run(
        [sys.executable, "-c", code], env={"LD_LIBRARY_PATH": str(folder)}, capture_output=True, text=True, check=False
    )
    return ran.stderr


def test_a_system_whose_glibc_is_older_than_a_library_asks_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = Environment(tmp_path / "env")
    environment.install_torch("2.9.1", cuda=None)
    script = tmp_path / "versions"
    script.write_text("GLIBC_2.77 { global: fresh; };\n")
    libc = make_library(
        tmp_path / "libc/libc.so.6", source="int fresh(void) { return 1; }", flags=(f"-Wl,--version-script,{script}",)
    )
    make_library(
        environment.site / "torch/lib/libtorch_cpu.so", str(libc), source="int fresh(void); int use(void) { return fresh(); }"
    )
    found = finding(diagnose(environment.prefix, capsys), "glibc-too-old")
    assert (found["severity"], found["confidence"]) == ("error", "certain")
    assert "libtorch_cpu.so needs GLIBC_2.77" in found["detail"]
    assert "glibc-too-old" not in rules_of(diagnose(environment.prefix, capsys, "--target", "os=linux,glibc=2.77"))
