"""Which torch: every wheel that is on offer, judged by what is known of its build; the best of those that run."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.install.planner.wheels import Fitting
from envdoctor.knowledge.choosing import Hardware, build_cuda, release_refusal
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.model.facts import Unknown
from envdoctor.model.offers import OfferedFile, Offers
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import record

FAMILY_WORDS = {"cuda11": "CUDA 11", "cuda12": "CUDA 12", "cuda13": "CUDA 13", "rocm": "ROCm", "cpu": "the CPU", "mps": "Metal"}


@record
class Wanted:
    """What a choice must meet."""

    requirement: PackageRequirement
    profile: Profile
    hardware: Hardware
    platform: str
    """As the tables name it: `linux-x86_64`."""
    family: str
    """`cuda12`, `cpu`, `rocm`, `mps`, or `cuda` for any CUDA."""


@record
class Candidate:
    """A torch wheel that is on offer."""

    file: OfferedFile
    build: Release
    source: str
    """`package index`, `PyTorch index`, `configured place`."""
    variant: str | None = None
    """The part of the PyTorch index that offers it."""
    stands_in: bool = False
    """A CUDA build that serves where a CPU build was wanted."""

    @property
    def requirement(self) -> str:
        """The line that installs exactly this."""
        return f"torch=={self.file.version}"


@record
class Judged:
    """A candidate and what speaks against it; nothing does where both are empty."""

    candidate: Candidate
    against: str = ""
    unknown: str = ""


def choose_torch(wanted: Wanted, knowledge: Knowledge, offers: Offers, fits: Fitting) -> Candidate | tuple[str, ...]:
    """The best candidate; else why there is none: the newest releases with what speaks against each."""
    judged = [judge(candidate, wanted, knowledge) for candidate in candidates(wanted, knowledge, offers, fits)]
    running = [one.candidate for one in judged if not one.against and not one.unknown]
    if running:
        return max(running, key=_rank)
    return _why_none(judged, wanted, offers)


def candidates(wanted: Wanted, knowledge: Knowledge, offers: Offers, fits: Fitting) -> Iterator[Candidate]:
    """Every torch wheel on offer that this Python and platform install, of the asked range and family."""
    builds = releases(knowledge, "torch", wanted.platform)
    named = {(build.version, build.build): build for build in builds}
    defaults = {build.version: build for build in builds if build.is_default}
    for file, source, variant in (*_files(offers), *_assumed_files(offers, builds, fits)):
        version = file.version
        if not fits.accepts_wheel(file) or version.is_prerelease or version not in wanted.requirement.specifier:
            continue
        public, local = Version(version.public), version.local or variant
        unlisted = _unlisted(public, local or "unknown", wanted.platform)
        build = named.get((public, local), unlisted) if local else defaults.get(public, unlisted)
        if is_of_family(build, wanted.family, wanted.platform):
            yield Candidate(file, build, source, variant)
        elif wanted.family == "cpu" and source == "package index" and isinstance(build.cuda, Version):
            yield Candidate(file, build, source, variant, stands_in=True)


def judge(candidate: Candidate, wanted: Wanted, knowledge: Knowledge) -> Judged:
    """What speaks against a candidate on this hardware."""
    build = candidate.build
    if isinstance(build.cuda, Unknown):
        return Judged(candidate, unknown=build.cuda.reason)
    if candidate.stands_in:
        return Judged(candidate)
    if build.cuda is not None and build.cuda not in wanted.profile.cuda:
        return Judged(candidate, against=f"it is built for CUDA {build.cuda}, and the profile asks for {wanted.profile.cuda}")
    said = release_refusal(knowledge, build, wanted.hardware)
    if isinstance(said, Unknown):
        return Judged(candidate, unknown=said.reason)
    return Judged(candidate, against=said or "")


def is_of_family(build: Release, family: str, platform: str) -> bool:
    """Whether a build is of the kind that a profile asks for."""
    if family == "cpu":
        return build.build == "cpu"
    if family == "mps":
        return build.build == "cpu" and platform == "macos-arm64"
    if family == "rocm":
        return build.rocm is not None
    if not isinstance(build.cuda, Version):
        return False
    return family == "cuda" or f"cuda{build.cuda.major}" == family


def _unlisted(version: Version, name: str, platform: str) -> Release:
    """A build that the tables do not have: what its name says of it is all that is known."""
    unknown = Unknown(f"torch {version} ({name}) is not in the knowledge base")
    if name == "cpu":
        return Release("torch", version, name, platform, ())
    return Release("torch", version, name, platform, (), cuda=build_cuda(name) or unknown, code=unknown)


def _files(offers: Offers) -> Iterator[tuple[OfferedFile, str, str | None]]:
    """Every torch file on offer, with the kind of place and the variant of the PyTorch index."""
    for key, found in offers.files.items():
        name, _, variant = key.partition("@")
        if name != "torch" or isinstance(found, Unknown):
            continue
        for file in found:
            if variant:
                yield file, "PyTorch index", variant
            else:
                yield file, "configured place" if file.version.local else "package index", None


def _assumed_files(offers: Offers, builds: tuple[Release, ...], fits: Fitting) -> Iterator[tuple[OfferedFile, str, None]]:
    """Where the package index did not answer: what the tables say it has for this Python. The package manager will tell."""
    if not isinstance(offers.files.get("torch"), Unknown):
        return
    python = f"{fits.python.major}.{fits.python.minor}"
    for build in builds:
        if build.is_default and build.fits_python(python):
            name = f"torch-{build.version}-py3-none-any.whl"
            yield OfferedFile("torch", build.version, name, "", Unknown("not asked"), origin="tables"), "package index", None


def _rank(candidate: Candidate) -> tuple[bool, Version, int, Version]:
    """Exact builds first; then the newest release; then what is configured here; then the newest CUDA."""
    sources = ("package index", "PyTorch index", "configured place")
    cuda = candidate.build.cuda if isinstance(candidate.build.cuda, Version) else Version("0")
    return not candidate.stands_in, candidate.build.version, sources.index(candidate.source), cuda


def _why_none(judged: list[Judged], wanted: Wanted, offers: Offers) -> tuple[str, ...]:
    family = FAMILY_WORDS.get(wanted.family, "CUDA")
    newest = sorted(judged, key=lambda one: one.candidate.build.version, reverse=True)[:3]
    reasons = [f"torch {one.candidate.file.version} ({one.candidate.source}): {one.against or one.unknown}" for one in newest]
    if not judged:
        reasons.append(
            f"no torch in the range {wanted.requirement.specifier} for {family} is on offer for this Python and platform"
        )
    away = [
        found.reason for key, found in offers.files.items() if key.partition("@")[0] == "torch" and isinstance(found, Unknown)
    ]
    if away:
        reasons.append(f"an index could not be asked: {away[0]}")
    return tuple(reasons)
