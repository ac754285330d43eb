"""The CUDA toolkit that a text states, against the CUDA that installed packages load from the system.

Of a running machine the loader tells more (cuda-library-not-found); a pasted text has only what a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import CudaToolkit, Package, Unknown, known
from envdoctor.model.findings import Case

_NAMED = r"(?:mxnet-cu|cupy-cuda)(?P<digits>\d{2,3})(?P<any>x?)(?:mkl)?$"
_LOCAL = r"cuda(?P<digits>\d{2,3})(?:\.cudnn|$)"
_ONE_NAME_SINCE = 11
"""From this major on libraries of all minor releases have the same names: libcudart.so.11.0 is that of 11.8, too."""
_PADDLE_TWO = 2
"""Before this major of PaddlePaddle the last digit of `.post107` is the cuDNN, as in CUDA 10.0 with cuDNN 7."""


def other_toolkit(case: Case, cuda: Version) -> CudaToolkit | None:
    """The toolkit that a report states where none of those it states serves builds for a CUDA; else None."""
    if case.facts.subject.kind != "report":
        return None
    stated = [one for one in known(case.facts.toolkits, ()) if not isinstance(one.version, Unknown)]
    return None if any(_serves(one.version, cuda) for one in stated) else next(iter(stated), None)


def _serves(toolkit: Version | Unknown, cuda: Version) -> bool:
    """Whether the libraries of a toolkit have the names that builds for a CUDA ask for."""
    if isinstance(toolkit, Unknown):
        return False
    return toolkit.major == cuda.major and (cuda.major >= _ONE_NAME_SINCE or toolkit.minor == cuda.minor)


def named_builds(packages: tuple[Package, ...]) -> Iterator[tuple[Package, Version]]:
    """Packages whose name or version tells the CUDA that they load from the system, and that CUDA."""
    for package in packages:
        cuda = _named(package)
        if cuda is not None:
            yield package, cuda


def _named(package: Package) -> Version | None:
    match = re.match(_NAMED, package.name) if package.name.startswith(("mxnet-cu", "cupy-cuda")) else None
    if match is not None:
        return Version(match["digits"]) if match["any"] else _of_digits(match["digits"])
    if isinstance(package.version, Unknown):
        return None
    local = re.match(_LOCAL, package.version.local or "") if package.name == "jaxlib" else None
    if local is not None:
        return Version(local["digits"]) if len(local["digits"]) == len("11") else _of_digits(local["digits"])
    post = str(package.version.post or "") if package.name == "paddlepaddle-gpu" else ""
    if len(post) < len("97"):
        return None
    return Version(f"{post[:-1]}.0") if package.version.major < _PADDLE_TWO else _of_digits(post)


def _of_digits(digits: str) -> Version:
    """10.1 of `101`."""
    return Version(f"{digits[:-1]}.{digits[-1]}")
