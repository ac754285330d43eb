"""Named questions about the machine and this process, for what no file answers.

Linux answers nearly everything from files, and probes ask those first; what stands here serves macOS and Windows,
or concerns this very process. Answers are plain JSON values.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from envdoctor.system.port import Denied, Malformed, Unsupported


def ask_host(query: str) -> Any:
    """Answer a question of QUERIES.

    Raises:
        SourceError: no such question, or this kind of machine does not answer it.
    """
    answer = QUERIES.get(query)
    if answer is None:
        raise Unsupported(query, "no such question; see system/host.py")
    try:
        return answer()
    except PermissionError as error:
        raise Denied(query, str(error)) from error
    except OSError as error:
        raise Malformed(query, str(error)) from error


def _uname() -> dict[str, str]:
    if hasattr(os, "uname"):
        found = os.uname()
        return {"system": found.sysname, "release": found.release, "version": found.version, "machine": found.machine}
    import platform

    system, _node, release, version, machine, _processor = platform.uname()
    return {"system": system, "release": release, "version": version, "machine": machine}


def _python() -> dict[str, Any]:
    from importlib.machinery import EXTENSION_SUFFIXES

    minor = sys.version_info[1]
    soabi = EXTENSION_SUFFIXES[0].strip(".").rpartition(".")[0]
    paths = [_posix(entry) for entry in sys.path if entry]
    return {
        "executable": _posix(sys.executable or ""),
        "version": "{}.{}.{}".format(*sys.version_info[:3]) + _release_level(),
        "prefix": _posix(sys.prefix),
        "base_prefix": _posix(sys.base_prefix),
        "implementation": sys.implementation.name,
        "cache_tag": sys.implementation.cache_tag,
        "abi_flags": getattr(sys, "abiflags", ""),
        "soabi": soabi,
        "free_threaded": any(part in {f"3{minor}t", f"cp3{minor}t"} for part in soabi.replace(".", "-").split("-")),
        "pointer_bits": 64 if sys.maxsize > 1 << 32 else 32,
        "sys_path": paths,
        "site_packages": [path for path in paths if path.endswith(("site-packages", "dist-packages"))],
    }


def _release_level() -> str:
    level, serial = sys.version_info[3:5]
    letter = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(level)
    return f"{letter}{serial}" if letter else ""


def _user() -> dict[str, Any]:
    uid = os.getuid() if hasattr(os, "getuid") else None
    return {"home": _posix(os.path.expanduser("~")), "uid": uid, "is_root": None if uid is None else uid == 0}


def _temporary_folder() -> str:
    """As `tempfile` chooses it, without its import and without writing a file to try."""
    stated = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    usual = ["/tmp", "/var/tmp", "/usr/tmp"] if os.name == "posix" else ["C:\\TEMP", "C:\\TMP"]  # noqa: S108 - only looked at
    for folder in [*stated, *usual, os.getcwd()]:
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK):
            return _posix(os.path.abspath(folder))
    raise Unsupported("temporary_folder", "no folder that can be written to")


def _cwd() -> str:
    return _posix(os.getcwd())


def _memory() -> dict[str, int]:
    import psutil

    main, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {
        "total_bytes": main.total,
        "available_bytes": main.available,
        "swap_total_bytes": swap.total,
        "swap_free_bytes": swap.free,
    }


def _cpu() -> dict[str, Any]:
    import psutil
    from cpuinfo import get_cpu_info

    stated = get_cpu_info() or {}
    return {
        "vendor": stated.get("vendor_id_raw"),
        "model": stated.get("brand_raw"),
        "machine": stated.get("arch_string_raw"),
        "features": sorted(stated.get("flags") or []),
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(logical=True),
    }


def _affinity() -> list[int]:
    if not hasattr(os, "sched_getaffinity"):
        raise Unsupported("affinity", "this operating system does not tell")
    return sorted(os.sched_getaffinity(0))


def _rlimits() -> dict[str, int | None]:
    try:
        import resource
    except ImportError as error:
        raise Unsupported("rlimits", "this operating system has none") from error
    names = {"locked_memory_bytes": "RLIMIT_MEMLOCK", "open_files": "RLIMIT_NOFILE", "address_space_bytes": "RLIMIT_AS"}
    limits = {}
    for name, constant in names.items():
        if hasattr(resource, constant):
            soft = resource.getrlimit(getattr(resource, constant))[0]
            limits[name] = None if soft == resource.RLIM_INFINITY else soft
    return limits


def _libc() -> str:
    if "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}):
        raise Unsupported("libc", "no GNU C library")
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except (OSError, ValueError) as error:
        raise Unsupported("libc", "no GNU C library") from error
    if not version:
        raise Unsupported("libc", "no GNU C library")
    return version


def _mac_version() -> str:
    import platform

    if sys.platform != "darwin":
        raise Unsupported("mac_version", "not macOS")
    return platform.mac_ver()[0]


def _windows_version() -> dict[str, Any]:
    if sys.platform != "win32":
        raise Unsupported("windows_version", "not Windows")
    import platform

    found = sys.getwindowsversion()
    return {
        "version": f"{found.major}.{found.minor}.{found.build}",
        "product": platform.win32_ver()[0],
        "edition": platform.win32_edition(),
    }


def _posix(path: str) -> str:
    return path.replace("\\", "/") if os.name == "nt" else path


def _kernel_log() -> dict[str, Any]:
    from envdoctor.system.kernel_log import ask_kernel_log

    if sys.platform != "linux":
        raise Unsupported("kernel_log", "only Linux has such a log")
    return ask_kernel_log()


def _compute_devices() -> dict[str, Any]:
    from envdoctor.system.compute_devices import compute_devices

    return compute_devices()


QUERIES: dict[str, Callable[[], Any]] = {
    "uname": _uname,
    "python": _python,
    "user": _user,
    "cwd": _cwd,
    "temporary_folder": _temporary_folder,
    "memory": _memory,
    "cpu": _cpu,
    "affinity": _affinity,
    "rlimits": _rlimits,
    "libc": _libc,
    "mac_version": _mac_version,
    "windows_version": _windows_version,
    "kernel_log": _kernel_log,
    "compute_devices": _compute_devices,
}
"""The questions, by name:

- `kernel_log`: the lines of Linux's log about GPUs and what connects them: `source`, `lines`, `left_out` (how many older).

- `uname`: `system` (`Linux`, `Darwin`, `Windows`), `release` and `version` of the kernel, `machine`. No host name.
- `python`: the interpreter that runs envdoctor: `executable`, `version` (`3.13.0rc2`), `prefix`, `base_prefix`,
  `implementation`, `cache_tag`, `abi_flags`, `soabi`, `free_threaded`, `pointer_bits`, `sys_path`, and of it
  `site_packages`.
- `user`: `home`, `uid` and `is_root` (None on Windows).
- `cwd`, `temporary_folder`: paths.
- `memory`: `total_bytes`, `available_bytes`, `swap_total_bytes`, `swap_free_bytes` (psutil).
- `cpu`: `vendor`, `model`, `machine`, `features`, `cores`, `threads` (py-cpuinfo and psutil; takes over a second:
  only where there is no /proc/cpuinfo).
- `affinity`: the logical processors that this process may use.
- `rlimits`: soft limits `locked_memory_bytes`, `open_files`, `address_space_bytes`; None for unlimited.
- `compute_devices`: path of each of /dev/kfd and /dev/dri/renderD* to `is_writable` and `group` (name, or number as a text).
- `libc`: `glibc 2.36`, of the process that asks.
- `mac_version`: `14.5`. `windows_version`: `version` (`10.0.22631`), `product` (`11`), `edition`.
"""
