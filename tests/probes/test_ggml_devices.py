"""The GPUs that llama.cpp lists."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Gpu, Unknown
from envdoctor.probes.ggml_devices import parse_ggml_devices

CUDA = """\
ggml_cuda_init: GGML_CUDA_FORCE_MMQ:    no
ggml_cuda_init: found 2 CUDA devices:
  Device 0: NVIDIA GeForce RTX 5090, compute capability 12.0, VMM: yes
  Device 1: Tesla P40, compute capability 6.1, VMM: yes
ggml_cuda_init: found 1 CUDA devices:
  Device 0: NVIDIA GeForce RTX 5090, compute capability 12.0, VMM: yes
"""
OLDER = "ggml_init_cublas: found 1 CUDA devices:\n  Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6\n"
ROCM = """\
ggml_cuda_init: found 2 ROCm devices:
  Device 0: AMD Radeon RX 7900 XTX, gfx1100 (0x1100), VMM: no, Wave Size: 32
  Device 1: AMD Radeon Graphics, compute capability 9.0, VMM: no
"""
VULKAN = """\
ggml_vulkan: Found 2 Vulkan devices:
ggml_vulkan: 0 = AMD Radeon RX 6800 (RADV NAVI21) (radv) | uma: 0 | fp16: 1 | warp size: 32
ggml_vulkan: 1 = llvmpipe (LLVM 15.0.7, 256 bits) (llvmpipe) | uma: 0 | fp16: 1
"""


def _rows(text: str) -> list[tuple[object, ...]]:
    shown = lambda value: "?" if isinstance(value, Unknown) else value  # noqa: E731
    return [
        (gpu.vendor, gpu.index, gpu.name, shown(gpu.compute_capability), shown(gpu.gfx_target))
        for gpu in parse_ggml_devices(text)
    ]


def test_listings() -> None:
    assert _rows(CUDA) == [("nvidia", 0, "NVIDIA GeForce RTX 5090", (12, 0), None), ("nvidia", 1, "Tesla P40", (6, 1), None)]
    assert _rows(OLDER) == [("nvidia", 0, "NVIDIA GeForce RTX 3090", (8, 6), None)]
    assert _rows(ROCM) == [
        ("amd", 0, "AMD Radeon RX 7900 XTX", "?", "gfx1100"), ("amd", 1, "AMD Radeon Graphics", "?", "?"),
    ]  # fmt: skip
    assert _rows(VULKAN) == [("amd", 0, "AMD Radeon RX 6800", "?", "?")]
    assert _rows("llama.cpp is slow") == []


def test_what_it_does_not_say_is_unknown() -> None:
    gpu = parse_ggml_devices(CUDA)[0]
    assert isinstance(gpu.memory_total_bytes, Unknown)
    assert isinstance(gpu.pci_address, Unknown)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="Device 0123: NVIDIA,computecapability.gfx\n|=()", max_size=200))
def test_any_text_is_read(text: str) -> None:
    for begun in ("ggml_cuda_init: found 2 CUDA devices:\n" + text, "ggml_vulkan: 0 = " + text):
        assert all(isinstance(gpu, Gpu) for gpu in parse_ggml_devices(begun))
