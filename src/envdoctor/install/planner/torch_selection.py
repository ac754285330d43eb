"""torch and its companions in a selection: which files, from where, and what is said of the choice."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.install.planner.machine import needs_gpu
from envdoctor.install.planner.preferring import installed_versions
from envdoctor.install.planner.selection import Question, Selection, extend
from envdoctor.install.planner.torch import (
    ENVIRONMENT,
    FAMILY_WORDS,
    NIGHTLY,
    NO_WHEEL,
    Candidate,
    Wanted,
    choose_torch,
    judge_all,
)
from envdoctor.knowledge.torch import companions
from envdoctor.model.facts import Facts, Framework, PythonEnvironment, Unknown
from envdoctor.model.offers import OfferedFile
from envdoctor.model.plan import Choice, Derivation, Exclusion
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import replace

COMPANIONS = ("torchvision", "torchaudio", "torchtext")


def torch_family(package: PackageRequirement, profile: Profile, facts: Facts) -> str:
    """The kind of build: what the profile says, else what this machine's GPU calls for."""
    if package.build is not None:
        return package.build
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus
    vendors = {gpu.vendor for gpu in gpus} | ({needs_gpu(profile)} if needs_gpu(profile) else set())
    return "cuda" if "nvidia" in vendors else "rocm" if "amd" in vendors else "cpu"


def pick_torch(package: PackageRequirement, question: Question) -> Candidate | tuple[str, ...]:
    """The torch to install; the reasons where there is none."""
    return choose_torch(_wanted(package, question), question.knowledge, question.offers, question.fits)


def _wanted(package: PackageRequirement, question: Question) -> Wanted:
    family = torch_family(package, question.profile, question.facts)
    environment = question.facts.environment
    framework = environment.framework("torch") if isinstance(environment, PythonEnvironment) else None
    build = framework.version if isinstance(framework, Framework) and isinstance(framework.version, Version) else None
    return Wanted(
        package, question.profile, question.hardware, question.platform_name, family, question.options, question.prefer,
        installed_versions(question.facts).get("torch"), build,
    )  # fmt: skip


def with_torch(selection: Selection, chosen: Candidate, question: Question, package: PackageRequirement) -> Selection:
    """The selection with torch, and with what there is to say of it."""
    choices = (
        *selection.choices,
        Choice("torch", f"{chosen.file.version}, {_build_words(chosen)} build", _reason(chosen, question, package)),
        Choice("from", _place(chosen), _place_reason(chosen, question)),
    )
    line = f"torch==={chosen.file.version}" if _has_local_twin(chosen, question) else chosen.requirement
    derivations = (*selection.derivations, *_derivations(chosen, question, package))
    more = replace(selection, choices=choices, notes=(*selection.notes, *_notes(chosen, question)), derivations=derivations)
    if chosen.variant:
        return replace(more, pytorch_lines=(line,), variant=chosen.variant)
    return replace(more, lines=(*selection.lines, line), exact=not chosen.stands_in)


def _reason(chosen: Candidate, question: Question, package: PackageRequirement) -> str:
    if chosen.source == ENVIRONMENT:
        return "it is there, it meets the profile, and it runs here (--prefer minimal-change)"
    if chosen.stands_in:
        return "no CPU build of it is on offer here; the package index's own build runs on the CPU, too"
    if (chosen.variant or "").startswith(NIGHTLY):
        return "the newest of the nightly builds (--nightly); of what is in it nothing is known beforehand"
    family = torch_family(package, question.profile, question.facts)
    what = f"{FAMILY_WORDS.get(family, 'this GPU')} that this machine and Python {question.python.version} run"
    return f"the newest stable one for {what}" if question.prefer == "stable" else f"the newest for {what}"


def _notes(chosen: Candidate, question: Question) -> Iterator[str]:
    if chosen.stands_in:
        yield (
            f"torch {chosen.file.version} of the package index is a CUDA {chosen.build.cuda} build: it computes on the CPU, "
            "but brings several GB of CUDA libraries. A CPU build needs the PyTorch index, or a wheel in pip's find-links."
        )
    away = question.offers.files.get("torch", ())
    if isinstance(away, Unknown):
        yield f"The package index could not be asked ({away.reason}); that it has this is what the knowledge base says."
    if isinstance(question.offers.pytorch_index, Unknown) and chosen.source not in {"PyTorch index", ENVIRONMENT}:
        yield f"The PyTorch index could not be asked ({question.offers.pytorch_index.reason}), so only other places count."


def _derivations(chosen: Candidate, question: Question, package: PackageRequirement) -> Iterator[Derivation]:
    """Every file on offer that is newer, or as new and of another build, with what excluded it; only where that was asked for."""
    if not question.options.explain:
        return
    judged = judge_all(_wanted(package, question), question.knowledge, question.offers, question.fits)
    excluded: dict[str, str] = {}
    for one in sorted(judged, key=lambda one: one.candidate.file.version, reverse=True):
        file = one.candidate.file
        if one.candidate != chosen and Version(file.version.public) >= Version(chosen.file.version.public):
            why = one.outside or one.against or one.unknown or _passed_over(one.candidate, chosen)
            what = f"{file.version} ({one.candidate.variant or one.candidate.source})"
            # a release has many wheels: what counts is what is said of the one for this Python
            excluded[what] = why if excluded.get(what, NO_WHEEL).startswith(NO_WHEEL) else excluded[what]
    family = FAMILY_WORDS.get(torch_family(package, question.profile, question.facts), "this GPU")
    asked = f"the profile asks for {package.line} in a build for {family}"
    shown = tuple(Exclusion(what, why) for what, why in excluded.items() if not what.startswith(f"{chosen.file.version} ("))
    yield Derivation("torch", str(chosen.file.version), (asked,), shown)


def _passed_over(candidate: Candidate, chosen: Candidate) -> str:
    if chosen.source == ENVIRONMENT:
        return "what is installed serves (--prefer minimal-change)"
    if candidate.stands_in:
        return "it serves only where no CPU build is on offer"
    return f"it would run, too; {chosen.file.version} from {_place(chosen)} comes first"


def _build_words(chosen: Candidate) -> str:
    return f"CUDA {chosen.build.cuda}" if chosen.build.flavour == "cuda" else chosen.build.build.replace("cpu", "CPU")


def _place(chosen: Candidate) -> str:
    if chosen.source == "package index":
        return "the package index, whose own build it is"
    return f"the PyTorch index ({chosen.variant})" if chosen.source == "PyTorch index" else chosen.file.origin


def _place_reason(chosen: Candidate, question: Question) -> str:
    if chosen.source == ENVIRONMENT:
        return "nothing is fetched for it"
    if chosen.source == "configured place":
        settings = question.offers.settings
        by_line = "find_links" in settings.said and chosen.file.origin in settings.find_links
        what = "find-links" if chosen.file.origin in settings.find_links else "index"
        return "--find-links names it" if by_line else f"pip's configuration names it ({what})"
    if chosen.source == "PyTorch index":
        return "it has every build of every release"
    return f"its default build of {chosen.build.version} fits" if not chosen.stands_in else "nothing better is on offer"


def _has_local_twin(chosen: Candidate, question: Question) -> bool:
    """Whether `==` would also take another build of this version, which installers prefer: one with a local part."""
    files = question.offers.files.get("torch", ())
    if chosen.file.version.local or isinstance(files, Unknown):
        return False
    return any(file.version.local and file.version.public == str(chosen.file.version) for file in files)


def with_companion(
    selection: Selection, package: PackageRequirement, torch: Candidate, question: Question
) -> Selection | tuple[str, ...]:
    """The companion made for that torch, in the same build and from the same place; else left out, if it may be."""
    if (torch.variant or "").startswith(NIGHTLY):
        return extend(selection, pytorch_line=package.name, choice=Choice(package.name, "of the same night", "--nightly"))
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
                return extend(selection, pytorch_line=line, choice=choice)
            return extend(selection, line=line, choice=choice)
        why = f"no {torch.build.build} build of {package.name} {version} is on offer for this Python"
    if not package.optional:
        return (why,)
    return extend(selection, note=f"{package.name} is left out: {why}.")


def _companion_file(name: str, version: Version, torch: Candidate, question: Question) -> OfferedFile | None:
    """A wheel of the same build: of the same variant, or with the same local part, or without one as torch itself."""
    there = installed_versions(question.facts).get(name)
    if there is not None and there.public == str(version) and question.prefer == "minimal-change":
        return OfferedFile(name, there, "", "", Unknown("it is there"), origin=ENVIRONMENT)
    found = question.offers.files.get(f"{name}@{torch.variant}" if torch.variant else name, ())
    if isinstance(found, Unknown):
        return None
    local = torch.file.version.local
    fitting = [file for file in found if file.version.public == str(version) and question.fits.accepts_wheel(file)]
    return next((file for file in fitting if file.version.local == local), None)
