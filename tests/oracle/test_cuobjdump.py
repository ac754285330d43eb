"""GPU code against NVIDIA's own `cuobjdump`, on libraries of real wheels from the package index, one wheel at a time.

`ENVDOCTOR_CUOBJDUMP` names the tool where it is neither on PATH nor to be had from the index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from envdoctor.system.binary.passing import watch
from envdoctor.system.live import Live
from envdoctor.system.port import GpuCode, SourceError
from envdoctor.system.zipped import Zipped

pytestmark = pytest.mark.oracle

WHEELS = (
    ("bitsandbytes", r"libbitsandbytes_cuda(?!121)\d+\.so"),  # cuobjdump 13.5 gives up on the second cubin of cuda121
    ("cupy-cuda12x", r"(?:cub|thrust|_generator_api)\..*\.so"),
    ("onnxruntime-gpu", r"libonnxruntime_providers_cuda\.so"),
    ("xformers", r"_C\.so"),
    ("jax-cuda12-pjrt", r"xla_cuda_plugin\.so"),
    ("jax-cuda12-plugin", r"_\w+\.so"),
    ("jax-cuda13-pjrt", r"xla_cuda_plugin\.so"),
    ("torchvision", r"_C\w*\.so"),
    ("nvidia-nccl-cu12", r"libnccl\.so\.2"),
    ("torch", r"libtorch_cuda(?:_linalg)?\.so"),
)


def fetch(name: str, folder: Path) -> Path:
    """Download a wheel; skips the test where the index cannot be reached."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), name]
    done = subprocess.run(
        [*command, "--only-binary", ":all:", "--python-version", "3.12"], capture_output=True, text=True, check=False
    )
    found = sorted(folder.glob("*.whl"))
    if done.returncode or not found:
        pytest.skip(f"{name} cannot be downloaded: {done.stderr.strip()[-200:]}")
    return found[0]


@pytest.fixture(scope="module")
def cuobjdump(tmp_path_factory: pytest.TempPathFactory) -> str:
    stated = os.environ.get("ENVDOCTOR_CUOBJDUMP") or shutil.which("cuobjdump")
    if stated:
        return stated
    if sys.platform != "linux":
        pytest.skip("cuobjdump is fetched for Linux only")
    folder = tmp_path_factory.mktemp("cuobjdump")
    with zipfile.ZipFile(fetch("nvidia-cuda-cuobjdump", folder)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/bin/cuobjdump"))
        path = Path(archive.extract(name, folder))
    path.chmod(0o755)
    return str(path)


def listed(cuobjdump: str, path: Path) -> Counter[str]:
    """What cuobjdump lists; it names the file of a family's machine code (`sm_100f`) without the letter."""
    found: Counter[str] = Counter()
    for option, ending, prefix in (("--list-elf", "cubin", "sm_"), ("--list-ptx", "ptx", "compute_")):
        text = subprocess.run([cuobjdump, option, path], capture_output=True, text=True, check=False).stdout
        found.update(prefix + name for name in re.findall(rf"\.sm_(\d+[af]?)\.{ending}\b", text))
    return found


def counted(code: GpuCode) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in code.counts:
        if not name.startswith("lto_"):
            found[name.rstrip("f") if name.startswith("sm_") else name] += count
    return found


@pytest.fixture(scope="module", params=WHEELS, ids=lambda wheel: wheel[0])
def wheel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str]]:
    """A wheel, a folder for its libraries, and what these are called; gone before the next one comes."""
    folder = tmp_path_factory.mktemp("wheel")
    try:
        yield fetch(request.param[0], folder), folder / "unpacked", request.param[1]
    finally:
        shutil.rmtree(folder)


def test_cuobjdump_lists_the_same(cuobjdump: str, wheel: tuple[Path, Path, str]) -> None:
    path, folder, pattern = wheel
    compared = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not re.fullmatch(pattern, name.rpartition("/")[2]):
                continue
            library = Path(archive.extract(name, folder))
            code = Live().gpu_code(str(library), whole=True)
            if code.counts:
                assert counted(code) == listed(cuobjdump, library), name
                compared += 1
            assert code.is_whole, name
            sample = Live().gpu_code(str(library))
            assert set(sample.names) <= set(code.names), name
            with library.open("rb") as file:
                passed = watch(iter(lambda: file.read(1 << 18), b""), library.stat().st_size, str(library))
            assert not isinstance(passed.gpu_code, SourceError), name
            assert counted(passed.gpu_code) == counted(code), name
            library.unlink()
    assert compared > 0


def test_the_same_inside_the_archive(wheel: tuple[Path, Path, str]) -> None:
    path, folder, pattern = wheel
    inside = Zipped(str(path))
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(pattern, name.rpartition("/")[2])]
        for name in names:
            library = Path(archive.extract(name, folder))
            assert inside.gpu_code(f"/{name}").counts == Live().gpu_code(str(library), whole=True).counts, name
            assert inside.binary(f"/{name}") == Live().binary(str(library)), name
            library.unlink()
    inside.close()
    assert names
