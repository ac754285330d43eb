"""Known error messages: found in a text, and what each one proves or suggests."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.gpus import Architecture, architecture, find_gpus
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.torch import cuda_at_most
from envdoctor.model.facts import (
    ComputeCapability,
    Facts,
    Framework,
    Gpu,
    NvidiaDriver,
    OperatingSystem,
    PythonEnvironment,
    Unknown,
)
from envdoctor.model.messages import Message
from envdoctor.model.record import record, replace

_LONGEST = 240
"""Characters of a text that a message quotes."""
_MOST = 200
"""Places of one message that are looked at."""
_OLD_BELOW = (7, 5)
"""GPUs below this compute capability are the first that builds leave out, not the last that they take in."""
_AMPERE = (8, 0)
_ONE_QUOTE = str.maketrans({'"': "'", "`": "'"})
"""Words and texts are compared with one kind of quote: programs differ in theirs, and patterns say `.` for any."""
_SPACES = re.compile(r"\s+")
_BULLET = re.compile(r"^ ?(?:[-*•|] )+")
_WRAPPED_FROM = 60
"""From so many characters on a line that ends inside a word may have been broken by a terminal."""


@record
class MessageText:
    """What to say of a fault that a message shows."""

    title: str
    follows: str
    fix_title: str
    fix_text: str
    source: str


def match_messages(knowledge: Knowledge, lines: Sequence[str], facts: Facts) -> tuple[Message, ...]:
    """The known messages in cleaned lines, in their order. Facts tell apart what words alone do not."""
    found = _search(knowledge, _flatten(lines, ()), facts)
    breaks = _breaks_in_words(lines)
    if breaks:
        keys = {message.key for message in found}
        more = (one for one in _search(knowledge, _flatten(lines, breaks), facts) if one.key not in keys)
        found = sorted((*found, *more), key=lambda message: message.line)
    return tuple(found)


def _search(knowledge: Knowledge, text: tuple[str, list[int]], facts: Facts) -> list[Message]:
    """The known messages in one flat text, in their order."""
    flat, starts = text
    lowered, holds = flat.lower().translate(_ONE_QUOTE), _conditions(facts, knowledge)
    found: list[tuple[int, Message]] = []
    taken: list[tuple[int, int]] = []
    for row in _rows(knowledge):
        if not any(word in lowered for word in row["words"]) or not _applies(row, holds):
            continue
        matches = _free_matches(row["find"], flat, taken)
        if matches and _surrounded(row, flat):
            taken.extend((match.start(), match.end()) for match in matches)
            found.append((matches[0].start(), _message(row, matches[0], flat, starts)))
    return [message for _, message in sorted(found, key=lambda one: one[0])]


def _breaks_in_words(lines: Sequence[str]) -> frozenset[int]:
    """The places of lines that may end inside a word, as terminals of fixed width break them (`CuDNN l` / `ibrary`).

    Where several lines are of one length, and none is longer, that is the width: whatever they end with was broken.
    """
    lengths = [len(line) for line in lines]
    width = max(lengths, default=0)
    is_width = width >= _WRAPPED_FROM and lengths.count(width) > 1
    return frozenset(
        place
        for place, (line, following) in enumerate(pairwise(lines))
        if following[:1].strip()
        and len(line) >= _WRAPPED_FROM
        and ((line[-1].isalnum() and following[0].isalnum()) or (is_width and len(line) == width))
    )


def message_text(knowledge: Knowledge, message: Message, rule: str) -> MessageText:
    """The words for a rule that a message shows, with what the message names filled in."""
    row = knowledge.once("messages.by_key", lambda: {row["key"]: row for row in _rows(knowledge)}).get(message.key, {})
    default = knowledge.tables["messages"]["texts"][rule]
    is_first = message.rules[:1] == (rule,)
    title = _filled(row.get("title", ""), message) if is_first else ""
    fix = (row.get("fix") if is_first else None) or default["fix"]
    fix_title, _, fix_text = fix.partition("|")
    return MessageText(title or default["title"], default["follows"], fix_title, fix_text, row.get("source", ""))


def _filled(title: str, message: Message) -> str:
    """A title with its gaps filled; empty where the message leaves one open."""
    captured = dict(message.captured)
    gaps = re.findall(r"\{(\w+)\}", title)
    return title.format(**captured) if all(gap in captured for gap in gaps) else ""


def _rows(knowledge: Knowledge) -> list[dict[str, Any]]:
    def gather() -> list[dict[str, Any]]:
        groups = knowledge.tables["messages"]["groups"]
        rows = ({"source": group["source"], **row} for group in groups for row in group["rows"])
        return [{**row, "words": [word.translate(_ONE_QUOTE) for word in row["words"]]} for row in rows]

    return knowledge.once("messages.rows", gather)


def _flatten(lines: Sequence[str], glued: Container[int]) -> tuple[str, list[int]]:
    """All lines as one, with single spaces, because terminals break messages anywhere; and where each line starts in it.

    Asterisks by which people make words stand out in Markdown are left out.

    No space comes behind the lines whose places are `glued`.
    """
    parts, starts, length = [], [], 0
    for place, line in enumerate(lines):
        starts.append(length)
        if not line:
            continue
        part = _BULLET.sub("", _SPACES.sub(" ", line.replace("**", ""))).strip()
        if part:
            parts.append(part if place in glued else part + " ")
            length += len(parts[-1])
    return "".join(parts).rstrip(), starts


def _conditions(facts: Facts, knowledge: Knowledge) -> frozenset[str]:
    """The words for `when` and `unless` that hold: systems, architectures, C libraries, flavours, vendors and age of GPUs, ..."""
    words = set()
    if isinstance(facts.os, OperatingSystem):
        words.add(str(facts.os.system) if isinstance(facts.os.system, str) else "")
        words.update(word for word in (facts.os.machine, facts.os.libc) if isinstance(word, str))
        words.update({"wsl"} if isinstance(facts.os.wsl, int) else set())
    if isinstance(facts.driver, NvidiaDriver) and not isinstance(facts.driver.version, Unknown):
        words.add("driver")
    if isinstance(facts.gpus, tuple):
        words.update(gpu.vendor for gpu in facts.gpus)
        words.update({"mig"} if any(gpu.mig_enabled is True for gpu in facts.gpus) else set())
        words.update({"old-gpu"} if _are_old(facts.gpus, knowledge) else set())
        words.update({"newer-than-toolkit"} if _are_newer_than_toolkit(facts, knowledge) else set())
        words.update({"ampere-gpu"} if min(_capabilities(facts.gpus, knowledge), default=(0, 0)) >= _AMPERE else set())
    if isinstance(facts.environment, PythonEnvironment) and isinstance(facts.environment.frameworks, tuple):
        words.update(str(one.flavour) for one in facts.environment.frameworks if isinstance(one.flavour, str))
        gpus = facts.gpus if isinstance(facts.gpus, tuple) else ()
        words.update({"newer-gpu"} if _are_newer(gpus, facts.environment.frameworks, knowledge) else set())
        words.update({"other-nvcc"} if _has_other_nvcc(facts, facts.environment.frameworks) else set())
    return frozenset(words)


def _has_other_nvcc(facts: Facts, frameworks: Sequence[Framework]) -> bool:
    """Whether the default toolkit is of another major version of CUDA than torch was built with."""
    builds = [one.cuda_version for one in frameworks if one.name == "torch" and isinstance(one.cuda_version, Version)]
    toolkits = facts.toolkits if isinstance(facts.toolkits, tuple) else ()
    default = next((one.version for one in toolkits if one.is_default and one.has_nvcc is not False), None)
    return bool(builds) and isinstance(default, Version) and default.major != builds[0].major


def _are_old(gpus: Sequence[Gpu], knowledge: Knowledge) -> bool:
    """Whether all GPUs whose compute capability is stated, or follows from their name, are old."""
    found = _capabilities(gpus, knowledge)
    return bool(found) and max(found) < _OLD_BELOW


def _capabilities(gpus: Sequence[Gpu], knowledge: Knowledge) -> list[ComputeCapability]:
    found = [gpu.compute_capability for gpu in gpus if isinstance(gpu.compute_capability, tuple)]
    named = [model for gpu in gpus if isinstance(gpu.name, str) for model in find_gpus(knowledge, gpu.name)]
    return found + [model.compute_capability for model in named if model.compute_capability]


def _are_newer(gpus: Sequence[Gpu], frameworks: Sequence[Framework], knowledge: Knowledge) -> bool:
    """Whether a GPU is of a generation that came with a later major version of CUDA than a framework can have."""
    stated = (cuda_at_most(knowledge, one) for one in frameworks)
    majors = [cuda.major for cuda in stated if cuda is not None]
    known = (architecture(knowledge, capability) for capability in _capabilities(gpus, knowledge))
    firsts = [Version(one.first_cuda).major for one in known if isinstance(one, Architecture) and one.first_cuda is not None]
    return bool(majors) and bool(firsts) and min(majors) < max(firsts)


def _are_newer_than_toolkit(facts: Facts, knowledge: Knowledge) -> bool:
    """Whether the CUDA toolkits that are stated were all there before a GPU."""
    toolkits = (
        [one.version for one in facts.toolkits if isinstance(one.version, Version)] if isinstance(facts.toolkits, tuple) else []
    )
    gpus = facts.gpus if isinstance(facts.gpus, tuple) else ()
    known = (architecture(knowledge, capability) for capability in _capabilities(gpus, knowledge))
    firsts = [Version(one.first_cuda) for one in known if isinstance(one, Architecture) and one.first_cuda is not None]
    return bool(toolkits) and bool(firsts) and max(toolkits) < max(firsts)


def _applies(row: dict[str, Any], holds: frozenset[str]) -> bool:
    return holds.issuperset(row.get("when", ())) and holds.isdisjoint(row.get("unless", ()))


def _free_matches(pattern: str, flat: str, taken: list[tuple[int, int]]) -> list[re.Match[str]]:
    """The matches that overlap none of an earlier row; a text repeats its messages, so there is a limit."""
    matches = islice(re.compile(pattern, re.IGNORECASE).finditer(flat), _MOST)
    return [one for one in matches if not any(start < one.end() and one.start() < end for start, end in taken)]


def _surrounded(row: dict[str, Any], flat: str) -> bool:
    beside, without = row.get("beside"), row.get("without")
    return (beside is None or re.search(beside, flat, re.IGNORECASE) is not None) and (
        without is None or re.search(without, flat, re.IGNORECASE) is None
    )


def _message(row: dict[str, Any], match: re.Match[str], flat: str, starts: list[int]) -> Message:
    captured = tuple((name, text[:80]) for name, text in match.groupdict().items() if text)
    line = bisect_right(starts, match.start())
    return Message(
        key=row["key"],
        rules=tuple(row["rules"].split()),
        confidence=row["sure"],
        text=_excerpt(flat, match),
        line=line,
        captured=captured,
        source=f"the report, line {line}",
    )


def _excerpt(flat: str, match: re.Match[str]) -> str:
    """The message with a few words around it."""
    start = max(flat.rfind(" ", 0, max(match.start() - 30, 0)) + 1, 0)
    return flat[start : max(min(match.end() + 60, start + _LONGEST), start + 40)][:_LONGEST].strip()


def with_messages(facts: Facts, knowledge: Knowledge, lines: Sequence[str]) -> Facts:
    """The facts with the known messages of the text that they come from."""
    return replace(facts, messages=match_messages(knowledge, lines, facts))


def message_rules(knowledge: Knowledge) -> Iterator[str]:
    """Every rule that some message may stand for."""
    yield from dict.fromkeys(name for row in _rows(knowledge) for name in row["rules"].split())
