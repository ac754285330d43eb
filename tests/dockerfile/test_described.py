"""Dockerfiles of others, written anew from what is described of them: those that work get no complaint."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.dockerfile.test_lint import complaints, lint

PYTORCH = """\
ARG BASE_IMAGE=ubuntu:22.04
ARG PYTHON_VERSION=3.11
FROM ${BASE_IMAGE} AS dev-base
RUN apt-get update && apt-get install -y --no-install-recommends build-essential ca-certificates && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/conda/bin:$PATH
FROM dev-base AS conda
ARG PYTHON_VERSION=3.11
RUN /opt/conda/bin/conda install -y python=${PYTHON_VERSION} cmake && /opt/conda/bin/conda clean -ya
FROM conda AS conda-installs
ARG CUDA_VERSION=12.1
ARG INSTALL_CHANNEL=whl/nightly
RUN case linux/amd64 in \\
  "linux/arm64") pip install --extra-index-url https://download.pytorch.org/whl/cpu/ torch torchvision torchaudio ;; \\
  *) pip install --index-url https://download.pytorch.org/${INSTALL_CHANNEL}/${CUDA_VERSION#.}/ torch torchvision torchaudio ;; \\
  esac
FROM ${BASE_IMAGE} AS official
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64
COPY --from=conda-installs /opt/conda /opt/conda
"""
LLAMA = """\
ARG UBUNTU_VERSION=24.04
ARG CUDA_VERSION=12.8.1
ARG BASE_CUDA_DEV_CONTAINER=nvidia/cuda:${CUDA_VERSION}-devel-ubuntu${UBUNTU_VERSION}
ARG BASE_CUDA_RUN_CONTAINER=nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu${UBUNTU_VERSION}
FROM ${BASE_CUDA_DEV_CONTAINER} AS build
RUN apt-get update && apt-get install -y gcc-14 g++-14 cmake python3 python3-pip git
ENV CC=gcc-14 CXX=g++-14 CUDAHOSTCXX=g++-14
RUN cmake -B build -DGGML_CUDA=ON . && cmake --build build
FROM ${BASE_CUDA_RUN_CONTAINER} AS base
RUN apt-get update && apt-get install -y libgomp1 curl
COPY --from=build /app/lib /app
FROM base AS full
RUN apt-get update && apt-get install -y git python3 python3-pip && \\
    pip install --upgrade --break-system-packages pip setuptools wheel && \\
    pip install --break-system-packages -r requirements.txt
"""
DEEPSPEED = """\
FROM nvidia/cuda:12.2.2-devel-ubuntu20.04
ENV PYTORCH_VERSION=1.13.0
ENV PYTHON_VERSION=3
RUN apt-get update && apt-get install -y python3 python3-dev
ENV LD_LIBRARY_PATH=/usr/local/lib:/usr/local/mpi/lib:/usr/local/mpi/lib64:${LD_LIBRARY_PATH}
RUN pip install torch==${PYTORCH_VERSION}
RUN pip install nvidia-ml-py3 py3nvml
RUN git clone https://github.com/deepspeedai/DeepSpeed.git && cd DeepSpeed && pip install deepspeed
"""
TRANSFORMERS = """\
FROM nvidia/cuda:12.1.0-cudnn8-devel-ubuntu22.04
ARG DEBIAN_FRONTEND=noninteractive
RUN apt update && apt install -y git libsndfile1-dev python3 python3-pip ffmpeg
ARG PYTORCH='2.6.0'
ARG TORCH_VISION=''
ARG CUDA='cu121'
RUN [ ${#PYTORCH} -gt 0 ] && VERSION='torch=='$PYTORCH'.*' || VERSION='torch'; python3 -m pip install -U $VERSION \\
    --extra-index-url https://download.pytorch.org/whl/$CUDA
RUN python3 -m pip install --no-cache-dir "itsdangerous<2.1.0"
"""


def test_the_official_image_of_pytorch() -> None:
    """Its default leads to an index that ends in /12.1/, but among the nightly builds, of which nothing is said."""
    assert complaints(lint(PYTORCH)) == []


def test_stages_whose_base_is_made_of_arguments() -> None:
    assert complaints(lint(LLAMA)) == []


def test_an_extension_that_would_be_compiled_with_another_cuda() -> None:
    """CUDA 12.2 below torch 1.13.0, whose build on the package index is for CUDA 11.7."""
    assert complaints(lint(DEEPSPEED)) == [(6, "image-cuda-mismatch")]


def test_what_only_a_shell_can_know_is_left_open() -> None:
    """The version is put together by the shell: nothing is said of it."""
    assert complaints(lint(TRANSFORMERS)) == []


def test_an_extra_index_that_has_no_such_build_is_a_complaint() -> None:
    plain = "FROM nvidia/cuda:12.1.0-cudnn8-devel-ubuntu22.04\nRUN apt install -y python3-pip\nARG CUDA=cu121\n"
    text = f"{plain}RUN python3 -m pip install torch==2.6.0 --extra-index-url https://download.pytorch.org/whl/$CUDA\n"
    assert complaints(lint(text)) == [(4, "image-index-wrong")]


def described(fact: dict[str, Any]) -> str:
    """A Dockerfile after one description: stages, variables, and what is installed."""
    lines = [f"ARG {name}={value}" for name, value in fact["cuda_env"].items() if re.fullmatch(r"[\w.-]+", value)]
    names: list[str] = []
    for number, base in enumerate(fact["from"]):
        earlier = base if base in names else ""
        known = earlier or "$" in base or ":" in base or "/" in base or base == "scratch"
        names.append(base if not known else f"stage{number}")
        lines.append(f"FROM {base if known else names[0] if number else 'python:3.12-slim'} AS {names[-1]}")
    lines += [f'ENV {name}="{value}"' for name, value in fact["cuda_env"].items() if '"' not in value]
    packages = [name for name in fact["apt_cuda"] if re.fullmatch(r"[a-z0-9-]+", name) and name not in {"cuda", "cuda-runtime"}]
    if packages:
        lines.append(f"RUN dnf install -y {' '.join(packages)}")
    indexes = "".join(f" --extra-index-url {url}" for url in fact["pip_index_urls"])
    if fact["pip_pins"]:
        lines.append("RUN pip install " + " ".join(f'"{pin}"' for pin in fact["pip_pins"]) + indexes)
    return "\n".join(lines) + "\n"


def test_images_of_a_vendor_get_no_complaint(shared_folder: Path) -> None:
    path = shared_folder / "hardware" / "image-facts" / "aws-dlc-dockerfile-facts.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert len(facts) >= 40
    found = {fact["path"]: complaints(lint(described(fact))) for fact in facts}
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("text", [PYTORCH, LLAMA, DEEPSPEED, TRANSFORMERS])
def test_a_driver_planted_in_them_is_found_on_its_line(text: str) -> None:
    rows = text.splitlines()
    place = max(number for number, row in enumerate(rows) if row.startswith("FROM"))
    rows.insert(place + 1, "RUN apt-get update && apt-get install -y nvidia-driver-550")
    assert (place + 2, "image-installs-driver") in complaints(lint("\n".join(rows)))
