"""Compiled extensions of torch whose version names what they were built for, as listings show them: `2.1.1+pt113cu117`."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.build_tags import tagged_cuda, tagged_torch
from envdoctor.model.facts import Framework, Package, Unknown
from envdoctor.reports.gathering_system import NOT_SAID

_TAGGED = ("torch-scatter", "torch-sparse", "torch-cluster", "torch-spline-conv", "pyg-lib", "flash-attn")
"""Distributions whose builds name torch behind the `+`. Source: https://data.pyg.org/whl/ and flash-attention's releases."""


def tagged_extensions(packages: tuple[Package, ...]) -> Iterator[Framework]:
    """Every extension whose version names the torch that it was built with."""
    there = [one for one in packages if one.name in _TAGGED and not isinstance(one.version, Unknown) and one.version.local]
    if not there:
        return
    for package in there:
        local = "" if isinstance(package.version, Unknown) else package.version.local
        torch, cuda = tagged_torch(local), tagged_cuda(local)
        if torch is None:
            continue
        yield Framework(
            name=package.name,
            version=package.version,
            flavour=NOT_SAID if cuda is None else "cuda",
            cuda_version=NOT_SAID if cuda is None else cuda,
            gpu_code=NOT_SAID,
            source=package.source,
            distribution=package.name,
            built_with=(("torch", torch),),
        )
