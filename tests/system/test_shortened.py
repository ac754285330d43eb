"""What recordings keep of long files: enough for whatever reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envdoctor.probes.cuda_versions import parse_cuda_header
from envdoctor.probes.loader_preloads import parse_torch_preloads
from envdoctor.system.recorded import Recorded
from envdoctor.system.recorder import Recorder
from envdoctor.system.rootfs import Rootfs
from envdoctor.system.shortened import shortened
from tests.probes.test_loader_libraries import MIDDLE_TORCH, NEW_TORCH, OLD_TORCH

HEADER = "/usr/local/cuda/include/cuda_runtime_api.h"
TORCH = "/env/lib/python3.12/site-packages/torch/__init__.py"
LONG = "/* a line of no interest */\n" * 5000


@pytest.mark.parametrize("line", ["#define CUDART_VERSION  13000", "# define CUDA_VERSION 12040", "/* none */"])
def test_headers_of_cuda(line: str) -> None:
    text = f"{LONG}{line}\n{LONG} * by CUDART_VERSION)\n"
    kept = shortened(HEADER, text)
    assert len(kept) < 100
    assert parse_cuda_header(kept) == parse_cuda_header(text)


@pytest.mark.parametrize("part", [OLD_TORCH, MIDDLE_TORCH, NEW_TORCH, "", "\ndef _preload_cuda_deps(): pass\n"])
def test_what_torch_opens(part: str) -> None:
    text = f"import os\n{LONG}{part}_AND_MORE:\n{LONG}"
    assert parse_torch_preloads(shortened(TORCH, text)) == parse_torch_preloads(text)
    assert part not in {OLD_TORCH, NEW_TORCH} or len(shortened(TORCH, text)) < 1000


@given(
    st.lists(st.sampled_from([OLD_TORCH, NEW_TORCH, "\ndef _preload_cuda", "\nif (USE_RTLD_GLOBAL", "\n", "x = 1"])).map("".join)
)
def test_what_torch_opens_in_any_order(text: str) -> None:
    assert parse_torch_preloads(shortened(TORCH, text)) == parse_torch_preloads(text)


def test_other_files_are_kept_whole() -> None:
    assert shortened("/etc/os-release", LONG) == LONG


def test_in_a_recording(tmp_path: Path) -> None:
    file = tmp_path / HEADER[1:]
    file.parent.mkdir(parents=True)
    file.write_text(f"{LONG}#define CUDART_VERSION 12080\n")
    recorder = Recorder(Rootfs(str(tmp_path)))
    assert recorder.read(HEADER) == file.read_text()
    replayed = Recorded(json.loads(json.dumps(recorder.recording())))
    assert replayed.read(HEADER) == "#define CUDART_VERSION 12080\n"
