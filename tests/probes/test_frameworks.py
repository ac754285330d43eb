"""What the files of each framework say of its build."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.model.build_tags import tagged_cuda, tagged_torch
from envdoctor.model.facts import Framework, Unknown
from envdoctor.probes.frameworks import BUILT, FAMILIES, FAMILY_OF, is_framework, probe_frameworks
from envdoctor.probes.frameworks.distribution import tagged_rocm
from envdoctor.probes.frameworks.extensions import parse_arch_list, parse_deepspeed, parse_xformers
from envdoctor.probes.packages import probe_packages, with_wheel_details
from envdoctor.probes.site_packages import open_sites
from envdoctor.system.port import Binary
from tests.probes.environments import SITE, Box, distribution

CUDA_TORCH = "__version__ = '2.9.1+cu128'\ncuda: Optional[str] = '12.8'\nhip: Optional[str] = None\nxpu: Optional[str] = None\n"
CPU_TORCH = "__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n"
ROCM_TORCH = "__version__ = '2.9.1+rocm6.4'\ncuda = None\nhip = '6.4.43482-0f2d60242'\n"
CUDNN = 'nvidia-cudnn-cu12==9.10.2.21; platform_system == "Linux"'
BINDINGS = f"{SITE}/torch/lib/libtorch_python.so"
INFO = f"{SITE}/tensorflow/python/platform/build_info.py"
ORT = f"{SITE}/onnxruntime/capi"


def frameworks(
    files: Mapping[str, str], *, binaries: Mapping[str, Binary] | None = None, variables: Mapping[str, str] | None = None
) -> dict[str, Framework]:
    box = Box(files, binaries=binaries, variables=variables)
    sites = open_sites(box, (SITE,))
    assert isinstance(sites, tuple)
    packages = with_wheel_details(box, probe_packages(box, sites), BUILT)
    return {framework.name: framework for framework in probe_frameworks(box, packages)}


def info(**pairs: object) -> str:
    return f"import collections\n\nbuild_info = collections.OrderedDict({list(pairs.items())!r})\n"


def test_torch_with_cuda() -> None:
    files = distribution("torch", "2.9.1", CUDNN) | {f"{SITE}/torch/version.py": CUDA_TORCH}
    flags = ("sm_80", "sm_90", "compute_90")
    torch = frameworks(files, binaries={BINDINGS: Binary("elf", "x86_64", torch_arch_flags=flags)})["torch"]
    assert (torch.version, torch.flavour, torch.cuda_version) == (Version("2.9.1+cu128"), "cuda", Version("12.8"))
    assert torch.cudnn_version == Version("9.10.2.21")
    assert (torch.gpu_code, torch.gpu_code_source, torch.rocm_version) == (flags, BINDINGS, None)


def test_torch_for_the_cpu_has_nothing_of_a_gpu() -> None:
    torch = frameworks(distribution("torch", "2.13.0") | {f"{SITE}/torch/version.py": CPU_TORCH})["torch"]
    assert torch.flavour == "cpu"
    assert torch.cuda_version is torch.cudnn_version is torch.rocm_version is torch.gpu_code is None


@pytest.mark.parametrize(
    ("text", "rocm"),
    [
        (ROCM_TORCH, "6.4"),
        (ROCM_TORCH.replace("+rocm6.4", ""), "6.4"),
        (ROCM_TORCH + "rocm: Optional[str] = '7.2.0'\n", "7.2.0"),
    ],
)
def test_torch_for_rocm(text: str, rocm: str) -> None:
    torch = frameworks(distribution("torch", "2.9.1") | {f"{SITE}/torch/version.py": text})["torch"]
    assert (torch.flavour, torch.rocm_version, torch.cuda_version) == ("rocm", Version(rocm), None)
    assert isinstance(torch.gpu_code, Unknown)


@pytest.mark.parametrize(
    ("tag", "flavour"), [("cp311-none-macosx_11_0_arm64", "metal"), ("cp311-none-macosx_10_9_x86_64", "cpu")]
)
def test_torch_on_a_mac(tag: str, flavour: str) -> None:
    files = distribution("torch", "2.2.2", tag=tag) | {f"{SITE}/torch/version.py": CPU_TORCH}
    assert frameworks(files)["torch"].flavour == flavour


@pytest.mark.parametrize(("library", "version"), [("libcudnn.so.8", "8"), ("libcudnn.so.8.9.2", "8.9.2"), ("cudnn64_8.dll", "8")])
def test_torch_that_brings_its_cudnn_along(library: str, version: str) -> None:
    files = distribution("torch", "2.0.1") | {f"{SITE}/torch/version.py": CUDA_TORCH, f"{SITE}/torch/lib/{library}": ""}
    assert frameworks(files)["torch"].cudnn_version == Version(version)


def test_torch_without_its_files_is_unknown_and_not_guessed() -> None:
    torch = frameworks(distribution("torch", "2.9.1+cu128"))["torch"]
    assert torch.version == Version("2.9.1+cu128")
    for fact in (torch.flavour, torch.cuda_version, torch.cudnn_version, torch.gpu_code):
        assert isinstance(fact, Unknown)
        assert "torch/version.py is missing" in fact.reason


def test_tensorflow_with_cuda() -> None:
    text = info(cuda_compute_capabilities=["sm_60", "sm_80", "compute_90"], cuda_version="12.5.1", cudnn_version="9",
                is_cuda_build=True, is_rocm_build=False)  # fmt: skip
    found = frameworks(distribution("tensorflow", "2.21.0") | {INFO: text})["tensorflow"]
    assert (found.flavour, found.cuda_version, found.cudnn_version) == ("cuda", Version("12.5.1"), Version("9"))
    assert found.gpu_code == ("sm_60", "sm_80", "sm_90", "compute_90")
    assert found.gpu_code_source == INFO


@pytest.mark.parametrize(
    ("name", "more", "flavour"),
    [("tensorflow-cpu", {}, "cpu"), ("tensorflow-macos", distribution("tensorflow-metal", "1.2.0"), "metal")],
)
def test_tensorflow_without_cuda(name: str, more: dict[str, str], flavour: str) -> None:
    text = info(is_cuda_build=False, is_rocm_build=False)
    found = frameworks(distribution(name, "2.16.2") | {INFO: text} | more)["tensorflow"]
    assert (found.flavour, found.distribution) == (flavour, name)
    assert found.cuda_version is found.cudnn_version is found.gpu_code is None


@pytest.mark.parametrize(
    ("requirement", "cuda"),
    [
        ('nvidia-cuda-runtime-cu12<13.0,>=12.5.82; extra == "and-cuda"', Version("12")),
        ('nvidia-cuda-runtime<14.0,>=13.0.48; extra == "and-cuda"', Version("13")),
        ("numpy", None),
    ],
)
def test_tensorflow_that_leaves_its_cuda_out(requirement: str, cuda: Version | None) -> None:
    files = distribution("tf-nightly", "2.23.0.dev20261026", requirement) | {INFO: info(is_cuda_build=True, is_rocm_build=False)}
    found = frameworks(files)["tensorflow"]
    assert found.flavour == "cuda"
    assert found.cuda_version == cuda if cuda else isinstance(found.cuda_version, Unknown)
    assert isinstance(found.cudnn_version, Unknown)
    assert isinstance(found.gpu_code, Unknown)


@pytest.mark.parametrize("text", ["", "build_info = {}"])
def test_tensorflow_that_says_nothing(text: str) -> None:
    assert isinstance(frameworks(distribution("tensorflow", "2.1.0") | {INFO: text})["tensorflow"].flavour, Unknown)


@pytest.mark.parametrize(
    ("others", "flavour", "cuda"),
    [
        (["jaxlib==0.10.0"], "cpu", None),
        (["jaxlib==0.10.0", "jax-cuda12-plugin==0.10.0", "jax-cuda12-pjrt==0.10.0"], "cuda", Version("12")),
        (["jaxlib==0.4.25+cuda12.cudnn89"], "cuda", Version("12")),
        (["jaxlib==0.10.0", "jax-rocm7-plugin==0.10.0"], "rocm", None),
        (["jaxlib==0.10.0", "libtpu==0.0.52"], "tpu", None),
        (["jaxlib==0.4.34", "jax-metal==0.1.1"], "metal", None),
    ],
)
def test_jax_is_what_its_plugins_make_it(others: list[str], flavour: str, cuda: Version | None) -> None:
    files = distribution("jax", "0.10.0")
    for other in others:
        name, version = other.split("==")
        files |= distribution(name, version)
    found = frameworks(files)["jax"]
    assert (found.flavour, found.cuda_version) == (flavour, cuda)
    assert found.built_with[0] == tuple(others[0].split("=="))


def test_jax_with_two_plugins_or_without_jaxlib_is_undecided() -> None:
    both = distribution("jax-cuda12-plugin", "0.10.0") | distribution("jax-cuda13-plugin", "0.10.0")
    found = frameworks(distribution("jax", "0.10.0") | distribution("jaxlib", "0.10.0") | both)["jax"]
    assert isinstance(found.cuda_version, Unknown)
    assert "CUDA 12 and 13" in found.cuda_version.reason
    assert isinstance(frameworks(distribution("jax", "0.10.0"))["jax"].flavour, Unknown)
    assert frameworks(distribution("jaxlib", "0.10.0")) == {}


@pytest.mark.parametrize(
    ("distributions", "files", "flavour", "owner"),
    [
        (["onnxruntime"], ["libonnxruntime_providers_shared.so"], "cpu", "onnxruntime"),
        (["onnxruntime", "onnxruntime-gpu"], ["libonnxruntime_providers_cuda.so"], "cuda", "onnxruntime-gpu"),
        (["onnxruntime-openvino"], ["libonnxruntime_providers_openvino.so"], "openvino", "onnxruntime-openvino"),
        (["onnxruntime-rocm"], ["libonnxruntime_providers_rocm.so"], "rocm", "onnxruntime-rocm"),
        (["onnxruntime-directml"], ["DirectML.dll"], "directml", "onnxruntime-directml"),
    ],
)
def test_onnxruntime_is_what_lies_on_the_disk(distributions: list[str], files: list[str], flavour: str, owner: str) -> None:
    made = {f"{ORT}/{name}": "" for name in files}
    made[f"{ORT}/build_and_package_info.py"] = f"package_name = '{owner}'\n__version__ = '1.24.1'\ncuda_version = '12.8'\n"
    for name in distributions:
        made |= distribution(name, "1.24.1")
    found = frameworks(made)["onnxruntime"]
    assert (found.flavour, found.distribution) == (flavour, owner)
    assert found.cuda_version == (Version("12.8") if flavour == "cuda" else None)


def test_onnxruntime_that_names_no_cuda_is_told_by_what_it_needs() -> None:
    library = f"{ORT}/libonnxruntime_providers_cuda.so"
    needed = ("libcublas.so.11", "libcudnn.so.8", "libcudart.so.11.0", "libm.so.6")
    files = distribution("onnxruntime-gpu", "1.17.1")
    found = frameworks(files, binaries={library: Binary("elf", "x86_64", needed=needed)})["onnxruntime"]
    assert (found.cuda_version, found.cudnn_version) == (Version("11"), Version("8"))
    unread = frameworks(files | {library: ""})["onnxruntime"]
    assert isinstance(unread.cuda_version, Unknown)


@pytest.mark.parametrize(
    ("name", "files", "flavour", "cuda"),
    [
        ("cupy-cuda12x", {"cupy/.data/_wheel.json": json.dumps({"cuda": "12.x"})}, "cuda", "12"),
        ("cupy-cuda13x", {}, "cuda", "13"),
        ("cupy-cuda112", {"cupy/.data/_wheel.json": "{"}, "cuda", "11.2"),
        ("cupy-rocm-5-0", {}, "rocm", None),
    ],
)
def test_cupy(name: str, files: dict[str, str], flavour: str, cuda: str | None) -> None:
    made = distribution(name, "13.0.0") | {f"{SITE}/{path}": text for path, text in files.items()}
    found = frameworks(made)["cupy"]
    assert (found.flavour, found.cuda_version) == (flavour, Version(cuda) if cuda else None)


def test_cupy_from_source_says_nothing() -> None:
    found = frameworks(distribution("cupy", "13.0.0"))["cupy"]
    assert isinstance(found.flavour, Unknown)
    assert isinstance(found.cuda_version, Unknown)


@pytest.mark.parametrize(("name", "cuda"), [("mxnet", None), ("mxnet-mkl", None), ("mxnet-cu112", "11.2"), ("mxnet-cu92", "9.2")])
def test_mxnet(name: str, cuda: str | None) -> None:
    found = frameworks(distribution(name, "1.9.1") | {f"{SITE}/mxnet/libinfo.py": '__version__ = "1.9.1"\n'})["mxnet"]
    assert (found.flavour, found.cuda_version) == ("cuda" if cuda else "cpu", Version(cuda) if cuda else None)


@pytest.mark.parametrize(
    ("cuda", "hip", "flavour", "code"),
    [("'False'", "None", "cpu", None), ("'12.6'", "None", "cuda", ("sm_70", "sm_80")), ("'False'", "'5.7'", "rocm", None)],
)
def test_paddle(cuda: str, hip: str, flavour: str, code: tuple[str, ...] | None) -> None:
    text = f"full_version = '3.3.1'\ncuda_version     = {cuda}\ncudnn_version = '9.5.1'\nhip_version = {hip}\n"
    text += "compiled_cuda_archs     = [70, 80]\n"
    found = frameworks(distribution("paddlepaddle-gpu", "3.3.1") | {f"{SITE}/paddle/version/__init__.py": text})["paddlepaddle"]
    assert (found.flavour, found.gpu_code) == (flavour, code)
    assert found.cudnn_version == (Version("9.5.1") if flavour == "cuda" else None)


@pytest.mark.parametrize(
    ("version", "variables", "config", "backend"),
    [
        ("3.15.1", {"KERAS_BACKEND": "jax"}, '{"backend": "torch"}', "jax"),
        ("3.15.1", {}, '{"backend": "torch"}', "torch"),
        ("3.15.1", {}, '{"floatx": "float32"}', "tensorflow"),
        ("3.15.1", {}, None, "tensorflow"),
        ("2.15.0", {"KERAS_BACKEND": "jax"}, None, "tensorflow"),
    ],
)
def test_keras_backend(version: str, variables: dict[str, str], config: str | None, backend: str) -> None:
    files = distribution("keras", version) | ({"/home/ada/.keras/keras.json": config} if config else {})
    found = frameworks(files, variables={"HOME": "/home/ada", **variables})["keras"]
    assert (found.backend, found.flavour) == (backend, "any")


def test_keras_with_a_broken_configuration_is_undecided() -> None:
    files = distribution("keras", "3.15.1") | {"/home/ada/.keras/keras.json": "{"}
    assert isinstance(frameworks(files, variables={"HOME": "/home/ada"})["keras"].backend, Unknown)


@pytest.mark.parametrize(
    ("libraries", "flavour", "cuda"),
    [
        (["libbitsandbytes_cpu.so"], "cpu", None),
        (["libbitsandbytes_cpu.so", "libbitsandbytes_cuda128.so"], "cuda", Version("12.8")),
        (["libbitsandbytes_cuda118.so", "libbitsandbytes_cuda118_nocublaslt.so"], "cuda", Version("11.8")),
        (["libbitsandbytes_rocm62.so"], "rocm", None),
    ],
)
def test_bitsandbytes_by_the_names_of_its_libraries(libraries: list[str], flavour: str, cuda: Version | None) -> None:
    files = distribution("bitsandbytes", "0.45.0") | {f"{SITE}/bitsandbytes/{name}": "" for name in libraries}
    found = frameworks(files)["bitsandbytes"]
    assert (found.flavour, found.cuda_version, found.libraries) == (flavour, cuda, tuple(libraries))


def test_bitsandbytes_for_many_cudas_names_none() -> None:
    names = ("libbitsandbytes_cuda118.so", "libbitsandbytes_cuda121.so")
    files = distribution("bitsandbytes", "0.42.0") | {f"{SITE}/bitsandbytes/{name}": "" for name in names}
    assert isinstance(frameworks(files)["bitsandbytes"].cuda_version, Unknown)
    assert isinstance(frameworks(distribution("bitsandbytes", "0.42.0"))["bitsandbytes"].flavour, Unknown)


@pytest.mark.parametrize(
    ("name", "version", "flavour", "cuda", "torch"),
    [
        ("torch-scatter", "2.1.2+pt210cu128", "cuda", "12.8", "2.10"),
        ("pyg-lib", "0.4.0+pt20cpu", "cpu", None, "2.0"),
        ("flash-attn", "2.8.3+cu12torch2.8cxx11abiTRUE", "cuda", "12", "2.8"),
        ("natten", "0.21.0+torch280cu128", "cuda", "12.8", "2.8.0"),
        ("detectron2", "0.6+cu113", "cuda", "11.3", None),
        ("vllm", "0.11.0+rocm64", "rocm", None, None),
        ("torchvision", "0.21.0+cpu", "cpu", None, None),
    ],
)
def test_extensions_by_their_local_version(name: str, version: str, flavour: str, cuda: str | None, torch: str | None) -> None:
    found = frameworks(distribution(name, version))[name]
    assert (found.flavour, found.cuda_version) == (flavour, Version(cuda) if cuda else None)
    assert found.built_with == ((("torch", torch),) if torch else ())


def test_an_extension_that_says_nothing_is_unknown() -> None:
    found = frameworks(distribution("flash-attn", "2.8.3"))["flash-attn"]
    assert isinstance(found.flavour, Unknown)
    assert isinstance(found.cuda_version, Unknown)
    assert isinstance(found.gpu_code, Unknown)


def test_torchvision_from_the_index_says_its_build_in_its_version_file() -> None:
    files = distribution("torchvision", "0.29.2") | {f"{SITE}/torchvision/version.py": "__version__ = '0.29.2+cu132'\n"}
    found = frameworks(files)["torchvision"]
    assert (found.version, found.cuda_version) == (Version("0.29.2+cu132"), Version("13.2"))


def test_xformers_keeps_a_record_of_its_build() -> None:
    record = {
        "version": {"cuda": 1208, "hip": None, "torch": "2.10.0+cu128"},
        "env": {"TORCH_CUDA_ARCH_LIST": "7.5 8.0+PTX 9.0a"},
    }
    files = distribution("xformers", "0.0.35") | {f"{SITE}/xformers/cpp_lib.json": json.dumps(record)}
    found = frameworks(files)["xformers"]
    assert (found.flavour, found.cuda_version, found.built_with) == ("cuda", Version("12.8"), (("torch", "2.10.0+cu128"),))
    assert found.gpu_code == ("sm_75", "sm_80", "compute_80", "sm_90a")


def test_deepspeed_compiled_ahead_and_on_first_use() -> None:
    text = "version='0.16'\ntorch_info={{'version': '{}', 'bf16_support': True, 'cuda_version': '{}', 'hip_version': '0.0'}}\n"
    path = f"{SITE}/deepspeed/git_version_info_installed.py"
    ahead = frameworks(distribution("deepspeed", "0.16.0") | {path: text.format("2.1", "12.1")})["deepspeed"]
    assert (ahead.cuda_version, ahead.built_with) == (Version("12.1"), (("torch", "2.1"),))
    later = frameworks(distribution("deepspeed", "0.16.0") | {path: text.format("0.0", "0.0")})["deepspeed"]
    assert later.built_with == ()
    assert isinstance(later.flavour, Unknown)


def test_pure_libraries_have_no_build() -> None:
    found = frameworks(distribution("transformers", "5.0.0") | distribution("cudf-cu12", "26.10.2"))
    assert (found["transformers"].flavour, found["transformers"].cuda_version) == ("any", None)
    assert (found["cudf"].flavour, found["cudf"].cuda_version) == ("cuda", Version("12"))


def test_a_distribution_belongs_to_one_family() -> None:
    assert len(FAMILY_OF) == sum(len(names) for names in FAMILIES.values())


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("torch-2.9.1.dist-info", True), ("tensorflow_cpu-2.21.0.dist-info", True), ("torch", False), ("six-1.0.dist-info", False)],
)
def test_frameworks_by_the_names_of_their_metadata(name: str, is_one: bool) -> None:
    assert is_framework(name) is is_one


@pytest.mark.parametrize(
    ("text", "version"),
    [("cu128", "12.8"), ("pt29cu118", "11.8"), ("cu92", "9.2"), ("cu12torch2.8", "12"), ("mxnet-cu112", "11.2"),
     ("cuda120", "12.0"), ("cu1210", "12.10"), ("cpu", None), ("rocm6.4", None), ("", None), (None, None)],
)  # fmt: skip
def test_cuda_tags(text: str | None, version: str | None) -> None:
    assert tagged_cuda(text) == (Version(version) if version else None)


@pytest.mark.parametrize(
    ("text", "version"), [("rocm6.4", "6.4"), ("rocm64", "6.4"), ("rocm7", "7"), ("rocm714", "7"), ("5-0", None)]
)
def test_rocm_tags(text: str, version: str | None) -> None:
    assert tagged_rocm(text) == (Version(version) if version else None)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.from_regex(r"(pt|torch|cu|rocm|cuda)[0-9.]{0,6}(cu[0-9]{1,5})?", fullmatch=True)))
def test_no_tag_and_no_record_upsets_a_parser(text: str) -> None:
    assert isinstance(tagged_cuda(text), Version | None)
    assert isinstance(tagged_rocm(text), Version | None)
    assert isinstance(tagged_torch(text), str | None)
    parse_arch_list(text)
    parse_deepspeed(f"torch_info={{'version': '{text}'}}", Version("1"), "x")
    for wrapped in (text, json.dumps({"version": text}), json.dumps({"version": {"cuda": text}, "env": text})):
        parse_xformers(wrapped, Version("1"), "x")
