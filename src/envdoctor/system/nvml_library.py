"""Whether NVIDIA's management library can be there at all: asked before pynvml is imported, which takes long."""

from __future__ import annotations

import os
import sys

_NAME = "libnvidia-ml.so.1"
_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
    "/lib",
    "/usr/lib/wsl/lib",
    "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib",
    "/run/opengl-driver/lib",
)
"""Distributions', WSL's, older container runtimes', NixOS's."""
_CACHE = "/etc/ld.so.cache"
_CACHE_LIMIT_BYTES = 16 << 20


def has_library() -> bool:
    """Whether the loader could find the library: False is sure, True means that it is worth trying."""
    if sys.platform == "win32":
        return any(os.path.exists(path) for path in _windows_places())
    if sys.platform != "linux":
        return False
    stated = os.environ.get("LD_LIBRARY_PATH", "").replace(";", ":").split(":")
    own = [os.path.join(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)]
    folders = [*filter(None, stated), *_FOLDERS, *own]
    return any(os.path.exists(os.path.join(folder, _NAME)) for folder in folders) or _is_cached()


def _is_cached() -> bool:
    try:
        with open(_CACHE, "rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            return _NAME.encode() in file.read(min(size_bytes, _CACHE_LIMIT_BYTES))
    except OSError:
        return False  # no cache (musl), and then the loader has none either


def _windows_places() -> tuple[str, str]:
    system, programs = os.environ.get("WINDIR", "C:/Windows"), os.environ.get("PROGRAMFILES", "C:/Program Files")
    return (
        os.path.join(system, "System32", "nvml.dll"),
        os.path.join(programs, "NVIDIA Corporation", "NVSMI", "nvml.dll"),
    )
