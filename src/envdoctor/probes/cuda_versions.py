"""The texts and file names in which CUDA toolkits and cuDNN state their versions."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.probes.assignments import parse_json, parse_version

# Texts, not compiled patterns: most machines need none of them, and compiling takes longer than a look.
_CUDART = "libcudart.so."
_CUDART_DLL = r"(?i)cudart64_(10|[89])(\d)\.dll"
_NUMBER = r"(?m)^\s*#\s*define\s+(?:CUDART|CUDA)_VERSION\s+(\d{4,5})\b"
_CUDNN = r"(?m)^\s*#\s*define\s+CUDNN_(MAJOR|MINOR|PATCHLEVEL)\s+(\d+)(?![\w.])"
_CUDNN_NAME = r"(?:libcudnn\.so\.|cudnn64_)(\d+(?:\.\d+)*)(?:\.dll)?"


def parse_version_json(text: str) -> Version | None:
    """The toolkit's version in a `version.json` (toolkits from 11.1): `cuda.version`."""
    try:
        stated = parse_json(text)
    except ValueError:
        return None
    cuda = stated.get("cuda") if isinstance(stated, dict) else None
    return parse_version(cuda.get("version")) if isinstance(cuda, dict) else None


def parse_version_txt(text: str) -> Version | None:
    """The version in a `version.txt` (toolkits up to 11.0): `CUDA Version 10.2.89`."""
    found = re.search(r"CUDA Version (\d+(?:\.\d+)+)", text)
    return parse_version(found.group(1)) if found else None


def parse_cuda_header(text: str) -> Version | None:
    """The version that `cuda.h` or `cuda_runtime_api.h` defines: 12040 is 12.4."""
    found = re.search(_NUMBER, text) if "_VERSION" in text else None
    number = int(found.group(1)) if found else 0
    return Version(f"{number // 1000}.{number % 1000 // 10}") if number else None


def parse_runtime_names(names: list[str]) -> Version | None:
    """The version in the full name of the runtime library: `libcudart.so.12.4.127` is of 12.4.

    Shorter names are sonames: `libcudart.so.11.0` belongs to every 11.x, and so does `cudart64_110.dll`.
    """
    for name in names:
        version = parse_runtime_name(name)
        if version is not None:
            return version
    return None


def parse_runtime_name(name: str) -> Version | None:
    """The version in one name; None for a soname, and any other file."""
    numbers = name.removeprefix(_CUDART).split(".") if name.startswith(_CUDART) else []
    if len(numbers) == 3 and all(map(str.isdecimal, numbers)) and len(numbers[2]) > 1:
        return parse_version(".".join(numbers[:2]))
    found = re.fullmatch(_CUDART_DLL, name) if name.lower().startswith("cudart64_") else None
    return parse_version(".".join(found.groups())) if found else None


def parse_nvcc_output(text: str) -> Version | None:
    """The version that `nvcc --version` prints: `release 12.4, V12.4.131` is 12.4."""
    found = re.search(r"release (\d+\.\d+)", text)
    return parse_version(found.group(1)) if found else None


def parse_wrapper(text: str) -> str | None:
    """The nvcc that a shell script starts; None for anything else."""
    found = re.search(r"(/[\w./+-]+/bin/nvcc)\b", text) if text.startswith("#!") and "/bin/nvcc" in text else None
    return found.group(1) if found else None


def parse_cudnn_header(text: str) -> Version | None:
    """The version that `cudnn_version.h` (before 8: `cudnn.h`) defines."""
    stated = dict(re.findall(_CUDNN, text))
    numbers = [stated.get(key) for key in ("MAJOR", "MINOR", "PATCHLEVEL")]
    return parse_version(".".join(number for number in numbers if number)) if all(numbers) else None


def parse_cudnn_name(name: str) -> Version | None:
    """The version in the name of the library: `libcudnn.so.9.1.0`; a soname states its major only."""
    found = re.fullmatch(_CUDNN_NAME, name.lower())
    return parse_version(found.group(1)) if found else None
