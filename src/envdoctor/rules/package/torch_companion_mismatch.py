"""The rule torch-companion-mismatch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Package, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.record import record
from envdoctor.model.unknown import Skipped, Undecided
from envdoctor.rules.asking import environment, framework
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import meets, parse_line
from envdoctor.rules.wording import listed, pinned, shown, titled

SILENT = ("torchcodec",)
"""Companions that are compiled for one torch, and whose metadata asks for none."""
PYTORCH_INDEX = "https://download.pytorch.org/whl/"
_BESIDE = 2
"""So many minor releases apart, nightly builds are told to go together by their metadata alone."""
COMPANIONS = ("torchvision", "torchaudio", "torchtext", "torchcodec", "xformers")


@record
class Mismatch:
    """A companion that does not belong to torch."""

    companion: Package
    why: str
    proof: Evidence
    is_near: bool = False
    """Made for another patch release of this torch, whose compiled interface is most often the same."""


@rule(Severity.ERROR, explains=("extension-abi-mismatch",))
def torch_companion_mismatch(case: Case) -> Iterator[Finding]:
    """A companion of PyTorch was made for another torch than the one installed.

    What it checks
        torchvision, torchaudio, torchtext, torchcodec and xformers: the torch that their metadata requires, else the table;
        also that torchvision and torchaudio are of the same build (CPU, CUDA 11, 12, 13, ROCm) as torch. triton: the
        version that torch requires.

    Why it matters
        Their compiled parts use torch's private functions. Of another release they fail on import or at the first call (between
        patch releases, 2.9.0 and 2.9.1 say, less often):
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
    wrong: list[Mismatch] = []
    doubt: Undecided | Skipped | None = None
    for companion in there:
        try:
            wrong.extend(_mismatches(case, torch, companion))
        except (Undecided, Skipped) as reason:
            doubt = reason if doubt is None or isinstance(reason, Undecided) else doubt
    for near in (False, True):
        some = [one for one in wrong if one.is_near is near]
        if some:
            yield _found(case, torch, some)
    if triton is not None:
        yield from _judge_triton(case, torch, triton)
    if doubt is not None:
        raise doubt


def _mismatches(case: Case, torch: Framework, companion: Package) -> Iterator[Mismatch]:
    """What is wrong with one companion: of another torch's release, or of another build."""
    version = need(torch.version)
    wanted, source = _wanted_torch(case, companion)
    if not any(meets(Version(version.public), one) for one in wanted):
        ranges = listed((f"torch{one}" for one in wanted), "or")
        proof = evidence(f"packages[{companion.name}].requires", ranges, source)
        yield Mismatch(companion, f"needs {ranges}", proof, any(_is_near(version, one) for one in wanted))
        return
    stated = need(environment(case).framework(companion.name))
    own = companion.version if stated is None else stated.version
    here, there = _build(version), _build(need(own))
    if here and there and here != there and companion.name != "xformers":
        proof = evidence(f"packages[{companion.name}].version", own, companion.source if stated is None else stated.source)
        yield Mismatch(companion, f"is a build for {there}, torch one for {here}", proof)


def _is_near(version: Version, asked: str) -> bool:
    """Whether what is asked for is of the minor version that is installed, or beside it where that is between releases."""
    found = re.match(r"==(\d+)\.(\d+)\.\d+", asked)
    if found is None:
        return version.is_prerelease
    major, minor = int(found[1]), int(found[2])
    return (major, minor) == version.release[:2] or (
        version.is_prerelease and major == version.major and abs(minor - version.minor) <= _BESIDE
    )


def _wanted_torch(case: Case, companion: Package) -> tuple[tuple[str, ...], str]:
    """The ranges of torch of which a companion needs one, and who says so: its metadata, else the table of releases.

    Raises:
        Skipped: its metadata asks for no torch of any version in particular.
        Undecided: it has no such metadata, and the tables do not know it.
    """
    if not isinstance(companion.requires, Unknown) and companion.requires:
        for line in companion.requires:
            parsed = parse_line(line)
            if parsed is not None and parsed[0] == "torch" and parsed[1]:
                return (parsed[1],), companion.source
        if companion.name not in SILENT:
            raise skip(f"{companion.name} states no torch")
    return _listed_torch(case, companion)


def _listed_torch(case: Case, companion: Package) -> tuple[tuple[str, ...], str]:
    """The same by the tables; imported only where metadata is silent, which it is not in an environment that is at hand."""
    from envdoctor.knowledge.extensions import Pins, pins
    from envdoctor.knowledge.torch import torch_of_companion

    version = need(companion.version)
    if version.local and not _build(version):
        raise Undecided(f"{titled(companion)} was built from source, for a torch that it does not name")
    made_for = torch_of_companion(case.knowledge, companion.name, version)
    if made_for:
        return tuple(f"=={one}" for one in made_for), case.knowledge.tables["torch"]["releases"]["source"]
    insists = pins(case.knowledge, companion.name, version)
    if isinstance(insists, Pins) and "torch" in insists.ranges:
        return (insists.ranges["torch"],), insists.source
    raise Undecided(f"neither its metadata nor the knowledge base tells which torch {titled(companion)} was made for")


def _build(version: Version) -> str:
    """What a local version part says of the build, to the CUDA major: `cpu`, `CUDA 12`, `ROCm`; empty where it says nothing."""
    local = version.local or ""
    if local.startswith("cu") and local[2:4].isdigit():
        return f"CUDA {local[2:4]}"
    return {"cpu": "CPU", "roc": "ROCm"}.get(local[:3], "")


def install_together(case: Case, torch: Framework, companions: list[str]) -> Fix:
    """Install the companions that belong to this torch, from the index of torch's own build."""
    from envdoctor.rules.building import companion_line, is_default_build

    local = torch.version.local if isinstance(torch.version, Version) else None
    title = f"Install the {listed(companions)} of {titled(torch)}"
    lines = [companion_line(case, torch.version, name) for name in companions]
    if is_default_build(case, torch):
        return Fix(title, safe=True, packages=(f"torch=={shown(torch.version).partition('+')[0]}", *lines))
    index = f"{PYTORCH_INDEX}{local}" if local and _build(Version(str(torch.version))) else None
    if index and local:
        lines = [companion_line(case, torch.version, name, local) for name in companions]
    return Fix(title, safe=True, packages=(pinned(torch), *lines), index=index)


def _judge_triton(case: Case, torch: Framework, triton: Package) -> Iterator[Finding]:
    package = need(environment(case).package("torch"))
    for line in need(package.requires) if package is not None else ():
        parsed = parse_line(line)
        if parsed is not None and parsed[0] == "triton" and parsed[1] and not meets(need(triton.version), parsed[1]):
            yield Finding(
                title=f"{titled(triton)} does not belong to {titled(torch)}",
                detail=f"{titled(torch)} requires triton{parsed[1]}; {shown(triton.version)} is installed. "
                "torch.compile may fail or miscompile.",
                evidence=(evidence("packages[triton].version", triton.version, triton.source),),
                fixes=(Fix("Install torch's triton", safe=True, packages=(f"triton{parsed[1]}",)),),
                confidence=Confidence.LIKELY,
            )


def _found(case: Case, torch: Framework, wrong: list[Mismatch]) -> Finding:
    names = [one.companion.name for one in wrong]
    said = listed(f"{titled(one.companion)} {one.why}" for one in wrong)
    do = "does" if len(wrong) == 1 else "do"
    return Finding(
        title=f"{listed(titled(one.companion) for one in wrong)} {do} not belong to {titled(torch)}",
        detail=f"{said}; {titled(torch)} is installed. " + _consequence(wrong),
        evidence=(evidence("frameworks[torch].version", torch.version, torch.source), *(one.proof for one in wrong)),
        fixes=(install_together(case, torch, names),),
        confidence=Confidence.LIKELY if wrong[0].is_near else Confidence.CERTAIN,
        severity=Severity.WARNING
        if isinstance(torch.version, Version) and torch.version.is_prerelease and wrong[0].is_near
        else None,
        about=tuple(names),
    )


def _consequence(wrong: list[Mismatch]) -> str:
    if wrong[0].is_near:
        return "Neighbouring releases of torch mostly share their interface; a compiled function may still fail."
    return f"{'It fails' if len(wrong) == 1 else 'They fail'} on import or at the first call of a compiled function."
