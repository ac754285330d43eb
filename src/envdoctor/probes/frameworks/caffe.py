"""Caffe: built by conda or from source; conda's package name tells whether with CUDA."""

from __future__ import annotations

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.frameworks.distribution import Installed
from envdoctor.system.port import System


def probe_caffe(system: System, package: Package, installed: Installed) -> Framework:
    """Caffe by the name of its package; retired long ago, and silent about its build."""
    cuda = package.name == "caffe-gpu"
    unsaid = Unknown("Caffe's files do not state it")
    return Framework(
        name="caffe",
        version=package.version,
        flavour="cuda" if cuda else "cpu" if package.installer == "conda" else unsaid,
        cuda_version=unsaid if cuda or package.installer != "conda" else None,
        cudnn_version=unsaid if cuda else None,
        gpu_code=unsaid if cuda else None,
        source=package.path,
        distribution=package.name,
    )
