"""CUDA toolkits and cuDNN in system places."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.model.facts import Unknown
from envdoctor.probes import cuda_versions
from envdoctor.probes.cuda import probe_cudnns, probe_toolkits
from envdoctor.system.answers import command_key
from envdoctor.system.port import Output
from tests.probes.environments import Box

ROOT = "/usr/local/cuda-12.4"
VERSION_JSON = json.dumps({"cuda": {"name": "CUDA SDK", "version": "12.4.1"}, "cuda_nvcc": {"version": "12.4.131"}})
TOOLKIT = {f"{ROOT}/bin/nvcc": "\x7fELF" * 4000, f"{ROOT}/version.json": VERSION_JSON}
CUDNN_HEADER = "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 1\n#define CUDNN_PATCHLEVEL 0\n"


@pytest.mark.parametrize(
    ("files", "version", "has_nvcc"),
    [
        ({f"{ROOT}/version.json": VERSION_JSON}, "12.4.1", False),
        (TOOLKIT, "12.4.1", True),
        ({f"{ROOT}/version.txt": "CUDA Version 10.2.89\n"}, "10.2.89", False),
        ({f"{ROOT}/include/cuda.h": "#define CUDA_VERSION 11080\n"}, "11.8", False),
        ({f"{ROOT}/bin/nvcc": "", f"{ROOT}/targets/x86_64-linux/include/cuda_runtime_api.h": "#define CUDART_VERSION  13000"},
         "13.0", True),
        ({f"{ROOT}/lib64/libcudart.so.12": "", f"{ROOT}/lib64/libcudart.so.12.4.127": ""}, "12.4", False),
    ],
)  # fmt: skip
def test_a_version_wherever_the_files_state_it(files: dict[str, str], version: str, has_nvcc: bool) -> None:
    [toolkit] = probe_toolkits(Box(files))
    assert (toolkit.path, toolkit.version, toolkit.has_nvcc, toolkit.is_default) == (ROOT, Version(version), has_nvcc, False)
    assert toolkit.source.startswith(ROOT)


def test_links_lead_to_one_toolkit() -> None:
    box = Box(TOOLKIT, links={"/usr/local/cuda": "cuda-12.4", "/usr/local/cuda-12": "/usr/local/cuda-12.4"})
    assert [toolkit.path for toolkit in probe_toolkits(box)] == [ROOT]


@pytest.mark.parametrize(
    ("variables", "files", "default"),
    [
        ({"CUDA_HOME": "/opt/cuda", "CUDA_PATH": ROOT, "PATH": f"{ROOT}/bin"}, {}, "/opt/cuda"),
        ({"CUDA_PATH": "/opt/cuda/", "PATH": f"{ROOT}/bin"}, {}, "/opt/cuda"),
        ({"PATH": f"/usr/bin:{ROOT}/bin"}, {}, ROOT),
        (
            {"CUDA_HOME": "/gone", "PATH": "/usr/local/bin"},
            {"/usr/local/bin/nvcc": f'#!/bin/sh\nexec {ROOT}/bin/nvcc "$@"\n'},
            ROOT,
        ),
        ({"PATH": "/usr/bin"}, {}, None),
    ],
)
def test_the_default_is_what_a_build_would_take(variables: dict[str, str], files: dict[str, str], default: str | None) -> None:
    other = {"/opt/cuda/bin/nvcc": "\x7fELF" * 4000, "/opt/cuda/version.txt": "CUDA Version 11.8.0"}
    found = probe_toolkits(Box(TOOLKIT | other | files, variables=variables))
    assert {toolkit.path for toolkit in found} == {ROOT, "/opt/cuda"}
    assert [toolkit.path for toolkit in found if toolkit.is_default] == ([default] if default else [])


def test_debians_package_is_one_toolkit() -> None:
    files = {
        "/usr/bin/nvcc": "#!/bin/sh\nexec /usr/lib/nvidia-cuda-toolkit/bin/nvcc\n",
        "/usr/lib/x86_64-linux-gnu/libcudart.so.11.8.89": "",
        "/usr/lib/x86_64-linux-gnu/libcudart.so.11.0": "",
        "/usr/lib/cuda/version.txt": "CUDA Version 11.8.89",
    }
    [toolkit] = probe_toolkits(Box(files, variables={"PATH": "/usr/bin"}))
    assert (toolkit.path, toolkit.version, toolkit.is_default) == ("/usr", Version("11.8"), True)


def test_conda_counts_when_it_brings_nvcc() -> None:
    prefix = "/opt/conda/envs/x"
    runtime = {f"{prefix}/conda-meta/history": "", f"{prefix}/lib/libcudart.so.12.4.127": ""}
    assert probe_toolkits(Box(runtime, variables={"CONDA_PREFIX": prefix})) == ()
    [toolkit] = probe_toolkits(Box(runtime | {f"{prefix}/bin/nvcc": ""}, variables={"CONDA_PREFIX": prefix}))
    assert (toolkit.path, toolkit.version) == (prefix, Version("12.4"))
    named = {f"{prefix}/bin/nvcc": "", f"{prefix}/conda-meta/cuda-version-12.6-h7480c83_3.json": "{}"}
    [toolkit] = probe_toolkits(Box(named, variables={"CONDA_PREFIX": prefix}))
    assert toolkit.version == Version("12.6")


def test_the_hpc_sdk_and_windows() -> None:
    hpc = "/opt/nvidia/hpc_sdk/Linux_x86_64/24.5/cuda/12.4"
    assert [one.path for one in probe_toolkits(Box({f"{hpc}/version.json": VERSION_JSON}))] == [hpc]
    root = "C:/Program Files/NVIDIA GPU Computing Toolkit/CUDA/v12.4"
    files = {f"{root}/bin/nvcc.exe": "MZ", f"{root}/version.json": VERSION_JSON}
    box = Box(files, variables={"CUDA_PATH": root.replace("/", "\\"), "PATH": f"C:\\Windows;{root}\\bin".replace("/", "\\")})
    [toolkit] = probe_toolkits(box)
    assert (toolkit.path, toolkit.has_nvcc, toolkit.is_default) == (root, True, True)


@pytest.mark.parametrize("files", [{}, {"/usr/local/cuda-12.4/compat/libcuda.so.1": ""}, {"/usr/local/cuda-keyring.txt": ""}])
def test_no_toolkit(files: dict[str, str]) -> None:
    assert probe_toolkits(Box(files)) == ()


def test_nvcc_is_asked_where_no_file_tells() -> None:
    argv = (f"{ROOT}/bin/nvcc", "--version")
    printed = Output(0, "nvcc: NVIDIA (R) Cuda compiler driver\nCuda compilation tools, release 12.4, V12.4.131\n", "")
    files = {f"{ROOT}/bin/nvcc": ""}
    [toolkit] = probe_toolkits(Box(files, commands={command_key(argv): printed}))
    assert (toolkit.version, toolkit.source) == (Version("12.4"), " ".join(argv))
    [silent] = probe_toolkits(Box(files, commands={command_key(argv): Output(1, "", "")}))
    assert isinstance(silent.version, Unknown)
    [unasked] = probe_toolkits(Box(files))
    assert isinstance(unasked.version, Unknown)


LIBRARY = "/usr/lib/x86_64-linux-gnu"


@pytest.mark.parametrize(
    ("files", "links", "path", "version"),
    [
        ({f"{LIBRARY}/libcudnn.so.9.1.0": ""}, {f"{LIBRARY}/libcudnn.so.9": "libcudnn.so.9.1.0"},
         f"{LIBRARY}/libcudnn.so.9.1.0", "9.1.0"),
        ({f"{LIBRARY}/libcudnn.so.9": "", "/usr/include/cudnn_version.h": CUDNN_HEADER}, {}, f"{LIBRARY}/libcudnn.so.9", "9.1.0"),
        ({f"{LIBRARY}/libcudnn.so.8": "", "/usr/include/cudnn_version.h": CUDNN_HEADER}, {}, f"{LIBRARY}/libcudnn.so.8", "8"),
        ({"/usr/include/x86_64-linux-gnu/cudnn_version.h": CUDNN_HEADER}, {},
         "/usr/include/x86_64-linux-gnu/cudnn_version.h", "9.1.0"),
        (TOOLKIT | {f"{ROOT}/lib64/libcudnn.so.7.6.5": ""}, {f"{ROOT}/lib64/libcudnn.so.7": "libcudnn.so.7.6.5"},
         f"{ROOT}/lib64/libcudnn.so.7.6.5", "7.6.5"),
    ],
)  # fmt: skip
def test_cudnn(files: dict[str, str], links: dict[str, str], path: str, version: str) -> None:
    [found] = probe_cudnns(Box(files, links=links))
    assert (found.path, found.version) == (path, Version(version))


def test_every_cudnn_is_listed_and_none_is_an_empty_answer() -> None:
    files = TOOLKIT | {f"{ROOT}/lib64/libcudnn.so.8": "", f"{LIBRARY}/libcudnn.so.9": ""}
    assert [str(found.version) for found in probe_cudnns(Box(files))] == ["8", "9"]
    assert probe_cudnns(Box(TOOLKIT)) == ()


@pytest.mark.parametrize(
    ("name", "version"),
    [("libcudart.so.12.4.127", "12.4"), ("cudart64_102.dll", "10.2"), ("libcudart.so.11.0", None), ("cudart64_110.dll", None),
     ("cudart64_12.dll", None), ("libcudart_static.a", None)],
)  # fmt: skip
def test_names_of_the_runtime_library(name: str, version: str | None) -> None:
    assert cuda_versions.parse_runtime_names(["x", name]) == (Version(version) if version else None)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"\{\"cuda\": ?(\{\"version\": ?\"?[0-9.x]{0,6}\"?\}|[0-9]|null|\[\])\}", fullmatch=True),
        st.from_regex(r"#define (CUDA|CUDART|CUDNN)_(VERSION|MAJOR|MINOR) [0-9]{0,9}", fullmatch=True),
        st.from_regex(r"(libcudart|libcudnn)\.so(\.[0-9]{1,3}){0,4}", fullmatch=True),
    )
)
def test_no_text_upsets_a_parser(text: str) -> None:
    for parse in (
        cuda_versions.parse_version_json,
        cuda_versions.parse_version_txt,
        cuda_versions.parse_cuda_header,
        cuda_versions.parse_cudnn_header,
        cuda_versions.parse_cudnn_name,
        cuda_versions.parse_nvcc_output,
    ):
        assert isinstance(parse(text), Version | None)
    assert isinstance(cuda_versions.parse_runtime_names([text]), Version | None)
    assert isinstance(cuda_versions.parse_wrapper(text), str | None)
