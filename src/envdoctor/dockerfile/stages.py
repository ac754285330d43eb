"""Instructions → stages: what each starts from, its variables, and which of them end up in the image."""

from __future__ import annotations

from collections.abc import Mapping

from envdoctor.dockerfile.expanding import expand
from envdoctor.dockerfile.parsing import Instruction
from envdoctor.dockerfile.words import assignments
from envdoctor.errors import BadInput
from envdoctor.model.record import record

PREDEFINED: Mapping[str, str | None] = dict.fromkeys(
    ("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT")
)
"""What BuildKit sets: not known here."""


@record
class Stage:
    """One stage of the file."""

    number: int
    name: str
    """As it is named, else its number."""
    line: int
    base: str | None
    """Image or earlier stage; None where a variable in it is not known."""
    written: str
    """The base as it is written."""
    parent: int | None
    """The stage that it goes on from; None for an image."""
    instructions: tuple[Instruction, ...]
    copies_from: tuple[int, ...]
    """Stages from which it copies files."""
    platform: str | None = None
    scope: tuple[tuple[str, str | None], ...] = ()
    """Build arguments before the first FROM."""


def split_stages(instructions: tuple[Instruction, ...], arguments: Mapping[str, str]) -> tuple[Stage, ...]:
    """The stages in order.

    Args:
        instructions: of the whole file.
        arguments: values of build arguments, which win over the defaults in the file.
    """
    scope: dict[str, str | None] = dict(PREDEFINED)
    groups: list[list[Instruction]] = []
    for one in instructions:
        if one.keyword == "FROM":
            groups.append([one])
        elif groups:
            groups[-1].append(one)
        elif one.keyword == "ARG":
            declare(one, scope, arguments, {})
    stages: list[Stage] = []
    for group in groups:
        stages.append(_stage(group, stages, scope))
    return tuple(stages)


def declare(
    instruction: Instruction, scope: dict[str, str | None], arguments: Mapping[str, str], outer: Mapping[str, str | None]
) -> None:
    """Take what an ARG declares into the scope."""
    for name, default in assignments(instruction.text):
        if name in arguments:
            scope[name] = arguments[name]
        elif default is not None:
            scope[name] = expand(default, scope)
        else:
            scope[name] = outer.get(name)


def needed_stages(stages: tuple[Stage, ...], target: str | None) -> tuple[Stage, ...]:
    """The stages that end up in the image, the last one first: its ancestors and what files are copied from.

    Raises:
        BadInput: there is no stage of that name.
    """
    last = stages[-1].number if target is None else _numbered(stages, target)
    if last is None:
        raise BadInput(f"--stage {target}: there is no such stage; there are {', '.join(stage.name for stage in stages)}")
    seen: dict[int, None] = {}
    ahead = [last]
    while ahead:
        number = ahead.pop(0)
        if number not in seen:
            seen[number] = None
            stage = stages[number]
            ahead += [*([stage.parent] if stage.parent is not None else []), *stage.copies_from]
    return tuple(stages[number] for number in seen)


def _stage(group: list[Instruction], before: list[Stage], scope: Mapping[str, str | None]) -> Stage:
    start = group[0]
    words = start.text.split()
    written = words[0] if words else ""
    base = expand(written, scope) or None
    number = len(before)
    name = words[2] if len(words) >= 3 and words[1].upper() == "AS" else str(number)
    copies = tuple(_copied(group[1:], before))
    parent = _numbered(tuple(before), base) if base is not None else None
    platform = start.flag("platform")
    return Stage(
        number, name, start.line, base, written, parent, tuple(group[1:]), copies,
        expand(platform, scope) if platform else None, tuple(scope.items()),
    )  # fmt: skip


def _copied(instructions: list[Instruction], before: list[Stage]) -> list[int]:
    sources = [one.flag("from") for one in instructions if one.keyword in {"COPY", "ADD"}]
    found = [_numbered(tuple(before), source) for source in sources if source is not None]
    return [number for number in found if number is not None]


def _numbered(stages: tuple[Stage, ...], name: str | None) -> int | None:
    """The stage of that name or number, the last one first."""
    for stage in reversed(stages):
        if name is not None and (stage.name.lower() == name.lower() or str(stage.number) == name):
            return stage.number
    return None
