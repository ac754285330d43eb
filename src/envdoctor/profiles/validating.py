"""Every problem of a profile file at once, for the person who is writing it."""

from __future__ import annotations

from envdoctor.errors import BadInput
from envdoctor.profiles.extending import read_extended
from envdoctor.profiles.finding import find_profile, is_path
from envdoctor.profiles.reading import read_document
from envdoctor.profiles.understanding import judge_document


def find_problems(name_or_path: str) -> tuple[str, ...]:
    """The problems of a profile, one line each; none where it can be used.

    What it extends is read only when the file itself is right.
    """
    try:
        path = name_or_path if is_path(name_or_path) else find_profile(name_or_path)
        problems, _file = judge_document(read_document(path))
        if not problems:
            read_extended(path, find_profile)
    except BadInput as error:
        return (str(error),)
    return problems
