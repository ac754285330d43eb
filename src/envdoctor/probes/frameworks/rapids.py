"""RAPIDS libraries: the distribution's name states the CUDA major."""

from __future__ import annotations

from envdoctor.model.build_tags import tagged_cuda
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.frameworks.distribution import Installed
from envdoctor.system.port import System


def probe_rapids(system: System, package: Package, installed: Installed) -> Framework:
    """`cudf-cu12` is cudf for CUDA 12; no file states more."""
    return Framework(
        name=package.name.rpartition("-")[0],
        version=package.version,
        flavour="cuda",
        cuda_version=tagged_cuda(package.name),
        gpu_code=Unknown("RAPIDS states no list of GPU architectures outside its libraries"),
        source=package.path,
        distribution=package.name,
    )
