"""The kernel driver of AMD GPUs and ROCm.

Sources, in order: /sys/module/amdgpu; /opt/rocm/.info/version, of several the one that /opt/rocm leads to, else the newest.
"""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.facts import AmdStack
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, names_or_none, read_line
from envdoctor.probes.device_files import probe_device_files
from envdoctor.system.port import System

MODULE = "/sys/module/amdgpu"
_VERSION = re.compile(r"(\d+(?:\.\d+){1,3})")


def probe_amd_stack(system: System) -> AmdStack:
    """What of it is there."""
    rocm, source = _rocm(system)
    files = probe_device_files(system)
    return AmdStack(
        is_loaded=is_there(system, MODULE) if is_there(system, "/sys/module") else Unknown("/sys/module is not there"),
        version=read_line(system, f"{MODULE}/version"),
        rocm_version=rocm,
        device_files=files,
        source=source,
    )


def _rocm(system: System) -> tuple[Version | Unknown | None, str]:
    others = sorted((name for name in names_or_none(system, "/opt") if name.startswith("rocm-")), reverse=True)
    folders = ["/opt/rocm", *(f"/opt/{name}" for name in others)]
    for folder in folders:
        path = f"{folder}/.info/version"
        text = read_line(system, path)
        match = _VERSION.match(text) if isinstance(text, str) else None
        if match:
            return Version(match[1]), path
        if isinstance(text, Unknown):
            return text, path
    return None, MODULE
