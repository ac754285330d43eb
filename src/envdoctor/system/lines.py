"""Bytes of a running command to lines: ends of lines of every kind, progress bars, colours."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

LINE_LIMIT = 64 << 10
"""Characters; a longer line is told in parts."""
_ENDS = re.compile(r"\r\n|\n|\r")
_CONTROLS = re.compile(
    r"\x1b\[[0-9;:?<=>]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


class LineSplitter:
    """Splits a stream that comes in pieces. A line that a carriage return ends is progress: the next one overwrites it."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""

    def feed(self, chunk: bytes) -> Iterator[tuple[str, bool]]:
        """The lines that a further piece completes, each with whether it is progress."""
        text = self._pending + self._decoder.decode(chunk)
        start = 0
        for end in _ENDS.finditer(text):
            if end[0] == "\r" and end.end() == len(text):
                break  # the newline that belongs to it may be in the next piece
            yield text[start : end.start()], end[0] == "\r"
            start = end.end()
        while len(text) - start > LINE_LIMIT:
            yield text[start : start + LINE_LIMIT], False
            start += LINE_LIMIT
        self._pending = text[start:]

    def rest(self) -> Iterator[tuple[str, bool]]:
        """The last line, where nothing ended it."""
        text = self._pending + self._decoder.decode(b"", final=True)
        self._pending = ""
        if text:
            yield text.removesuffix("\r"), False


def cleaned(line: str) -> str:
    """A line without colours and other control sequences: what a build prints must not steer a terminal."""
    return _CONTROLS.sub("", line)
