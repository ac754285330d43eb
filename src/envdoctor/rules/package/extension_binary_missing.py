"""The rule extension-binary-missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Package, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import environment, framework, package
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.listed_wheels import is_of_the_index
from envdoctor.rules.wording import listed, titled

_LIBRARY = re.compile(r"libbitsandbytes_(cuda\d+)(?:_nocublaslt)?\.")


@rule(Severity.ERROR)
def extension_binary_missing(case: Case) -> Iterator[Finding]:
    """A package has no compiled library for the CUDA of the installed torch.

    What it checks
        bitsandbytes brings one library for each CUDA version and loads the one of torch's: whether it is among the files, or,
        where the files cannot be seen, in the table of what each release brings.

    Why it matters
        Importing it says "Configured CUDA binary not found" or "libbitsandbytes_cuda132.so: cannot open shared object file";
        8-bit and 4-bit layers do not work.

    How to fix
        Install a release that brings the library. BNB_CUDA_VERSION chooses another one of the same CUDA major version.

    References
        https://huggingface.co/docs/bitsandbytes/installation
        https://pypi.org/project/bitsandbytes/#files
    """
    extension = package(case, "bitsandbytes")
    torch = framework(case, "torch")
    if need(torch.flavour) != "cuda":
        raise skip("torch was not built for CUDA")
    cuda = need(torch.cuda_version)
    if cuda is None:
        raise skip("torch was not built for CUDA")
    variables = case.facts.variables
    if not isinstance(variables, Unknown) and "BNB_CUDA_VERSION" in variables:
        raise skip("BNB_CUDA_VERSION chooses the library")
    from envdoctor.knowledge.extensions import bitsandbytes_library

    found = bitsandbytes_library(case.knowledge, need(extension.version), cuda, need(need(case.facts.os).system))
    there = _on_disk(case)
    if not there:
        if need(found).name is None:
            sure = is_of_the_index(case, extension.name)
            yield _found(case, extension, torch, need(found).offered, need(found).source, sure=sure)
        return
    wanted = f"cuda{cuda.major}{cuda.minor}" if isinstance(found, Unknown) else found.name
    if wanted not in there:
        yield _found(case, extension, torch, there, "its own files")


def _on_disk(case: Case) -> tuple[str, ...]:
    """The CUDA libraries among its files, `cuda126`; empty where they cannot be seen."""
    found = environment(case).framework("bitsandbytes")
    names = found.libraries if isinstance(found, Framework) else ()
    return tuple(match[1] for name in names if (match := _LIBRARY.search(name)))


def _found(
    case: Case, extension: Package, torch: Framework, there: tuple[str, ...], source: str, *, sure: bool = True
) -> Finding:
    cuda = need(torch.cuda_version)
    wanted = f"cuda{str(cuda).replace('.', '')}"
    same = [name for name in there if isinstance(cuda, Version) and name.startswith(f"cuda{cuda.major}")]
    instead = f"Until then BNB_CUDA_VERSION={same[-1].removeprefix('cuda')} takes the nearest it has." if same else ""
    return Finding(
        title=f"{titled(extension)} has no library for CUDA {cuda}, which {titled(torch)} was built with",
        detail=f"It brings {listed(there)}; libbitsandbytes_{wanted} is wanted. Its 8-bit and 4-bit functions do not work.",
        evidence=(
            evidence("packages[bitsandbytes].libraries", there, source),
            evidence("frameworks[torch].cuda_version", cuda, torch.source),
        ),
        fixes=(_newer(case, cuda, instead),),
        confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
        about=("bitsandbytes",),
    )


def _newer(case: Case, cuda: Version | None, instead: str) -> Fix:
    """The newest release that is known to bring a library for that CUDA."""
    from envdoctor.knowledge.extensions import CompiledLibrary, bitsandbytes_library
    from envdoctor.knowledge.wheels import package_versions

    system = need(need(case.facts.os).system)
    for version in reversed(package_versions(case.knowledge, "bitsandbytes")):
        library = bitsandbytes_library(case.knowledge, version, cuda, system) if cuda is not None else None
        if isinstance(library, CompiledLibrary) and library.name is not None and not version.is_prerelease:
            return Fix(
                f"Install bitsandbytes {version}, which does", safe=True, packages=(f"bitsandbytes=={version}",), text=instead
            )
    return Fix("Install torch for a CUDA that bitsandbytes serves", text=instead)
