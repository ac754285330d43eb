"""What commands print: nvcc, compilers, uname, cat of release files, lscpu, lspci, python itself, loader variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.stating import FILLED_IN, MEASURED, MENTIONED, Stated

_SHELL = r"^[\s>]*(?:\([\w .-]+\)\s*)*(?:[\w.@:~/\\-]*\s*[$#%]\s*)?"
_ROWS: tuple[tuple[str, str, str, str, int], ...] = (
    ("cuda compilation tools", r"Cuda compilation tools, release (\d+\.\d+)", "toolkit", "nvcc --version", MEASURED),
    ("cuda compilation tools", r"Cuda compilation tools, release \d+\.\d+, V(\d+\.\d+\.\d+)",
     "toolkit", "nvcc --version", MEASURED),
    ("label/cuda-", r"nvidia/label/cuda-(\d+\.\d+)", "toolkit", "conda's channel", FILLED_IN),
    ("bin", r"^(?!.*(?:No such file|not found|cannot find)).*(?:cuda-|CUDA[\\/]{1,4}v)(\d+\.\d+)[\\/]{1,4}bin[\\/]{1,4}nvcc",
     "toolkit", "the path of nvcc", FILLED_IN),
    ("(", r"^\s*(?:gcc|g\+\+|cc|c\+\+) \([^)]*\) (\d+\.\d+(?:\.\d+)?)", "gcc", "gcc --version", MEASURED),
    ("gcc version", r"^\s*gcc version (\d+\.\d+(?:\.\d+)?)", "gcc", "gcc -v", MEASURED),
    ("cmake version", r"^\s*cmake version (\d+\.\d+(?:\.\d+)?)", "cmake", "cmake --version", MEASURED),
    ("python ", r"^\s*Python (\d\.\d+(?:\.\d+)?)(?:\s|$|\+)", "python", "python --version", MEASURED),
    ("linux ", r"^\s*Linux \S+ (\d+\.\d+\S*) .*(?:#\d|SMP|GNU/Linux|x86_64|aarch64)", "kernel", "uname -a", MEASURED),
    ("linux ", r"^\s*Linux \S+ \d+\.\d+\S* .*\b(x86_64|aarch64|ppc64le|riscv64)\b", "machine", "uname -a", MEASURED),
    ("darwin", r"^\s*Darwin \S+ (\d+\.\d+\S*) Darwin Kernel", "darwin", "uname -a", MEASURED),
    ("", r"^\s*(x86_64|aarch64)\s*$", "machine", "uname -m", MEASURED),
    ("pretty_name", r"^\s*PRETTY_NAME=\"?([^\"]+)\"?", "os", "/etc/os-release", MEASURED),
    ("distrib_description", r"^\s*DISTRIB_DESCRIPTION=\"?([^\"]+)\"?", "os", "/etc/lsb-release", MEASURED),
    (" release ", r"^\s*((?:CentOS|Red Hat|Rocky|AlmaLinux|Fedora|Scientific)[\w ]* release \d[\w. ()]*)",
     "os", "release file", MEASURED),
    ("microsoft windows", r"Microsoft Windows \[\D*([\d.]+)\]", "windows", "ver", MEASURED),
    ("ldd (", r"\bldd \((?:GNU libc|[^)]*GLIBC[^)]*)\) (\d+\.\d+)", "libc", "ldd --version", MEASURED),
    ("musl libc", r"^\s*musl libc \((\w+)\)", "libc.musl", "ldd", MEASURED),
    ("nvrm", r"^\s*NVRM version: NVIDIA .{0,40}Kernel Module.*?\s(\d{3}\.\d+(?:\.\d+)?)(?:\s|$)",
     "driver", "/proc/driver", MEASURED),
    ("nvrm", r"NVRM: loading NVIDIA UNIX .{0,20}Kernel Module.*?\s(\d{3}\.\d+(?:\.\d+)?)(?:\s|$)",
     "driver", "kernel log", FILLED_IN),
    ("nvrm", r"NVRM(?: version)?: .*NVIDIA UNIX (Open Kernel Module|\S+ +Kernel Module)",
     "driver.module", "kernel log", MEASURED),
    ("driver version", r"NVIDIA-SMI (\d{3}\.\d+(?:\.\d+)?)\s+Driver Version: (?!\1\s)\d{3}\.\d\d\s",
     "wsl.sign", "nvidia-smi", MEASURED),  # a driver of Windows below the nvidia-smi of Linux
    ("nvidia", r"^\s*ii\s+(?:libnvidia-compute-\S+|libnvidia-ml1|nvidia-utils-\S+|nvidia-smi|libcuda1\S*)\s+(\d{3}\.[\d.]+)",
     "driver.library", "dpkg -l", MEASURED),
    ("controller", r"(?:VGA compatible|3D|Display) controller[^:]*: (NVIDIA(?:(?! \(rev)[^\n])+)", "gpu", "lspci", FILLED_IN),
    ("controller", r"(?:VGA compatible|3D|Display) controller[^:]*: ((?:Advanced Micro Devices|AMD)(?:(?! \(rev)[^\n])+)",
     "gpu.amd", "lspci", FILLED_IN),
    ("pci id", r"\(PCI ID: (10de:[0-9a-f]{4})\)", "pci", "kernel log", FILLED_IN),
    ("[10de", r"\[(10de:[0-9a-f]{4})\]", "pci", "lspci -nn", FILLED_IN),
    ("cudnn_major", r"#define CUDNN_MAJOR (\d+)", "cudnn.major", "cudnn_version.h", FILLED_IN),
    ("__cuda", r"\b__cuda=(\d+\.\d+)=", "driver_cuda", "conda info", MEASURED),
    ("__glibc", r"\b__glibc=(\d+\.\d+)=", "libc", "conda info", MEASURED),
    ("__linux", r"\b__linux=(\d+\.\d+[\d.]*)=", "kernel", "conda info", MEASURED),
    ("__archspec", r"\b__archspec=\d=(aarch64|x86_64\S*)", "machine", "conda info", MEASURED),
    ("__osx", r"\b__osx=(\d+\.\d+[\d.]*)=", "macos", "conda info", MEASURED),
    ("conda.anaconda.org", r"conda\.anaconda\.org\S*/(linux-64|linux-aarch64|win-64|osx-64|osx-arm64)\b",
     "conda.platform", "conda info", MENTIONED),
    ("repo.anaconda.com", r"repo\.anaconda\.com\S*/(linux-64|linux-aarch64|win-64|osx-64|osx-arm64)\b",
     "conda.platform", "conda info", MENTIONED),
    ("uname_result", r"platform: uname_result\((.*)\)", "uname", "jax", MEASURED),
    ("python ", r"^\s*Python (\d\.\d+\.\d+)[^|]* on (?:linux|darwin|win32)", "python", "python", MEASURED),
    ("python ", r"^\s*Python \d\.\d+\.\d+.* on (linux|darwin|win32)\b", "os", "python", FILLED_IN),
    ("install supports cuda", r"The current PyTorch install supports CUDA capabilities ((?:sm_\d+\w* ?)+)",
     "torch.code", "torch's warning", MEASURED),
    ("get_arch_list", r"torch\.cuda\.get_arch_list\(\)\S*\s*[=:>]*\s*(\[[^\]]+\])", "torch.code", "torch", MEASURED),
    ("too old", r"too old \(found version (\d{4,5})\)", "driver_cuda", "torch's warning", MEASURED),
    ("with cuda capability", r"(\S[^\n|]{2,60}?) with CUDA capability (?:sm_\d+)", "gpu", "torch's warning", MEASURED),
    ("with cuda capability", r"(\S[^\n|]{2,60}? with CUDA capability sm_\d+)", "gpu.capability", "torch's warning", MEASURED),
    ("found gpu", r"Found GPU\d+ (\S[^\n]{2,60}? which is of \w+ capability \d+\.\d)",
     "gpu.capability", "torch's warning", MEASURED),
    ("found gpu", r"Found GPU\d+ (\S[^\n]{2,60}?) which is of (?:cuda|compute) capability", "gpu", "torch's warning", MEASURED),
    ("gpu has compute capability", r"Your (\S[^\n]{2,60}?) GPU has compute capability \d", "gpu", "vLLM's error", MEASURED),
    ("'sm_", r"(\['sm_\d+\w*'[^\]]*\])", "torch.code", "torch", MEASURED),
    ("cuda runtime ", r"^\s*(?:-\s+)?CUDA Runtime (\d+\.\d+)\s*$", "torch.cuda", "torch's build", MEASURED),
    ("hip runtime ", r"^\s*(?:-\s+)?HIP Runtime (\d+\.\d+\S*)\s*$", "torch.rocm", "torch's build", MEASURED),
    ("cudaexecutionprovider", r"\[[^\]]*'(CUDAExecutionProvider)'[^\]]*\]", "ort.gpu", "onnxruntime", MEASURED),
    ("[", r"(\b(?:rembg|fastembed|optimum)\[[\w, -]*gpu[\w, -]*\])", "ort.gpu", "pip install", MEASURED),  # which asks for it
)  # fmt: skip
"""A word in lower case that the line holds, pattern, topic, what printed it, and how much that weighs."""
_VARIABLE = re.compile(
    _SHELL + r"`?(?:export|set|setenv|env)?\s*(?P<name>[A-Z][A-Z0-9_]{2,})=(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'`]*)(?:\s|$|[;`])"
)
_SET_ENVIRONMENT = re.compile(r"os\.environ\[\s*[\"'](?P<name>[A-Z0-9_]+)[\"']\s*\]\s*=\s*[\"'](?P<value>[^\"']*)[\"']")
_VALUE = re.compile(r"^\s*[-/$\w.,:;+]+\s*$")
_SHOW = re.compile(_SHELL + r"echo \"?\$\{?(?P<name>[A-Z0-9_]+)\}?\"?\s*$")


def parse_commands(lines: Sequence[str]) -> Iterator[Stated]:
    """Every fact that the output of a known command states."""
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        lowered = line.lower()
        for word, pattern, topic, form, weight in _ROWS:
            match = re.search(pattern, line) if word in lowered else None
            if match is not None:
                yield Stated(topic, match[1].strip(), number, weight, form)


def parse_variables(lines: Sequence[str]) -> Iterator[Stated]:
    """Environment variables that a text sets or shows."""
    for number, line in enumerate(lines, start=1):
        if "=" in line:
            for match in (*_SET_ENVIRONMENT.finditer(line), *((_VARIABLE.match(line),) if _VARIABLE.match(line) else ())):
                if match is not None:
                    yield Stated(f"variable.{match['name']}", match["value"].strip("\"'"), number, FILLED_IN, "variable")
        shown = _SHOW.match(line) if "echo" in line else None
        if shown is not None and number < len(lines) and _VALUE.match(lines[number]):
            yield Stated(f"variable.{shown['name']}", lines[number].strip(), number + 1, MEASURED, "variable")
