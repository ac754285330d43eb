"""More Dockerfiles that work, each after a kind that many projects use, and mistakes to plant in them one at a time."""

from __future__ import annotations

FURTHER: dict[str, str] = {}

FURTHER["pytorch-notebook"] = """\
ARG REGISTRY=quay.io
ARG OWNER=jupyter
ARG BASE_IMAGE=$REGISTRY/$OWNER/scipy-notebook
FROM $BASE_IMAGE
LABEL maintainer="A Project <project@example.org>"
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN pip install --no-cache-dir --extra-index-url=https://pypi.nvidia.com --index-url 'https://download.pytorch.org/whl/cu126' \\
    'torch' 'torchaudio' 'torchvision' && \\
    fix-permissions "${CONDA_DIR}" && \\
    fix-permissions "/home/${NB_USER}"
ENV NVIDIA_VISIBLE_DEVICES="all" \\
    NVIDIA_DRIVER_CAPABILITIES="compute,utility"
"""
FURTHER["minimal-notebook-mamba"] = """\
FROM quay.io/jupyter/minimal-notebook:python-3.11
USER root
RUN apt-get update --yes && apt-get install --yes --no-install-recommends ffmpeg && apt-get clean && rm -rf /var/lib/apt/lists/*
USER ${NB_UID}
RUN mamba install --yes 'pandas' 'scikit-learn' 'matplotlib-base' && mamba clean --all -f -y
RUN pip install --no-cache-dir torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu
"""
FURTHER["vllm-openai"] = """\
ARG CUDA_VERSION=12.8.1
ARG PYTHON_VERSION=3.12
FROM nvidia/cuda:${CUDA_VERSION}-devel-ubuntu22.04 AS base
ARG CUDA_VERSION
ARG PYTHON_VERSION
ARG TARGETPLATFORM
ENV DEBIAN_FRONTEND=noninteractive
RUN echo 'tzdata tzdata/Areas select America' | debconf-set-selections \\
    && apt-get update -y \\
    && apt-get install -y ccache software-properties-common git curl sudo \\
    && add-apt-repository -y ppa:deadsnakes/ppa \\
    && apt-get update -y \\
    && apt-get install -y python${PYTHON_VERSION} python${PYTHON_VERSION}-dev python${PYTHON_VERSION}-venv \\
    && update-alternatives --install /usr/bin/python3 python3 /usr/bin/python${PYTHON_VERSION} 1 \\
    && curl -sS https://bootstrap.pypa.io/get-pip.py | python${PYTHON_VERSION}
RUN --mount=type=cache,target=/root/.cache/uv python3 -m pip install uv
WORKDIR /workspace
COPY requirements/cuda.txt requirements/cuda.txt
RUN --mount=type=cache,target=/root/.cache/uv \\
    uv pip install --system -r requirements/cuda.txt \\
    --extra-index-url https://download.pytorch.org/whl/cu128

FROM base AS build
ARG max_jobs=2
ENV MAX_JOBS=${max_jobs}
COPY . .
RUN --mount=type=bind,source=.git,target=.git python3 setup.py bdist_wheel --dist-dir=dist --py-limited-api=cp38

FROM nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu22.04 AS serve
ARG PYTHON_VERSION
RUN apt-get update -y && apt-get install -y software-properties-common curl && add-apt-repository -y ppa:deadsnakes/ppa \\
    && apt-get install -y python${PYTHON_VERSION} && curl -sS https://bootstrap.pypa.io/get-pip.py | python${PYTHON_VERSION}
RUN --mount=type=bind,from=build,src=/workspace/dist,target=/dist \\
    python${PYTHON_VERSION} -m pip install /dist/*.whl --extra-index-url https://download.pytorch.org/whl/cu128
ENTRYPOINT ["python3", "-m", "server"]
"""
FURTHER["vllm-derived"] = """\
FROM vllm/vllm-openai:v0.8.5
RUN uv pip install --system --no-cache "transformers>=4.51" librosa==0.11.0
ENV VLLM_WORKER_MULTIPROC_METHOD=spawn
ENTRYPOINT ["vllm", "serve"]
"""
FURTHER["transformers-gpu"] = """\
FROM nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04
LABEL maintainer="Somebody"
ARG DEBIAN_FRONTEND=noninteractive
SHELL ["sh", "-lc"]
ARG PYTORCH='2.5.1'
ARG CUDA='cu121'
RUN apt update
RUN apt install -y git libsndfile1-dev tesseract-ocr espeak-ng python3 python3-pip ffmpeg
RUN python3 -m pip install --no-cache-dir --upgrade pip
ARG REF=main
RUN git clone https://github.com/huggingface/transformers && cd transformers && git checkout $REF
RUN [ ${#PYTORCH} -gt 0 ] && VERSION='torch=='$PYTORCH'.*' ||  VERSION='torch'; echo "export VERSION='$VERSION'" >> ~/.profile
RUN python3 -m pip install --no-cache-dir -U $VERSION torchvision torchaudio --extra-index-url https://download.pytorch.org/whl/$CUDA
RUN python3 -m pip install --no-cache-dir -e ./transformers[dev]
RUN cd transformers && python3 setup.py develop
"""
FURTHER["text-generation-webui"] = """\
FROM nvidia/cuda:12.1.1-devel-ubuntu22.04 as builder
RUN apt-get update && apt-get install --no-install-recommends -y git vim build-essential python3-dev python3-venv \\
    && rm -rf /var/lib/apt/lists/*
RUN git clone https://github.com/example/gptq /build
WORKDIR /build
RUN python3 -m venv /build/venv
RUN . /build/venv/bin/activate && pip3 install --upgrade pip setuptools wheel && \\
    pip3 install torch==2.2.1 torchvision torchaudio --index-url https://download.pytorch.org/whl/cu121 && \\
    pip3 install -r requirements.txt
ARG TORCH_CUDA_ARCH_LIST="${TORCH_CUDA_ARCH_LIST:-3.5;5.0;6.0;6.1;7.0;7.5;8.0;8.6+PTX}"
RUN . /build/venv/bin/activate && python3 setup_cuda.py bdist_wheel -d .

FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04
RUN apt-get update && apt-get install --no-install-recommends -y python3-dev libportaudio2 python3-venv \\
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/root/.cache/pip,rw pip3 install virtualenv
RUN mkdir /app
WORKDIR /app
RUN virtualenv /app/venv
RUN . /app/venv/bin/activate && pip3 install --upgrade pip "numpy<2" && \\
    pip3 install torch==2.2.1 torchvision torchaudio --index-url https://download.pytorch.org/whl/cu121
COPY --from=builder /build /app/repositories/gptq
ENV CLI_ARGS=""
CMD . /app/venv/bin/activate && python3 server.py ${CLI_ARGS}
"""
FURTHER["uv-project"] = """\
FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim AS builder
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv \\
    --mount=type=bind,source=uv.lock,target=uv.lock \\
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\
    uv sync --frozen --no-install-project --no-dev
ADD . /app
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev

FROM python:3.12-slim-bookworm
COPY --from=builder --chown=app:app /app /app
ENV PATH="/app/.venv/bin:$PATH"
CMD ["fastapi", "run", "--host", "0.0.0.0", "/app/src/main.py"]
"""
FURTHER["uv-managed-python"] = """\
FROM nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04
COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/
ENV UV_PYTHON_INSTALL_DIR=/python UV_PYTHON_PREFERENCE=only-managed
RUN uv python install 3.12 && uv venv --python 3.12 /opt/venv
ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"
RUN uv pip install torch==2.6.0 torchvision==0.21.0 --index-url https://download.pytorch.org/whl/cu126
RUN uv pip install --no-cache "lightning==2.5.1" "hydra-core==1.3.2"
"""
FURTHER["uv-torch-backend"] = """\
FROM python:3.12-slim
RUN pip install uv==0.7.3
RUN uv pip install --system --torch-backend=cu126 torch==2.7.0 torchvision==0.22.0
"""
FURTHER["poetry"] = """\
FROM python:3.11-slim AS builder
ENV POETRY_VERSION=1.8.4 POETRY_VIRTUALENVS_IN_PROJECT=true
RUN pip install "poetry==$POETRY_VERSION"
COPY pyproject.toml poetry.lock ./
RUN poetry install --no-root --only main

FROM python:3.11-slim AS runtime
ENV VIRTUAL_ENV=/app/.venv PATH="/app/.venv/bin:$PATH"
COPY --from=builder /.venv /app/.venv
COPY . /app
ENTRYPOINT ["python", "-m", "app"]
"""
FURTHER["pdm-two-stage"] = """\
ARG PYTHON_BASE=3.10-slim
FROM python:$PYTHON_BASE AS builder
RUN pip install -U pdm
ENV PDM_CHECK_UPDATE=false
COPY pyproject.toml pdm.lock README.md /project/
WORKDIR /project
RUN pdm install --check --prod --no-editable
FROM python:$PYTHON_BASE
COPY --from=builder /project/.venv/ /project/.venv
ENV PATH="/project/.venv/bin:$PATH"
CMD ["python", "src/__main__.py"]
"""
FURTHER["micromamba"] = """\
FROM mambaorg/micromamba:2.0.5-ubuntu22.04
COPY --chown=$MAMBA_USER:$MAMBA_USER env.yaml /tmp/env.yaml
RUN micromamba install -y -n base -f /tmp/env.yaml && \\
    micromamba clean --all --yes
ARG MAMBA_DOCKERFILE_ACTIVATE=1
RUN python -c 'import uuid; print(uuid.uuid4())' > /tmp/my_uuid
"""
FURTHER["micromamba-pip"] = """\
FROM mambaorg/micromamba:1.5.8
RUN micromamba install -y -n base -c conda-forge python=3.11 pip numpy && micromamba clean --all --yes
ARG MAMBA_DOCKERFILE_ACTIVATE=1
RUN pip install torch==2.4.1 --index-url https://download.pytorch.org/whl/cu124
"""
FURTHER["conda-environment"] = """\
FROM continuumio/miniconda3:24.9.2-0
WORKDIR /app
COPY environment.yml .
RUN conda env create -f environment.yml
SHELL ["conda", "run", "-n", "myenv", "/bin/bash", "-c"]
RUN python -c "import torch"
COPY run.py .
ENTRYPOINT ["conda", "run", "--no-capture-output", "-n", "myenv", "python", "run.py"]
"""
FURTHER["conda-cuda-channel"] = """\
FROM condaforge/miniforge3:24.9.2-0
RUN conda create -y -n train python=3.11 && \\
    conda install -y -n train -c pytorch -c nvidia pytorch=2.4.1 torchvision pytorch-cuda=12.4 && \\
    conda clean -afy
ENV PATH=/opt/conda/envs/train/bin:$PATH
"""
FURTHER["rapids"] = """\
FROM nvcr.io/nvidia/rapidsai/base:25.02-cuda12.8-py3.12
USER rapids
RUN conda install -y -n base -c conda-forge seaborn && conda clean -ay
EXPOSE 8888 8787 8786
"""
FURTHER["ngc-pytorch"] = """\
FROM nvcr.io/nvidia/pytorch:24.12-py3
ENV PIP_CONSTRAINT=""
RUN pip install --no-cache-dir transformers==4.48.0 datasets==3.2.0 peft==0.14.0
WORKDIR /workspace/project
COPY . .
"""
FURTHER["ngc-tensorflow"] = """\
ARG FROM_IMAGE_NAME=nvcr.io/nvidia/tensorflow:24.08-tf2-py3
FROM ${FROM_IMAGE_NAME}
ADD requirements.txt .
RUN pip install -r requirements.txt
ENV TF_XLA_FLAGS="--tf_xla_enable_lazy_compilation=false"
"""
FURTHER["tensorflow-gpu-image"] = """\
FROM tensorflow/tensorflow:2.17.0-gpu
RUN pip install --no-cache-dir keras-cv==0.9.0 pandas==2.2.2
COPY train.py /
CMD ["python", "/train.py"]
"""
FURTHER["tensorflow-jupyter"] = """\
FROM tensorflow/tensorflow:2.16.1-gpu-jupyter
RUN apt-get update && apt-get install -y graphviz && pip install pydot==3.0.4
"""
FURTHER["mmdetection"] = """\
ARG PYTORCH="1.9.0"
ARG CUDA="11.1"
ARG CUDNN="8"
FROM pytorch/pytorch:${PYTORCH}-cuda${CUDA}-cudnn${CUDNN}-devel
ENV TORCH_CUDA_ARCH_LIST="6.0 6.1 7.0 7.5 8.0 8.6+PTX" \\
    TORCH_NVCC_FLAGS="-Xfatbin -compress-all" \\
    CMAKE_PREFIX_PATH="$(dirname $(which conda))/../" \\
    FORCE_CUDA="1"
RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu1804/x86_64/3bf863cc.pub
RUN apt-get update \\
    && apt-get install -y ffmpeg libsm6 libxext6 git ninja-build libglib2.0-0 \\
    && apt-get clean \\
    && rm -rf /var/lib/apt/lists/*
RUN pip install openmim && mim install "mmengine>=0.7.1" "mmcv>=2.0.0rc4"
RUN conda clean --all && git clone https://github.com/open-mmlab/mmdetection.git /mmdetection \\
    && cd /mmdetection && pip install --no-cache-dir -e .
"""
FURTHER["ultralytics"] = """\
FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_BREAK_SYSTEM_PACKAGES=1
ADD https://example.org/Arial.ttf /root/.config/
RUN apt-get update && apt-get install -y --no-install-recommends gcc git zip unzip wget libgl1 libglib2.0-0 \\
    && rm -rf /var/lib/apt/lists/*
WORKDIR /ultralytics
COPY . .
RUN sed -i '/^\\[http "https:\\/\\/github\\.com\\/"\\]/,+1d' .git/config
RUN pip install uv && uv pip install --system -e ".[export]" \\
    --extra-index-url https://download.pytorch.org/whl/cu124 --index-strategy unsafe-first-match
RUN rm -rf tmp /root/.config/Ultralytics/persistent_cache.json
"""
FURTHER["detectron2"] = """\
FROM nvidia/cuda:11.1.1-cudnn8-devel-ubuntu18.04
ENV DEBIAN_FRONTEND noninteractive
RUN apt-get update && apt-get install -y \\
	python3-opencv ca-certificates python3-dev git wget sudo ninja-build
RUN ln -sv /usr/bin/python3 /usr/bin/python
ARG USER_ID=1000
RUN useradd -m --no-log-init --system --uid ${USER_ID} appuser -g sudo
RUN echo '%sudo ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers
USER appuser
WORKDIR /home/appuser
ENV PATH="/home/appuser/.local/bin:${PATH}"
RUN wget https://bootstrap.pypa.io/pip/3.6/get-pip.py && python3 get-pip.py --user && rm get-pip.py
RUN pip install --user tensorboard cmake onnx
RUN pip install --user torch==1.10 torchvision==0.11.1 -f https://download.pytorch.org/whl/cu111/torch_stable.html
RUN pip install --user 'git+https://github.com/facebookresearch/fvcore'
ENV FORCE_CUDA="1"
ENV FVCORE_CACHE="/tmp"
"""
FURTHER["deepspeed"] = """\
FROM nvidia/cuda:12.2.2-devel-ubuntu20.04
ENV DEBIAN_FRONTEND noninteractive
ENV STAGE_DIR=/tmp
RUN mkdir -p ${STAGE_DIR}
RUN apt-get update && apt-get install -y --no-install-recommends software-properties-common \\
    build-essential autotools-dev nfs-common pdsh cmake g++ gcc curl wget
ENV PYTHON_VERSION=3
RUN apt-get install -y python3 python3-dev && rm -f /usr/bin/python && ln -s /usr/bin/python3 /usr/bin/python && \\
    curl -O https://bootstrap.pypa.io/pip/3.8/get-pip.py && python get-pip.py && rm get-pip.py
ENV PYTORCH_VERSION=2.1.2
RUN pip install torch==${PYTORCH_VERSION} torchvision==0.16.2 --index-url https://download.pytorch.org/whl/cu121
RUN git clone https://github.com/microsoft/DeepSpeed.git ${STAGE_DIR}/DeepSpeed
RUN cd ${STAGE_DIR}/DeepSpeed && ./install.sh --pip_sudo
"""
FURTHER["sglang"] = """\
ARG CUDA_VERSION=12.5.1
FROM nvcr.io/nvidia/tritonserver:24.04-py3-min
ARG BUILD_TYPE=all
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /sgl-workspace
RUN python3 -m pip install --no-cache-dir setuptools wheel html5lib six
RUN git clone --depth=1 https://github.com/sgl-project/sglang.git \\
    && cd sglang && python3 -m pip --no-cache-dir install -e "python[${BUILD_TYPE}]"
"""
FURTHER["triton-server"] = """\
FROM nvcr.io/nvidia/tritonserver:24.10-py3
RUN pip install --no-cache-dir torch==2.5.1 --index-url https://download.pytorch.org/whl/cu124
RUN pip install sentencepiece==0.2.0
"""
FURTHER["llama-cpp"] = """\
ARG CUDA_IMAGE="12.5.0-devel-ubuntu22.04"
FROM nvidia/cuda:${CUDA_IMAGE}
ENV HOST=0.0.0.0
RUN apt-get update && apt-get upgrade -y \\
    && apt-get install -y git build-essential \\
    python3 python3-pip gcc wget \\
    ocl-icd-opencl-dev opencl-headers clinfo \\
    && mkdir -p /etc/OpenCL/vendors && echo "libnvidia-opencl.so.1" > /etc/OpenCL/vendors/nvidia.icd
COPY . .
ENV CUDA_DOCKER_ARCH=all
ENV GGML_CUDA=1
RUN python3 -m pip install --upgrade pip pytest cmake scikit-build setuptools \\
    fastapi uvicorn sse-starlette pydantic-settings starlette-context
RUN CMAKE_ARGS="-DGGML_CUDA=on" pip install llama-cpp-python
CMD python3 -m llama_cpp.server
"""
FURTHER["ollama-go"] = """\
FROM --platform=linux/amd64 golang:1.22 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=1 go build -o /bin/server .
FROM ubuntu:22.04
RUN apt-get update && apt-get install -y ca-certificates && apt-get clean
COPY --from=build /bin/server /bin/server
ENV PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
ENV NVIDIA_VISIBLE_DEVICES=all
ENTRYPOINT ["/bin/server"]
"""
FURTHER["faster-whisper"] = """\
FROM nvidia/cuda:12.3.2-cudnn9-runtime-ubuntu22.04
WORKDIR /root
RUN apt-get update -y && apt-get install -y python3-pip
COPY infer.py jfk.flac ./
RUN pip3 install faster-whisper==1.1.0
CMD ["python3", "infer.py"]
"""
FURTHER["comfyui"] = """\
FROM python:3.12.9-slim-bookworm
ARG TORCH_INDEX=https://download.pytorch.org/whl/cu126
RUN apt-get update && apt-get install -y --no-install-recommends git libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
RUN git clone --depth 1 https://github.com/comfyanonymous/ComfyUI.git /comfy
RUN pip install --no-cache-dir torch==2.6.0 torchvision==0.21.0 torchaudio==2.6.0 --index-url ${TORCH_INDEX} \\
 && pip install --no-cache-dir -r /comfy/requirements.txt
VOLUME ["/comfy/models"]
CMD ["python", "/comfy/main.py", "--listen"]
"""
FURTHER["ubi"] = """\
FROM registry.access.redhat.com/ubi9/python-311:1-77
USER 0
RUN dnf install -y gcc-c++ && dnf clean all
USER 1001
RUN pip install --no-cache-dir torch==2.5.1 --index-url https://download.pytorch.org/whl/cpu
COPY --chown=1001:0 . /opt/app-root/src
CMD ["python", "serve.py"]
"""
FURTHER["ubi-cuda"] = """\
FROM nvidia/cuda:12.4.1-cudnn-runtime-ubi9
RUN dnf install -y python3.11 python3.11-pip && dnf clean all
RUN python3.11 -m pip install --no-cache-dir torch==2.6.0 --index-url https://download.pytorch.org/whl/cu124
"""
FURTHER["rocky-microdnf"] = """\
FROM rockylinux:9-minimal
RUN microdnf install -y python3.12 python3.12-pip && microdnf clean all
RUN python3.12 -m pip install torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu
"""
FURTHER["alpine-tools"] = """\
FROM python:3.12-alpine
RUN apk add --no-cache build-base libffi-dev && pip install --no-cache-dir flask==3.1.0 gunicorn==23.0.0
COPY . /srv
CMD ["gunicorn", "-b", "0.0.0.0:80", "app:app"]
"""
FURTHER["devcontainer"] = """\
# [Choice] Python version
ARG VARIANT=1-3.11-bookworm
FROM mcr.microsoft.com/devcontainers/python:${VARIANT}
RUN su vscode -c "python -m pip install --user torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu" 2>&1
# [Optional] Uncomment this section to install additional OS packages.
# RUN apt-get update && export DEBIAN_FRONTEND=noninteractive \\
#     && apt-get -y install --no-install-recommends nvidia-driver-550
"""
FURTHER["devcontainer-features"] = """\
FROM mcr.microsoft.com/devcontainers/base:ubuntu-22.04
ARG USERNAME=vscode
RUN apt-get update && apt-get install -y python3.10-venv
USER $USERNAME
RUN python3 -m venv /home/$USERNAME/.venv && /home/$USERNAME/.venv/bin/pip install jupyterlab==4.3.4
"""
FURTHER["onbuild"] = """\
FROM python:3.11-slim
WORKDIR /app
ONBUILD COPY requirements.txt /app/
ONBUILD RUN pip install --no-cache-dir -r requirements.txt
ONBUILD COPY . /app
CMD ["python", "main.py"]
"""
FURTHER["heredoc-python"] = """\
# syntax=docker/dockerfile:1.7
FROM python:3.12-slim
RUN <<EOT bash
  set -ex
  apt-get update
  apt-get install -y --no-install-recommends git
  pip install torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu
EOT
COPY <<'EOF' /app/run.py
# pip install torch==99 is only text here
print("FROM nothing")
EOF
RUN python3 <<EOF
print("pip install tensorflow==1.0")
EOF
CMD ["python", "/app/run.py"]
"""
FURTHER["escape-directive"] = """\
# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command"]
RUN Invoke-WebRequest https://example.org/python.exe -OutFile C:\\python.exe ; `
    Start-Process C:\\python.exe -ArgumentList '/quiet' -Wait
"""
FURTHER["build-matrix"] = """\
ARG FLAVOUR=cpu
FROM python:3.11-slim AS common
RUN pip install --no-cache-dir numpy==1.26.4

FROM common AS cpu
RUN pip install --no-cache-dir torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu

FROM common AS cuda
RUN pip install --no-cache-dir torch==2.6.0 --index-url https://download.pytorch.org/whl/cu124
ENV NVIDIA_VISIBLE_DEVICES=all

FROM ${FLAVOUR} AS final
COPY . /app
"""
FURTHER["build-args-if"] = """\
FROM python:3.11-slim
ARG GPU=false
RUN if [ "$GPU" = "true" ]; then \\
      pip install --no-cache-dir torch==2.6.0 --index-url https://download.pytorch.org/whl/cu124 ; \\
    else \\
      pip install --no-cache-dir torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu ; \\
    fi
"""
FURTHER["requirements-only"] = """\
FROM nvidia/cuda:12.4.1-base-ubuntu22.04
RUN apt-get update && apt-get install -y python3-pip
COPY requirements.txt /tmp/
RUN --mount=type=secret,id=pip,target=/etc/pip.conf pip3 install -r /tmp/requirements.txt
"""
FURTHER["pip-config-index"] = """\
FROM python:3.11-slim
ENV PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cu124 PIP_NO_CACHE_DIR=1
RUN pip install torch==2.6.0+cu124
"""
FURTHER["sagemaker"] = """\
FROM 763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.5.1-gpu-py311-cu124-ubuntu22.04-sagemaker
RUN pip install --no-cache-dir accelerate==1.2.1 bitsandbytes==0.45.0
ENV SAGEMAKER_PROGRAM=train.py
"""
FURTHER["huggingface-space"] = """\
FROM python:3.10
RUN useradd -m -u 1000 user
USER user
ENV PATH="/home/user/.local/bin:$PATH"
WORKDIR /app
COPY --chown=user ./requirements.txt requirements.txt
RUN pip install --no-cache-dir --upgrade -r requirements.txt
COPY --chown=user . /app
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "7860"]
"""
FURTHER["rocm"] = """\
FROM rocm/pytorch:rocm6.2.3_ubuntu22.04_py3.10_pytorch_release_2.3.0
RUN pip install --no-cache-dir transformers==4.48.0
ENV HSA_OVERRIDE_GFX_VERSION=10.3.0
"""
FURTHER["rocm-wheels"] = """\
FROM rocm/dev-ubuntu-22.04:6.2.4
RUN apt-get update && apt-get install -y python3-pip
RUN pip3 install torch==2.6.0 --index-url https://download.pytorch.org/whl/rocm6.2.4
"""
FURTHER["jetson"] = """\
FROM nvcr.io/nvidia/l4t-pytorch:r35.2.1-pth2.0-py3
RUN pip3 install --no-cache-dir ultralytics==8.3.50
"""
FURTHER["ray"] = """\
FROM rayproject/ray:2.40.0-py311-gpu
RUN pip install --no-cache-dir torch==2.5.1 --extra-index-url https://download.pytorch.org/whl/cu121
"""
FURTHER["jax-cuda"] = """\
FROM nvidia/cuda:12.4.1-base-ubuntu22.04
RUN apt-get update && apt-get install -y python3.11 python3.11-venv && python3.11 -m venv /venv
ENV PATH=/venv/bin:$PATH XLA_PYTHON_CLIENT_PREALLOCATE=false
RUN pip install -U "jax[cuda12]==0.4.38" flax==0.10.2
"""
FURTHER["deadsnakes-in-one"] = """\
FROM nvidia/cuda:12.1.0-runtime-ubuntu22.04
RUN apt-get update && apt-get install -y software-properties-common && add-apt-repository ppa:deadsnakes/ppa && \\
    apt-get install -y python3.11 python3.11-distutils curl && curl -sS https://bootstrap.pypa.io/get-pip.py | python3.11
RUN python3.11 -m pip install torch==2.3.1+cu121 --index-url https://download.pytorch.org/whl/cu121
RUN python3.11 -m pip install numpy==1.26.4
"""
FURTHER["pyenv"] = """\
FROM ubuntu:22.04
RUN apt-get update && apt-get install -y curl git build-essential libssl-dev
ENV PYENV_ROOT=/opt/pyenv PATH=/opt/pyenv/shims:/opt/pyenv/bin:$PATH
RUN curl https://pyenv.run | bash && pyenv install 3.11.9 && pyenv global 3.11.9
RUN pip install torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu
"""
FURTHER["pip-download-stage"] = """\
FROM python:3.11-slim AS wheels
RUN pip download -d /wheels torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu
FROM python:3.11-slim
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels pip install --no-index --find-links /wheels torch==2.6.0
"""

PLANTED: tuple[tuple[str, str, str, str, str], ...] = (
    # Dockerfile, what is replaced, by what (its first words stand on the line that is to be named), rule, those words
    ("pytorch-notebook", "NVIDIA_DRIVER_CAPABILITIES=\"compute,utility\"", "NVIDIA_DRIVER_CAPABILITIES=\"graphics\"",
     "image-hides-gpu", "NVIDIA_DRIVER_CAPABILITIES"),
    ("minimal-notebook-mamba", "torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu", "torch==2.6.0+cpu",
     "image-index-wrong", "torch==2.6.0+cpu"),
    ("minimal-notebook-mamba", "python-3.11", "python-3.14", "python-unsupported", "torch==2.6.0"),
    ("vllm-openai", "&& apt-get install -y python${PYTHON_VERSION} &&",
     "&& apt-get install -y nvidia-driver-570 python${PYTHON_VERSION} &&",
     "image-installs-driver", "nvidia-driver-570"),
    ("text-generation-webui", "CMD . /app", "ENV CUDA_VISIBLE_DEVICES=-1\nCMD . /app", "image-hides-gpu", "ENV CUDA_VISIBLE"),
    ("text-generation-webui", "--upgrade pip \"numpy<2\" && \\\n    pip3 install torch==2.2.1",
     "--upgrade pip && \\\n    pip3 install numpy==2.1.0 torch==2.2.1", "numpy2-abi", "numpy==2.1.0"),
    ("uv-managed-python", "https://download.pytorch.org/whl/cu126", "https://download.pytorch.org/whl/cu127",
     "image-index-wrong", "torch==2.6.0"),
    ("uv-managed-python", "torchvision==0.21.0", "torchvision==0.19.0", "torch-companion-mismatch", "torchvision==0.19.0"),
    ("uv-torch-backend", "torchvision==0.22.0", "torchvision==0.21.0", "torch-companion-mismatch", "torchvision==0.21.0"),
    ("uv-torch-backend", "python:3.12-slim", "python:3.8-slim", "python-unsupported", "torch==2.7.0"),
    ("micromamba-pip", "whl/cu124", "whl/cuda124", "image-index-wrong", "torch==2.4.1"),
    ("tensorflow-gpu-image", "COPY train.py /", "RUN apt-get update && apt-get install -y nvidia-utils-550\nCOPY train.py /",
     "image-installs-driver", "nvidia-utils-550"),
    ("ultralytics", "PIP_BREAK_SYSTEM_PACKAGES=1", "PIP_BREAK_SYSTEM_PACKAGES=1 CUDA_VISIBLE_DEVICES=none",
     "image-hides-gpu", "CUDA_VISIBLE_DEVICES"),
    ("deepspeed", "whl/cu121", "whl/cu124", "image-index-wrong", "torch=="),
    ("deepspeed", "torchvision==0.16.2", "torchvision==0.18.0", "torch-companion-mismatch", "torchvision==0.18.0"),
    ("triton-server", "torch==2.5.1 --index-url https://download.pytorch.org/whl/cu124",
     "torch==2.5.1 --index-url https://download.pytorch.org/whl/cu130", "image-index-wrong", "torch==2.5.1"),
    ("comfyui", "TORCH_INDEX=https://download.pytorch.org/whl/cu126", "TORCH_INDEX=https://download.pytorch.org/whl/cu125",
     "image-index-wrong", "torch==2.6.0"),
    ("comfyui", "torchaudio==2.6.0", "torchaudio==2.5.0", "torch-companion-mismatch", "torchaudio==2.5.0"),
    ("comfyui", "VOLUME", "ENV NVIDIA_VISIBLE_DEVICES=void\nVOLUME", "image-hides-gpu", "ENV NVIDIA_VISIBLE_DEVICES"),
    ("ubi", "torch==2.5.1", "torch==2.5.1+cu124", "image-index-wrong", "torch==2.5.1+cu124"),
    ("ubi-cuda", "dnf install -y python3.11", "dnf install -y nvidia-driver python3.11",
     "image-installs-driver", "nvidia-driver"),
    ("ubi-cuda", "https://download.pytorch.org/whl/cu124", "https://download.pytorch.org/whl/cpu",
     "image-cpu-build", "torch==2.6.0"),
    ("rocky-microdnf", "python3.12 -m pip install torch==2.6.0", "python3.12 -m pip install torch==2.6.0 torchvision==0.20.1",
     "torch-companion-mismatch", "torchvision==0.20.1"),
    ("alpine-tools", "flask==3.1.0", "flask==3.1.0 torch==2.6.0", "platform-unsupported", "torch==2.6.0"),
    ("heredoc-python", "torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu", "torch==2.6.0+cu126",
     "image-index-wrong", "torch==2.6.0+cu126"),
    ("build-matrix", "torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu", "torch==2.6.0 torchvision==0.19.1",
     "torch-companion-mismatch", "torchvision==0.19.1"),
    ("pip-config-index", "torch==2.6.0+cu124", "torch==2.6.0+cu121", "image-index-wrong", "torch==2.6.0+cu121"),
    ("rocm-wheels", "whl/rocm6.2.4", "whl/rocm6.4", "image-index-wrong", "torch==2.6.0"),
    ("jax-cuda", "\"jax[cuda12]==0.4.38\"", "\"jax[cuda12]==0.4.38\" numpy==1.23.5", "dependency-conflict", "numpy==1.23.5"),
    ("jax-cuda", "python3.11 python3.11-venv && python3.11 -m venv", "python3.9 python3.9-venv && python3.9 -m venv",
     "python-unsupported", "jax[cuda12]"),
    ("deadsnakes-in-one", "torch==2.3.1+cu121 --index-url https://download.pytorch.org/whl/cu121", "torch==2.3.1+cu121",
     "image-index-wrong", "torch==2.3.1+cu121"),
    ("pip-download-stage", "FROM python:3.11-slim\n", "FROM python:3.13-alpine\n", "platform-unsupported", "RUN --mount"),
    ("faster-whisper", "python3-pip", "python3-pip cuda-drivers", "image-installs-driver", "cuda-drivers"),
    ("build-args-if", "FROM python:3.11-slim", "FROM python:3.14-slim", "python-unsupported", "      pip install"),
)  # fmt: skip
"""Mistakes, planted one at a time."""
