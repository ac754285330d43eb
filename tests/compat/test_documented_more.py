"""More questions that pages of the projects answer: what each page says is the expected answer."""

from __future__ import annotations

import pytest

from tests.compat.asking import Question, check

PAGES = {
    "https://docs.cupy.dev/en/stable/install.html": [
        ("cupy-cuda12x==14.0.1", "gpu=NVIDIA A100,driver=550.54.15,python=3.9", "fails", "python-unsupported"),
        ("cupy-cuda12x==14.0.1", "gpu=NVIDIA A100,driver=550.54.15,python=3.12", "works", ""),
        ("cupy-cuda12x==14.0.1 numpy==1.26.4", "gpu=NVIDIA A100,driver=550.54.15,python=3.12", "fails", "dependency-conflict"),
        ("cupy-cuda13x", "gpu=NVIDIA A100,driver=550.54.15,python=3.12", "fails", "driver-too-old"),
        ("cupy-cuda12x", "gpu=RTX 4070,driver=551.61,os=windows,python=3.12", "works", ""),
        ("cupy-cuda12x", "os=macos 14,machine=arm64,python=3.12", "fails", "platform-unsupported"),
    ],
    "https://docs.cupy.dev/en/v13.2.0/install.html": [
        ("cupy-cuda12x==13.2.0", "gpu=NVIDIA A100,driver=550.54.15,python=3.8", "fails", "python-unsupported"),
    ],
    "https://huggingface.co/docs/bitsandbytes/v0.42.0/installation": [
        ("bitsandbytes==0.42.0", "gpu=RTX 4070,driver=551.61,os=windows,python=3.11", "fails", ""),
    ],
    "https://huggingface.co/docs/bitsandbytes/v0.48.1/installation": [
        ("bitsandbytes==0.48.1", "gpu=GeForce GTX 980,driver=535.183.01,python=3.11", "fails", ""),
        ("bitsandbytes==0.48.1", "gpu=GeForce GTX 1080,driver=535.183.01,python=3.8", "fails", "python-unsupported"),
        ("bitsandbytes==0.48.1 torch==2.2.2", "gpu=NVIDIA L4,driver=550.54.15,python=3.11", "fails", "dependency-conflict"),
    ],
    "https://huggingface.co/docs/bitsandbytes/v0.50.0/installation": [
        ("bitsandbytes==0.50.0", "gpu=GeForce GTX 1080,driver=535.183.01,python=3.9", "fails", "python-unsupported"),
        ("bitsandbytes==0.50.0 torch==2.3.1", "gpu=NVIDIA L4,driver=550.54.15,python=3.11", "fails", ""),
    ],
    "https://huggingface.co/docs/bitsandbytes/v0.45.1/installation": [
        ("bitsandbytes==0.45.1 torch==2.7.0+cu128", "gpu=NVIDIA L4,driver=570.86.10,python=3.11", "fails",
         "extension-binary-missing"),
    ],
    "https://docs.vllm.ai/en/v0.14.0/getting_started/installation/gpu/": [
        ("vllm==0.14.0", "gpu=Tesla P40,driver=570.86.10,python=3.12", "fails", ""),
        ("vllm==0.14.0", "gpu=NVIDIA A100,driver=570.86.10,python=3.9", "fails", "python-unsupported"),
        ("vllm==0.14.0", "gpu=NVIDIA A100,driver=570.86.10,python=3.14", "fails", "python-unsupported"),
        ("vllm==0.14.0", "gpu=RTX 4090,driver=581.15,os=windows,python=3.12", "fails", "platform-unsupported"),
    ],
    "https://docs.vllm.ai/en/v0.5.0/getting_started/installation.html": [
        ("vllm==0.5.0", "gpu=NVIDIA A100,driver=550.54.15,python=3.12", "fails", "python-unsupported"),
        ("vllm==0.5.0", "gpu=Tesla T4,driver=535.183.01,python=3.10", "works", ""),
        ("vllm==0.5.0", "gpu=Tesla V100,driver=470.256.02,python=3.10", "fails", "driver-too-old"),
    ],
    "https://docs.vllm.ai/en/v0.6.1.post2/getting_started/installation.html": [
        ("vllm==0.6.1.post2", "gpu=NVIDIA A100,driver=550.54.15,python=3.12", "works", ""),
    ],
    "https://docs.rapids.ai/platform-support": [
        ("cudf-cu12==26.2.1", "gpu=Tesla V100,driver=535.183.01,python=3.12", "works", ""),
        ("cudf-cu13==26.2.1", "gpu=Tesla V100,driver=580.65.06,python=3.12", "fails", "gpu-arch-too-old"),
        ("cudf-cu12==26.2.1", "gpu=GeForce GTX 1080,driver=535.183.01,python=3.12", "fails", "gpu-arch-too-old"),
        ("cudf-cu12==26.2.1", "gpu=NVIDIA L4,driver=525.60.13,python=3.12", "fails", "driver-too-old"),
        ("cudf-cu13==26.2.1", "gpu=NVIDIA L4,driver=570.86.10,python=3.12", "fails", "driver-too-old"),
        ("cudf-cu12==26.2.1", "gpu=NVIDIA L4,driver=550.54.15,python=3.9", "fails", "python-unsupported"),
        ("cudf-cu12==26.2.1", "gpu=NVIDIA L4,driver=550.54.15,python=3.14", "fails", "python-unsupported"),
        ("cudf-cu12==26.2.1", "gpu=NVIDIA L4,driver=550.54.15,glibc=2.17,python=3.12", "fails", "glibc-too-old"),
        ("cudf-cu12", "gpu=RTX 4070,driver=551.61,os=windows,python=3.12", "fails", "platform-unsupported"),
        ("cudf-cu13==26.2.1", "gpu=RTX 5090,driver=580.65.06,python=3.13", "works", ""),
    ],
    "https://docs.jax.dev/en/latest/installation.html": [
        ("jax", "os=windows,python=3.12", "works", ""),
        ("jax", "os=macos 14,machine=arm64,python=3.12", "works", ""),
        ("jax[cuda13]", "gpu=NVIDIA H100,driver=570.86.10,python=3.12", "fails", "driver-too-old"),
        ("jax[cuda13]", "gpu=NVIDIA H100,driver=580.65.06,python=3.12", "works", ""),
        ("jax[cuda13]", "gpu=NVIDIA GB200,driver=580.65.06,machine=aarch64,python=3.12", "works", ""),
        ("jax[cuda12]", "gpu=GeForce GTX 980,driver=550.54.15,python=3.12", "fails", ""),
    ],
    "https://github.com/pytorch/pytorch/blob/main/RELEASE.md": [
        ("torch==2.8.0+cu126", "gpu=GeForce GTX 980,driver=560.35.03,python=3.12", "works", ""),
        ("torch==2.8.0+cu129", "gpu=NVIDIA B200,driver=575.51.03,python=3.12", "works", ""),
        ("torch==2.7.0+cu128", "gpu=GeForce GTX 1080,driver=570.86.10,python=3.12", "fails", "gpu-arch-too-old"),
        ("torch==2.7.0+cu118", "gpu=RTX 5090,driver=570.86.10,python=3.12", "fails", "gpu-arch-too-new"),
        ("torch==2.9.0+cu130", "gpu=RTX 5090,driver=575.51.03,python=3.12", "fails", "driver-too-old"),
        ("torch==2.5.1+cu126", "gpu=NVIDIA L4,driver=560.35.03,python=3.12", "fails", "wheel-index-wrong"),
        ("torch==2.6.0+cu121", "gpu=NVIDIA L4,driver=560.35.03,python=3.12", "fails", "wheel-index-wrong"),
        ("torch==2.12.0", "python=3.9", "fails", "python-unsupported"),
        ("torch==1.13.1", "python=3.12", "fails", "python-unsupported"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [Question(*row, source=page) for page, rows in PAGES.items() for row in rows],
    ids=lambda question: question.name,
)
def test_what_the_pages_say(question: Question) -> None:
    assert question.source
    check(question)
