"""Which release of each package an installer would choose: the newest that fits what is asked, this machine, and the others."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.compat.asked import Asked
from envdoctor.compat.needs import Needs, needs_of
from envdoctor.compat.offered import Offer, Refused, offered, wheel_problem
from envdoctor.compat.place import Stated
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import COMPANIONS
from envdoctor.knowledge.wheels import knows_package, package_versions
from envdoctor.model.facts import Unknown
from envdoctor.model.record import record, replace

FIRST = (
    "vllm", "sglang", "xformers", "torchvision", "torchaudio", "torchtext", "bitsandbytes", "torch", "tensorflow",
    "tensorflow-cpu", "jax", "jaxlib", "mxnet",
)  # fmt: skip
"""The order in which packages are chosen where none is pinned: what pins others comes before what is pinned."""
IMPLIED = (
    "torch", "jaxlib", "tensorflow", "sgl-kernel", "sglang-kernel", "nvidia-cudnn-cu11", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13",
)  # fmt: skip
"""What is worth judging when it comes with what was asked for."""


@record
class Chosen:
    """One package as it would be installed."""

    asked: Asked
    version: Version | None
    """None where no release could be chosen."""
    offer: Offer
    needs: Needs
    needed_by: str = ""
    """Empty for what a person asked for."""

    @property
    def release(self) -> Release | None:
        """The build that would be installed; None where there is none, or none is known."""
        return self.offer if isinstance(self.offer, Release) else None

    @property
    def installed_version(self) -> Version | None:
        """How the installed package would name itself."""
        if self.release is None or self.release.package != "torch":
            return self.version
        on_mac = self.release.platform.startswith("macos")  # its wheels leave no mark of their build
        return self.release.version if on_mac else Version(self.release.full_version)


def choose(knowledge: Knowledge, asked: tuple[Asked, ...], stated: Stated) -> tuple[Chosen, ...]:
    """Every package that was asked for, in that order, then what comes with them."""
    chosen: dict[str, Chosen] = {}
    asked = tuple(_with_plugin(one, asked) for one in asked)
    for one in sorted(asked, key=_rank):
        chosen[one.name] = _choose(knowledge, one, stated, chosen, "")
    ahead = list(_implied(chosen))
    while ahead:
        one, needed_by = ahead.pop(0)
        chosen[one.name] = _choose(knowledge, one, stated, chosen, needed_by)
        ahead = list(_implied(chosen))
    order = [one.name for one in asked]
    return (*(chosen[name] for name in order), *(one for name, one in chosen.items() if name not in order))


def _with_plugin(one: Asked, asked: tuple[Asked, ...]) -> Asked:
    """JAX with a plugin that is asked for by its own name is JAX with the extra that would bring it."""
    if one.name != "jax" or any(extra.startswith("cuda") for extra in one.extras):
        return one
    names = [other.name for other in asked]
    brought = tuple(extra for extra in ("cuda12", "cuda13") if f"jax-{extra}-plugin" in names)
    return replace(one, extras=(*one.extras, *brought)) if brought else one


def _rank(asked: Asked) -> tuple[bool, int]:
    return asked.pinned is None, FIRST.index(asked.name) if asked.name in FIRST else len(FIRST)


def _implied(chosen: dict[str, Chosen]) -> Iterator[tuple[Asked, str]]:
    """What comes with the chosen packages and is not chosen yet."""
    for one in list(chosen.values()):
        for name, text in one.needs.ranges.items():
            if name in IMPLIED and name not in chosen:
                yield Asked(name, (), text, f"{name}{text}"), one.asked.name
        for name in one.needs.pulls:
            if name not in chosen:
                yield Asked(name, (), "", name), one.asked.name


def _choose(knowledge: Knowledge, asked: Asked, stated: Stated, chosen: dict[str, Chosen], needed_by: str) -> Chosen:
    pinned = asked.pinned
    version = _newest(knowledge, asked, stated, chosen) if pinned is None else pinned if asked.admits(pinned) else None
    if version is None:
        return Chosen(asked, None, _nothing(knowledge, asked), Needs({}), needed_by)
    offer = offered(knowledge, asked, version, stated.place.platform)
    needs = needs_of(knowledge, asked, version, offer) if isinstance(offer, Release) else Needs({})
    return Chosen(asked, version, offer, needs, needed_by)


def _newest(knowledge: Knowledge, asked: Asked, stated: Stated, chosen: dict[str, Chosen]) -> Version | None:
    """The newest release that is asked for, fits the others and installs here; where there is none, the next best."""
    admitted = versions_admitted(knowledge, asked)
    installs = [version for version in admitted if _installs(knowledge, asked, version, stated)]
    fitting = (version for version in installs if _fits_others(knowledge, asked, version, stated, chosen))
    return next(fitting, next(iter(installs or admitted), None))


def versions_admitted(knowledge: Knowledge, asked: Asked) -> tuple[Version, ...]:
    """The releases in the range that is asked for, newest first; pre-releases only where the range names one."""
    versions = reversed(package_versions(knowledge, asked.name))
    return tuple(
        version for version in versions if asked.admits(version) and (asked.wants_prereleases or not version.is_prerelease)
    )


def _installs(knowledge: Knowledge, asked: Asked, version: Version, stated: Stated) -> bool:
    offer = offered(knowledge, asked, version, stated.place.platform)
    return isinstance(offer, Release) and not isinstance(wheel_problem(knowledge, offer, stated), Refused)


def _fits_others(knowledge: Knowledge, asked: Asked, version: Version, stated: Stated, chosen: dict[str, Chosen]) -> bool:
    """Whether what is chosen accepts this release, and this release what is chosen."""
    for other in chosen.values():
        text = other.needs.ranges.get(asked.name)
        if text is not None and not SpecifierSet(text).contains(version, prereleases=True):
            return False
    offer = offered(knowledge, asked, version, stated.place.platform)
    needs = needs_of(knowledge, asked, version, offer if isinstance(offer, Release) else None)
    if asked.name in COMPANIONS and "torch" in chosen and "torch" not in needs.ranges:
        return False  # nobody knows which torch it was made for
    return all(
        name not in chosen or _accepts(text, chosen[name].version) for name, text in needs.ranges.items() if name != asked.name
    )


def _accepts(text: str, version: Version | None) -> bool:
    return version is None or SpecifierSet(text).contains(Version(version.public), prereleases=True)


def _nothing(knowledge: Knowledge, asked: Asked) -> Offer:
    """Why no release is in the range: there is none, or only ones that are newer than the tables."""
    if not knows_package(knowledge, asked.name):
        return Unknown(f"releases of {asked.name} are not in the knowledge base")
    newest = next(version for version in reversed(package_versions(knowledge, asked.name)) if not version.is_prerelease)
    if any(asked.admits(version) for version in _later(newest)):
        return Unknown(
            f"{asked.name}{asked.specifier} is newer than {newest}, the newest in the knowledge base of {knowledge.date}"
        )
    return Refused("wheel-index-wrong", f"no release of {asked.name} is in the range {asked.specifier}; the newest is {newest}")


def _later(newest: Version) -> list[Version]:
    """Numbers that releases to come might have."""
    major, minor, micro = newest.major, newest.minor, newest.micro
    texts = (f"{major}.{minor}.{micro + 1}", f"{major}.{minor + 1}.0", f"{major}.{minor + 9}", f"{major + 1}.0", f"{major + 9}.0")
    return [Version(text) for text in texts]
