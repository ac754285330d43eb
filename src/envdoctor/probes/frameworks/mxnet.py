"""Apache MXNet: the distribution's name states the CUDA version; retired in 2023."""

from __future__ import annotations

from envdoctor.model.build_tags import tagged_cuda
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.assignments import parse_assignments, parse_version
from envdoctor.probes.frameworks.distribution import Installed, read_stated, site_of
from envdoctor.system.port import System

NOT_STATED = Unknown("MXNet's files do not state it")


def probe_mxnet(system: System, package: Package, installed: Installed) -> Framework:
    """MXNet by the name of its distribution; the version from `mxnet/libinfo.py`."""
    path = f"{site_of(package)}/mxnet/libinfo.py"
    text = read_stated(system, path)
    stated = {} if isinstance(text, Unknown) else parse_assignments(text)
    cuda = tagged_cuda(package.name)
    return Framework(
        name="mxnet",
        version=parse_version(stated.get("__version__")) or package.version,
        flavour="cuda" if cuda else "cpu",
        cuda_version=cuda,
        cudnn_version=NOT_STATED if cuda else None,
        gpu_code=NOT_STATED if cuda else None,
        source=path,
        distribution=package.name,
    )
