"""What the probes of all frameworks share: an installed distribution, its folder, and what names and versions tell."""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.version import Version

from envdoctor.model.software import Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.probes.assignments import parse_version
from envdoctor.probes.places import parent_of
from envdoctor.system.port import System

Installed = Mapping[str, Package]
"""Installed distributions by normalized name."""

_ROCM_TAG = r"rocm-?(\d+(?:[.-]\d+)*)"


def site_of(package: Package) -> str:
    """The site-packages folder that a distribution lies in."""
    return parent_of(package.path)


def read_stated(system: System, path: str) -> str | Unknown:
    """The text of a file that a framework states its build in; Unknown where it is not there."""
    text = read_text(system, path)
    return text if text is not None else Unknown(f"{path} is missing")


def tagged_rocm(text: str | None) -> Version | None:
    """The ROCm version that a local version carries: `rocm6.4`, `rocm64`; of `rocm714` only the major is certain."""
    found = re.search(_ROCM_TAG, text) if text and "rocm" in text else None
    if not found:
        return None
    number = found.group(1).replace("-", ".")
    if "." in number or len(number) == 1:
        return parse_version(number)
    return Version(".".join(number) if len(number) == 2 else number[0])


def required_pin(package: Package, prefix: str) -> Version | None:
    """The exact version in a requirement on a distribution whose name starts so: `nvidia-cudnn-cu12==9.10.2.21`."""
    for line in () if isinstance(package.requires, Unknown) else package.requires:
        if line.startswith(prefix):
            name, is_pin, rest = line.partition("==")
            found = re.match(r"[\w.+!]+", rest.strip()) if is_pin and not any(sign in name for sign in "<>=!~,;[") else None
            if found:
                return parse_version(found[0])
    return None


def required_cuda(package: Package) -> Version | None:
    """The CUDA major that the requirements on NVIDIA's runtime wheels name: the suffix, else (from 13 on) the lower bound."""
    for line in () if isinstance(package.requires, Unknown) else package.requires:
        found = re.match(r"nvidia-cuda-runtime(?:-cu(\d{1,3})\b|[^;]*?(?:>=|==|~=)\s*(\d{1,3})\b)", line)
        if found:
            return Version(found.group(1) or found.group(2))
    return None


def is_for(package: Package, *words: str) -> bool:
    """Whether a wheel tag of the distribution holds all the words."""
    tags = package.tags if isinstance(package.tags, tuple) else ()
    return any(all(word in tag for word in words) for tag in tags)
