"""CUDA toolkits and cuDNN in system places; what wheels bring along is a matter of the Python environment."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.software import CudaToolkit, CudnnInstallation
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_text
from envdoctor.probes.assignments import parse_version
from envdoctor.probes.cuda_versions import (
    parse_cuda_header,
    parse_cudnn_header,
    parse_cudnn_name,
    parse_nvcc_output,
    parse_runtime_names,
    parse_version_json,
    parse_version_txt,
    parse_wrapper,
)
from envdoctor.probes.metadata import parse_conda_name
from envdoctor.probes.places import (
    find_program,
    is_file,
    is_folder,
    is_windows_path,
    name_of,
    parent_of,
    posix,
    resolved,
    search_path,
    status_of,
    variable,
)
from envdoctor.system.port import SourceError, System

VARIABLES = ("CUDA_HOME", "CUDA_PATH")
"""In the order in which build tools heed them; CUDA_PATH is the one that the Windows installer sets."""

_WINDOWS_ROOT = "C:/Program Files/NVIDIA GPU Computing Toolkit/CUDA"
_HPC_ROOTS = ("/opt/nvidia/hpc_sdk/Linux_x86_64", "/opt/nvidia/hpc_sdk/Linux_aarch64")
_TRIPLES = ("x86_64-linux-gnu", "aarch64-linux-gnu")
_TARGETS = ("targets/x86_64-linux", "targets/sbsa-linux", "targets/aarch64-linux")
_SCRIPT_LIMIT_BYTES = 8192
_DEBIAN_PRIVATE = "/usr/lib/nvidia-cuda-toolkit/"
_CUDNN_MAJORS = (12, 11, 10, 9, 8, 7)


def probe_toolkits(system: System) -> tuple[CudaToolkit, ...]:
    """Every CUDA toolkit, each once under its real path.

    Places: CUDA_HOME and CUDA_PATH, the nvcc on PATH, /usr/local/cuda*, /opt/cuda*, /usr/lib/cuda, /usr (Debian's
    package), CONDA_PREFIX, the HPC SDK, and the default folder on Windows.
    """
    default = _default_root(system)
    roots = dict.fromkeys(resolved(system, root) for root in _candidates(system, default))
    if nvcc_of(system, "/usr") and default != "/usr/lib/cuda":
        roots.pop("/usr/lib/cuda", None)  # Debian's package in another dress
    toolkits = (_toolkit(system, root, default) for root in roots)
    return tuple(toolkit for toolkit in toolkits if toolkit is not None)


def probe_cudnns(system: System) -> tuple[CudnnInstallation, ...]:
    """Every cuDNN in a system place: beside the toolkits, and where distributions put libraries and headers."""
    toolkits = [root for root in dict.fromkeys(resolved(system, one) for one in _candidates(system, None)) if root != "/usr"]
    found: dict[str, CudnnInstallation] = {}
    for root in toolkits:
        folders = [f"{root}/{part}" for part in ("lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib", "bin")]
        _note(found, _cudnn_in(system, folders, [f"{root}/include", f"{root}/targets/x86_64-linux/include"]))
    system_folders = [*(f"/usr/lib/{triple}" for triple in _TRIPLES), "/usr/lib64", "/usr/lib", "/usr/local/lib"]
    headers = ["/usr/include", *(f"/usr/include/{triple}" for triple in _TRIPLES), "/usr/local/include"]
    _note(found, _cudnn_in(system, system_folders, headers))
    return tuple(found.values())


def toolkit_version(system: System, root: str) -> tuple[Version | None, str]:
    """A toolkit's version and the file that states it; None where none does."""
    for file, parse in (("version.json", parse_version_json), ("version.txt", parse_version_txt)):
        text = read_text(system, f"{root}/{file}")
        version = parse(text) if isinstance(text, str) else None
        if version is not None:
            return version, f"{root}/{file}"
    for folder in _library_folders(root):
        version = parse_runtime_names(names_or_none(system, folder))
        if version is not None:
            return version, folder
    for name in names_or_none(system, f"{root}/conda-meta"):
        pair = parse_conda_name(name) if name.startswith("cuda-version-") else None
        if pair is not None and parse_version(pair[1]) is not None:
            return parse_version(pair[1]), f"{root}/conda-meta/{name}"
    for folder in ("include", *(f"{target}/include" for target in _TARGETS)):
        for header in ("cuda_runtime_api.h", "cuda.h"):
            text = read_text(system, f"{root}/{folder}/{header}")
            version = parse_cuda_header(text) if isinstance(text, str) else None
            if version is not None:
                return version, f"{root}/{folder}/{header}"
    return None, root


def nvcc_of(system: System, root: str) -> str | None:
    """The compiler driver of a toolkit; None where it has none (a runtime without development files)."""
    name = "nvcc.exe" if is_windows_path(root) else "nvcc"
    return f"{root}/bin/{name}" if is_file(system, f"{root}/bin/{name}") else None


def root_of_nvcc(system: System, nvcc: str) -> str:
    """The toolkit that an nvcc belongs to: links are followed, and so is a script that only starts the real one."""
    real = resolved(system, nvcc)
    status = status_of(system, real)
    text = read_text(system, real) if status is not None and status.size_bytes < _SCRIPT_LIMIT_BYTES else None
    behind = parse_wrapper(text) if isinstance(text, str) else None
    if behind is not None and behind != real:
        real = "/usr/bin/nvcc" if behind.startswith(_DEBIAN_PRIVATE) else resolved(system, behind)
    return parent_of(parent_of(real))


def _default_root(system: System) -> str | None:
    """Where CUDA_HOME, else CUDA_PATH, else the nvcc on PATH leads."""
    for name in VARIABLES:
        root = variable(system, name)
        if root and is_folder(system, posix(root)):
            return resolved(system, posix(root).rstrip("/"))
    nvcc = find_program(system, "nvcc", search_path(system))
    return root_of_nvcc(system, nvcc) if nvcc else None


def _candidates(system: System, default: str | None) -> Iterator[str]:
    if default is not None:
        yield default
    for name in (*VARIABLES, "CONDA_PREFIX"):
        root = variable(system, name)
        if root:
            yield posix(root).rstrip("/")
    for folder in ("/usr/local", "/opt"):
        yield from (f"{folder}/{name}" for name in names_or_none(system, folder) if name.startswith("cuda"))
    yield from ("/usr/lib/cuda", "/usr")
    yield from (f"{_WINDOWS_ROOT}/{name}" for name in names_or_none(system, _WINDOWS_ROOT) if name.startswith("v"))
    for root in _HPC_ROOTS:
        for release in names_or_none(system, root):
            folder = f"{root}/{release}/cuda"
            yield from (f"{folder}/{name}" for name in names_or_none(system, folder) if name[:1].isdigit())


def _toolkit(system: System, root: str, default: str | None) -> CudaToolkit | None:
    nvcc = nvcc_of(system, root)
    if nvcc is None and not _has_development_or_runtime(system, root):
        return None
    version: Version | Unknown | None
    version, source = toolkit_version(system, root)
    if version is None:
        version, source = _asked_version(system, root)
    return CudaToolkit(root, version, has_nvcc=nvcc is not None, is_default=root == default, source=source)


def _has_development_or_runtime(system: System, root: str) -> bool:
    """Whether a folder without nvcc is a toolkit at all; a whole system or conda prefix needs nvcc to count as one."""
    if root == "/usr" or is_folder(system, f"{root}/conda-meta"):
        return False
    if any(is_file(system, f"{root}/{name}") for name in ("version.json", "version.txt", "include/cuda.h")):
        return True
    return any(parse_runtime_names(names_or_none(system, folder)) for folder in _library_folders(root))


def _library_folders(root: str) -> tuple[str, ...]:
    if root == "/usr":
        return tuple(f"/usr/lib/{triple}" for triple in _TRIPLES)
    if is_windows_path(root):
        return (f"{root}/bin",)
    return (f"{root}/lib64", *(f"{root}/{target}/lib" for target in _TARGETS), f"{root}/lib")


def _asked_version(system: System, root: str) -> tuple[Version | Unknown, str]:
    nvcc = nvcc_of(system, root)
    if nvcc is None:
        return Unknown(f"no file in {root} states its version"), root
    try:
        version = parse_nvcc_output(system.run((nvcc, "--version")).stdout)
    except SourceError as error:
        return Unknown(f"no file in {root} states its version, and nvcc gave no answer: {error.reason}"), root
    return version or Unknown(f"{nvcc} --version prints no version"), f"{nvcc} --version"


def _note(found: dict[str, CudnnInstallation], installation: CudnnInstallation | None) -> None:
    if installation is not None:
        found.setdefault(installation.path, installation)


def _cudnn_in(system: System, folders: list[str], headers: list[str]) -> CudnnInstallation | None:
    """The cuDNN in some library folders, or of which only the header is there.

    The library's sonames are asked for one by one: listing a distribution's library folder would cost more.
    """
    stated = _header_version(system, headers)
    for folder in folders:
        for major in _CUDNN_MAJORS:
            names = (f"cudnn64_{major}.dll",) if is_windows_path(folder) else (f"libcudnn.so.{major}",)
            path = next((f"{folder}/{name}" for name in names if is_file(system, f"{folder}/{name}")), None)
            if path is not None:
                return _library_installation(resolved(system, path), stated)
    return CudnnInstallation(stated[1], stated[0], stated[1]) if stated else None


def _library_installation(path: str, stated: tuple[Version, str] | None) -> CudnnInstallation:
    """A library with the version in its full name; where that is only the major, the header's if it is of that major."""
    named = parse_cudnn_name(name_of(path))
    if named is not None and len(named.release) > 1:
        return CudnnInstallation(path, named, path)
    if stated is not None and (named is None or stated[0].major == named.major):
        return CudnnInstallation(path, stated[0], stated[1])
    return CudnnInstallation(path, named or Unknown(f"{path} does not carry its version in its name"), path)


def _header_version(system: System, folders: list[str]) -> tuple[Version, str] | None:
    for folder in folders:
        for header in ("cudnn_version.h", "cudnn.h"):
            text = read_text(system, f"{folder}/{header}")
            version = parse_cudnn_header(text) if isinstance(text, str) else None
            if version is not None:
                return version, f"{folder}/{header}"
    return None
