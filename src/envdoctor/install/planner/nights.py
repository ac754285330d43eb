"""Builds of the night: where the frameworks that have them offer them."""

from __future__ import annotations

from envdoctor.install.planner.packages import decides_torch
from envdoctor.model.profile import Profile

JAX_NIGHTLY = "https://us-python.pkg.dev/ml-oss-artifacts-published/jax/simple/"
"""https://docs.jax.dev/en/latest/installation.html (JAX nightly installation)"""


def nightly_indexes(profile: Profile) -> tuple[str, ...]:
    """Further indexes of a profile's frameworks; PyTorch's is chosen by build, as its releases are."""
    return (JAX_NIGHTLY,) if any(package.name in {"jax", "jaxlib"} for package in profile.packages) else ()


def has_nightly_torch(profile: Profile) -> bool:
    """Whether its torch may be one of the night: not where another package pins torch to a release."""
    return any(package.name == "torch" for package in profile.packages) and not decides_torch(profile)
