"""What the rules about Dockerfiles ask of a recipe."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Evidence
from envdoctor.model.recipe import Installed, Recipe
from envdoctor.model.record import record

TORCH_FAMILY = frozenset({"torch", "torchvision", "torchaudio", "torchtext"})


@record
class Wanted:
    """One requirement that could be read, with the command that asks for it."""

    name: str
    """Normalized."""
    extras: frozenset[str]
    specifier: str
    installed: Installed

    @property
    def pin(self) -> str | None:
        """The one version that is asked for, with its local part; None for a range."""
        for clause in self.specifier.split(","):
            if clause.startswith("==") and not clause.endswith(".*"):
                return clause.lstrip("=").strip()
        return None


def recipe_of(case: Case) -> Recipe:
    """The recipe.

    Raises:
        Skipped: no Dockerfile was looked at.
    """
    if case.recipe is None:
        raise skip("no Dockerfile was looked at")
    return case.recipe


def wanted_packages(recipe: Recipe) -> tuple[Wanted, ...]:
    """What is installed in the end: of a package that is named twice, the last; what cannot be read is left out."""
    found: dict[str, Wanted] = {}
    for wanted in _read(recipe):
        found.pop(wanted.name, None)
        found[wanted.name] = wanted
    return tuple(found.values())


def wanted(case: Case, *names: str) -> tuple[Wanted, ...]:
    """The packages of those names."""
    return tuple(one for one in wanted_packages(recipe_of(case)) if one.name in names)


def at(recipe: Recipe, line: int, fact: str, value: str) -> Evidence:
    """Evidence with the line that says so."""
    return Evidence(fact, value, f"{recipe.path}:{line}")


def _read(recipe: Recipe) -> Iterator[Wanted]:
    for one in recipe.installed:
        try:
            requirement = Requirement(one.requirement)
        except InvalidRequirement:
            continue  # a path, an address or a wheel: what is in it is not told by its name
        if requirement.url is None and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            specifier = ",".join(sorted(str(clause) for clause in requirement.specifier))
            yield Wanted(
                canonicalize_name(requirement.name), frozenset(map(canonicalize_name, requirement.extras)), specifier, one
            )
