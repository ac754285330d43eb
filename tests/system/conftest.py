"""Folders with a stand-in for NVIDIA's library, built from C: one of today's drivers and one of 2017's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("standin_nvml.c")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs a C compiler on Linux")
    folders = {}
    for old in (False, True):
        folder = tmp_path_factory.mktemp("nvml")
        macro = ["-DOLD_DRIVER"] if old else []
        subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "libnvidia-ml.so.1", *macro, SOURCE], check=True)
        folders[old] = folder
    return folders
