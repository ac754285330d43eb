"""A folder in which the commands of the documentation can be run: the files that they name are there."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.test_image import IMAGE, LAYER
from tests.conftest import REPOSITORY
from tests.dockerfile.patterns import SLIM
from tests.hostile.packing import entries_of_docker_save, entries_of_oci, write_archive

RECORDINGS = REPOSITORY / "tests" / "recordings"
PASTED = """\
PyTorch version: 2.9.1+cu128
CUDA used to build PyTorch: 12.8
OS: Ubuntu 22.04.4 LTS (x86_64)
Python version: 3.11.9
Is CUDA available: False
GPU models and configuration: GPU 0: NVIDIA A100-SXM4-80GB
Nvidia driver version: 470.82.01
"""
PROFILE = "title: Ours\nextends: pytorch-cpu\nram: 1 GiB\ndisk: 1 MiB\n"


def furnish(folder: Path) -> None:
    """Put there what the documentation speaks of."""
    shutil.copy(RECORDINGS / "made-healthy.json", folder / "works.json")
    shutil.copy(RECORDINGS / "made-old-driver.json", folder / "today.json")
    shutil.copy(RECORDINGS / "made-healthy.json", folder / "machine.json")
    (folder / "issue.txt").write_text(PASTED, encoding="utf-8")
    (folder / "Dockerfile").write_text(SLIM, encoding="utf-8")
    (folder / "our-profile.yaml").write_text(PROFILE, encoding="utf-8")
    write_archive(folder / "image.tar", entries_of_docker_save([LAYER], IMAGE))
    write_archive(folder / "oci-layout.tar", entries_of_oci([LAYER], IMAGE))
    environment(folder / "torch-env")
    rootfs = folder / "rootfs"
    (rootfs / "etc").mkdir(parents=True)
    (rootfs / "etc" / "os-release").write_text("ID=debian\nVERSION_ID=12\n", encoding="utf-8")


def environment(folder: Path) -> None:
    """A virtual environment with torch in it, as far as files tell."""
    site = folder / "lib" / "python3.12" / "site-packages"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python3").touch(mode=0o755)
    (folder / "pyvenv.cfg").write_text("home = /usr/local/bin\nversion = 3.12.3\n", encoding="utf-8")
    info = site / "torch-2.9.1+cpu.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1+cpu\n\n", encoding="utf-8")
    (info / "RECORD").write_text("torch/version.py,,\ntorch/__init__.py,,\n", encoding="utf-8")
    (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
    (site / "torch").mkdir()
    (site / "torch" / "__init__.py").touch()
    (site / "torch" / "version.py").write_text(
        "__version__ = '2.9.1+cpu'\ncuda = None\nhip = None\nxpu = None\n", encoding="utf-8"
    )
