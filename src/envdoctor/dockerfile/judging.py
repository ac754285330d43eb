"""Recipes → what the image would get wrong, with the line that says so: by rules about recipes, and by those of `compat`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.version import InvalidVersion, Version

from envdoctor.compat.asked import Asked, parse_asked
from envdoctor.compat.judging import judge_requirements
from envdoctor.compat.place import stated_machines
from envdoctor.engine import diagnose
from envdoctor.errors import BadInput
from envdoctor.knowledge.distributions import glibc_of, libc_of
from envdoctor.knowledge.frameworks import builds_of
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import knows_package
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.findings import Evidence, Finding, Report, Severity
from envdoctor.model.recipe import BaseImage, Installed, Recipe
from envdoctor.model.record import record, replace
from envdoctor.model.target import Target
from envdoctor.model.unknown import Unknown
from envdoctor.rules import load_recipe_rules
from envdoctor.rules.recipe._cuda import build_of
from envdoctor.rules.recipe._reading import TORCH_FAMILY, Wanted, wanted_packages

_MOST = 50
_OF_HARDWARE = frozenset({"driver-too-old", "gpu-arch-too-new", "gpu-arch-too-old", "framework-cannot-use-gpu"})
"""What is said of a framework that the base image brings: the rest of it was put together by others."""
_NAMED = re.compile(r"\[([a-z0-9._-]+)\]")
"""The package in the name of a fact: `frameworks[torch].version`."""
_TOLD_BY_RECIPES = frozenset({"wheel-index-wrong"})
"""What the rules about recipes say with more of the Dockerfile in view."""


@record
class Located:
    """A finding and the line of the Dockerfile that it is about."""

    line: int
    finding: Finding


@record
class Lint:
    """All that is said of one Dockerfile."""

    path: str
    located: tuple[Located, ...]
    """In the order of the file; what is worse first where a line has several."""
    undecided: tuple[tuple[int, str, str], ...]
    """Line, rule and reason."""
    judged: int
    """How many requirements were judged against the tables."""


def lint_recipes(recipes: Iterable[Recipe], target: Target, knowledge: Knowledge) -> Lint:
    """Judge every stage of an image.

    Args:
        recipes: of the stages that end up in the image.
        target: the hardware that it is meant for, as far as it is stated.
        knowledge: what goes with what.
    """
    recipes = tuple(recipes)
    located: dict[tuple[int, str, str], Located] = {}
    undecided: dict[tuple[int, str, str], None] = {}
    judged = 0
    for recipe in recipes:
        own = _report(recipe, knowledge)
        found = [Located(_line_of(finding, recipe), finding) for finding in own.findings]
        more, open_, count = _judge_packages(recipe, target, knowledge)
        judged += count
        for one in (*found, *more):
            located.setdefault((one.line, one.finding.rule, one.finding.title), one)
        undecided.update(dict.fromkeys(open_))
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    ranked = sorted(located.values(), key=lambda one: (one.line, order.index(one.finding.severity or Severity.ERROR)))
    return Lint(recipes[0].path, tuple(ranked), tuple(undecided), judged)


def _report(recipe: Recipe, knowledge: Knowledge) -> Report:
    facts = Facts(Subject("dockerfile", recipe.path))
    return diagnose(facts, None, knowledge, load_recipe_rules(), recipe=recipe)


def _judge_packages(
    recipe: Recipe, target: Target, knowledge: Knowledge
) -> tuple[list[Located], list[tuple[int, str, str]], int]:
    """What `compat` says of what is installed, one Python at a time."""
    found = _judge_brought(recipe, target, knowledge)
    undecided: list[tuple[int, str, str]] = []
    judged = 0
    for python, packages in _by_python(recipe, knowledge).items():
        asked = {one.name: (request, one) for one in packages[:_MOST] if (request := _asked(one, knowledge)) is not None}
        if not asked:
            continue
        judged += len(asked)
        place = _place(recipe, python, target, knowledge)
        answer = judge_requirements(
            knowledge, tuple(pair[0] for pair in asked.values()), stated_machines(place, knowledge, recipe.path)
        )
        wanted = {name: pair[1] for name, pair in asked.items()}
        unseen = frozenset(one.asked.name for one in answer.chosen if one.needed_by and _may_hold(recipe.base, one.asked.name))
        for finding in answer.findings:
            if finding.rule not in _TOLD_BY_RECIPES and not _speaks_of(finding, unseen):
                one = _about(finding, wanted)
                line = one.installed.line if one is not None else recipe.base.line
                found.append(Located(line, _with_line(finding, one, recipe, line)))
        undecided += [(recipe.line, rule, reason) for rule, reason in answer.undecided if rule not in _TOLD_BY_RECIPES]
    return found, undecided, judged


def _may_hold(base: BaseImage, name: str) -> bool:
    """Whether what a package pulls may be in the base already, in a version that stays."""
    return isinstance(base.distribution, Unknown) or name in {text.partition("==")[0] for text in base.brings}


def _speaks_of(finding: Finding, names: frozenset[str]) -> bool:
    """Whether a finding rests on a package of which only its name is known."""
    return any(match[1] in names for item in finding.evidence if (match := _NAMED.search(item.fact)))


def _judge_brought(recipe: Recipe, target: Target, knowledge: Knowledge) -> list[Located]:
    """What the frameworks of the base image are not made for, where they stay: pip puts another in place of one it names."""
    base = recipe.base
    replaced = {one.name for one in wanted_packages(recipe)} & TORCH_FAMILY
    asked = [] if replaced else [request for text in base.brings if (request := _brought(text, base, knowledge)) is not None]
    if not asked:
        return []
    place = _place(recipe, base.python if isinstance(base.python, str) else None, target, knowledge)
    answer = judge_requirements(knowledge, tuple(asked), stated_machines(place, knowledge, recipe.path))
    kept = [finding for finding in answer.findings if finding.rule in _OF_HARDWARE]
    return [Located(base.line, _with_line(finding, None, recipe, base.line)) for finding in kept]


def _brought(text: str, base: BaseImage, knowledge: Knowledge) -> Asked | None:
    """One framework of a base image, in the build that its tag names."""
    name, _equals, version = text.partition("==")
    build = f"cu{base.cuda.major}{base.cuda.minor}" if isinstance(base.cuda, Version) else ""
    index = f"https://download.pytorch.org/whl/{build}" if name == "torch" and build else None
    return _asked(Wanted(name, frozenset(), f"=={version}", Installed(text, base.line, base.line, "", index=index)), knowledge)


def _by_python(recipe: Recipe, knowledge: Knowledge) -> dict[str | None, list[Wanted]]:
    """What the tables know, by the Python that it is installed for; None where that is not known."""
    groups: dict[str | None, list[Wanted]] = {}
    for one in wanted_packages(recipe):
        python = one.installed.python
        if knows_package(knowledge, one.name):
            groups.setdefault(python if isinstance(python, str) else None, []).append(one)
    return groups


def _asked(one: Wanted, knowledge: Knowledge) -> Asked | None:
    """The requirement with the build that the index gives; None where nothing can be said of it."""
    if one.installed.pre and one.pin is None:
        return None  # nightlies are newer than any table
    text = f"{one.name}{f'[{chr(44).join(sorted(one.extras))}]' if one.extras else ''}{one.specifier}"
    build = build_of(one)
    if one.name in TORCH_FAMILY and build and one.pin and "+" not in one.pin and _has_build(one, build, knowledge):
        text = f"{one.name}=={one.pin}+{build}"
    try:
        return parse_asked([text])[0]
    except BadInput:
        return None


def _has_build(one: Wanted, build: str, knowledge: Knowledge) -> bool:
    """Whether torch has that build; of its companions nobody asks."""
    if one.name != "torch":
        return False
    try:
        builds = builds_of(knowledge, "torch", Version(one.pin or ""))
    except InvalidVersion:
        return False
    return isinstance(builds, tuple) and any(release.build == build and not release.is_default for release in builds)


def _place(recipe: Recipe, python: str | None, target: Target, knowledge: Knowledge) -> Target:
    """The machine: hardware from the target, system and Python from the image."""
    base = recipe.base
    distribution = base.distribution if isinstance(base.distribution, str) else None
    version = base.version if isinstance(base.version, str) else None
    glibc = glibc_of(knowledge, distribution, version) if distribution is not None and version is not None else None
    libc = libc_of(knowledge, distribution) if distribution is not None else None
    known = glibc if isinstance(glibc, Version) else None
    return replace(
        target,
        os="linux",
        distribution=distribution if libc == "musl" else target.distribution,
        glibc=target.glibc or known,
        machine=target.machine or recipe.machine,
        python=target.python or (Version(python) if python else None),
    )


def _about(finding: Finding, wanted: dict[str, Wanted]) -> Wanted | None:
    """The requirement that a finding speaks of."""
    for name in finding.about:
        if name in wanted:
            return wanted[name]
    for item in finding.evidence:
        match = _NAMED.search(item.fact)
        if match is not None and match[1] in wanted:
            return wanted[match[1]]
    words = set(re.findall(r"[a-z0-9][a-z0-9._-]*", finding.title.lower()))
    return next((one for name, one in wanted.items() if name in words), next(iter(wanted.values()), None))


def _with_line(finding: Finding, one: Wanted | None, recipe: Recipe, line: int) -> Finding:
    said = one.installed.requirement if one is not None else str(recipe.base.name)
    return replace(finding, evidence=(Evidence("requirement", said, f"{recipe.path}:{line}"), *finding.evidence))


def _line_of(finding: Finding, recipe: Recipe) -> int:
    """The line that the first piece of evidence stands on."""
    return next(_lines(finding, recipe), recipe.line)


def _lines(finding: Finding, recipe: Recipe) -> Iterator[int]:
    for item in finding.evidence:
        path, _colon, line = item.source.rpartition(":")
        if path == recipe.path and line.isdecimal():
            yield int(line)
