"""Of a long text what may matter: its start, its end, and in between the lines with telling words."""

from __future__ import annotations

WHOLE_CHARACTERS = 512 << 10
"""A longer text is cut: nobody writes so much, so it is a log with a report in front or an error behind."""
_ENDS = 160 << 10
"""Characters that are kept of the start and of the end each."""
_OFTEN, _LAST = 40, 10
"""Of the lines with one telling word so many are kept, from the start of the middle and from its end."""
_LONGEST = 2000
_TELLING = (
    "Error: ", "ERROR:", "rror loading", "undefined symbol", "cannot open shared object", "no kernel image", "NVRM", "Xid",
    "too old", "unsupported", "not supported", "not compiled with", "mismatch", "incompatible", "is not compatible",
    "No module named", "NVIDIA-SMI", "Driver Version", "river version", "PyTorch version", "CUDA used to build", "GPU models",
    "not found",
    "could not", "Could not", "unable to", "Unable to", "initialization", "fallen off", "ECC error", "shared memory", "WinError",
    "Illegal instruction", "nvidia-container", "HIP error", "NCCL WARN", "CUDA error", "CUDNN_STATUS", "CUBLAS_STATUS",
)  # fmt: skip


def cut_text(text: str) -> str:
    """A text of bounded length; the lines that were left out are empty, so that the others keep their numbers."""
    if len(text) <= WHOLE_CHARACTERS:
        return text
    start = text.rfind("\n", 0, _ENDS) + 1 or _ENDS
    end = text.find("\n", len(text) - _ENDS) + 1 or len(text) - _ENDS
    parts, place = [text[:start]], start
    for first, last in sorted(_telling_lines(text, start, end)):
        parts.append("\n" * text.count("\n", place, first))
        parts.append(text[first : min(last, first + _LONGEST)])
        place = last
    parts.append("\n" * text.count("\n", place, end))
    return "".join((*parts, text[end:]))


def _telling_lines(text: str, start: int, end: int) -> set[tuple[int, int]]:
    """Where lines with telling words start and end between two places."""
    found = set()
    for word in _TELLING:
        place = start
        for _ in range(_OFTEN):
            place = text.find(word, place, end)
            if place < 0:
                break
            found.add(line := _line_around(text, place, start, end))
            place = line[1]
        place = end
        for _ in range(_LAST):
            place = text.rfind(word, start, place)
            if place < 0:
                break
            found.add(line := _line_around(text, place, start, end))
            place = line[0]
    return found


def _line_around(text: str, place: int, start: int, end: int) -> tuple[int, int]:
    following = text.find("\n", place, end)
    return max(text.rfind("\n", start, place) + 1, start), following if following >= 0 else end
