"""Which torch: every wheel that is on offer, judged by what is known of its build; the best of those that run."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.install.planner.options import Options
from envdoctor.install.planner.preferring import unsettled
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
ENVIRONMENT = "the environment"
"""The source of what is installed already."""
NO_WHEEL = "no wheel"
NIGHTLY = "nightly/"
"""How the variants of the PyTorch index begin that hold builds of the night."""


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
    options: Options = Options()
    prefer: str = "newest"
    installed: Version | None = None
    """The torch of the environment, as its metadata has it: what installers compare with."""
    installed_build: Version | None = None
    """The same as its files name its build: `2.9.1+cu128`."""


@record
class Candidate:
    """A torch wheel that is on offer."""

    file: OfferedFile
    build: Release
    source: str
    """`package index`, `PyTorch index`, `configured place`, or the environment itself."""
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
    """A candidate and what speaks against it; nothing does where all are empty."""

    candidate: Candidate
    against: str = ""
    unknown: str = ""
    outside: str = ""
    """Why it is none of the builds that are asked for at all."""


def choose_torch(wanted: Wanted, knowledge: Knowledge, offers: Offers, fits: Fitting) -> Candidate | tuple[str, ...]:
    """The best candidate; else why there is none: the newest releases with what speaks against each."""
    judged = [one for one in judge_all(wanted, knowledge, offers, fits) if not one.outside]
    running = [one.candidate for one in judged if not one.against and not one.unknown]
    if running:
        return max(running, key=lambda candidate: _rank(candidate, wanted))
    return _why_none(judged, wanted, offers)


def judge_all(wanted: Wanted, knowledge: Knowledge, offers: Offers, fits: Fitting) -> Iterator[Judged]:
    """Every torch file on offer, with what speaks against it on this hardware and for this Python and platform."""
    builds = releases(knowledge, "torch", wanted.platform)
    named = {(build.version, build.build): build for build in builds}
    defaults = {build.version: build for build in builds if build.is_default}
    files = [*_files(offers), *_assumed_files(offers, builds, fits), *_installed_file(wanted)]
    versions = {file.version for file, _source, _variant in files}
    for file, source, variant in files:
        known_as = (wanted.installed_build or file.version) if source == ENVIRONMENT else file.version
        public, local = Version(known_as.public), known_as.local or _build_name(variant)
        unlisted = _unlisted(public, local or "unknown", wanted.platform)
        build = named.get((public, local), unlisted) if local else defaults.get(public, unlisted)
        stands_in = (
            wanted.family == "cpu" and source == "package index" and not is_of_family(build, "cpu", wanted.platform)
            and isinstance(build.cuda, Version)
        )  # fmt: skip
        candidate = Candidate(file, build, source, variant, stands_in)
        outside = _outside(candidate, wanted, fits)
        if outside:
            yield Judged(candidate, outside=outside)
        elif wanted.prefer == "stable" and (young := unsettled(file, versions, wanted.options.today)):
            yield Judged(candidate, against=young)
        else:
            yield judge(candidate, wanted, knowledge)


def _outside(candidate: Candidate, wanted: Wanted, fits: Fitting) -> str:
    """Why a file is none that is asked for."""
    file = candidate.file
    if file.yanked:
        return "it was withdrawn (yanked)"
    if not fits.accepts_wheel(file):
        return f"{NO_WHEEL} for Python {fits.python.major}.{fits.python.minor} on this platform"
    if file.version.is_prerelease and not (wanted.options.prereleases or wanted.options.nightly):
        return "it is a pre-release (--pre takes those)"
    if not wanted.requirement.specifier.contains(file.version, prereleases=True):
        return f"the profile asks for {wanted.requirement.specifier}"
    bound = wanted.options.bounds.get("torch")
    if bound is not None and not bound.contains(file.version, prereleases=True):
        return f"a constraints file asks for {bound}"
    if not candidate.stands_in and not is_of_family(candidate.build, wanted.family, wanted.platform):
        return f"it is {_build_words(candidate.build)}, and one for {FAMILY_WORDS.get(wanted.family, 'CUDA')} is wanted"
    return ""


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
        is_asked_for = wanted.options.nightly and (candidate.variant or "").startswith(NIGHTLY)
        return Judged(candidate) if is_asked_for else Judged(candidate, unknown=said.reason)
    return Judged(candidate, against=said or "")


def _build_words(build: Release) -> str:
    if isinstance(build.cuda, Version):
        return f"a build for CUDA {build.cuda}"
    return (
        "a build of which nothing is known" if isinstance(build.cuda, Unknown) else f"a {build.build.replace('cpu', 'CPU')} build"
    )


def _build_name(variant: str | None) -> str | None:
    """`cu130` of `cu130` and of `nightly/cu130`."""
    return variant.rpartition("/")[2] if variant else None


def _installed_file(wanted: Wanted) -> Iterator[tuple[OfferedFile, str, None]]:
    """What the environment holds counts as on offer where it is to stay."""
    if wanted.prefer == "minimal-change" and wanted.installed is not None:
        name = f"torch-{wanted.installed}-py3-none-any.whl"
        yield OfferedFile("torch", wanted.installed, name, "", Unknown("not asked"), origin=ENVIRONMENT), ENVIRONMENT, None


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


def _rank(candidate: Candidate, wanted: Wanted) -> tuple[bool, bool, bool, Version, int, Version]:
    """Exact builds first; what is to stay; nights' builds where asked for; the newest; what is configured; the newest CUDA."""
    sources = ("package index", "PyTorch index", "configured place", ENVIRONMENT)
    cuda = candidate.build.cuda if isinstance(candidate.build.cuda, Version) else Version("0")
    is_night = wanted.options.nightly and (candidate.variant or "").startswith(NIGHTLY)
    stays = candidate.source == ENVIRONMENT
    return not candidate.stands_in, stays, is_night, candidate.build.version, sources.index(candidate.source), cuda


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
