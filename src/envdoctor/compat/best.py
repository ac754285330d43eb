"""The newest version and build that works: candidates newest first, each judged as if it had been asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from packaging.version import Version

from envdoctor.compat.asked import Asked, parse_asked
from envdoctor.compat.judging import WORKS, Answer, judge_on
from envdoctor.compat.needs import needs_of
from envdoctor.compat.place import Stated
from envdoctor.compat.pythons import with_supposed_python
from envdoctor.knowledge.extensions import Pins
from envdoctor.knowledge.extensions import pins as pins_of
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.model.findings import Case, Fix, Severity
from envdoctor.model.record import record
from envdoctor.rules.places import Place, place_of, refused

TRIES = 40
"""How many candidates are judged in full; those whose build plainly does not run here do not count."""


OF_TORCH = frozenset({
    "driver-too-old", "gpu-arch-too-old", "gpu-arch-too-new", "cudnn-mismatch", "cpu-only-build", "rocm-wrong-wheel",
    "framework-cannot-use-gpu", "extension-arch-mismatch", "extension-binary-missing",
})  # fmt: skip
"""What another build of torch may cure."""


@record
class Best:
    """What to install."""

    requirement: str
    """`torch==2.7.1+cu118`."""
    packages: tuple[str, ...]
    """That, and what else must be said with it: other requirements, pins that an old GPU needs."""
    index: str | None
    """URL of the index that has it; None for the package index."""
    answer: Answer
    """How it was judged."""

    @property
    def fix(self) -> Fix:
        """As a fix, of which a backend makes commands."""
        return Fix(f"Install {self.requirement}", safe=True, packages=self.packages, index=self.index)


def find_best(knowledge: Knowledge, asked: tuple[Asked, ...], stated: Stated) -> Best | None:
    """The newest of the first requirement's package that works with the other requirements; None where none is known.

    What the requirement itself admits comes first; a pinned one that fails gives way to any other version.
    """
    subject, others = asked[0], asked[1:]
    free = Asked(subject.name, subject.extras, "", subject.name)
    for wanted in (subject, free) if subject.pinned is not None else (subject,):
        found = _first_that_works(knowledge, wanted, others, stated)
        if found is not None:
            return found
    return None


def _first_that_works(knowledge: Knowledge, wanted: Asked, others: tuple[Asked, ...], stated: Stated) -> Best | None:
    for release in islice(candidates(knowledge, wanted, others, stated), TRIES):
        found = _judged(knowledge, release, wanted, others, stated)
        if found is not None:
            return found
    return None


def candidates(knowledge: Knowledge, wanted: Asked, others: tuple[Asked, ...], stated: Stated) -> Iterator[Release]:
    """Builds in the range whose wheels, code and driver floor do not plainly rule them out: newest first, GPU builds first."""
    known = stated if stated.place.python is not None else with_supposed_python(knowledge, (wanted, *others), stated)
    place = known.place
    every = [build for build in releases(knowledge, wanted.name, place.platform) if _is_wanted(build, wanted)]
    case = Case(known.facts, knowledge)
    for build in sorted(_for_gpu(every, place), key=lambda one: _rank(one, stated), reverse=True):
        if not isinstance(refused(case, place, build), str) and _has_torch(knowledge, build, wanted, case, place):
            yield build


def _has_torch(knowledge: Knowledge, build: Release, wanted: Asked, case: Case, place: Place) -> bool:
    """Whether some build runs here of the torch that a candidate needs, if it needs one."""
    text = needs_of(knowledge, wanted, build.version, build).ranges.get("torch")
    if text is None:
        return True
    every = _torch_builds(knowledge, Asked("torch", (), text), place)
    return any(not isinstance(refused(case, place, one), str) for one in every)


def _torch_builds(knowledge: Knowledge, asked: Asked, place: Place) -> list[Release]:
    """The builds of torch in a range that use the GPU that is there."""
    return _for_gpu([one for one in releases(knowledge, "torch", place.platform) if asked.admits(one.version)], place)


def _for_gpu(builds: list[Release], place: Place) -> list[Release]:
    """Those of the builds that use the GPU that is there; all of them where there is no GPU, or none of them uses it."""
    vendors = {gpu.vendor for gpu in place.hardware.gpus}
    wanted = {flavour for vendor, flavour in (("nvidia", "cuda"), ("amd", "rocm"), ("intel", "xpu")) if vendor in vendors}
    return [one for one in builds if one.flavour in wanted] or builds


def _is_wanted(build: Release, wanted: Asked) -> bool:
    if not wanted.admits(build.version):
        return False
    pinned = wanted.pinned
    if pinned is not None and pinned.local is not None and build.build != pinned.local:
        return False
    extras = tuple(extra for extra in wanted.extras if extra.startswith(("cuda", "and-cuda")))
    return not extras or wanted.name == "onnxruntime-gpu" or build.extra in extras


def _rank(build: Release, stated: Stated) -> tuple[Version, bool, bool, Version, bool, bool]:
    """Newer releases first; of one release the build for the GPU that is there, certain, for the newest CUDA, the default."""
    gpus = {gpu.vendor for gpu in stated.place.hardware.gpus}
    suits = {"cuda": "nvidia" in gpus, "rocm": "amd" in gpus, "xpu": "intel" in gpus}
    suits["cpu"] = stated.gpu_is_stated and not any(suits.values())
    number = build.rocm or (build.cuda if isinstance(build.cuda, Version) else Version("0"))
    if not stated.gpu_is_stated:
        number = Version("0")
    extra = build.extra is not None and suits["cuda"]
    return build.version, suits[build.flavour], not build.doubts, number, extra, build.is_default


def _judged(knowledge: Knowledge, release: Release, wanted: Asked, others: tuple[Asked, ...], stated: Stated) -> Best | None:
    """The candidate if it works, with the pins that make it work where those are known."""
    extras = tuple(dict.fromkeys((*wanted.extras, *((release.extra,) if release.extra else ()))))
    local = f"+{release.build}" if release.index else ""
    shown = f"[{','.join(extras)}]" if extras else ""
    text = f"{release.package}{shown}=={release.version}{local}"
    lines = (text, *(one.text for one in others))
    answer = judge_on(knowledge, parse_asked(lines), stated)
    if answer.verdict == WORKS:
        return Best(text, lines, release.index, answer)
    pins, index = _cudnn_pins(answer) or _unstated_pins(knowledge, release), release.index
    if not pins:
        torch = _torch_instead(knowledge, answer, stated)
        pins, index = ((f"{torch.requirement}+{torch.build}",), torch.index) if torch is not None else ((), index)
    if not pins:
        return None
    answer = judge_on(knowledge, parse_asked((*lines, *pins)), stated)
    return Best(text, (*lines, *pins), index, answer) if answer.verdict == WORKS else None


def _cudnn_pins(answer: Answer) -> tuple[str, ...]:
    """The pin of an older cuDNN, where that is all that is wrong."""
    wrong = [finding for finding in answer.findings if finding.severity is Severity.ERROR]
    if not wrong or any(finding.rule != "cudnn-mismatch" for finding in wrong):
        return ()
    return tuple(dict.fromkeys(line for finding in wrong for fix in finding.fixes for line in fix.packages if "==" in line))


def _unstated_pins(knowledge: Knowledge, release: Release) -> tuple[str, ...]:
    """What a release needs of packages that come with it and its metadata does not say."""
    found = pins_of(knowledge, release.package, release.version)
    if not isinstance(found, Pins) or not found.unstated or not found.brings:
        return ()
    return tuple(f"{name}{text}" for name, text in found.ranges.items())


def _torch_instead(knowledge: Knowledge, answer: Answer, stated: Stated) -> Release | None:
    """A build of the torch that comes along which runs here, where the default one is what is wrong."""
    brought = next((one for one in answer.chosen if one.asked.name == "torch" and one.needed_by), None)
    wrong = {finding.rule for finding in answer.findings if finding.severity is Severity.ERROR}
    if brought is None or not wrong or not wrong <= OF_TORCH:
        return None
    case = Case(answer.facts, knowledge)
    place = place_of(case) or stated.place
    every = [build for build in _torch_builds(knowledge, brought.asked, place) if build.index]
    running = sorted(every, key=lambda one: _rank(one, stated), reverse=True)
    return next((build for build in running if refused(case, place, build) is None), None)
