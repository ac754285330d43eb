"""Frameworks in an environment, with the flavour that their own files state; one file per family."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from envdoctor.model.software import Framework, Package
from envdoctor.probes.frameworks.distribution import Installed
from envdoctor.probes.metadata import normalize_name, parse_folder_name
from envdoctor.system.port import System

FAMILIES: dict[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "tensorflow": (
        "tensorflow", "tensorflow-gpu", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tensorflow-rocm",
        "tensorflow-cpu-aws", "tensorflow-aarch64", "tensorflow-directml", "intel-tensorflow", "intel-tensorflow-avx512",
        "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu",
    ),
    "keras": ("keras", "keras-nightly", "tf-keras"),
    "jax": ("jax", "jaxlib"),
    "onnxruntime": (
        "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino", "onnxruntime-rocm",
        "onnxruntime-migraphx", "onnxruntime-qnn", "onnxruntime-silicon", "onnxruntime-training", "ort-nightly",
        "ort-nightly-gpu",
    ),
    "cupy": (
        "cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x", "cupy-cuda102", "cupy-cuda110", "cupy-cuda111",
        "cupy-cuda112", "cupy-cuda113", "cupy-cuda114", "cupy-cuda115", "cupy-cuda116", "cupy-cuda117", "cupy-rocm-4-3",
        "cupy-rocm-5-0", "cupy-rocm-7-0",
    ),
    "mxnet": (
        "mxnet", "mxnet-mkl", "mxnet-native", "mxnet-cu92", "mxnet-cu100", "mxnet-cu101", "mxnet-cu102", "mxnet-cu110",
        "mxnet-cu112", "mxnet-cu113", "mxnet-cu115", "mxnet-cu117",
    ),
    "paddle": ("paddlepaddle", "paddlepaddle-gpu", "paddlepaddle-dcu", "paddlepaddle-xpu"),
    "caffe": ("caffe", "caffe-gpu"),
    "bitsandbytes": ("bitsandbytes",),
    "rapids": tuple(
        f"{name}-cu{major}" for name in ("cudf", "cuml", "cugraph", "rmm", "pylibraft", "cuvs", "cucim", "cuspatial")
        for major in (11, 12, 13)
    ),
    "extensions": (
        "torchvision", "torchaudio", "torchtext", "torchao", "torchcodec", "torchdata", "xformers", "flash-attn",
        "flash-attn-3", "flashinfer-python", "pyg-lib", "torch-scatter", "torch-sparse", "torch-cluster",
        "torch-spline-conv", "mmcv", "mmcv-full", "mmcv-lite", "deepspeed", "vllm", "sglang", "sgl-kernel", "apex",
        "detectron2", "natten", "mamba-ssm", "causal-conv1d", "fairscale", "auto-gptq", "autoawq", "autoawq-kernels",
        "gptqmodel", "exllamav2", "tensorrt-llm", "transformer-engine", "transformer-engine-torch", "kaolin", "pytorch3d",
        "nvidia-dali-cuda110", "nvidia-dali-cuda120", "nvidia-dali-cuda130", "llama-cpp-python", "ctranslate2", "dgl",
        "triton", "pytorch-triton", "pytorch-triton-rocm", "triton-windows", "tensorrt", "spconv-cu118", "spconv-cu120",
    ),
    "pure": ("transformers", "torch-geometric", "lightning", "pytorch-lightning", "accelerate", "peft", "diffusers"),
}  # fmt: skip
"""Family (the file that reads it) to the distributions that belong to it; in a family the first that is there counts
where several bring the same files."""

ONE_PER_FAMILY = frozenset({"tensorflow", "jax", "onnxruntime", "cupy", "mxnet", "paddle", "caffe"})
"""Families whose distributions all install the same module, so that only one of them can be there in truth."""

FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}
_PLUGINS = frozenset({"jax-cuda12-plugin", "jax-cuda13-plugin", "jax-cuda12-pjrt", "jax-cuda13-pjrt", "numpy"})
BUILT = frozenset(FAMILY_OF) - frozenset(FAMILIES["pure"]) | _PLUGINS
"""Distributions whose wheel tags matter, so that their WHEEL files are read."""
_MAIN = frozenset(FAMILIES["torch"] + FAMILIES["tensorflow"] + FAMILIES["jax"] + FAMILIES["onnxruntime"] + FAMILIES["mxnet"]
                  + FAMILIES["cupy"] + FAMILIES["paddle"] + FAMILIES["keras"])  # fmt: skip

Probe = Callable[[System, Package, Installed], "Framework | None"]


def probe_frameworks(system: System, packages: tuple[Package, ...]) -> tuple[Framework, ...]:
    """The frameworks among installed distributions, in the order of FAMILIES."""
    installed = {package.name: package for package in reversed(packages)}  # of a name that stands twice, the first counts
    found = []
    for family, names in FAMILIES.items():
        there = [installed[name] for name in names if name in installed]
        for package in there[:1] if family in ONE_PER_FAMILY else there:
            framework = _probe_of(family)(system, package, installed)
            if framework is not None:
                found.append(framework)
    return tuple(found)


def is_framework(file_name: str) -> bool:
    """Whether a name in site-packages is the metadata folder of one of the main frameworks."""
    if not file_name.endswith((".dist-info", ".egg-info")):
        return False
    return normalize_name(parse_folder_name(file_name)[0]) in _MAIN


def _probe_of(family: str) -> Probe:
    """The function `probe_FAMILY` of the family's file, which is imported when an environment needs it."""
    return cast("Probe", getattr(import_module(f"envdoctor.probes.frameworks.{family}"), f"probe_{family}"))
