"""The rule torch-companion-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Package, Unknown, need, skip
from envdoctor.model.findings import Case, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, environment, framework
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import meets, parse_line
from envdoctor.rules.wording import pinned, shown, titled

PYTORCH_INDEX = "https://download.pytorch.org/whl/"
COMPANIONS = ("torchvision", "torchaudio", "torchtext", "xformers")


@rule(Severity.ERROR)
def torch_companion_mismatch(case: Case) -> Iterator[Finding]:
    """A companion of PyTorch was made for another torch than the one installed.

    What it checks
        torchvision, torchaudio, torchtext and xformers: the torch that their own metadata requires, else the release table;
        also that torchvision and torchaudio are of the same build (CPU, CUDA 11, 12, 13, ROCm) as torch. triton: the
        version that torch requires.

    Why it matters
        Their compiled parts use torch's private functions. Of another release they fail on import or at the first call:
        "operator torchvision::nms does not exist", "undefined symbol", "CUDA major versions" errors.

    How to fix
        Install the companions together with torch, in one command and from one index.

    References
        https://pytorch.org/get-started/previous-versions/
        https://github.com/pytorch/vision#installation
    """
    torch = framework(case, "torch")
    found = environment(case)
    there = [package for name in COMPANIONS if (package := need(found.package(name))) is not None]
    triton = need(found.package("triton"))
    if not there and triton is None:
        raise skip("torch has no companions here")
    yield from apart(there, lambda package: _judge(torch, package))
    if triton is not None:
        yield from _judge_triton(case, torch, triton)


def _judge(torch: Framework, companion: Package) -> Iterator[Finding]:
    version = need(torch.version)
    wanted, source = _wanted_torch(companion)
    if not meets(Version(version.public), wanted):
        proof = evidence(f"packages[{companion.name}].requires", f"torch{wanted}", source)
        yield _found(torch, companion, f"needs torch{wanted}", proof)
    elif (
        (here := _build(version))
        and (there := _build(need(companion.version)))
        and here != there
        and companion.name != "xformers"
    ):
        proof = evidence(f"packages[{companion.name}].version", companion.version, companion.source)
        yield _found(torch, companion, f"is a build for {there}, torch one for {here}", proof)


def _wanted_torch(companion: Package) -> tuple[str, str]:
    """The range of torch that a companion needs, and who says so: its metadata, else the release table."""
    if not isinstance(companion.requires, Unknown):
        for line in companion.requires:
            parsed = parse_line(line)
            if parsed is not None and parsed[0] == "torch" and parsed[1]:
                return parsed[1], companion.source
    need(companion.requires)
    raise skip(f"{companion.name} states no torch")


def _build(version: Version) -> str:
    """What a local version part says of the build, to the CUDA major: `cpu`, `CUDA 12`, `ROCm`; empty where it says nothing."""
    local = version.local or ""
    if local.startswith("cu") and local[2:4].isdigit():
        return f"CUDA {local[2:4]}"
    return {"cpu": "CPU", "roc": "ROCm"}.get(local[:3], "")


def _together(torch: Framework, companion: Package) -> Fix:
    """Install the companion that belongs to this torch, from the index of torch's own build."""
    local = torch.version.local if isinstance(torch.version, Version) else None
    return Fix(
        f"Install the {companion.name} of {titled(torch)}",
        safe=True,
        packages=(pinned(torch), companion.name),
        index=f"{PYTORCH_INDEX}{local}" if local and _build(Version(str(torch.version))) else None,
    )


def _judge_triton(case: Case, torch: Framework, triton: Package) -> Iterator[Finding]:
    package = need(environment(case).package("torch"))
    for line in need(package.requires) if package is not None else ():
        parsed = parse_line(line)
        if parsed is not None and parsed[0] == "triton" and not meets(need(triton.version), parsed[1]):
            yield Finding(
                title=f"{titled(triton)} does not belong to {titled(torch)}",
                detail=f"{titled(torch)} requires triton{parsed[1]}; {shown(triton.version)} is installed. "
                "torch.compile fails or miscompiles.",
                evidence=(evidence("packages[triton].version", triton.version, triton.source),),
                fixes=(Fix("Install torch's triton", safe=True, packages=(f"triton{parsed[1]}",)),),
            )


def _found(torch: Framework, companion: Package, why: str, proof: Evidence) -> Finding:
    return Finding(
        title=f"{titled(companion)} does not belong to {titled(torch)}",
        detail=f"{titled(companion)} {why}; {titled(torch)} is installed. "
        "It fails on import or at the first call of a compiled function.",
        evidence=(evidence("frameworks[torch].version", torch.version, torch.source), proof),
        fixes=(_together(torch, companion),),
    )
