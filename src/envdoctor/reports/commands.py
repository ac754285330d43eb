"""What commands print: nvcc, compilers, uname, cat of release files, lscpu, lspci, python itself, loader variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.stating import FILLED_IN, MEASURED, MENTIONED, Stated

_SHELL = r"^[\s>]*(?:\([\w .-]+\)\s*)*(?:[\w.@:~/\\-]*\s*[$#%]\s*)?"
_ROWS: tuple[tuple[str, str, str, int], ...] = (
    (r"Cuda compilation tools, release (\d+\.\d+)", "toolkit", "nvcc --version", MEASURED),
    (r"Cuda compilation tools, release \d+\.\d+, V(\d+\.\d+\.\d+)", "toolkit", "nvcc --version", MEASURED),
    (r"^\s*(?:gcc|g\+\+|cc|c\+\+) \([^)]*\) (\d+\.\d+(?:\.\d+)?)", "gcc", "gcc --version", MEASURED),
    (r"^\s*gcc version (\d+\.\d+(?:\.\d+)?)", "gcc", "gcc -v", MEASURED),
    (r"^\s*cmake version (\d+\.\d+(?:\.\d+)?)", "cmake", "cmake --version", MEASURED),
    (r"^\s*Python (\d\.\d+(?:\.\d+)?)(?:\s|$|\+)", "python", "python --version", MEASURED),
    (r"^\s*Linux \S+ (\d+\.\d+\S*) .*", "kernel", "uname -a", MEASURED),
    (r"^\s*Linux \S+ \d+\.\d+\S* .*\b(x86_64|aarch64|ppc64le|riscv64)\b", "machine", "uname -a", MEASURED),
    (r"^\s*Darwin \S+ (\d+\.\d+\S*) Darwin Kernel", "darwin", "uname -a", MEASURED),
    (r"^\s*(x86_64|aarch64)\s*$", "machine", "uname -m", MEASURED),
    (r"^\s*PRETTY_NAME=\"?([^\"]+)\"?", "os", "/etc/os-release", MEASURED),
    (r"^\s*DISTRIB_DESCRIPTION=\"?([^\"]+)\"?", "os", "/etc/lsb-release", MEASURED),
    (r"^\s*((?:CentOS|Red Hat|Rocky|AlmaLinux|Fedora|Scientific)[\w ]* release \d[\w. ()]*)", "os", "release file", MEASURED),
    (r"Microsoft Windows \[\D*([\d.]+)\]", "windows", "ver", MEASURED),
    (r"\bldd \((?:GNU libc|[^)]*GLIBC[^)]*)\) (\d+\.\d+)", "libc", "ldd --version", MEASURED),
    (r"^\s*musl libc \((\w+)\)", "libc.musl", "ldd", MEASURED),
    (r"^\s*NVRM version: NVIDIA .{0,40}Kernel Module.*?\s(\d{3}\.\d+(?:\.\d+)?)(?:\s|$)", "driver", "/proc/driver", MEASURED),
    (r"NVRM: loading NVIDIA UNIX .{0,20}Kernel Module.*?\s(\d{3}\.\d+(?:\.\d+)?)(?:\s|$)", "driver", "kernel log", FILLED_IN),
    (r"NVRM(?: version)?: .*NVIDIA UNIX (Open Kernel Module|\S+ +Kernel Module)", "driver.module", "kernel log", MEASURED),
    (r"(?:VGA compatible|3D|Display) controller[^:]*: (NVIDIA[^\n]+)", "gpu", "lspci", FILLED_IN),
    (r"(?:VGA compatible|3D|Display) controller[^:]*: ((?:Advanced Micro Devices|AMD)[^\n]+)", "gpu.amd", "lspci", FILLED_IN),
    (r"\(PCI ID: (10de:[0-9a-f]{4})\)", "pci", "kernel log", FILLED_IN),
    (r"\[(10de:[0-9a-f]{4})\]", "pci", "lspci -nn", FILLED_IN),
    (r"#define CUDNN_MAJOR (\d+)", "cudnn.major", "cudnn_version.h", FILLED_IN),
    (r"\b__cuda=(\d+\.\d+)=", "driver_cuda", "conda info", MEASURED),
    (r"\b__glibc=(\d+\.\d+)=", "libc", "conda info", MEASURED),
    (r"\b__linux=(\d+\.\d+[\d.]*)=", "kernel", "conda info", MEASURED),
    (r"\b__archspec=\d=(aarch64|x86_64\S*)", "machine", "conda info", MEASURED),
    (r"\b__osx=(\d+\.\d+[\d.]*)=", "macos", "conda info", MEASURED),
    (r"conda\.anaconda\.org\S*/(linux-64|linux-aarch64|win-64|osx-64|osx-arm64)\b", "conda.platform", "conda info", MENTIONED),
    (r"repo\.anaconda\.com\S*/(linux-64|linux-aarch64|win-64|osx-64|osx-arm64)\b", "conda.platform", "conda info", MENTIONED),
    (r"platform: uname_result\((.*)\)", "uname", "jax", MEASURED),
    (r"^\s*Python (\d\.\d+\.\d+)[^|]* on (?:linux|darwin|win32)", "python", "python", MEASURED),
    (r"^\s*Python \d\.\d+\.\d+.* on (linux|darwin|win32)\b", "os", "python", FILLED_IN),
    (r"The current PyTorch install supports CUDA capabilities ((?:sm_\d+\w* ?)+)", "torch.code", "torch's warning", MEASURED),
    (r"torch\.cuda\.get_arch_list\(\)\S*\s*[=:>]*\s*(\[[^\]]+\])", "torch.code", "torch", MEASURED),
    (r"too old \(found version (\d{4,5})\)", "driver_cuda", "torch's warning", MEASURED),
    (r"(\S[^\n|]{2,60}?) with CUDA capability (?:sm_\d+)", "gpu", "torch's warning", MEASURED),
    (r"(\S[^\n|]{2,60}? with CUDA capability sm_\d+)", "gpu.capability", "torch's warning", MEASURED),
    (r"Found GPU\d+ (\S[^\n]{2,60}? which is of \w+ capability \d+\.\d)", "gpu.capability", "torch's warning", MEASURED),
    (r"Found GPU\d+ (\S[^\n]{2,60}?) which is of (?:cuda|compute) capability", "gpu", "torch's warning", MEASURED),
    (r"Your (\S[^\n]{2,60}?) GPU has compute capability \d", "gpu", "vLLM's error", MEASURED),
    (r"(\['sm_\d+\w*'[^\]]*\])", "torch.code", "torch", MEASURED),
    (r"^\s*(?:-\s+)?CUDA Runtime (\d+\.\d+)\s*$", "torch.cuda", "torch's build", MEASURED),
    (r"^\s*(?:-\s+)?HIP Runtime (\d+\.\d+\S*)\s*$", "torch.rocm", "torch's build", MEASURED),
    (r"\[[^\]]*'(CUDAExecutionProvider)'[^\]]*\]", "ort.gpu", "onnxruntime", MEASURED),
)  # fmt: skip
"""Pattern, topic, what printed it, and how much that weighs."""
_HINTS = (
    "cuda", "gcc", "g++", "c++", "cc (", "cmake", "python", "linux", "darwin", "x86_64", "aarch64", "pretty", "distrib",
    "release", "windows", "ldd", "musl", "nvrm", "controller", "10de", "cudnn", "__", "anaconda", "uname", "sm_", "capability",
    "too old", "hip runtime",
)  # fmt: skip
"""In lower case; a line without any of them is passed over."""
_VARIABLE = re.compile(
    _SHELL + r"(?:export|set|setenv|env)?\s*(?P<name>[A-Z][A-Z0-9_]{2,})=(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"']*)(?:\s|$|;)"
)
_SET_ENVIRONMENT = re.compile(r"os\.environ\[\s*[\"'](?P<name>[A-Z0-9_]+)[\"']\s*\]\s*=\s*[\"'](?P<value>[^\"']*)[\"']")
_VALUE = re.compile(r"^\s*[-/$\w.,:;+]+\s*$")
_SHOW = re.compile(_SHELL + r"echo \"?\$\{?(?P<name>[A-Z0-9_]+)\}?\"?\s*$")


def parse_commands(lines: Sequence[str]) -> Iterator[Stated]:
    """Every fact that the output of a known command states."""
    for number, line in enumerate(lines, start=1):
        lowered = line.lower()
        if line and any(hint in lowered for hint in _HINTS):
            for pattern, topic, form, weight in _ROWS:
                match = re.search(pattern, line)
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
