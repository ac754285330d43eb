"""Dockerfiles that work, written after patterns that are popular, and single mistakes to plant in them."""

from __future__ import annotations

SLIM = """\
FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1
RUN pip install --no-cache-dir torch==2.6.0 torchvision==0.21.0 --index-url https://download.pytorch.org/whl/cu124
RUN pip install --no-cache-dir transformers==4.51.3
COPY app.py /app/
USER nobody
CMD ["python", "/app/app.py"]
"""
CUDA_RUNTIME = """\
ARG CUDA=12.4.1
FROM nvidia/cuda:${CUDA}-cudnn-runtime-ubuntu22.04
ENV DEBIAN_FRONTEND=noninteractive NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN apt-get update && \\
    apt-get install -y --no-install-recommends \\
        python3 \\
        python3-pip && \\
    rm -rf /var/lib/apt/lists/*
RUN python3 -m pip install --no-cache-dir \\
        torch==2.6.0 \\
        --extra-index-url https://download.pytorch.org/whl/cu124
RUN pip3 install onnxruntime-gpu==1.20.1 numpy==1.26.4
"""
DEVEL = """\
FROM nvidia/cuda:12.4.1-devel-ubuntu22.04 AS build
RUN apt-get update && apt-get install -y python3 python3-venv python3-dev git
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
RUN pip install torch==2.6.0 --index-url https://download.pytorch.org/whl/cu124
RUN pip install packaging ninja && pip install flash-attn==2.7.4.post1 --no-build-isolation

FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
"""
NOBLE_VENV = """\
FROM ubuntu:24.04
RUN apt-get update && apt-get install -y python3-venv
RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install torch==2.6.0
ENV PATH="/opt/venv/bin:$PATH"
RUN pip install numpy==2.2.0
"""
NOBLE_BREAKING = """\
FROM ubuntu:24.04
RUN apt-get update && apt-get install -y python3-pip
RUN pip install --break-system-packages numpy==2.2.0
"""
UV = """\
FROM python:3.12-slim
COPY --from=ghcr.io/astral-sh/uv:0.5.11 /uv /usr/local/bin/uv
ENV UV_SYSTEM_PYTHON=1
RUN uv pip install --system "jax[cuda12]==0.5.0"
"""
OFFICIAL = """\
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
RUN pip install transformers==4.51.3 accelerate==1.6.0
"""
TENSORFLOW = """\
FROM python:3.11-slim
RUN pip install "tensorflow[and-cuda]==2.17.0"
"""
TENSORFLOW_CPU = """\
FROM python:3.11-slim
RUN pip install tensorflow==2.17.0 scikit-learn==1.5.2
"""
CPU = """\
FROM python:3.11
RUN pip install torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu
RUN pip install onnxruntime==1.20.1
"""
CONDA = """\
FROM continuumio/miniconda3:24.9.2-0
RUN conda install -y python=3.11 && conda clean -afy
RUN pip install torch==2.6.0
"""
HEREDOC = """\
# syntax=docker/dockerfile:1
FROM nvidia/cuda:12.6.3-base-ubuntu24.04
RUN <<EOF
apt-get update
apt-get install -y python3-venv
python3 -m venv /venv
/venv/bin/pip install \\
    torch==2.7.0
EOF
"""
NIGHTLY = """\
ARG PYTHON=3.12
FROM python:${PYTHON}-slim
ARG CHANNEL=whl/nightly
ARG CUDA=cu128
RUN pip install --pre torch --index-url https://download.pytorch.org/${CHANNEL}/${CUDA}
"""
VARIABLE_BASE = """\
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
ARG TORCH
RUN pip install torch==${TORCH} "numpy<2"
"""
ONNX = """\
FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
RUN apt-get update && apt-get install -y python3-pip
RUN pip install onnxruntime-gpu==1.20.1
"""
HEALTHY = {
    "slim": SLIM, "cuda-runtime": CUDA_RUNTIME, "devel": DEVEL, "noble-venv": NOBLE_VENV, "noble-breaking": NOBLE_BREAKING,
    "uv": UV, "official": OFFICIAL, "tensorflow": TENSORFLOW, "tensorflow-cpu": TENSORFLOW_CPU, "cpu": CPU, "conda": CONDA,
    "heredoc": HEREDOC, "nightly": NIGHTLY, "variable-base": VARIABLE_BASE, "onnx": ONNX,
}  # fmt: skip

MISTAKES: tuple[tuple[str, str, str, str, str, int], ...] = (
    # name, Dockerfile, what is replaced, by what, rule, line
    ("python without wheels", SLIM, "python:3.12-slim-bookworm", "python:3.14-slim-bookworm", "python-unsupported", 3),
    ("index missing", SLIM, "torch==2.6.0 torchvision==0.21.0 --index-url https://download.pytorch.org/whl/cu124",
     "torch==2.6.0+cu124",
     "image-index-wrong", 3),
    ("build that is not there", SLIM, "whl/cu124", "whl/cu121", "image-index-wrong", 3),
    ("build that is not there, quietly", CUDA_RUNTIME, "whl/cu124", "whl/cu121", "image-index-wrong", 10),
    ("index with a dot", SLIM, "whl/cu124", "whl/12.4", "image-index-wrong", 3),
    ("companion of another release", SLIM, "torchvision==0.21.0", "torchvision==0.20.1", "torch-companion-mismatch", 3),
    ("driver in the image", CUDA_RUNTIME, "        python3 \\\n",
     "        python3 \\\n        nvidia-driver-550 \\\n", "image-installs-driver", 7),
    ("driver by the installer", SLIM, "USER nobody", "RUN sh NVIDIA-Linux-x86_64-550.54.15.run --silent",
     "image-installs-driver", 6),
    ("toolkit with a driver", CUDA_RUNTIME, "        python3-pip", "        cuda-12-4 python3-pip", "image-installs-driver", 7),
    ("compiled with another CUDA", DEVEL, "12.4.1-devel", "11.8.0-devel", "image-cuda-mismatch", 5),
    ("two CUDAs", CUDA_RUNTIME, "CUDA=12.4.1", "CUDA=11.8.0", "image-cuda-mismatch", 10),
    ("no CUDA below", ONNX, "FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04", "FROM ubuntu:22.04",
     "image-cuda-libraries-missing", 3),
    ("no CUDA for TensorFlow", TENSORFLOW, 'RUN pip install "tensorflow[and-cuda]==2.17.0"',
     "ENV NVIDIA_VISIBLE_DEVICES=all\nRUN pip install tensorflow==2.17.0", "image-cuda-libraries-missing", 3),
    ("processor's build", CUDA_RUNTIME, "onnxruntime-gpu==1.20.1", "onnxruntime==1.20.1", "image-cpu-build", 12),
    ("processor's torch", CUDA_RUNTIME, "--extra-index-url https://download.pytorch.org/whl/cu124",
     "--index-url https://download.pytorch.org/whl/cpu", "image-cpu-build", 10),
    ("system's Python", NOBLE_BREAKING, " --break-system-packages", "", "image-system-python-managed", 3),
    ("hidden GPU", SLIM, "ENV PYTHONUNBUFFERED=1", 'ENV CUDA_VISIBLE_DEVICES=""', "image-hides-gpu", 2),
    ("no compute", CUDA_RUNTIME, "compute,utility", "utility", "image-hides-gpu", 3),
    ("musl", SLIM, "python:3.12-slim-bookworm", "python:3.12-alpine", "platform-unsupported", 3),
    ("NumPy 2 under an old torch", SLIM, "torch==2.6.0 torchvision==0.21.0 --index-url https://download.pytorch.org/whl/cu124",
     "torch==2.2.0 numpy==2.1.0", "numpy2-abi", 3),
)  # fmt: skip
LOOSE: tuple[tuple[str, str, str, str, int], ...] = (
    ("no version", SLIM, "torch==2.6.0 torchvision==0.21.0", "torch torchvision", 3),
    ("no tag", SLIM, "python:3.12-slim-bookworm", "python", 1),
    ("latest", OFFICIAL, ":2.6.0-cuda12.4-cudnn9-runtime", ":latest", 1),
)
