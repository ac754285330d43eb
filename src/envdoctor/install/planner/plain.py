"""A package of a profile that is no torch: as it is asked for, or no newer than this hardware runs."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.install.planner.preferring import installed_versions, unsettled_release
from envdoctor.install.planner.selection import Question, Selection, extend
from envdoctor.knowledge.choosing import cudnn_pin, driver_wanted, release_refusal
from envdoctor.knowledge.frameworks import builds_of
from envdoctor.knowledge.releases import Release
from envdoctor.model.facts import Unknown
from envdoctor.model.offers import OfferedFile
from envdoctor.model.plan import Choice, Derivation, Exclusion
from envdoctor.model.profile import PackageRequirement


def with_package(selection: Selection, package: PackageRequirement, question: Question) -> Selection | tuple[str, ...]:
    """A package as it is asked for; of those that are built for one CUDA a release, no newer than this hardware runs."""
    line = str(package.line).partition(";")[0].strip()
    files = question.offers.files.get(package.name, ())
    versions = _versions(package, files, question)
    if not versions:
        if not isinstance(files, Unknown) and files:
            why = _why_not_on_offer(package, question)
            return extend(selection, note=f"{package.name} is left out: {why}.") if package.optional else (why,)
        return extend(selection, line=line)
    against = _against(package, versions, files, question)
    fitting = [version for version in versions if version not in against]
    if not fitting:
        return (f"{package.name} {versions[-1]}: {against[versions[-1]]}",)
    newest, derivation = fitting[-1], None
    if question.options.explain:
        excluded = tuple(Exclusion(str(version), why) for version, why in reversed(against.items()) if version > newest)
        derivation = Derivation(package.name, str(newest), (f"the profile asks for {line}",), excluded)
    if newest == versions[-1] or newest < installed_versions(question.facts).get(package.name, newest):
        selection = extend(selection, line=line, derivation=derivation)
    else:
        choice = Choice(package.name, str(newest), f"{versions[-1]} is left out: {against[versions[-1]]}")
        line = f"{line}{',' if package.specifier else ''}<={newest}"
        selection = extend(selection, line=line, choice=choice, derivation=derivation)
    return with_needs(selection, _build_of(package, newest, question), question, brings=bool(package.extras))


def _versions(package: PackageRequirement, files: tuple[OfferedFile, ...] | Unknown, question: Question) -> list[Version]:
    """What is on offer for this Python and platform, of the range that the profile and constraints files leave."""
    if isinstance(files, Unknown):
        return []
    options, bound = question.options, question.options.bounds.get(package.name)
    return sorted({
        file.version
        for file in files
        if question.fits.accepts(file)
        and (options.prereleases or not file.version.is_prerelease)
        and package.specifier.contains(file.version, prereleases=True)
        and (bound is None or bound.contains(file.version, prereleases=True))
    })  # fmt: skip


def _why_not_on_offer(package: PackageRequirement, question: Question) -> str:
    bound = question.options.bounds.get(package.name)
    wanted = f"{package.specifier} and, by a constraints file, {bound}" if bound is not None else str(package.specifier)
    return f"{package.name} {wanted} is not on offer for Python {question.python.version} on this platform"


def _against(
    package: PackageRequirement, versions: list[Version], files: tuple[OfferedFile, ...] | Unknown, question: Question
) -> dict[Version, str]:
    """What speaks against versions, from the newest down to the first that nothing speaks against; oldest of these first."""
    uploaded = {} if isinstance(files, Unknown) else {file.version: file.uploaded for file in files}
    found: dict[Version, str] = {}
    for version in reversed(versions):
        build = _build_of(package, version, question)
        said = release_refusal(question.knowledge, build, question.hardware) if build else None
        young = (
            unsettled_release(version, uploaded.get(version), versions, question.options.today)
            if question.prefer == "stable" else None
        )  # fmt: skip
        if not isinstance(said, str) and young is None:
            break
        found[version] = said if isinstance(said, str) else str(young)
    return dict(reversed(found.items()))


def with_needs(selection: Selection, build: Release | None, question: Question, *, brings: bool) -> Selection:
    """What a build needs beside: a driver that is not known must be so new; a cuDNN, if it brings one, needs its kernels."""
    if build is None:
        return selection
    driver = driver_wanted(question.knowledge, build, question.hardware)
    if driver is not None:
        note = f"Which NVIDIA driver is there is not known: {build.package} {build.version} needs {driver} or newer."
        selection = extend(selection, note=note)
    pin = cudnn_pin(question.knowledge, build, question.hardware) if brings else None
    if pin is None:
        return selection
    below = ".".join(map(str, pin.below))
    choice = Choice("cudnn", str(pin.version), f"the last with kernels for GPUs below compute capability {below}")
    return extend(selection, line=pin.requirement, choice=choice)


def _build_of(package: PackageRequirement, version: Version, question: Question) -> Release | None:
    """The build that a line gets on this platform: that of its extra, where the build comes by an extra."""
    builds = builds_of(question.knowledge, package.name, version)
    here = [build for build in builds if build.platform == question.platform_name] if isinstance(builds, tuple) else []
    by_extra = [build for build in here if build.extra in package.extras]
    return next(iter(by_extra or [build for build in here if build.extra is None]), None)
