"""The whole question: requirements and a target as they are written, the answer with the best that would work."""

from __future__ import annotations

from collections.abc import Iterable

from envdoctor.compat.asked import Asked, parse_asked
from envdoctor.compat.best import Best, find_best
from envdoctor.compat.judging import WORKS, Answer, judge_requirements
from envdoctor.compat.place import Stated, stated_machines
from envdoctor.errors import BadInput
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record, replace
from envdoctor.model.target import Target
from envdoctor.targets import parse_target

EXIT_STATUSES = {"works": 0, "fails": 1, "unknown": 3}


@record
class Compatibility:
    """The answer to one question."""

    answer: Answer
    best: Best | None
    """None where none was looked for, or none is known."""

    @property
    def exit_status(self) -> int:
        """0 works, 1 fails, 3 unknown."""
        return EXIT_STATUSES[self.answer.verdict]


def answer_question(
    knowledge: Knowledge, requirements: Iterable[str], target: str | None, python: str | None = None, *, best: bool = False
) -> Compatibility:
    """Whether requirements run on a target; with `best` also what the newest is that does.

    Where the first requirement leaves the version open, looking for the best means that the best is what is judged.

    Raises:
        BadInput: a requirement, the target or the Python cannot be read.
    """
    asked = parse_asked(requirements)
    machines = stated_machines(_target(target, python), knowledge, target or "linux on x86_64")
    if not best:
        return Compatibility(judge_requirements(knowledge, asked, machines), None)
    found = _best_everywhere(knowledge, asked, machines)
    if found is not None and asked[0].pinned is None:
        return Compatibility(found.answer, found)
    return Compatibility(judge_requirements(knowledge, asked, machines), found)


def _target(text: str | None, python: str | None) -> Target:
    target = parse_target(text) if text is not None else Target()
    if python is None:
        return target
    named = parse_target(f"python={python}")
    if named.python is None or (target.python is not None and target.python.release[:2] != named.python.release[:2]):
        raise BadInput(f"--python {python}: --target says {target.python}; leave one out")
    return replace(target, python=named.python, free_threaded=named.free_threaded)


def _best_everywhere(knowledge: Knowledge, asked: tuple[Asked, ...], machines: tuple[Stated, ...]) -> Best | None:
    """The best on one of the machines that the target may mean, if it works on the others too."""
    for machine in machines:
        found = find_best(knowledge, asked, machine)
        if found is None or len(machines) == 1:
            return found
        if judge_requirements(knowledge, parse_asked(found.packages), machines).verdict == WORKS:
            return found
    return None
