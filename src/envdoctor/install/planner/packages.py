"""A profile's packages → requirement lines, each with the place it comes from and the reason."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.install.planner.machine import needs_gpu, platform_of
from envdoctor.install.planner.markers import applies
from envdoctor.install.planner.torch import FAMILY_WORDS, Candidate, Wanted, choose_torch, is_of_family
from envdoctor.install.planner.wheels import Fitting, Platform
from envdoctor.knowledge.choosing import Hardware, cudnn_pin, driver_wanted, hardware_of, release_refusal
from envdoctor.knowledge.frameworks import builds_of, releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import companions
from envdoctor.knowledge.wheels import platform_name
from envdoctor.model.facts import Facts, Unknown
from envdoctor.model.offers import OfferedFile, OfferedPython, Offers
from envdoctor.model.plan import Choice
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import record

COMPANIONS = ("torchvision", "torchaudio", "torchtext")
DECIDE_TORCH = frozenset({"vllm", "xformers"})
"""Packages that pin torch to one release: with them in a profile, torch is left to the resolver."""


@record
class Selection:
    """What to install."""

    lines: tuple[str, ...]
    """From the configured places."""
    pytorch_lines: tuple[str, ...] = ()
    """From the PyTorch index."""
    variant: str | None = None
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    exact: bool = True
    """Whether every framework comes in the build that was asked for."""


@record
class Question:
    """All that a selection depends on."""

    facts: Facts
    profile: Profile
    knowledge: Knowledge
    offers: Offers
    python: OfferedPython
    platform: Platform
    fits: Fitting
    force: bool = False

    @property
    def hardware(self) -> Hardware:
        """What builds must run on; with `--force` any hardware will do."""
        found = hardware_of(self.facts)
        return Hardware(found.system) if self.force else found

    @property
    def platform_name(self) -> str:
        """As the tables name it."""
        return platform_name(self.platform.system, self.platform.machine, self.platform.libc)


def pytorch_questions(profile: Profile, knowledge: Knowledge, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Which packages to look for in which variants of the PyTorch index."""
    torch = next((package for package in profile.packages if package.name == "torch"), None)
    if torch is None or decides_torch(profile):
        return ()
    here = platform_of(facts)
    if here is None:
        return ()
    family = torch_family(torch, profile, facts)
    platform = platform_name(here.system, here.machine, here.libc)
    builds = [build for build in releases(knowledge, "torch", platform) if build.version in torch.specifier]
    names = {build.build for build in builds if not build.is_default and is_of_family(build, family, platform)}
    packages = [package.name for package in profile.packages if package.name in ("torch", *COMPANIONS)]
    return tuple((package, name) for package in packages for name in sorted(names))


def torch_family(package: PackageRequirement, profile: Profile, facts: Facts) -> str:
    """The kind of build: what the profile says, else what this machine's GPU calls for."""
    if package.build is not None:
        return package.build
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus
    vendors = {gpu.vendor for gpu in gpus} | ({needs_gpu(profile)} if needs_gpu(profile) else set())
    return "cuda" if "nvidia" in vendors else "rocm" if "amd" in vendors else "cpu"


def decides_torch(profile: Profile) -> bool:
    """Whether another package of the profile pins torch."""
    return any(package.name in DECIDE_TORCH for package in profile.packages)


def select_packages(question: Question) -> Selection | tuple[str, ...]:
    """The requirement lines; or the reasons why a package that is needed cannot be had."""
    selection = Selection(())
    torch: Candidate | None = None
    for package in question.profile.packages:
        if not applies(package, question.python, question.platform):
            continue
        if package.name == "torch" and not decides_torch(question.profile):
            chosen = _torch(package, question)
            if isinstance(chosen, tuple):
                return chosen
            torch, selection = chosen, _with_torch(selection, chosen, question, package)
            selection = selection if chosen.stands_in else _with_needs(selection, chosen.build, question, brings=False)
        elif package.name in COMPANIONS and torch is not None:
            added = _with_companion(selection, package, torch, question)
            if isinstance(added, tuple):
                return added
            selection = added
        else:
            added = _with_package(selection, package, question)
            if isinstance(added, tuple):
                return added
            selection = added
    return selection


def _torch(package: PackageRequirement, question: Question) -> Candidate | tuple[str, ...]:
    family = torch_family(package, question.profile, question.facts)
    wanted = Wanted(package, question.profile, question.hardware, question.platform_name, family)
    return choose_torch(wanted, question.knowledge, question.offers, question.fits)


def _with_torch(selection: Selection, chosen: Candidate, question: Question, package: PackageRequirement) -> Selection:
    family = torch_family(package, question.profile, question.facts)
    notes = list(selection.notes)
    reason = f"the newest for {FAMILY_WORDS.get(family, 'this GPU')} that this machine and Python {question.python.version} run"
    if chosen.stands_in:
        reason = "no CPU build of it is on offer here; the package index's own build runs on the CPU, too"
        notes.append(
            f"torch {chosen.file.version} of the package index is a CUDA {chosen.build.cuda} build: it computes on the CPU, "
            "but brings several GB of CUDA libraries. A CPU build needs the PyTorch index, or a wheel in pip's find-links."
        )
    build = f"CUDA {chosen.build.cuda}" if chosen.build.flavour == "cuda" else chosen.build.build.replace("cpu", "CPU")
    place = {"PyTorch index": f"the PyTorch index ({chosen.variant})", "configured place": chosen.file.origin}
    source = place.get(chosen.source, "the package index, whose own build it is")
    away = question.offers.files.get("torch", ())
    if isinstance(away, Unknown):
        notes.append(f"The package index could not be asked ({away.reason}); that it has this is what the knowledge base says.")
    if isinstance(question.offers.pytorch_index, Unknown) and chosen.source != "PyTorch index":
        notes.append(
            f"The PyTorch index could not be asked ({question.offers.pytorch_index.reason}), so only other places count."
        )
    choices = (
        *selection.choices,
        Choice("torch", f"{chosen.file.version}, {build} build", reason),
        Choice("from", source, _place_reason(chosen, question)),
    )
    line = chosen.requirement if not _has_local_twin(chosen, question) else f"torch==={chosen.file.version}"
    if chosen.variant:
        return Selection(selection.lines, (line,), chosen.variant, choices, tuple(notes), True)
    return Selection((*selection.lines, line), (), None, choices, tuple(notes), not chosen.stands_in)


def _place_reason(chosen: Candidate, question: Question) -> str:
    if chosen.source == "configured place":
        places = question.offers.settings.find_links
        return f"pip's configuration names it ({'find-links' if chosen.file.origin in places else 'index'})"
    if chosen.source == "PyTorch index":
        return "it has every build of every release"
    return f"its default build of {chosen.build.version} fits" if not chosen.stands_in else "nothing better is on offer"


def _has_local_twin(chosen: Candidate, question: Question) -> bool:
    """Whether `==` would also take another build of this version, which installers prefer: one with a local part."""
    files = question.offers.files.get("torch", ())
    if chosen.file.version.local or isinstance(files, Unknown):
        return False
    return any(file.version.local and file.version.public == str(chosen.file.version) for file in files)


def _with_companion(
    selection: Selection, package: PackageRequirement, torch: Candidate, question: Question
) -> Selection | tuple[str, ...]:
    """The companion made for that torch, in the same build and from the same place; else left out, if it may be."""
    made_for = companions(question.knowledge, torch.build.version)
    version = made_for.get(package.name) if isinstance(made_for, dict) else None
    why = f"no {package.name} is known for torch {torch.build.version}"
    if version is not None:
        file = _companion_file(package.name, version, torch, question)
        if file is not None:
            line, choice = (
                f"{package.name}=={file.version}",
                Choice(package.name, str(file.version), f"made for torch {torch.build.version}"),
            )
            if torch.variant:
                return _extend(selection, pytorch_line=line, choice=choice)
            return _extend(selection, line=line, choice=choice)
        why = f"no {torch.build.build} build of {package.name} {version} is on offer for this Python"
    if not package.optional:
        return (why,)
    return _extend(selection, note=f"{package.name} is left out: {why}.")


def _companion_file(name: str, version: Version, torch: Candidate, question: Question) -> OfferedFile | None:
    """A wheel of the same build: of the same variant, or with the same local part, or without one as torch itself."""
    found = question.offers.files.get(f"{name}@{torch.variant}" if torch.variant else name, ())
    if isinstance(found, Unknown):
        return None
    local = torch.file.version.local
    fitting = [file for file in found if file.version.public == str(version) and question.fits.accepts_wheel(file)]
    return next((file for file in fitting if file.version.local == local), None)


def _with_package(selection: Selection, package: PackageRequirement, question: Question) -> Selection | tuple[str, ...]:
    """A package as it is asked for; of those that are built for one CUDA a release, no newer than this hardware runs."""
    line = str(package.line).partition(";")[0].strip()
    files = question.offers.files.get(package.name, ())
    offered = [] if isinstance(files, Unknown) else [file for file in files if question.fits.accepts(file)]
    versions = sorted({file.version for file in offered if not file.version.is_prerelease and file.version in package.specifier})
    if not versions:
        if not isinstance(files, Unknown) and files:
            why = f"{package.name} {package.specifier} is not on offer for Python {question.python.version} on this platform"
            return _extend(selection, note=f"{package.name} is left out: {why}.") if package.optional else (why,)
        return _extend(selection, line=line)
    newest = _newest_running(package, versions, question)
    if isinstance(newest, str):
        return (newest,)
    if newest == versions[-1]:
        selection = _extend(selection, line=line)
    else:
        choice = Choice(package.name, str(newest), f"{versions[-1]} does not run on this machine")
        selection = _extend(selection, line=f"{line},<={newest}", choice=choice)
    return _with_needs(selection, _build_of(package, newest, question), question, brings=bool(package.extras))


def _with_needs(selection: Selection, build: Release | None, question: Question, *, brings: bool) -> Selection:
    """What a build needs beside: a driver that is not known must be so new; a cuDNN, if it brings one, needs its kernels."""
    if build is None:
        return selection
    driver = driver_wanted(question.knowledge, build, question.hardware)
    if driver is not None:
        note = f"Which NVIDIA driver is there is not known: {build.package} {build.version} needs {driver} or newer."
        selection = _extend(selection, note=note)
    pin = cudnn_pin(question.knowledge, build, question.hardware) if brings else None
    if pin is None:
        return selection
    below = ".".join(map(str, pin.below))
    choice = Choice("cudnn", str(pin.version), f"the last with kernels for GPUs below compute capability {below}")
    return _extend(selection, line=pin.requirement, choice=choice)


def _newest_running(package: PackageRequirement, versions: list[Version], question: Question) -> Version | str:
    """The newest version whose build this hardware runs; the reason against the newest where none does."""
    reasons = []
    for version in reversed(versions):
        build = _build_of(package, version, question)
        said = release_refusal(question.knowledge, build, question.hardware) if build else None
        if not isinstance(said, str):
            return version
        reasons.append(f"{package.name} {version}: {said}")
    return reasons[0]


def _build_of(package: PackageRequirement, version: Version, question: Question) -> Release | None:
    """The build that a line gets on this platform: that of its extra, where the build comes by an extra."""
    builds = builds_of(question.knowledge, package.name, version)
    here = [build for build in builds if build.platform == question.platform_name] if isinstance(builds, tuple) else []
    by_extra = [build for build in here if build.extra in package.extras]
    return next(iter(by_extra or [build for build in here if build.extra is None]), None)


def _extend(
    selection: Selection, *, line: str | None = None, pytorch_line: str | None = None, note: str | None = None,
    choice: Choice | None = None,
) -> Selection:  # fmt: skip
    return Selection(
        (*selection.lines, *([line] if line else [])),
        (*selection.pytorch_lines, *([pytorch_line] if pytorch_line else [])),
        selection.variant,
        (*selection.choices, *([choice] if choice else [])),
        (*selection.notes, *([note] if note else [])),
        selection.exact,
    )
