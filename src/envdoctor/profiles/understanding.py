"""Document → ProfileFile, with every problem as one line: `file:line: key: what is wrong (what is near)`."""

from __future__ import annotations

import os
from typing import Any

from pydantic import BaseModel, ValidationError

from envdoctor.errors import BadInput
from envdoctor.profiles import schema
from envdoctor.profiles.values import name_kind, parse_requirement
from envdoctor.profiles.written import Document, Place, name_place, nearest, shown

PARTS: dict[str, type[BaseModel]] = {
    "os": schema.OperatingSystem,
    "cpu": schema.Cpu,
    "ram": schema.Ram,
    "disk": schema.Disk,
    "gpu": schema.Gpu,
    "packages": schema.Package,
}
"""The keys that hold mappings, and what those are."""


def understand(document: Document) -> schema.ProfileFile:
    """The profile that a document writes down.

    Raises:
        BadInput: with the first problem; how many more there are stands at its end.
    """
    problems, file = judge_document(document)
    if file is None or problems:
        more = f" (and {len(problems) - 1} more: envdoctor profiles validate FILE)" if len(problems) > 1 else ""
        raise BadInput(problems[0] + more)
    return file


def judge_document(document: Document) -> tuple[tuple[str, ...], schema.ProfileFile | None]:
    """Every problem of a document, one line each, and the profile where there is none."""
    try:
        file = schema.ProfileFile.model_validate(document.content)
    except ValidationError as error:
        found = sorted(error.errors(include_url=False), key=lambda one: (one["type"] == "missing", document.line_of(_place(one))))
        lines = [_line(document, problem) for problem in found if not _is_mistyped(problem, found)]
        return tuple(dict.fromkeys(lines)), None
    problems = (*_check_name(document, file), *_check_packages(document, file))
    return problems, None if problems else file


def _is_mistyped(problem: Any, found: list[Any]) -> bool:
    """Whether a key is missing because it was mistyped, which is told already."""
    if problem["type"] != "missing":
        return False
    place = _place(problem)
    strange = [_place(one) for one in found if one["type"] == "extra_forbidden"]
    return any(one[:-1] == place[:-1] and nearest(str(one[-1]), [str(place[-1])]) for one in strange)


def _line(document: Document, problem: Any) -> str:
    """One problem; where a lone value stands for a mapping, the key that was written is named, not the one it stands for."""
    place = _place(problem)
    while problem["type"] != "missing" and len(place) > 1 and place not in document.lines:
        place = place[:-1]
    return f"{_where(document, place)} {_explain(document, problem)}"


def _where(document: Document, place: Place) -> str:
    named = f" {name_place(place)}:" if place else ""
    return f"{document.path}:{document.line_of(place)}:{named}"


def _place(problem: Any) -> Place:
    """Where pydantic found it; it marks a key that is itself wrong with `[key]`."""
    return tuple(part for part in problem["loc"] if part != "[key]")


def _explain(document: Document, problem: Any) -> str:
    place = _place(problem)
    kind: str = problem["type"]
    if kind == "extra_forbidden":
        return _explain_unknown_key(place)
    if kind == "missing":
        return "this key is missing"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    wanted = {"list_type": "a list", "dict_type": "a mapping", "model_type": "a mapping"}.get(kind)
    if wanted:
        return f"{wanted} is wanted, not {name_kind(document.value_at(place))}"
    return shown(problem["msg"], quote=False, limit=120)


def _explain_unknown_key(place: Place) -> str:
    """An unknown key, and the known one that was probably meant, here or in another part."""
    word = str(place[-1])
    part = PARTS.get(str(place[0])) if len(place) > 1 else schema.ProfileFile
    here = list(part.model_fields) if part else []
    near = nearest(word, here)
    if near:
        return f"unknown key; did you mean {near}?"
    elsewhere = [f"{key}.{word}" for key, model in PARTS.items() if word in model.model_fields and key != "packages"]
    if word in schema.ProfileFile.model_fields:
        elsewhere.insert(0, f"{word} at the outermost level")
    if elsewhere:
        return f"unknown key here; did you mean {elsewhere[0]}?"
    return f"unknown key; known here: {', '.join(here)}"


def _check_name(document: Document, file: schema.ProfileFile) -> tuple[str, ...]:
    stem = os.path.splitext(os.path.basename(document.path))[0]
    if file.name is None or file.name == stem:
        return ()
    return (f"{_where(document, ('name',))} the file is called {shown(stem)}, and a profile has the name of its file",)


def _check_packages(document: Document, file: schema.ProfileFile) -> tuple[str, ...]:
    """A package that stands twice: which of the two would count?"""
    seen: dict[str, int] = {}
    problems = []
    for number, package in enumerate(file.packages or []):
        name = parse_requirement(package.requirement).name
        if name in seen:
            first = document.line_of(("packages", seen[name]))
            problems.append(f"{_where(document, ('packages', number))} {name} stands twice, first on line {first}")
        seen.setdefault(name, number)
    return tuple(problems)
