"""The compiled libraries of frameworks and extensions that hold their GPU code, and what code that is."""

from __future__ import annotations

import re

from envdoctor.model.binaries import GpuCode
from envdoctor.model.record import record, replace
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none
from envdoctor.probes.places import parent_of
from envdoctor.system.port import SourceError, System

_EXTENSION = r"(?:\..*)?\.(?:so|pyd)"
_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "torch": (("torch/lib", r"(?:lib)?torch_(?:cuda|hip)\.(?:so|dll)"),),
    "tensorflow": (("tensorflow", r"libtensorflow_cc\.so\.2"), ("tensorflow/python", r"_pywrap_tensorflow_internal\.(?:so|pyd)")),
    "jax": tuple((f"jax_plugins/xla_{name}", rf"xla_{name[:4]}_plugin\.so") for name in ("cuda12", "cuda13", "rocm60", "rocm7")),
    "onnxruntime": (("onnxruntime/capi", r"(?:lib)?onnxruntime_providers_(?:cuda|rocm|migraphx)\.(?:so|dll)"),),
    "cupy": (("cupy/cuda", rf"(?:cub|thrust){_EXTENSION}"),),
    "mxnet": (("mxnet", r"libmxnet\.so"),),
    "paddlepaddle": (("paddle/base", rf"libpaddle{_EXTENSION}"),),
    "bitsandbytes": (("bitsandbytes", r"libbitsandbytes_(?:cuda|rocm)\d+\.(?:so|dll)"),),
    "cudf": (("libcudf/lib64", r"libcudf\.so"),),
    "cuml": (("libcuml/lib64", r"libcuml\+\+\.so"),),
    "torchvision": (("torchvision", rf"_C(?:_stable)?{_EXTENSION}"),),
    "torchaudio": (("torchaudio/lib", rf"_?(?:lib)?torchaudio{_EXTENSION}"),),
    "torchao": (("torchao", rf"_C\w*{_EXTENSION}"),),
    "xformers": (("xformers", rf"_C(?:_flashattention)?{_EXTENSION}"),),
    "flash-attn": (("", rf"flash_attn_2_cuda{_EXTENSION}"),),
    "flash-attn-3": (("flash_attn_3", rf"_C{_EXTENSION}"), ("", rf"flash_attn_3_cuda{_EXTENSION}")),
    "vllm": (("vllm", rf"_(?:moe_)?C{_EXTENSION}"),),
    "sgl-kernel": (("sgl_kernel", rf"common_ops{_EXTENSION}"),),
    "mamba-ssm": (("", rf"selective_scan_cuda{_EXTENSION}"),),
    "causal-conv1d": (("", rf"causal_conv1d_cuda{_EXTENSION}"),),
    "natten": (("natten", rf"libnatten{_EXTENSION}"),),
    "apex": (("", rf"amp_C{_EXTENSION}"),),
    "mmcv": (("mmcv", rf"_ext{_EXTENSION}"),),
    "mmcv-full": (("mmcv", rf"_ext{_EXTENSION}"),),
    "detectron2": (("detectron2", rf"_C{_EXTENSION}"),),
    "pytorch3d": (("pytorch3d", rf"_C{_EXTENSION}"),),
    "dgl": (("dgl", r"libdgl\.so"),),
    "pyg-lib": (("", rf"libpyg{_EXTENSION}"),),
    "llama-cpp-python": (("llama_cpp/lib", r"(?:lib)?ggml-(?:cuda|hip)\.(?:so|dll)"),),
    "ctranslate2": (("ctranslate2.libs", r"libctranslate2-\w+\.so\..*"), ("ctranslate2", r"ctranslate2\.dll")),
    "autoawq-kernels": (("", rf"awq_ext{_EXTENSION}"),),
    "exllamav2": (("", rf"exllamav2_ext{_EXTENSION}"),),
    **{
        f"torch-{name.replace('_', '-')}": ((f"torch_{name}", rf"_\w+_cuda{_EXTENSION}"),)
        for name in ("scatter", "sparse", "cluster", "spline_conv")
    },
}  # fmt: skip
"""Framework to folders under site-packages and what its libraries are called there."""
_SHOWN_LIMIT = 4


def gpu_libraries(system: System, site: str, name: str) -> tuple[str, ...]:
    """The paths of the libraries that hold the GPU code of a framework."""
    found: list[str] = []
    for folder, pattern in _PLACES.get(name, ()):
        place = f"{site}/{folder}" if folder else site
        found += [f"{place}/{file}" for file in names_or_none(system, place) if re.fullmatch(pattern, file)]
    return tuple(found)


@record
class HeldCode:
    """The GPU code of a framework's libraries, under the names that `Framework` has for it."""

    gpu_code: tuple[str, ...] | Unknown | None
    gpu_code_source: str = ""
    gpu_code_is_sample: bool = False


def with_whole_code(system: System, packages: tuple[Package, ...], framework: Framework) -> Framework:
    """The framework with all the GPU code of its libraries, where only a sample was looked at."""
    package = next((one for one in packages if one.name == framework.distribution), None)
    if package is None or not framework.gpu_code_is_sample:
        return framework
    held = probe_library_code(system, gpu_libraries(system, parent_of(package.path), framework.name), whole=True)
    return replace(
        framework,
        gpu_code=held.gpu_code,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
    )


def probe_library_code(system: System, paths: tuple[str, ...], *, whole: bool = False) -> HeldCode:
    """The GPU code in libraries that belong together, and who says so: the files, and how much of them was looked at.

    Unless it is to be whole, only a sample of each is read, which takes a few milliseconds with a cold page cache.
    """
    names: dict[str, None] = {}
    looked: list[str] = []
    doubts: list[str] = []
    is_sample = len(paths) > _SHOWN_LIMIT and not whole
    for path in paths if whole else paths[:_SHOWN_LIMIT]:
        try:
            code = system.gpu_code(path, whole)
        except SourceError as error:
            doubts.append(str(error))
            continue
        doubts += [f"{path}: {code.unread}"] if code.unread else []
        names.update((name.partition(":")[0], None) for name in code.names)
        looked.append(f"{path}{_extent(code)}")
        is_sample = is_sample or not code.is_whole
    if not names:
        return HeldCode(Unknown(doubts[0] if doubts else "no compiled library with GPU code was found"))
    return HeldCode(tuple(names), ", ".join(looked), is_sample or bool(doubts))


def _extent(code: GpuCode) -> str:
    if code.is_whole or not code.regions:
        return ""
    return f" (sampled {code.regions} of {code.regions_total} regions)" if code.regions_total else " (sampled)"
